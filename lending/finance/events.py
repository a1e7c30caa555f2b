"""What happens to a loan, one frozen ``Event`` each, in the order it was entered.

``Event.from_json`` reads the scenario format; ``to_json`` writes it back. ``on`` is the business date the
event takes effect; ``entered_on`` stands where it was entered later (back-dated). Amounts are in major units.

Types of the scenario format
    approve, disburse, repay, pay_off, goodwill_credit, merchant_issued_refund, payout_refund,
    credit_balance_refund, interest_payment_waiver, chargeback, capitalized_income, charge,
    installment_fee, reschedule, change_rate, pause_interest, reverse, re_age, re_amortize, charge_off,
    write_off, close_of_business
``pay_off`` without an amount pays exactly the payoff quote of its day.

Types beyond it
    prepay              amount, effect (``shorter_term`` or ``smaller_installment``; the terms' own where
                        left out): pays what is due, then the fee of the prepayment clause, then principal,
                        and plans the rest anew
    waive_interest, waive_fee, waive_penalty
                        amount (all that is outstanding and due by the day where left out): forgives the
                        oldest first; nothing is received
    recovery            amount received after a write-off; it settles nothing of the schedule
    index_fixing        percent: the floating rate's index published that day, counts from the next reset
    restructure         installments, every, unit, starts_on (first due date), percent and per (optional),
                        ``capitalize`` a list of ``interest``, ``fees``, ``penalties``: everything
                        outstanding that is named there becomes principal, the rest moves to the first new
                        installment, and the new principal is repaid in equal installments from then on
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lending.finance.clauses import MOST_PERCENT, PREPAYMENT_EFFECTS, text_of
from lending.finance.reading import InvalidEvent, Reader
from lending.finance.repayment_terms import UNITS, GraceTerms

__all__ = ["EVENT_TYPES", "Event", "InvalidEvent"]

RECEIPTS = (
    "repay",
    "pay_off",
    "goodwill_credit",
    "merchant_issued_refund",
    "payout_refund",
    "interest_payment_waiver",
    "prepay",
)
AMOUNT_NEEDED = {
    "approve",
    "disburse",
    "repay",
    "goodwill_credit",
    "merchant_issued_refund",
    "payout_refund",
    "interest_payment_waiver",
    "prepay",
    "credit_balance_refund",
    "chargeback",
    "capitalized_income",
    "charge",
    "recovery",
}
AMOUNT_OPTIONAL = {"pay_off", "waive_interest", "waive_fee", "waive_penalty"}
EVENT_TYPES = (
    *sorted(AMOUNT_NEEDED | AMOUNT_OPTIONAL),
    "installment_fee",
    "reschedule",
    "change_rate",
    "pause_interest",
    "index_fixing",
    "restructure",
    "reverse",
    "re_age",
    "re_amortize",
    "charge_off",
    "write_off",
    "close_of_business",
)
FEE_BASES = ("flat", "amount", "interest", "amount_plus_interest")
RATE_CHANGE_BASES = ("day", "month", "year", "term")
CAPITALIZED = ("interest", "fees", "penalties")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; which fields count depends on ``type`` (see the module)."""

    on: dt.date
    type: str
    amount: Decimal | None = None
    entered_on: dt.date | None = None
    expected_on: dt.date | None = None
    component: str | None = None
    due_on: dt.date | None = None
    basis: str | None = None
    value: Decimal | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    new_due_on: dt.date | None = None
    extra_installments: int | None = None
    percent: Decimal | None = None
    per: str | None = None
    grace: GraceTerms | None = None
    event: int | None = None
    starts_on: dt.date | None = None
    installments: int | None = None
    every: int | None = None
    unit: str | None = None
    effect: str | None = None
    capitalize: tuple[str, ...] = ()

    @property
    def known_on(self) -> dt.date:
        """The day from which the books show it."""
        return self.on if self.entered_on is None else max(self.on, self.entered_on)

    @classmethod
    def from_json(cls, data: Any) -> "Event":
        """Read and check one event; raises ``InvalidEvent`` with the field and what would be right."""
        reader = Reader(data, "", InvalidEvent)
        kind = reader.choice("type", EVENT_TYPES)
        on = reader.day("on")
        values: dict[str, Any] = {"entered_on": reader.maybe_day("entered_on")}
        if kind in AMOUNT_NEEDED or (kind in AMOUNT_OPTIONAL and reader.has("amount")):
            values["amount"] = reader.number("amount", "0")
        values.update(READERS[kind](reader) if kind in READERS else {})
        for key in ("note", "amount"):
            reader.raw(key)
        reader.finish()
        return cls(on, kind, **values)

    def to_json(self) -> dict[str, Any]:
        """The event as the scenario format writes it, without what is absent."""
        out: dict[str, Any] = {"on": self.on.isoformat(), "type": self.type}
        for name, key in JSON_KEYS.items():
            value = getattr(self, name)
            if value is None or value == ():
                continue
            if isinstance(value, Decimal):
                value = text_of(value)
            elif isinstance(value, dt.date):
                value = value.isoformat()
            elif isinstance(value, GraceTerms):
                value = value.to_json()
            elif isinstance(value, tuple):
                value = list(value)
            out[key] = value
        return out


JSON_KEYS = {
    "amount": "amount",
    "entered_on": "entered_on",
    "expected_on": "expected_on",
    "component": "component",
    "due_on": "due_on",
    "basis": "basis",
    "value": "value",
    "since": "from",
    "until": "to",
    "new_due_on": "new_due_on",
    "extra_installments": "extra_installments",
    "percent": "percent",
    "per": "per",
    "grace": "grace_installments",
    "event": "event",
    "starts_on": "starts_on",
    "installments": "installments",
    "every": "every",
    "unit": "unit",
    "effect": "effect",
    "capitalize": "capitalize",
}


def read_approve(reader: Reader) -> dict[str, Any]:
    return {"expected_on": reader.maybe_day("expected_on")}


def read_charge(reader: Reader) -> dict[str, Any]:
    component = reader.choice("component", ("fee", "penalty"), "fee")
    return {"component": component, "due_on": reader.maybe_day("due_on")}


def read_installment_fee(reader: Reader) -> dict[str, Any]:
    basis = reader.text("basis", "flat", most=60)
    basis = basis.removeprefix("percent_of_").removeprefix("percent_").replace("_and_", "_plus_")
    if basis not in FEE_BASES:
        raise reader.fail("basis", "one of " + ", ".join(FEE_BASES) + " is needed")
    component = reader.choice("component", ("fee", "penalty"), "fee")
    return {"basis": basis, "value": reader.number("value", "0", "1000000000000"), "component": component}


def read_rate(reader: Reader) -> dict[str, Any]:
    return {
        "since": reader.maybe_day("from"),
        "percent": reader.number("percent", "0", MOST_PERCENT),
        "per": reader.choice("per", RATE_CHANGE_BASES, "year"),
    }


def read_reschedule(reader: Reader) -> dict[str, Any]:
    values: dict[str, Any] = {"since": reader.maybe_day("from"), "new_due_on": reader.maybe_day("new_due_on")}
    if reader.has("extra_installments"):
        values["extra_installments"] = reader.count("extra_installments", 1, 1200)
    if reader.has("percent"):
        values["percent"] = reader.number("percent", "0", MOST_PERCENT)
        values["per"] = reader.choice("per", RATE_CHANGE_BASES, "year")
    grace = reader.child("grace_installments")
    if grace is not None:
        values["grace"] = GraceTerms.read(grace, 1200)
    for key in ("new_due_on", "extra_installments", "percent", "per", "grace_installments"):
        reader.raw(key)
    changes = [values["new_due_on"], *(values.get(key) for key in ("extra_installments", "percent", "grace"))]
    if all(change is None for change in changes):
        message = "new_due_on, extra_installments, percent or grace_installments is needed"
        raise reader.error("new_due_on", message)
    return values


def read_pause(reader: Reader) -> dict[str, Any]:
    since, until = reader.day("from"), reader.day("to")
    if until < since:
        raise reader.fail("to", f"a day from {since} on is needed")
    return {"since": since, "until": until}


def read_reverse(reader: Reader) -> dict[str, Any]:
    return {"event": reader.count("event", 1, 1_000_000)}


def read_re_age(reader: Reader) -> dict[str, Any]:
    return {
        "starts_on": reader.day("starts_on"),
        "installments": reader.count("installments", 1, 1200, 1),
        "every": reader.count("every", 1, 1000, 1),
        "unit": reader.choice("unit", UNITS, "month"),
    }


def read_restructure(reader: Reader) -> dict[str, Any]:
    values = read_re_age(reader)
    if reader.has("percent"):
        values["percent"] = reader.number("percent", "0", MOST_PERCENT)
        values["per"] = reader.choice("per", RATE_CHANGE_BASES, "year")
    listed = reader.raw("capitalize")
    if listed is not None:
        if not isinstance(listed, list | tuple) or any(item not in CAPITALIZED for item in listed):
            raise reader.fail("capitalize", "a list out of " + ", ".join(CAPITALIZED) + " is needed")
        values["capitalize"] = tuple(dict.fromkeys(listed))
    return values


def read_prepay(reader: Reader) -> dict[str, Any]:
    return {"effect": reader.choice("effect", PREPAYMENT_EFFECTS)} if reader.has("effect") else {}


def read_fixing(reader: Reader) -> dict[str, Any]:
    return {"percent": reader.number("percent", "-100", MOST_PERCENT)}


READERS = {
    "approve": read_approve,
    "charge": read_charge,
    "installment_fee": read_installment_fee,
    "reschedule": read_reschedule,
    "change_rate": read_rate,
    "pause_interest": read_pause,
    "index_fixing": read_fixing,
    "restructure": read_restructure,
    "reverse": read_reverse,
    "re_age": read_re_age,
    "prepay": read_prepay,
}
