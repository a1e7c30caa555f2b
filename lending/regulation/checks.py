"""Checks of law and policy: plain values and a rule book in, findings out. No framework, no database, no clock.

A finding names what was found (`code`), how grave it is, the figures in question, where it is written, and says so in
both languages. `refuse` can never be done; `refer` needs a person; `warn` is told and goes on.

    the all-in rate of an offer, 26.1 % IRR x 12, against the cap of 24 %  ->  RATE_ABOVE_CAP, refuse
    250,000 of consumer credit by a consumer finance company (200,000)    ->  CONSUMER_AMOUNT_ABOVE_LIMIT, refuse
    interest only over 18 months, principal at the end (12 months)        ->  BULLET_TERM_TOO_LONG, refuse

A rule that is not in the book is not checked: the book says what is law on the day and for the licence asked about.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    REFUSE = "refuse"
    REFER = "refer"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Rule:
    """One parameter in force: plain JSON `value` in `unit`, and where it is written."""

    code: str
    value: Any
    unit: str
    citation: str
    effective_on: date

    @property
    def decimal(self) -> Decimal:
        """The value as a decimal; only for rules whose value is one number."""
        return Decimal(str(self.value))

    def as_json(self) -> dict[str, Any]:
        return {
            "value": self.value,
            "unit": self.unit,
            "citation": self.citation,
            "effective_on": self.effective_on.isoformat(),
        }


RuleBook = Mapping[str, Rule]
"""The rules in force for one jurisdiction, licence, product and day, by code."""


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    severity: Severity
    citation: str
    text_zh: str
    text_en: str
    params: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity.value,
            "citation": self.citation,
            "text_zh": self.text_zh,
            "text_en": self.text_en,
            "params": dict(self.params),
        }


@dataclass(frozen=True, slots=True)
class Credit:
    """A loan asked for or offered. Amounts in major units; `bullet`: the principal falls due at the end in one sum."""

    amount: Decimal
    currency: str
    term_months: int
    purpose: str
    business: bool
    bullet: bool


def check_credit(credit: Credit, rules: RuleBook) -> list[Finding]:
    """Amount, term and purpose of one loan."""
    return [*_amount(credit, rules), *_term(credit, rules), *check_purpose(credit.purpose, rules)]


def _amount(credit: Credit, rules: RuleBook) -> Iterator[Finding]:
    rule = rules.get("business_amount_max" if credit.business else "consumer_amount_max")
    if rule is None or rule.unit != credit.currency or credit.amount <= rule.decimal:
        return
    kind, zh, en = ("BUSINESS", "经营", "business") if credit.business else ("CONSUMER", "消费", "consumer")
    yield Finding(
        f"{kind}_AMOUNT_ABOVE_LIMIT",
        Severity.REFUSE,
        rule.citation,
        f"{zh}贷款金额不得超过{rule.decimal:,.0f}{rule.unit}，请申请较低的金额。",
        f"A {en} loan may be at most {rule.decimal:,.0f} {rule.unit}: ask for less.",
        {"amount": str(credit.amount), "most": str(rule.value)},
    )


def _term(credit: Credit, rules: RuleBook) -> Iterator[Finding]:
    rule = rules.get("business_term_months_max" if credit.business else "consumer_term_months_max")
    if rule is not None and credit.term_months > rule.decimal:
        yield Finding(
            "TERM_TOO_LONG",
            Severity.REFUSE,
            rule.citation,
            f"贷款期限不得超过{rule.value}个月，请选择较短的期限。",
            f"The term may be at most {rule.value} months: choose a shorter one.",
            {"months": str(credit.term_months), "most": str(rule.value)},
        )
    rule = rules.get("bullet_term_months_max")
    if rule is not None and credit.bullet and not credit.business and credit.term_months > rule.decimal:
        yield Finding(
            "BULLET_TERM_TOO_LONG",
            Severity.REFUSE,
            rule.citation,
            f"到期一次性还本的期限不得超过{rule.value}个月，请选择较短的期限或分期还本。",
            f"Principal repaid at the end in one sum may be out {rule.value} months at most: "
            "choose a shorter term or repay by installments.",
            {"months": str(credit.term_months), "most": str(rule.value)},
        )


def check_purpose(purpose: str, rules: RuleBook) -> list[Finding]:
    """What the loan is for."""
    rule = rules.get("purposes_forbidden")
    if rule is None or purpose not in rule.value:
        return []
    return [
        Finding(
            "PURPOSE_FORBIDDEN",
            Severity.REFUSE,
            rule.citation,
            "贷款不得用于该用途，请选择其他用途。",
            "This loan may not be used for that purpose: choose another one.",
            {"purpose": purpose},
        )
    ]


def check_purpose_text(text: str, rules: RuleBook) -> list[Finding]:
    """What the customer wrote of the purpose, against the words for uses that are forbidden. A person reads it then.

    Words of letters are found whole ("stocks", not "stockings"), a star lets them go on ("invest*"); Chinese ones anywhere.
    """
    rule = rules.get("forbidden_purpose_words")
    plain = unicodedata.normalize("NFKC", text).lower()
    found = {
        purpose: [word for word in words if re.search(_pattern(word), plain)]
        for purpose, words in (rule.value.items() if rule is not None and plain.strip() else ())
    }
    named = {purpose: words for purpose, words in found.items() if words}
    if rule is None or not named:
        return []
    words = ", ".join(word for several in named.values() for word in several)
    return [purpose_text_forbidden(rule.citation, {"purpose": ", ".join(named), "words": words})]


def purpose_text_forbidden(citation: str, params: Mapping[str, str]) -> Finding:
    return Finding(
        "PURPOSE_TEXT_FORBIDDEN",
        Severity.REFER,
        citation,
        "您填写的用途说明提到贷款不得用于的用途，将由人工审核。",
        "What you wrote of the purpose mentions a use that this loan may not have; a person will look at it.",
        params,
    )


def _pattern(word: str) -> str:
    stem = re.escape(word.removesuffix("*"))
    if not word.isascii():
        return stem
    return rf"(?<![a-z]){stem}" + ("" if word.endswith("*") else r"(?![a-z])")


def check_cost(all_in_rate_percent: Decimal, rules: RuleBook) -> list[Finding]:
    """The all-in yearly rate (nominal IRR, percent, with interest and every fee) against the caps in force."""
    findings = []
    for rule, most in rate_caps(rules):
        if all_in_rate_percent > most:
            shown = f"{all_in_rate_percent:.2f}"
            findings.append(
                Finding(
                    "RATE_ABOVE_CAP",
                    Severity.REFUSE,
                    rule.citation,
                    f"综合年化利率（内部收益率）为{shown}%，高于上限{most.normalize():f}%，请降低利率或费用。",
                    f"The all-in yearly rate (IRR) is {shown} %, above the cap of {most.normalize():f} %: "
                    "lower the rate or the fees.",
                    {"rate": shown, "most": str(most), "rule": rule.code},
                )
            )
    return findings


def rate_caps(rules: RuleBook) -> list[tuple[Rule, Decimal]]:
    """Every cap on the all-in rate with its figure in percent a year; multiples of the LPR are worked out."""
    caps = [
        (rules[code], rules[code].decimal)
        for code in ("all_in_rate_max_percent", "rate_void_above_percent")
        if code in rules
    ]
    lpr, multiple = rules.get("lpr_1y_percent"), rules.get("lpr_multiple_max")
    if lpr is not None and multiple is not None:
        caps.append((multiple, lpr.decimal * multiple.decimal))
    return caps


def check_penalty_multiple(multiple: Decimal, rules: RuleBook) -> list[Finding]:
    """The penalty rate as a multiple of the contract rate."""
    rule = rules.get("penalty_multiple")
    if rule is None or Decimal(rule.value["least"]) <= multiple <= Decimal(rule.value["most"]):
        return []
    least, most = rule.value["least"], rule.value["most"]
    return [
        Finding(
            "PENALTY_MULTIPLE_OUT_OF_RANGE",
            Severity.REFUSE,
            rule.citation,
            f"罚息应为合同利率的{least}至{most}倍。",
            f"Penalty interest is {least} to {most} times the contract rate.",
            {"multiple": str(multiple), "least": least, "most": most},
        )
    ]


def check_applicant(*, age_years: int | None, employment_type: str, rules: RuleBook) -> list[Finding]:
    """Who may borrow: legal capacity by age (a protected fact: used for the law alone), students."""
    findings = []
    age = rules.get("age_years")
    if age is not None and age_years is not None and age_years < age.value["least"]:
        findings.append(
            Finding(
                "UNDER_AGE",
                Severity.REFUSE,
                age.citation,
                f"申请人须年满{age.value['least']}周岁。",
                f"An applicant must be at least {age.value['least']} years old.",
                {"least": str(age.value["least"])},
            )
        )
    if age is not None and age_years is not None and age_years > age.value["most"]:
        findings.append(
            Finding(
                "AGE_NEEDS_A_PERSON",
                Severity.REFER,
                age.citation,
                "该申请需由人工审核。",
                "A person will look at this application.",
                {"most": str(age.value["most"])},
            )
        )
    students = rules.get("students_refused")
    if students is not None and students.value and employment_type == "student":
        findings.append(
            Finding(
                "STUDENT_NEEDS_SECOND_SOURCE",
                Severity.REFER,
                students.citation,
                "在校学生贷款须核实第二还款来源，需由人工审核。",
                "For a student a second source of repayment must be verified; a person will look at this application.",
            )
        )
    return findings


def check_contact(at: time, connected_today: int, rules: RuleBook) -> list[Finding]:
    """Whether a debtor may be contacted at this local time, after so many connected contacts today."""
    findings = []
    window = rules.get("contact_window")
    if window is not None and not may_contact_at(at, window):
        opens, closes = window.value["not_before"], window.value["not_after"]
        findings.append(
            Finding(
                "OUTSIDE_CONTACT_HOURS",
                Severity.REFUSE,
                window.citation,
                f"仅可在{opens}至{closes}之间联系，请改在该时段联系。",
                f"Contact is allowed from {opens} to {closes} only: try again then.",
                {"at": at.isoformat("minutes"), "not_before": opens, "not_after": closes},
            )
        )
    most = rules.get("contacts_connected_per_day_max")
    if most is not None and connected_today >= most.value:
        findings.append(
            Finding(
                "TOO_MANY_CONTACTS",
                Severity.REFUSE,
                most.citation,
                f"每日接通不得超过{most.value}次，请明日再联系。",
                f"At most {most.value} connected contacts a day: try again tomorrow.",
                {"connected": str(connected_today), "most": str(most.value)},
            )
        )
    return findings


def may_contact_at(at: time, window: Rule) -> bool:
    """From `not_before` (included) until `not_after` (excluded), local time."""
    return time.fromisoformat(window.value["not_before"]) <= at < time.fromisoformat(window.value["not_after"])


def row_for_days_past_due(days_past_due: int, rule: Rule) -> Mapping[str, Any]:
    """The row of `dpd_buckets` or `classification` that these days fall in."""
    rows: Sequence[Mapping[str, Any]] = rule.value
    for row in rows:
        if row["least"] <= days_past_due <= row.get("most", days_past_due):
            return row
    raise ValueError(f"{rule.code} has no row for {days_past_due} days past due")


def worst(findings: Sequence[Finding]) -> Severity | None:
    """The gravest severity among findings, or None."""
    for severity in Severity:
        if any(finding.severity is severity for finding in findings):
            return severity
    return None
