"""When and in what shape a loan is repaid: the ``repayment`` object of the terms."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lending.finance.clauses import text_of
from lending.finance.money import to_minor
from lending.finance.reading import LAST_DAY, Reader

METHODS = ("equal_installment", "equal_principal", "interest_only", "bullet", "staged", "steps")
UNITS = ("day", "week", "half_month", "month", "year")
MONTH_ENDS = ("clip", "last_day", "first_of_next_month")
ADJUSTMENTS = ("unadjusted", "following", "modified_following", "preceding")
MOST_INSTALLMENTS = 4000
#: Days that a step of each unit takes at most; used to keep every date within the calendar.
LONGEST_STEP = {"day": 1, "week": 7, "half_month": 16, "month": 31, "year": 366}


@dataclass(frozen=True, slots=True)
class GraceTerms:
    """So many first installments without principal, without interest due, or without interest at all."""

    principal: int = 0
    interest: int = 0
    interest_free: int = 0

    @classmethod
    def read(cls, reader: Reader | None, most: int) -> "GraceTerms":
        if reader is None:
            return cls()
        terms = cls(*(reader.count(key, 0, most, 0) for key in ("principal", "interest", "interest_free")))
        reader.finish()
        return terms

    def to_json(self) -> dict[str, int]:
        pairs = (("principal", self.principal), ("interest", self.interest), ("interest_free", self.interest_free))
        return {key: value for key, value in pairs if value}


@dataclass(frozen=True, slots=True)
class RepaymentStep:
    """So many installments of one amount, or of one share of the principal."""

    installments: int
    amount: Decimal | None
    share: Decimal | None

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {"installments": self.installments}
        if self.amount is not None:
            out["amount"] = text_of(self.amount)
        if self.share is not None:
            out["share"] = text_of(self.share)
        return out


@dataclass(frozen=True, slots=True)
class BusinessDayTerms:
    """How due dates that fall on a day off are moved."""

    adjust: str
    calendar: str
    holidays: tuple[dt.date, ...]
    workdays: tuple[dt.date, ...]

    @classmethod
    def read(cls, reader: Reader) -> "BusinessDayTerms":
        terms = cls(
            reader.choice("adjust", ADJUSTMENTS, "following"),
            reader.choice("calendar", ("CN", "weekends"), "weekends"),
            reader.days("holidays"),
            reader.days("workdays"),
        )
        reader.finish()
        return terms

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {"adjust": self.adjust, "calendar": self.calendar}
        if self.holidays:
            out["holidays"] = [day.isoformat() for day in self.holidays]
        if self.workdays:
            out["workdays"] = [day.isoformat() for day in self.workdays]
        return out


@dataclass(frozen=True, slots=True)
class RepaymentTerms:
    """The number, rhythm and shape of the installments."""

    method: str
    installments: int
    every: int = 1
    unit: str = "month"
    due_dates: tuple[dt.date, ...] = ()
    first_due_on: dt.date | None = None
    month_end: str = "clip"
    grace: GraceTerms = GraceTerms()
    down_payment_percent: Decimal | None = None
    down_payment_paid_automatically: bool = False
    principal_percent_per_installment: Decimal | None = None
    balloon_percent: Decimal | None = None
    interest_only_installments: int = 0
    steps: tuple[RepaymentStep, ...] = ()
    fixed_length: tuple[int, str] | None = None
    half_month_days: tuple[int, int] = (1, 15)
    business_days: BusinessDayTerms | None = None

    @classmethod
    def read(cls, reader: Reader, starts_on: dt.date, principal: int, decimals: int) -> "RepaymentTerms":
        method = reader.choice("method", METHODS, "equal_installment")
        due_dates = reader.days("due_dates")
        most = len(due_dates) if due_dates else MOST_INSTALLMENTS
        installments = reader.count("installments", 1, MOST_INSTALLMENTS, len(due_dates) or None)
        if due_dates and installments != most:
            raise reader.fail("due_dates", f"{installments} days are needed, one for each installment")
        earlier = starts_on
        for place, day in enumerate(due_dates):
            if day <= earlier:
                raise reader.fail(f"due_dates[{place}]", f"a day after {earlier} is needed")
            earlier = day
        every = reader.count("every", 1, 1000, 1)
        unit = reader.choice("unit", UNITS, "month")
        first_due_on = reader.maybe_day("first_due_on")
        if first_due_on is not None and first_due_on <= starts_on:
            raise reader.fail("first_due_on", f"a day after {starts_on} is needed")
        if not due_dates:
            begin = max(first_due_on or starts_on, starts_on)
            if begin.toordinal() + installments * every * LONGEST_STEP[unit] > LAST_DAY.toordinal():
                raise reader.fail("installments", f"so few that the last falls due by {LAST_DAY} are needed")
        grace = GraceTerms.read(reader.child("grace_installments"), MOST_INSTALLMENTS)
        if grace.principal >= installments and method != "bullet":
            raise reader.fail("grace_installments.principal", f"at most {installments - 1} is needed")
        if grace.interest >= installments and method != "bullet":
            raise reader.fail("grace_installments.interest", f"at most {installments - 1} is needed")
        interest_only = reader.count("interest_only_installments", 0, MOST_INSTALLMENTS, 0)
        if interest_only >= installments:
            raise reader.fail("interest_only_installments", f"at most {installments - 1} is needed")
        if method == "staged" and not interest_only:
            raise reader.fail("interest_only_installments", "at least 1 is needed for the staged method")
        terms = cls(
            method,
            installments,
            every,
            unit,
            due_dates,
            first_due_on,
            reader.choice("month_end", MONTH_ENDS, "clip"),
            grace,
            reader.maybe_number("down_payment_percent", "0", "100"),
            reader.flag("down_payment_paid_automatically"),
            reader.maybe_number("principal_percent_per_installment", "0", "100"),
            reader.maybe_number("balloon_percent", "0", "100"),
            interest_only,
            read_steps(reader, method, installments, principal, decimals),
            read_fixed_length(reader, starts_on),
            read_half_month_days(reader),
            read_business_days(reader),
        )
        if terms.down_payment_percent is not None and terms.down_payment_percent >= 100:
            raise reader.fail("down_payment_percent", "less than 100 is needed")
        reader.finish()
        return terms

    @property
    def is_level(self) -> bool:
        """Level installments from the first to the last, nothing else."""
        return (
            self.method == "equal_installment"
            and self.principal_percent_per_installment is None
            and self.balloon_percent is None
            and not self.grace.principal
        )

    @property
    def principal_grace(self) -> int:
        """First installments without principal, by grace or by the staged method."""
        return max(self.grace.principal, self.interest_only_installments if self.method == "staged" else 0)

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            "method": self.method,
            "installments": self.installments,
            "every": self.every,
            "unit": self.unit,
        }
        if self.due_dates:
            out["due_dates"] = [day.isoformat() for day in self.due_dates]
        if self.first_due_on is not None:
            out["first_due_on"] = self.first_due_on.isoformat()
        if self.month_end != "clip":
            out["month_end"] = self.month_end
        if self.grace != GraceTerms():
            out["grace_installments"] = self.grace.to_json()
        for key in ("down_payment_percent", "principal_percent_per_installment", "balloon_percent"):
            value = getattr(self, key)
            if value is not None:
                out[key] = text_of(value)
        if self.down_payment_paid_automatically:
            out["down_payment_paid_automatically"] = True
        if self.interest_only_installments:
            out["interest_only_installments"] = self.interest_only_installments
        if self.steps:
            out["steps"] = [step.to_json() for step in self.steps]
        if self.fixed_length is not None:
            out["fixed_length"] = {"count": self.fixed_length[0], "unit": self.fixed_length[1]}
        if self.half_month_days != (1, 15):
            out["half_month_days"] = list(self.half_month_days)
        if self.business_days is not None:
            out["business_days"] = self.business_days.to_json()
        return out


def read_steps(
    reader: Reader, method: str, installments: int, principal: int, decimals: int
) -> tuple[RepaymentStep, ...]:
    """The custom plan; only shares that add up to at most the principal, amounts with the right decimals."""
    steps = []
    shares = Decimal(0)
    counted = 0
    for item in reader.items("steps"):
        amount = item.maybe_number("amount", "0")
        share = item.maybe_number("share", "0", "100")
        if (amount is None) == (share is None):
            raise item.fail("amount", "either an amount or a share is needed")
        number = item.count("installments", 1, MOST_INSTALLMENTS, 1)
        if amount is not None:
            try:
                to_minor(amount, decimals)
            except ValueError as refused:
                raise item.fail("amount", f"at most {decimals} decimals are needed") from refused
        shares += number * (share or Decimal(0))
        counted += number
        if shares > 100:
            raise item.fail("share", "shares that add up to at most 100 are needed")
        item.finish()
        steps.append(RepaymentStep(number, amount, share))
    if method == "steps" and not steps:
        raise reader.fail("steps", "is missing; the steps method needs it")
    if counted > installments:
        raise reader.fail("steps", f"at most {installments} installments are needed")
    return tuple(steps)


def read_fixed_length(reader: Reader, starts_on: dt.date) -> tuple[int, str] | None:
    child = reader.child("fixed_length")
    if child is None:
        return None
    unit = child.choice("unit", ("day", "week", "month", "year"), "day")
    count = child.count("count", 1, 100_000)
    if starts_on.toordinal() + count * LONGEST_STEP[unit] > LAST_DAY.toordinal():
        raise child.fail("count", f"a length that ends by {LAST_DAY} is needed")
    child.finish()
    return count, unit


def read_half_month_days(reader: Reader) -> tuple[int, int]:
    value = reader.raw("half_month_days")
    if value is None:
        return (1, 15)
    whole = isinstance(value, list | tuple) and len(value) == 2
    if not whole or any(isinstance(day, bool) or not isinstance(day, int) for day in value):
        raise reader.fail("half_month_days", "two days of the month such as [1, 15] are needed")
    first, second = value
    if not 1 <= first < second <= 31:
        raise reader.fail("half_month_days", "two days of the month from 1 to 31, the earlier first, are needed")
    return first, second


def read_business_days(reader: Reader) -> BusinessDayTerms | None:
    child = reader.child("business_days")
    return None if child is None else BusinessDayTerms.read(child)
