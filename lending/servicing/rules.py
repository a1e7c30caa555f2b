"""The rules that a business day goes by, taken from the rule parameters in force on it.

Buckets and classes are read as ascending thresholds: the bucket M2 with `least` 31 begins at 31 days past due. So the
oldest unpaid due date alone decides: 31 days before the close or earlier is M2 or worse, which is a comparison of two
dates that both database engines can use an index for.
"""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from customers.allowed_hours import AllowedHours
from lending.regulation.rules import RuleUnknown, in_force

#: The lender's home: it keeps one book, with one set of buckets and classes.
JURISDICTION = "CN"


@dataclass(frozen=True)
class Threshold:
    code: str
    least_days: int


@dataclass(frozen=True)
class DayRules:
    """`buckets` and `classes` in ascending order; the first of each (0 days) is that of loans that are not late."""

    buckets: tuple[Threshold, ...]
    classes: tuple[Threshold, ...]
    provision_percent: dict[str, Decimal]
    contact_hours: AllowedHours
    observation_months: int
    cure_months: int

    def bucket_least(self, code: str) -> int:
        """The days past due from which a bucket begins. Raises LookupError for a bucket that there is not."""
        for bucket in self.buckets:
            if bucket.code == code:
                return bucket.least_days
        raise LookupError(f"no bucket {code}: there are {', '.join(bucket.code for bucket in self.buckets)}")


def rules_of(on: datetime.date) -> DayRules:
    """The rules in force on a day. Raises RuleUnknown when one is missing."""
    book = in_force(jurisdiction=JURISDICTION, on=on)

    def value(code: str) -> Any:
        if code not in book:
            raise RuleUnknown(rule=code, jurisdiction=JURISDICTION, on=on.isoformat())
        return book[code].value

    hours = value("contact_window")
    return DayRules(
        buckets=_thresholds(value("dpd_buckets"), "code"),
        classes=_thresholds(value("classification"), "class"),
        provision_percent={name: Decimal(str(percent)) for name, percent in value("provision_percent").items()},
        contact_hours=AllowedHours(
            datetime.time.fromisoformat(hours["not_before"]), datetime.time.fromisoformat(hours["not_after"])
        ),
        observation_months=int(value("restructured_observation_months")),
        cure_months=int(value("restructured_cure_months")),
    )


def _thresholds(rows: list[dict[str, Any]], name: str) -> tuple[Threshold, ...]:
    found = sorted((Threshold(str(row[name]), int(row["least"])) for row in rows), key=lambda row: row.least_days)
    if not found or found[0].least_days != 0:
        raise ValueError(f"the lowest {name} begins at 0 days past due")
    return tuple(found)
