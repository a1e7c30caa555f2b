"""The interest of a loan as a chain of periods, kept up to date while things happen to it.

The balance a period starts with is what is out, less what was paid, less what fell due before: an unpaid
principal counts as paid on its due date, unless overdue principal bears interest too, which is then added
back for the days it was overdue. So for every day

    balance = paid out - principal paid by then - unpaid principal of installments past + overdue added back

Paying principal early lowers the balance from that day. The level installment stays; the interest saved
becomes principal of the same installment and the last unpaid installment shrinks:

    100.00 at 7 %, six months from 2024-01-01 (30/360, level 17.01), 15.00 paid to the last on 15 January

    due         principal  interest  total
    2024-02-01      16.47      0.54  17.01
    2024-03-01      16.61      0.40  17.01
    2024-04-01      16.71      0.30  17.01
    2024-05-01      16.80      0.21  17.01
    2024-06-01      16.90      0.11  17.01
    2024-07-01      16.51      0.01  16.52    of which 15.00 is paid

Interest for which an installment has no room goes to the next one. All amounts are minor units.
"""

import bisect
import datetime as dt

from lending.finance.day_count import DayCounter, Rate
from lending.finance.due_dates import DuePlan, Span
from lending.finance.periods import Period, Segment
from lending.finance.schedule import Rules
from lending.finance.terms import Terms

ONE_DAY = dt.timedelta(1)


class InterestModel:
    """Periods with their segments, the rates that hold, and what must add up."""

    __slots__ = (
        "all_credited",
        "all_disbursed",
        "all_due_interest",
        "all_due_principal",
        "all_paid_interest",
        "all_paid_principal",
        "all_totals",
        "changed_from",
        "changed_to",
        "counter",
        "dues",
        "flat",
        "moved",
        "moved_up",
        "overdue_until",
        "periods",
        "rates",
        "rules",
        "stale_from",
        "stale_to",
        "terms",
    )

    def __init__(self, terms: Terms, rules: Rules, dates: DuePlan, rate: Rate) -> None:
        self.terms = terms
        self.rules = rules
        self.counter = DayCounter(terms.interest, terms.repayment)
        self.flat = terms.interest.method == "flat"
        self.moved = dates.moved
        self.rates: list[tuple[dt.date, Rate]] = [(dt.date.min, rate)]
        self.periods = [Period(span) for span in dates.spans]
        self.dues = [span.due for span in dates.spans]
        self.overdue_until: dt.date | None = None
        # sums over all periods, kept up to date instead of added up again
        self.all_disbursed = self.all_credited = 0
        self.all_paid_principal = self.all_paid_interest = 0
        self.all_due_principal = self.all_due_interest = self.all_totals = 0
        self.moved_up = False
        for period in self.periods[: terms.repayment.grace.interest_free]:
            period.interest_free = True
        for period in self.periods:
            self.set_factors(period)
        self.stale_from, self.stale_to = 0, len(self.periods)
        self.changed_from, self.changed_to = 0, len(self.periods)

    # -- reading ---------------------------------------------------------------------------------------

    @property
    def maturity(self) -> dt.date:
        return self.dues[-1]

    @property
    def due_principal(self) -> int:
        """All principal ever due: paid out, capitalized and put back."""
        return self.all_disbursed + self.all_credited

    @property
    def outstanding_principal(self) -> int:
        return max(0, self.due_principal - self.all_paid_principal)

    def pay(self, place: int, principal: int, interest: int) -> None:
        """Note money received for an installment."""
        period = self.periods[place]
        period.paid_principal += principal
        period.paid_interest += interest
        self.all_paid_principal += principal
        self.all_paid_interest += interest
        self.touch(place)

    def credit(self, place: int, segment: Segment, principal: int, interest: int) -> None:
        """Note money put back on an installment."""
        segment.credited_principal += principal
        segment.credited_interest += interest
        self.all_credited += principal
        self.touch(place)

    def add_up(self) -> None:
        """Work the sums out anew, after periods were changed from outside."""
        self.all_disbursed = sum(period.disbursed for period in self.periods)
        self.all_credited = sum(period.credited_principal for period in self.periods)
        self.all_paid_principal = sum(period.paid_principal for period in self.periods)
        self.all_paid_interest = sum(period.paid_interest for period in self.periods)
        self.all_due_principal = sum(period.due_principal for period in self.periods)
        self.all_due_interest = sum(period.due_interest for period in self.periods)
        self.all_totals = sum(period.total for period in self.periods)
        self.moved_up = any(period.moved_up for period in self.periods)

    @property
    def bears_interest(self) -> bool:
        return any(rate.numerator for _, rate in self.rates)

    def is_empty(self) -> bool:
        return not any(period.level for period in self.periods)

    def place_of(self, day: dt.date) -> int | None:
        """Index of the period that holds the day (after its start, up to its due date; the first from its start)."""
        place = bisect.bisect_left(self.dues, day)
        if place == len(self.dues):
            return None
        start = self.periods[place].start
        if start < day or (start == day and place == 0):
            return place
        return None

    def rate_on(self, day: dt.date) -> Rate:
        """The rate in force for days after ``day``."""
        found = self.rates[0][1]
        for since, rate in self.rates:
            if since <= day:
                found = rate
        return found

    def copy(self) -> "InterestModel":
        twin = InterestModel.__new__(InterestModel)
        for name in InterestModel.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.rates = list(self.rates)
        twin.periods = [period.copy() for period in self.periods]
        twin.dues = list(self.dues)
        return twin

    def without_payments(self) -> "InterestModel":
        """The plan behind the loan: as if everything were paid on its due date."""
        twin = self.copy()
        for period in twin.periods:
            period.paid_principal = period.paid_interest = 0
            for segment in period.segments:
                segment.corrected = segment.overdue = 0
        twin.add_up()
        twin.touch_all()
        twin.refresh()
        return twin

    # -- keeping up to date ----------------------------------------------------------------------------

    def touch(self, place: int) -> None:
        """The period changed; it and what follows from it is worked out at the next refresh."""
        self.stale_from = min(self.stale_from, place)
        self.stale_to = max(self.stale_to, place)

    def touch_all(self) -> None:
        self.stale_from, self.stale_to = 0, len(self.periods)

    def refresh(self) -> None:
        """Walk the chain from the first stale period until nothing changes any more."""
        place = self.stale_from
        count = len(self.periods)
        if place >= count:
            return
        flat = self.flat
        rounder = self.rules.rounder
        if place:
            before = self.periods[place - 1]
            opening, carried = before.closing, before.unrecognized
            base = sum(period.disbursed for period in self.periods[:place]) if flat else 0
        else:
            opening = carried = base = 0
        self.changed_from = min(self.changed_from, place)
        while place < count:
            period = self.periods[place]
            if not flat and place > self.stale_to and period.opening == opening and period.carried == carried:
                break
            interest, principal, total = period.due_interest, period.due_principal, period.total
            base = period.refresh(opening, carried, base, flat, rounder)
            self.all_due_interest += period.due_interest - interest
            self.all_due_principal += period.due_principal - principal
            self.all_totals += period.total - total
            opening, carried = period.closing, period.unrecognized
            place += 1
        self.changed_to = max(self.changed_to, place)
        self.stale_from, self.stale_to = count, -1

    def set_factors(self, period: Period) -> None:
        for segment in period.segments:
            self.set_factor(period, segment)

    def set_factor(self, period: Period, segment: Segment) -> None:
        segment.days = segment.end.toordinal() - segment.start.toordinal()
        segment.days_to_due = period.due.toordinal() - segment.start.toordinal()
        if period.interest_free:
            segment.factor_to_due = 0
        else:
            rate = self.rate_on(segment.start)
            segment.factor_to_due = self.counter.factor(rate, segment.start, period.due, period.span)

    # -- segments --------------------------------------------------------------------------------------

    def change_balance(
        self, day: dt.date, disbursed: int = 0, corrected: int = 0, capitalized: int = 0, overdue: int = 0
    ) -> int | None:
        """Let the balance change at the end of ``day``; returns the index of the period that holds it."""
        place = self.place_of(day)
        if place is None:
            return None
        period = self.periods[place]
        segment = self.segment_ending(place, day)
        self.all_disbursed += disbursed + capitalized
        segment.disbursed += disbursed
        segment.corrected += corrected
        segment.capitalized += capitalized
        segment.overdue += overdue
        if disbursed or corrected or capitalized or overdue or period.segments[-1] is not segment:
            self.touch(place)
        return place

    def segment_ending(self, place: int, day: dt.date) -> Segment:
        """The segment that ends on ``day``, split off where there is none yet."""
        period = self.periods[place]
        segments = period.segments
        if day == period.due and place == len(self.periods) - 1:
            # on the maturity date a segment without length takes what is credited that day
            last = segments[-1]
            if last.days == 0 and len(segments) > 1:
                return last
            if last.end == day:
                tail = Segment(day, day)
                self.set_factor(period, tail)
                segments.append(tail)
                return last
        for index, segment in enumerate(segments):
            if segment.end == day:
                return segment
            if segment.end > day:
                right = segment.copy()
                right.start = day
                right.credited_principal = right.credited_interest = 0
                segment.clear_end()
                segment.end_on(day)
                self.set_factor(period, right)
                segments.insert(index + 1, right)
                return segment
        return segments[-1]

    # -- money out -------------------------------------------------------------------------------------

    def disburse(self, day: dt.date, amount: int, capitalized: bool = False) -> int | None:
        """Pay out (or capitalize) and plan the installments not yet past anew; None after maturity."""
        effective = day
        interest = self.terms.interest
        if interest.accrual == "per_installment" and not interest.partial_periods and not capitalized:
            running = bisect.bisect_right(self.dues, day)
            effective = self.periods[running].start if running < len(self.periods) else day
        first = self.is_empty()
        kind = {"capitalized": amount} if capitalized else {"disbursed": amount}
        place = self.change_balance(effective, **kind)
        if place is None:
            return None
        place = self.tail_after(place, effective)
        self.plan_tail(place, on_actual=first)
        return place

    def prepay(self, day: dt.date, amount: int, replan: bool) -> None:
        """Less principal from ``day`` on: a disbursement with the sign turned; planned anew or cut at the end."""
        place = self.change_balance(day, disbursed=-amount)
        if place is None:
            return
        place = self.tail_after(place, day)
        if replan:
            self.plan_tail(place, on_actual=False, evenly=True)
        else:
            self.absorb(day)

    def tail_after(self, place: int, day: dt.date) -> int:
        """A change on a due date belongs to the next period, unless it is the last."""
        return place + 1 if self.dues[place] == day and place + 1 < len(self.periods) else place

    # -- planning and adding up --------------------------------------------------------------------------

    def plan_tail(self, place: int, on_actual: bool, evenly: bool = False) -> None:
        """Set the installments from ``place`` on; see ``tail_planning``."""
        from lending.finance.tail_planning import plan_tail

        plan_tail(self, place, on_actual, evenly)

    def touch_from(self, place: int) -> None:
        """Everything from ``place`` on is to be worked out anew."""
        self.stale_from, self.stale_to = min(self.stale_from, place), len(self.periods)

    def balance_before(self, place: int) -> int:
        """What the periods from ``place`` on have to repay."""
        opening = max(0, self.periods[place - 1].closing) if place else 0
        return opening + self.periods[place].disbursed

    def absorb(self, till: dt.date) -> None:
        """Let the last unpaid installment take what is missing or too much; see ``absorption``."""
        from lending.finance.absorption import absorb

        absorb(self, till)

    def set_level(self, place: int, level: int) -> None:
        period = self.periods[place]
        if period.fixed is not None:
            period.fixed += level - period.level
        period.level = level
        self.touch(place)

    def append_spans(self, spans: list[Span]) -> None:
        """Add periods at the end, empty until they are planned."""
        for span in spans:
            period = Period(span)
            self.set_factors(period)
            self.periods.append(period)
            self.dues.append(span.due)
        self.touch_all()
