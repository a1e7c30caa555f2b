"""What agreements do to the interest model: rates, pauses, further installments, re-amortizing, re-ageing.

A new rate from D splits the period at D - 1, and the installments not yet past are planned anew. A pause
from a to b bears no interest on those days, both included; the level installment stays and the last unpaid
one absorbs what is saved. Where a is the day after a period starts the pause starts at a itself (that one
day still bears interest): the convention of the published figures.
"""

import bisect
import datetime as dt

from lending.finance.day_count import Rate
from lending.finance.due_dates import Span, step_after
from lending.finance.interest_model import ONE_DAY, InterestModel
from lending.finance.periods import Period, Segment


def change_rate(model: InterestModel, since: dt.date, rate: Rate) -> int | None:
    """The rate from ``since`` on; returns the first installment planned anew, None after maturity."""
    effective = since - ONE_DAY
    model.rates = sorted([*(pair for pair in model.rates if pair[0] != effective), (effective, rate)], key=_since)
    place = model.change_balance(effective)
    if place is None and effective >= model.maturity:
        return None
    for index, period in enumerate(model.periods):
        if period.due > effective:
            model.set_factors(period)
            model.touch(index)
    model.stale_to = len(model.periods)
    model.refresh()
    place = 0 if place is None else model.tail_after(place, effective)
    if not model.is_empty():
        model.plan_tail(place, on_actual=True)
    return place


def _since(pair: tuple[dt.date, Rate]) -> dt.date:
    return pair[0]


def add_installments(model: InterestModel, since: dt.date, count: int) -> int | None:
    """Further installments at the end, and the ones due from ``since`` on planned anew over them.

    Returns the first planned anew; None after maturity, where nothing is left to be spread.
    """
    if since > model.maturity:
        return None
    repayment = model.terms.repayment
    anchor = repayment.first_due_on or model.periods[0].start
    offset = 0 if repayment.first_due_on is not None else 1
    have = len(model.periods)
    regular = step_after(anchor, (have - 1 + offset) * repayment.every, repayment.unit, repayment.month_end)
    spans = []
    start = model.maturity
    for further in range(count):
        if regular == model.maturity:
            steps = (have + further + offset) * repayment.every
            due = step_after(anchor, steps, repayment.unit, repayment.month_end)
        else:
            due = step_after(model.maturity, (further + 1) * repayment.every, repayment.unit, repayment.month_end)
        spans.append(Span(start, due, whole_steps(model, start, due)))
        start = due
    model.append_spans(spans)
    model.refresh()
    first = bisect.bisect_left(model.dues, since)
    model.plan_tail(first, on_actual=True)
    return first


def whole_steps(model: InterestModel, start: dt.date, due: dt.date) -> tuple[int, int]:
    """One whole step of the loan's rhythm, as a period's length."""
    unit, every = model.terms.repayment.unit, model.terms.repayment.every
    if unit in ("day", "week"):
        return (due - start).days, 1 if unit == "day" else 7
    return every, 1


def pause_interest(model: InterestModel, first: dt.date, last: dt.date) -> int | None:
    """No interest from ``first`` to ``last``, both included; returns the first period touched."""
    touched = [n for n, period in enumerate(model.periods) if period.start < last and not period.due < first]
    for place in touched:
        _pause_period(model, model.periods[place], first, last)
        model.touch(place)
    if not touched:
        return None
    model.refresh()
    model.absorb(model.periods[touched[0]].start)
    return touched[0]


def _pause_period(model: InterestModel, period: Period, first: dt.date, last: dt.date) -> None:
    begin = first if first == period.start + ONE_DAY else first - ONE_DAY
    begin = max(begin, period.start)
    end = min(last, period.due)
    for day in (begin, end):
        if period.start < day < period.due:
            _split(model, period, day)
    for segment in period.segments:
        if segment.start >= begin and segment.end <= end and segment.days:
            segment.paused = True


def _split(model: InterestModel, period: Period, day: dt.date) -> None:
    for index, segment in enumerate(period.segments):
        if segment.start < day < segment.end:
            right: Segment = segment.copy()
            right.start = day
            right.credited_principal = right.credited_interest = 0
            segment.clear_end()
            segment.end_on(day)
            model.set_factor(period, right)
            period.segments.insert(index + 1, right)
            return
