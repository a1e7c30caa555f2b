"""Periods and the segments they fall into: the mutable insides of the interest model.

A period is split into segments wherever the balance, the rate or a pause changes. A segment bears

    balance x factor(segment start -> period end) x days of the segment / days from its start to period end

and a period's interest is the sum over its segments, rounded once. Amounts are minor units, factors are
integers with ``FRACTION`` as one. Nothing here is seen outside the engine.

What belongs to a segment's *end* moves the balance after it: ``disbursed``, ``capitalized`` and
``corrected`` (principal paid, with a minus, and credits), ``overdue`` (overdue principal added back while it
bears interest).
"""

import datetime as dt

from lending.finance.day_count import in_minor
from lending.finance.due_dates import Span
from lending.finance.money import Rounder


class Segment:
    """A stretch of a period with one balance and one rate."""

    __slots__ = (
        "balance",
        "capitalized",
        "corrected",
        "credited_interest",
        "credited_principal",
        "days",
        "days_to_due",
        "disbursed",
        "end",
        "factor_to_due",
        "overdue",
        "paused",
        "start",
    )

    def __init__(self, start: dt.date, end: dt.date, paused: bool = False) -> None:
        self.start = start
        self.end = end
        self.paused = paused
        self.days = end.toordinal() - start.toordinal()
        self.days_to_due = self.days
        self.factor_to_due = 0
        self.overdue = 0
        self.balance = 0
        self.disbursed = 0
        self.capitalized = 0
        self.corrected = 0
        self.credited_principal = 0
        self.credited_interest = 0

    def copy(self) -> "Segment":
        twin = Segment.__new__(Segment)
        for name in Segment.__slots__:
            setattr(twin, name, getattr(self, name))
        return twin

    def clear_end(self) -> None:
        """Nothing happens at the end any more (it moved elsewhere)."""
        self.disbursed = self.capitalized = self.corrected = self.overdue = 0

    def end_on(self, end: dt.date) -> None:
        """Shorten (or lengthen) the segment; its factor to the due date stays."""
        self.end = end
        self.days = end.toordinal() - self.start.toordinal()


class Period:
    """One installment's period: what is due, what is paid, and the segments that bear interest.

    ``level`` is the installment without credits; where ``fixed`` is set, the principal is fixed and the
    level follows from it. ``first_level`` remembers the level before payments changed it.
    """

    __slots__ = (
        "accrued",
        "carried",
        "closing",
        "defers_interest",
        "due_interest",
        "due_principal",
        "extra_interest",
        "first_level",
        "fixed",
        "fixed_interest",
        "holds_early_payments",
        "interest_free",
        "is_grace",
        "level",
        "moved_credits",
        "moved_down",
        "moved_up",
        "opening",
        "paid_interest",
        "paid_principal",
        "segments",
        "span",
        "takes_carried",
        "total",
        "unrecognized",
    )

    def __init__(self, span: Span) -> None:
        self.span = span
        self.segments = [Segment(span.start, span.due)]
        self.level = 0
        self.first_level = 0
        self.fixed: int | None = None
        self.fixed_interest = 0
        self.interest_free = False
        self.is_grace = False
        self.defers_interest = False
        self.takes_carried = False
        self.moved_up = False
        self.moved_down = False
        self.holds_early_payments = False
        self.moved_credits = 0
        self.extra_interest = 0
        self.paid_principal = 0
        self.paid_interest = 0
        # what a refresh works out; ``total`` is the whole installment: level, credits and interest
        # that later periods left here
        self.total = 0
        self.opening = 0
        self.carried = 0
        self.accrued = 0
        self.due_interest = 0
        self.due_principal = 0
        self.unrecognized = 0
        self.closing = 0

    def copy(self) -> "Period":
        twin = Period.__new__(Period)
        for name in Period.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.segments = [segment.copy() for segment in self.segments]
        return twin

    @property
    def start(self) -> dt.date:
        return self.span.start

    @property
    def due(self) -> dt.date:
        return self.span.due

    def set_span(self, start: dt.date, due: dt.date) -> None:
        """Move the period's ends; it is then as long as its days say."""
        self.span = Span(start, due, self.span.steps)

    @property
    def credited_principal(self) -> int:
        return sum(segment.credited_principal for segment in self.segments)

    @property
    def credited_interest(self) -> int:
        return sum(segment.credited_interest for segment in self.segments)

    @property
    def credited(self) -> int:
        """Principal and interest put back on this installment (charge-backs), less what was re-aged."""
        total = -self.moved_credits
        for segment in self.segments:
            total += segment.credited_principal + segment.credited_interest
        return total

    @property
    def paid(self) -> int:
        return self.paid_principal + self.paid_interest

    @property
    def is_paid(self) -> bool:
        return self.total == self.paid_principal + self.paid_interest

    @property
    def outstanding_principal(self) -> int:
        return max(0, self.due_principal - self.paid_principal)

    @property
    def outstanding_interest(self) -> int:
        return max(0, self.due_interest - self.paid_interest)

    @property
    def disbursed(self) -> int:
        """Paid out or capitalized within this period."""
        return sum(segment.disbursed + segment.capitalized for segment in self.segments)

    def refresh(self, opening: int, carried: int, base: int, flat: bool, rounder: Rounder) -> int:
        """Work the period out anew from its opening balance; returns the flat base after it.

        ``carried`` is interest that did not fit into the period before, ``base`` the principal paid out
        before this period (what flat interest is counted on).
        """
        self.opening = opening
        self.carried = carried
        balance = opening
        interest = credited_interest = credits = 0
        for segment in self.segments:
            segment.balance = balance
            if not segment.paused and segment.factor_to_due and segment.days:
                on = base if flat else balance
                if segment.days == segment.days_to_due:
                    interest += on * segment.factor_to_due
                else:
                    interest += on * segment.factor_to_due * segment.days // segment.days_to_due
            credited_interest += segment.credited_interest
            credits += segment.credited_principal
            paid_out = segment.disbursed + segment.capitalized
            base += paid_out
            balance += paid_out + segment.corrected + segment.overdue
        accrued = 0 if self.moved_up or self.moved_down else in_minor(interest, rounder) + credited_interest
        exact = accrued + self.fixed_interest + self.extra_interest + carried
        accrued = exact if exact > 0 else 0
        self.accrued = accrued
        if self.fixed is not None:
            own = 0 if self.defers_interest else accrued - carried - credited_interest - self.extra_interest
            if not self.takes_carried and not self.defers_interest:
                own += carried
            self.level = self.fixed + own
        credits += credited_interest - self.moved_credits
        total = self.level + credits + self.extra_interest + (carried if self.takes_carried else 0)
        if self.defers_interest:
            if self.fixed is None:  # the installment less its interest, which is asked for later
                total -= min(self.level, max(0, accrued - carried - credited_interest - self.extra_interest))
            due_interest = self.paid_interest
        else:
            room = total - accrued
            due_interest = self.paid_interest
            if self.paid_principal <= (room if room > 0 else 0):
                fits = accrued if room >= 0 else total
                if fits > due_interest:
                    due_interest = fits
        self.total = total
        self.due_interest = due_interest
        due_principal = total - due_interest
        if due_principal < self.paid_principal:
            due_principal = self.paid_principal
        self.due_principal = due_principal if due_principal > 0 else 0
        self.unrecognized = exact - due_interest
        self.closing = balance - self.due_principal + self.paid_principal
        return base
