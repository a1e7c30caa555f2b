"""The terms of a loan, frozen: what products, offers and loans keep in the database as JSON.

``Terms.from_json`` reads the scenario format's ``terms`` object and refuses by field
(``InvalidTerms("repayment.installments", "a whole number from 1 to 4000 is needed")``);
``Terms.to_json`` writes it back, leaving out what is absent or the default, so that
``Terms.from_json(terms.to_json()) == terms`` always holds.

Beyond the format's own keys these optional ones are known (each with its default effect: none):

repayment.unit           also ``year`` and ``half_month`` (``half_month_days``: [1, 15] by default);
                         a fortnight is 2 weeks, a quarter 3 months
repayment.method         also ``staged`` (interest only for ``interest_only_installments``, then equal
                         installments) and ``steps``
repayment.first_due_on   the first due date; the others follow it in the same rhythm
repayment.steps          ``[{"installments": 6, "amount": "500.00"}, {"installments": 6, "share": "10"}]``:
                         amounts are whole installments, shares are percents of the principal; the last
                         installment takes what remains
repayment.balloon_percent  level installments leave that percent of the principal to the last one
repayment.business_days  ``{"adjust": "following" | "modified_following" | "preceding" | "unadjusted",
                         "calendar": "CN" | "weekends", "holidays": [days], "workdays": [days]}``
interest.day_count       also ``30e/360``, ``30u/360``, ``actual/actual-isda``, see ``day_count``
rate.steps, rate.floating, penalty, prepayment, caps      see ``clauses``
allocation.strategy      an older engine's order as one name, ``penalties_fees_interest_principal_order``
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lending.finance.clauses import (
    MOST_PERCENT,
    RATE_BASES,
    CapTerms,
    FloatingTerms,
    PenaltyTerms,
    PrepaymentTerms,
    RateStep,
    text_of,
)
from lending.finance.money import ROUNDERS, decimals_of, to_minor
from lending.finance.reading import InvalidTerms, Reader
from lending.finance.repayment_terms import GraceTerms, RepaymentTerms

__all__ = [
    "AllocationRule",
    "AllocationTerms",
    "GraceTerms",
    "InterestTerms",
    "InvalidTerms",
    "RateTerms",
    "RepaymentTerms",
    "RoundingTerms",
    "Terms",
]

COMPONENTS = ("penalty", "fee", "interest", "principal")
DUE_KINDS = ("past_due", "due", "in_advance")
ORDER_ITEMS = tuple(f"{due}_{component}" for due in DUE_KINDS for component in COMPONENTS)
IN_ADVANCE = ("next", "last", "next_then_last", "reamortize")
DAY_COUNTS = (
    "30/360",
    "30/364",
    "30/365",
    "30/actual",
    "30e/360",
    "30u/360",
    "actual/360",
    "actual/364",
    "actual/365",
    "actual/actual",
    "actual/actual-isda",
    "actual/actual-period-start",
)
#: Enough for a loan of every bank: 10**18 minor units fit a signed 64-bit column.
MOST_MINOR = 10**18


@dataclass(frozen=True, slots=True)
class RateTerms:
    """The contract rate: ``percent`` for each ``per``; ``term`` means for all installments together."""

    percent: Decimal
    per: str
    steps: tuple[RateStep, ...] = ()
    floating: FloatingTerms | None = None

    @classmethod
    def read(cls, reader: Reader) -> "RateTerms":
        floating = reader.child("floating")
        terms = cls(
            reader.number("percent", "0", MOST_PERCENT),
            reader.choice("per", RATE_BASES, "year"),
            tuple(RateStep.read(item) for item in reader.items("steps")),
            None if floating is None else FloatingTerms.read(floating),
        )
        reader.finish()
        return terms

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {"percent": text_of(self.percent), "per": self.per}
        if self.steps:
            out["steps"] = [step.to_json() for step in self.steps]
        if self.floating is not None:
            out["floating"] = self.floating.to_json()
        return out


@dataclass(frozen=True, slots=True)
class InterestTerms:
    """How interest is counted."""

    method: str = "declining"
    accrual: str = "daily"
    day_count: str = "30/360"
    partial_periods: bool = False
    leap_rule: str = ""
    counts_disbursement_day: bool = False
    recalculates_on_payment: bool = False
    accrues_on_overdue_principal: bool = False

    @classmethod
    def read(cls, reader: Reader) -> "InterestTerms":
        terms = cls(
            reader.choice("method", ("declining", "flat"), "declining"),
            reader.choice("accrual", ("daily", "per_installment"), "daily"),
            reader.choice("day_count", DAY_COUNTS, "30/360"),
            reader.flag("partial_periods"),
            reader.choice("leap_rule", ("feb_29_period_only",), ""),
            reader.flag("counts_disbursement_day"),
            reader.flag("recalculates_on_payment"),
            reader.flag("accrues_on_overdue_principal"),
        )
        reader.finish()
        return terms

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {"method": self.method, "accrual": self.accrual, "day_count": self.day_count}
        if self.leap_rule:
            out["leap_rule"] = self.leap_rule
        flags = ("partial_periods", "counts_disbursement_day", "recalculates_on_payment")
        for key in (*flags, "accrues_on_overdue_principal"):
            if getattr(self, key):
                out[key] = True
        return out


@dataclass(frozen=True, slots=True)
class RoundingTerms:
    """How stored amounts are rounded; multiples are in major units."""

    mode: str = "half_even"
    smooth_last_installment: bool = False
    installment_multiple: Decimal | None = None
    amount_multiple: Decimal | None = None

    @classmethod
    def read(cls, reader: Reader, decimals: int) -> "RoundingTerms":
        terms = cls(
            reader.choice("mode", ROUNDERS, "half_even"),
            reader.flag("smooth_last_installment"),
            reader.maybe_number("installment_multiple", "0", "1000000000"),
            reader.maybe_number("amount_multiple", "0", "1000000000"),
        )
        for key in ("installment_multiple", "amount_multiple"):
            multiple = getattr(terms, key)
            if multiple is not None:
                amount_in_minor(reader, key, multiple, decimals)
        reader.finish()
        return terms

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {"mode": self.mode, "smooth_last_installment": self.smooth_last_installment}
        if self.installment_multiple is not None:
            out["installment_multiple"] = text_of(self.installment_multiple)
        if self.amount_multiple is not None:
            out["amount_multiple"] = text_of(self.amount_multiple)
        return out


def order_of_strategy(reader: Reader, name: str) -> tuple[str, ...]:
    """The order that an older strategy's name spells: components in turn, for each due kind alike.

    A name that says ``in_advance`` gives the order before it to what is past due and due, the order after
    it to what is paid in advance.
    """
    before, _, after = name.partition("in_advance")
    stems = {"penalt": "penalty", "fee": "fee", "interest": "interest", "principal": "principal"}

    def components(part: str) -> list[str]:
        found = [stem_to for word in part.split("_") for stem, stem_to in stems.items() if word.startswith(stem)]
        return [*dict.fromkeys(found)]

    due = components(before)
    advance = components(after) or due
    if sorted(due) != sorted(COMPONENTS) or sorted(advance) != sorted(COMPONENTS):
        raise reader.fail("strategy", "a name that orders penalties, fees, interest and principal is needed")
    return tuple(
        f"{kind}_{component}" for kind in DUE_KINDS for component in (advance if kind == "in_advance" else due)
    )


@dataclass(frozen=True, slots=True)
class AllocationRule:
    """An order of due kinds and components, and which installment money in advance goes to."""

    order: tuple[str, ...] = ORDER_ITEMS
    in_advance: str = "next"

    @classmethod
    def read(cls, reader: Reader, default: "AllocationRule") -> "AllocationRule":
        order = default.order
        if reader.has("strategy"):
            order = order_of_strategy(reader, reader.text("strategy"))
        listed = reader.raw("order")
        if listed is not None:
            if not isinstance(listed, list | tuple) or not listed:
                raise reader.fail("order", "a list such as past_due_interest, due_interest is needed")
            for place, item in enumerate(listed):
                if item not in ORDER_ITEMS:
                    raise reader.fail(f"order[{place}]", "one of " + ", ".join(ORDER_ITEMS) + " is needed")
            if len(set(listed)) != len(listed):
                raise reader.fail("order", "each entry may stand once only")
            order = tuple(listed)
        return cls(order, reader.choice("in_advance", IN_ADVANCE, default.in_advance))

    def to_json(self) -> dict[str, Any]:
        return {"order": list(self.order), "in_advance": self.in_advance}


@dataclass(frozen=True, slots=True)
class AllocationTerms:
    """How money received is spread: the default rule and those of particular kinds of event."""

    direction: str = "horizontal"
    default: AllocationRule = AllocationRule()
    by_event: tuple[tuple[str, AllocationRule], ...] = ()

    @classmethod
    def read(cls, reader: Reader) -> "AllocationTerms":
        default = AllocationRule.read(reader, AllocationRule())
        rules = []
        by_event = reader.child("by_event")
        if by_event is not None:
            for kind in by_event.data:
                rule = by_event.child(kind)
                if rule is not None:
                    rules.append((kind, AllocationRule.read(rule, default)))
                    rule.finish()
        terms = cls(reader.choice("direction", ("horizontal", "vertical"), "horizontal"), default, tuple(rules))
        reader.finish()
        return terms

    def rule_for(self, kind: str) -> AllocationRule:
        for name, rule in self.by_event:
            if name == kind:
                return rule
        return self.default

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {"direction": self.direction, **self.default.to_json()}
        if self.by_event:
            out["by_event"] = {kind: rule.to_json() for kind, rule in self.by_event}
        return out


def amount_in_minor(reader: Reader, key: str, amount: Decimal, decimals: int) -> int:
    """The amount in minor units, or a refusal that names the field."""
    try:
        minor = to_minor(amount, decimals)
    except ValueError as refused:
        raise reader.fail(key, f"at most {decimals} decimals are needed") from refused
    if abs(minor) > MOST_MINOR:
        raise reader.fail(key, "an amount that fits a ledger (at most 10^18 minor units) is needed")
    return minor


@dataclass(frozen=True, slots=True)
class Terms:
    """All terms of one loan. ``principal`` is in major units with exactly the currency's decimals."""

    currency: str
    decimals: int
    principal: Decimal
    starts_on: dt.date
    rate: RateTerms
    interest: InterestTerms
    repayment: RepaymentTerms
    rounding: RoundingTerms = RoundingTerms()
    allocation: AllocationTerms = AllocationTerms()
    penalty: PenaltyTerms | None = None
    prepayment: PrepaymentTerms | None = None
    caps: CapTerms | None = None

    @property
    def principal_minor(self) -> int:
        return to_minor(self.principal, self.decimals)

    @classmethod
    def from_json(cls, data: Any) -> "Terms":
        """Read and check everything; raises ``InvalidTerms`` with the dotted field and what would be right."""
        reader = Reader(data, "", InvalidTerms)
        currency = reader.text("currency", most=3)
        if len(currency) != 3 or not currency.isascii() or not currency.isupper() or not currency.isalpha():
            raise reader.fail("currency", "an ISO 4217 code of three capital letters is needed")
        decimals = reader.count("decimals", 0, 4, decimals_of(currency))
        principal = reader.number("principal", "0")
        minor = amount_in_minor(reader, "principal", principal, decimals)
        if minor <= 0:
            raise reader.fail("principal", "more than zero is needed")
        starts_on = reader.day("starts_on")
        rate = reader.child("rate")
        if rate is None:
            raise reader.fail("rate", "is missing")
        repayment = reader.child("repayment")
        if repayment is None:
            raise reader.fail("repayment", "is missing")
        optional = {key: reader.child(key) for key in ("interest", "rounding", "allocation")}
        clauses = {key: reader.child(key) for key in ("penalty", "prepayment", "caps")}
        reader.finish()
        recalculates = optional["interest"] is not None and optional["interest"].data.get("recalculates_on_payment")
        if recalculates and clauses["prepayment"] and clauses["prepayment"].data.get("interest") == "full_schedule":
            message = "to_payment_date is needed, because interest is recalculated on payment"
            raise reader.error("prepayment.interest", message)
        penalty, prepayment, caps = clauses["penalty"], clauses["prepayment"], clauses["caps"]
        return cls(
            currency,
            decimals,
            principal.quantize(Decimal(1).scaleb(-decimals)),
            starts_on,
            RateTerms.read(rate),
            InterestTerms.read(optional["interest"] or Reader({}, "interest", InvalidTerms)),
            RepaymentTerms.read(repayment, starts_on, minor, decimals),
            RoundingTerms.read(optional["rounding"] or Reader({}, "rounding", InvalidTerms), decimals),
            AllocationTerms.read(optional["allocation"] or Reader({}, "allocation", InvalidTerms)),
            None if penalty is None else PenaltyTerms.read(penalty),
            None if prepayment is None else PrepaymentTerms.read(prepayment),
            None if caps is None else CapTerms.read(caps),
        )

    def to_json(self) -> dict[str, Any]:
        """The terms as the scenario format writes them; amounts and rates are text."""
        out: dict[str, Any] = {
            "currency": self.currency,
            "decimals": self.decimals,
            "principal": text_of(self.principal),
            "starts_on": self.starts_on.isoformat(),
            "rate": self.rate.to_json(),
            "interest": self.interest.to_json(),
            "repayment": self.repayment.to_json(),
            "rounding": self.rounding.to_json(),
            "allocation": self.allocation.to_json(),
        }
        for key in ("penalty", "prepayment", "caps"):
            clause = getattr(self, key)
            if clause is not None:
                out[key] = clause.to_json()
        return out
