"""The fraud rules, as data: what each looks at, over how long, how often, and how much it weighs.

`decline` refuses, `refer` has a person look, `note` alone does nothing: it is written beside the alarms that fired, for
whoever works the case. What is shared is counted in other customers, velocity in applications of at least two of them.

    shared with others              kind        others   days     severity
    IDENTITY_SHARED                 identity         1   for ever decline
    PHONE_SHARED                    phone            1   180      refer
    ACCOUNT_SHARED                  account          1   365      refer
    EMAIL_SHARED                    e-mail           1   365      refer
    DEVICE_SHARED_RECENTLY          device           2    90      refer
    ADDRESS_SHARED                  address          5    90      refer
    PERSON_TWICE                    name and date of birth, with the same address: 1, 365, refer

    velocity                        kind        applications  days   severity
    VELOCITY                        one customer           4     7   refer
    PHONE_VELOCITY                  phone                  4     7   refer
    DEVICE_VELOCITY                 device                 4     7   refer
    ACCOUNT_VELOCITY                account                3    30   refer
    ADDRESS_VELOCITY                address                6     7   refer
    EMPLOYER_VELOCITY               employer               6     7   refer; only of an employer first seen within 30 days

    facts                           holds when                                            severity
    ID_NUMBER_IMPOSSIBLE            the resident ID number fails GB 11643                 refer
    AGE_DIFFERS                     the age told by a channel is 2 years off the card's   refer
    DOCUMENT_EXPIRED                the ID card has expired                               refer
    DOCUMENT_EXPIRES_SOON           it expires within 30 days                             note
    BIRTHPLACE_ELSEWHERE            the card's province is not that of the address        note
    ACCOUNT_HOLDER_DIFFERS          the account's holder is not the person identified     refer
    PHONE_OWNER_DIFFERS             the operator knows the phone under another name       refer
    PHONE_NEW                       the phone is in use for less than a month             note
    EMAIL_DISPOSABLE                the e-mail is of a disposable domain                  refer
    EMPLOYER_PHONE_IS_OWN           the employer's phone is the applicant's own           refer
    INCOME_IMPLAUSIBLE              stated income is 6 times what is usual for the work   refer
    INCOME_NOT_IN_ACCOUNT           stated income is 3 times what reaches the account     refer
    FORM_IN_SECONDS                 the form was filled in within 20 seconds              note
    FACTS_CHANGED_AFTER_DECLINE     within 30 days of a decline the income rose by 20% or
                                    the expenses fell by 30%                              refer
    EMPLOYER_CHANGED_AFTER_DECLINE  within 30 days of a decline another employer          note
    DEVICE_EMULATED                 the device is an emulator                             refer
    DEVICE_ROOTED, DEVICE_PROXIED   the device is rooted, or behind a proxy               note
    DEVICE_OF_MANY                  its source knows 4 other accounts on the device       refer

    others
    BLACKLISTED                     an identifier stands on the blacklist                 decline
    BLACKLISTING_PROPOSED           one person proposed it, nobody confirmed it yet       refer
    CONFIRMED_BEFORE                the customer's own fraud was confirmed earlier        refer
    NEAR_CONFIRMED_FRAUD            shares a strong identifier with confirmed fraud       refer
    UNUSUAL_FACTS                   the anomaly score is above its threshold              refer

Colleagues share an employer, families an address, and most people live elsewhere than they were registered: the last is
close to a protected characteristic (place of origin) and is therefore never more than a note. All figures are policy,
set by hand; what they catch and whom they trouble is measured by `python -m tests.benchmarks fraud`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from scoring.features import Text
from scoring.fraud_words import ACCOUNT, CHANGED, DOCUMENT, FREQUENT, INCOME, LABELS, REFUSE, VERIFY

DECLINE, REFER, NOTE = "decline", "refer", "note"
FOR_EVER = 36_500
A_YEAR = 365
"""What was not seen for a year is new again."""
STRONG = frozenset({"identity", "phone", "account", "device", "email"})
"""Kinds that two strangers do not share by living or working side by side."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What every rule has: its code, its weight, what it is called on the desk, and what the applicant is told."""

    code: str
    severity: str
    told: Text = VERIFY

    @property
    def label(self) -> Text:
        return LABELS[self.code]


@dataclass(frozen=True, slots=True)
class SharedRule(Rule):
    """An identifier shared with at least `others` other customers within `days`; `along_with` another kind as well."""

    kind: str = ""
    others: int = 1
    days: int = FOR_EVER
    along_with: str = ""


@dataclass(frozen=True, slots=True)
class VelocityRule(Rule):
    """At least `applications` with one identifier within `days`, of two customers or more.

    `new_within_days`: only where the identifier was first seen that recently (a factory is not a shell company).
    """

    kind: str = ""
    applications: int = 1
    days: int = 7
    new_within_days: int = 0


@dataclass(frozen=True, slots=True)
class FactRule(Rule):
    """A condition (`scoring.conditions`) over facts; `evidence` names those that are kept with the alarm."""

    when: Mapping[str, Any] | None = None
    evidence: tuple[str, ...] = ()


def _fact(name: str, op: str, value: Any) -> Mapping[str, Any]:
    return {"fact": name, "op": op, "value": value}


def _one(code: str, severity: str, told: Text, name: str, op: str, value: Any) -> FactRule:
    return FactRule(code, severity, told, _fact(name, op, value), (name,))


SHARED: tuple[SharedRule, ...] = (
    SharedRule("IDENTITY_SHARED", DECLINE, REFUSE, "identity"),
    SharedRule("PHONE_SHARED", REFER, VERIFY, "phone", 1, 180),
    SharedRule("ACCOUNT_SHARED", REFER, ACCOUNT, "account", 1, 365),
    SharedRule("EMAIL_SHARED", REFER, VERIFY, "email", 1, 365),
    SharedRule("DEVICE_SHARED_RECENTLY", REFER, VERIFY, "device", 2, 90),
    SharedRule("ADDRESS_SHARED", REFER, VERIFY, "address", 5, 90),
    SharedRule("PERSON_TWICE", REFER, VERIFY, "person", 1, 365, "address"),
)
CUSTOMER_VELOCITY = VelocityRule("VELOCITY", REFER, FREQUENT, "", 4, 7)
VELOCITY: tuple[VelocityRule, ...] = (
    VelocityRule("PHONE_VELOCITY", REFER, FREQUENT, "phone", 4, 7),
    VelocityRule("DEVICE_VELOCITY", REFER, FREQUENT, "device", 4, 7),
    VelocityRule("ACCOUNT_VELOCITY", REFER, ACCOUNT, "account", 3, 30),
    VelocityRule("ADDRESS_VELOCITY", REFER, VERIFY, "address", 6, 7),
    VelocityRule("EMPLOYER_VELOCITY", REFER, VERIFY, "employer", 6, 7, 30),
)
FACTS: tuple[FactRule, ...] = (
    _one("ID_NUMBER_IMPOSSIBLE", REFER, DOCUMENT, "id_number_valid", "is", False),
    _one("AGE_DIFFERS", REFER, DOCUMENT, "stated_age_differs_years", "ge", 2),
    _one("DOCUMENT_EXPIRED", REFER, DOCUMENT, "id_card_days_left", "lt", 0),
    FactRule(
        "DOCUMENT_EXPIRES_SOON",
        NOTE,
        DOCUMENT,
        {"all": [_fact("id_card_days_left", "ge", 0), _fact("id_card_days_left", "lt", 30)]},
        ("id_card_days_left",),
    ),
    _one("BIRTHPLACE_ELSEWHERE", NOTE, VERIFY, "address_province_differs", "is", True),
    _one("ACCOUNT_HOLDER_DIFFERS", REFER, ACCOUNT, "account_holder_differs", "is", True),
    _one("PHONE_OWNER_DIFFERS", REFER, VERIFY, "phone_owner_matches", "is", False),
    _one("PHONE_NEW", NOTE, VERIFY, "phone_months_in_use", "lt", 1),
    _one("EMAIL_DISPOSABLE", REFER, VERIFY, "email_disposable", "is", True),
    _one("EMPLOYER_PHONE_IS_OWN", REFER, INCOME, "employer_phone_is_own", "is", True),
    FactRule(
        "INCOME_IMPLAUSIBLE",
        REFER,
        INCOME,
        _fact("income_to_usual", "ge", 6),
        ("income_to_usual", "income_monthly", "employment_type"),
    ),
    FactRule(
        "INCOME_NOT_IN_ACCOUNT",
        REFER,
        INCOME,
        _fact("income_to_inflow", "ge", 3),
        ("income_to_inflow", "income_monthly", "account_inflow_monthly"),
    ),
    _one("FORM_IN_SECONDS", NOTE, VERIFY, "form_seconds", "lt", 20),
    FactRule(
        "FACTS_CHANGED_AFTER_DECLINE",
        REFER,
        CHANGED,
        {
            "all": [
                _fact("days_since_decline", "le", 30),
                {"any": [_fact("income_up_percent", "ge", 20), _fact("expenses_down_percent", "ge", 30)]},
            ]
        },
        ("days_since_decline", "income_up_percent", "expenses_down_percent"),
    ),
    FactRule(
        "EMPLOYER_CHANGED_AFTER_DECLINE",
        NOTE,
        CHANGED,
        {"all": [_fact("days_since_decline", "le", 30), _fact("employer_changed", "is", True)]},
        ("days_since_decline",),
    ),
    _one("DEVICE_EMULATED", REFER, VERIFY, "device_emulator", "is", True),
    _one("DEVICE_ROOTED", NOTE, VERIFY, "device_rooted", "is", True),
    _one("DEVICE_PROXIED", NOTE, VERIFY, "device_proxy", "is", True),
    _one("DEVICE_OF_MANY", REFER, VERIFY, "device_shared_customers", "ge", 4),
)
BLACKLISTED = Rule("BLACKLISTED", DECLINE, REFUSE)
BLACKLISTING = Rule("BLACKLISTING_PROPOSED", REFER, VERIFY)
CONFIRMED_BEFORE = Rule("CONFIRMED_BEFORE", REFER, VERIFY)
NEAR_CONFIRMED = Rule("NEAR_CONFIRMED_FRAUD", REFER, VERIFY)
UNUSUAL = Rule("UNUSUAL_FACTS", REFER, VERIFY)

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.code: rule
        for rule in (
            *SHARED, CUSTOMER_VELOCITY, *VELOCITY, *FACTS, BLACKLISTED, BLACKLISTING, CONFIRMED_BEFORE, NEAR_CONFIRMED,
            UNUSUAL,
        )
    }
)  # fmt: skip


def _days(kind: str) -> int:
    shared = [rule.days for rule in SHARED if kind in (rule.kind, rule.along_with)]
    velocity = [A_YEAR if rule.new_within_days else rule.days for rule in VELOCITY if rule.kind == kind]
    return FOR_EVER if kind in STRONG else max([*shared, *velocity])


_KINDS = {*(rule.kind for rule in SHARED), *(rule.kind for rule in VELOCITY)}
DAYS_BY_KIND: Mapping[str, int] = MappingProxyType({kind: _days(kind) for kind in _KINDS})
"""How far back the links of a kind are read: strong ones for ever, because confirmed fraud is not forgotten."""
COUNTED: Mapping[str, int] = MappingProxyType(
    {"phone": 180, "device": 90, "account": 365, "email": 365, "address": 90, "employer": 30}
)
COUNTS = (*(f"others_on_{kind}" for kind in COUNTED), "applications_7d")
"""Names of the counts that an examination gives beside its alarms: other customers by kind and days, own applications."""
