"""Days past due, from the oldest unpaid due date.

``days_past_due = as_of - oldest unpaid due date``: a loan due on the 1st and unpaid is 0 days past due on
the 1st and 1 day past due on the 2nd. Partial payment of the oldest installment changes nothing; paying it
in full moves the count to the next one (the counting-forward rule of the Basel definition of default,
BCBS d403, and of the Chinese rules on risk classification of financial assets of 2023, article 10).

A bucket names a range of days by its first day: with limits (1, 31, 61, 91) 0 days are bucket 0, 45 days
bucket 2, 200 days bucket 4.
"""

import bisect
import datetime as dt
from collections.abc import Iterable, Sequence

from lending.finance.installments import Installment


def oldest_due_on(installments: Iterable[Installment], as_of: dt.date) -> dt.date | None:
    """The oldest due date strictly before ``as_of`` with something outstanding."""
    unpaid = (row.due_on for row in installments if row.outstanding > 0 and row.due_on < as_of)
    return min(unpaid, default=None)


def days_past_due(oldest: dt.date | None, as_of: dt.date) -> int:
    """Days since the oldest unpaid due date; 0 where nothing is overdue."""
    return 0 if oldest is None else max(0, (as_of - oldest).days)


def bucket_of(days: int, limits: Sequence[int]) -> int:
    """Which range the days fall into; ``limits`` are the first days of the ranges after the first."""
    return bisect.bisect_right(limits, days)
