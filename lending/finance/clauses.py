"""The optional clauses of a loan's terms: changing rates, penalty interest, early repayment, caps.

All of them are additions to the scenario format; a loan without them has none of their effects.

rate.steps          introductory and stepped rates: ``{"from": day, "percent": "6"}`` or
                    ``{"after_installments": 3, "percent": "6"}``; each holds until the next.
rate.floating       index + spread, fixed at reset dates: ``{"spread": "0.5", "reset_every": 12,
                    "reset_unit": "month", "first_reset_on": day, "floor": "3", "cap": "8",
                    "fixings": [{"on": day, "percent": "3.45"}]}``. At each reset day the newest fixing
                    published on or before it counts: rate = min(cap, max(floor, fixing + spread)).
                    ``rate.percent`` is the rate from the start to the first reset.
penalty             penalty interest on what is overdue: ``{"multiple": "1.5"}`` of the contract rate or
                    ``{"percent": "0.05", "per": "day"}`` of its own; ``"on_interest": true`` adds overdue
                    interest to the base; ``"grace_days"`` late days are free; ``"cap_percent"`` of the
                    overdue installment's principal and interest is the most it may reach.
prepayment          ``{"interest": "to_payment_date" | "full_schedule", "effect": "shorter_term" |
                    "smaller_installment", "fee_percent": "1", "fee_minimum": "…", "fee_maximum": "…",
                    "fee_free_after_installments": 12, "allowed_after_installments": 3}``.
caps                ``{"total_cost_percent": "24", "per": "year" | "term"}``: interest, fees and penalties
                    together never exceed that share of the principal disbursed, a year or for all time
                    (100 for all time is the in duplum rule). Penalties are cut first, then fees.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lending.finance.reading import Reader

RATE_BASES = ("day", "month", "year", "term")
MOST_PERCENT = "1000000"


def text_of(number: Decimal) -> str:
    """A number without exponent, as it was written."""
    return f"{number:f}"


@dataclass(frozen=True, slots=True)
class RateStep:
    """A contract rate that holds from a day or after so many installments."""

    percent: Decimal
    since: dt.date | None
    after_installments: int | None

    @classmethod
    def read(cls, reader: Reader) -> "RateStep":
        since = reader.maybe_day("from")
        after = reader.count("after_installments", 1, 10_000) if reader.has("after_installments") else None
        if (since is None) == (after is None):
            raise reader.error(reader.path, "either from or after_installments is needed")
        step = cls(reader.number("percent", "0", MOST_PERCENT), since, after)
        reader.finish()
        return step

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {"percent": text_of(self.percent)}
        if self.since is not None:
            out["from"] = self.since.isoformat()
        if self.after_installments is not None:
            out["after_installments"] = self.after_installments
        return out


@dataclass(frozen=True, slots=True)
class FloatingTerms:
    """An index plus a spread, taken at reset dates between a floor and a cap."""

    spread: Decimal
    reset_every: int
    reset_unit: str
    first_reset_on: dt.date | None
    floor: Decimal | None
    cap: Decimal | None
    fixings: tuple[tuple[dt.date, Decimal], ...]

    @classmethod
    def read(cls, reader: Reader) -> "FloatingTerms":
        fixings = []
        for item in reader.items("fixings"):
            fixings.append((item.day("on"), item.number("percent", "-100", MOST_PERCENT)))
            item.finish()
        floor = reader.maybe_number("floor", "0", MOST_PERCENT)
        cap = reader.maybe_number("cap", "0", MOST_PERCENT)
        if floor is not None and cap is not None and cap < floor:
            raise reader.fail("cap", f"at least the floor {floor} is needed")
        terms = cls(
            reader.number("spread", "-100", MOST_PERCENT),
            reader.count("reset_every", 1, 1200, 12),
            reader.choice("reset_unit", ("day", "week", "month", "year"), "month"),
            reader.maybe_day("first_reset_on"),
            floor,
            cap,
            tuple(sorted(fixings)),
        )
        reader.finish()
        return terms

    def rate_of(self, fixing: Decimal) -> Decimal:
        """The contract rate that a fixing gives, never below zero."""
        rate = fixing + self.spread
        if self.floor is not None:
            rate = max(rate, self.floor)
        if self.cap is not None:
            rate = min(rate, self.cap)
        return max(rate, Decimal(0))

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            "spread": text_of(self.spread),
            "reset_every": self.reset_every,
            "reset_unit": self.reset_unit,
        }
        if self.first_reset_on is not None:
            out["first_reset_on"] = self.first_reset_on.isoformat()
        for key, value in (("floor", self.floor), ("cap", self.cap)):
            if value is not None:
                out[key] = text_of(value)
        if self.fixings:
            out["fixings"] = [{"on": on.isoformat(), "percent": text_of(rate)} for on, rate in self.fixings]
        return out


@dataclass(frozen=True, slots=True)
class PenaltyTerms:
    """Penalty interest on overdue amounts, by the day."""

    multiple: Decimal | None
    percent: Decimal | None
    per: str
    on_interest: bool
    grace_days: int
    cap_percent: Decimal | None

    @classmethod
    def read(cls, reader: Reader) -> "PenaltyTerms":
        multiple = reader.maybe_number("multiple", "0", "1000")
        percent = reader.maybe_number("percent", "0", MOST_PERCENT)
        if (multiple is None) == (percent is None):
            raise reader.fail("multiple", "either a multiple of the contract rate or a percent is needed")
        terms = cls(
            multiple,
            percent,
            reader.choice("per", ("day", "month", "year"), "day"),
            reader.flag("on_interest"),
            reader.count("grace_days", 0, 366, 0),
            reader.maybe_number("cap_percent", "0", MOST_PERCENT),
        )
        reader.finish()
        return terms

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {}
        if self.multiple is not None:
            out["multiple"] = text_of(self.multiple)
        if self.percent is not None:
            out["percent"] = text_of(self.percent)
            out["per"] = self.per
        if self.on_interest:
            out["on_interest"] = True
        if self.grace_days:
            out["grace_days"] = self.grace_days
        if self.cap_percent is not None:
            out["cap_percent"] = text_of(self.cap_percent)
        return out


PREPAYMENT_EFFECTS = ("shorter_term", "smaller_installment")
PREPAYMENT_INTEREST = ("to_payment_date", "full_schedule")


@dataclass(frozen=True, slots=True)
class PrepaymentTerms:
    """What early repayment costs and does."""

    interest: str | None
    effect: str
    fee_percent: Decimal
    fee_minimum: Decimal
    fee_maximum: Decimal | None
    fee_free_after_installments: int | None
    allowed_after_installments: int

    @classmethod
    def read(cls, reader: Reader) -> "PrepaymentTerms":
        free = "fee_free_after_installments"
        terms = cls(
            reader.choice("interest", PREPAYMENT_INTEREST) if reader.has("interest") else None,
            reader.choice("effect", PREPAYMENT_EFFECTS, "shorter_term"),
            reader.number("fee_percent", "0", "100", Decimal(0)),
            reader.number("fee_minimum", "0", None, Decimal(0)),
            reader.maybe_number("fee_maximum", "0"),
            reader.count(free, 0, 10_000) if reader.has(free) else None,
            reader.count("allowed_after_installments", 0, 10_000, 0),
        )
        reader.finish()
        return terms

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {"effect": self.effect}
        if self.interest is not None:
            out["interest"] = self.interest
        if self.fee_percent:
            out["fee_percent"] = text_of(self.fee_percent)
        if self.fee_minimum:
            out["fee_minimum"] = text_of(self.fee_minimum)
        if self.fee_maximum is not None:
            out["fee_maximum"] = text_of(self.fee_maximum)
        if self.fee_free_after_installments is not None:
            out["fee_free_after_installments"] = self.fee_free_after_installments
        if self.allowed_after_installments:
            out["allowed_after_installments"] = self.allowed_after_installments
        return out


@dataclass(frozen=True, slots=True)
class CapTerms:
    """The most that interest, fees and penalties may cost together."""

    total_cost_percent: Decimal
    per: str

    @classmethod
    def read(cls, reader: Reader) -> "CapTerms":
        terms = cls(
            reader.number("total_cost_percent", "0", MOST_PERCENT), reader.choice("per", ("year", "term"), "year")
        )
        reader.finish()
        return terms

    def to_json(self) -> dict[str, Any]:
        return {"total_cost_percent": text_of(self.total_cost_percent), "per": self.per}
