"""What a change would do, before it is made.

A preview replays the loan with and without the new event; making the change is the same replay with the
event kept. They cannot differ, because there is only one arithmetic.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from lending.finance.events import Event
from lending.finance.installments import LoanState
from lending.finance.replay import replay
from lending.finance.terms import Terms


class Preview(NamedTuple):
    """The loan before and after, and what the change adds to interest and to all that is still owed."""

    before: LoanState
    after: LoanState
    more_interest: Decimal
    more_outstanding: Decimal


def preview(terms: Terms, events: Sequence[Event], new_event: Event, as_of: dt.date | None = None) -> Preview:
    """The effect of one more event, on the day it becomes known (or a later ``as_of``)."""
    day = max(filter(None, (as_of, new_event.known_on)))
    before = replay(terms, events, day)
    after = replay(terms, [*events, new_event], day)
    return Preview(
        before,
        after,
        after.summary.charged_interest - before.summary.charged_interest,
        after.summary.total_outstanding - before.summary.total_outstanding,
    )
