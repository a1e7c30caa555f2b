"""What the interest model says as of a day: interest only up to it, nothing of the time after.

``until`` cuts a copy of the model at a day. From it come the due amounts of an installment that is paid in
advance, what is outstanding on a day, and interest that accrued after the last unpaid installment.
"""

import datetime as dt

from lending.finance.interest_model import InterestModel
from lending.finance.periods import Segment


def until(model: InterestModel, day: dt.date) -> InterestModel:
    """The model as if no interest accrued after ``day``."""
    twin = model.copy()
    if day >= twin.maturity:
        return twin
    holding = twin.place_of(day)
    for place, period in enumerate(twin.periods):
        if period.due <= day:
            continue
        if place == holding:
            kept: list[Segment] = []
            for segment in period.segments:
                if segment.start >= day and kept:
                    if segment.start == day:
                        kept[-1].credited_principal += segment.credited_principal
                        kept[-1].credited_interest += segment.credited_interest
                    continue
                kept.append(segment)
            last = kept[-1]
            if last.end > day:
                last.clear_end()
                last.end_on(day)
            period.segments = kept
        elif place - 1 == holding and period.segments[0].credited_principal + period.segments[0].credited_interest:
            period.segments = period.segments[:1]
            period.segments[0].end_on(period.start)
        else:
            period.segments = []
    twin.add_up()
    twin.touch_all()
    if holding is not None:
        twin.absorb(day)
    else:
        twin.refresh()
    return twin


def due_amounts(model: InterestModel, place: int, day: dt.date) -> tuple[int, int]:
    """Principal and interest that installment ``place`` asks for when it is paid on ``day``."""
    from lending.finance.due_in_advance import plain_due_amounts

    plain = plain_due_amounts(model, place, day)
    return due_amounts_on_copy(model, place, day) if plain is None else plain


def due_amounts_on_copy(model: InterestModel, place: int, day: dt.date) -> tuple[int, int]:
    """The same, worked out in full on a copy that is cut at the day."""
    cut = until(model, day)
    period = cut.periods[place]
    unpaid = sum(1 for other in cut.periods if not other.is_paid)
    if day <= period.start and period.fixed is not None:
        excess = max(0, period.outstanding_principal - cut.outstanding_principal)
        return max(period.due_principal - excess, period.paid_principal), _interest_due(cut, place)
    if day <= period.start:
        if unpaid > 1:
            # the installment as agreed, or as it stands where more was paid on it than that
            level = period.first_level if period.first_level > period.paid else period.level
            _set_level(cut, place, level)
            excess = max(0, period.outstanding_principal - cut.outstanding_principal)
            _set_level(cut, place, level - excess)
        elif period.is_paid and unpaid == 1:
            left = cut.due_principal - cut.all_paid_principal + period.paid_principal + period.due_interest
            _set_level(cut, place, min(period.first_level, left))
    return period.due_principal, _interest_due(cut, place)


def _interest_due(cut: InterestModel, place: int) -> int:
    """Interest of an installment, never more than is unpaid of all that has accrued."""
    unpaid = cut.all_due_interest + cut.periods[-1].unrecognized - cut.all_paid_interest
    period = cut.periods[place]
    return min(period.due_interest, period.paid_interest + max(0, unpaid))


def _set_level(model: InterestModel, place: int, level: int) -> None:
    period = model.periods[place]
    if period.fixed is not None:
        period.fixed = max(0, period.fixed + level - period.level)
    period.level = level
    model.touch(place)
    model.refresh()


def outstanding_until(model: InterestModel, day: dt.date) -> tuple[int, int]:
    """Principal and interest outstanding if everything were paid on ``day``."""
    cut = model.copy()
    stop_after(cut, day)
    cut.absorb(day)
    interest = max(0, cut.all_due_interest - cut.all_paid_interest)
    return cut.outstanding_principal, interest


def stop_after(model: InterestModel, day: dt.date) -> None:
    """No interest in segments that end after ``day``; the one that holds it is cut there."""
    place = model.place_of(day)
    if place is not None:
        for segment in model.periods[place].segments:
            if segment.start < day < segment.end:
                # what happens at the segment's own end still happens to the balance after it
                segment.end_on(day)
    for index, period in enumerate(model.periods):
        if period.due <= day:
            continue
        for segment in period.segments:
            if segment.end > day:
                segment.factor_to_due = 0
        model.touch(index)
    model.refresh()


def defer_unrecognized(model: InterestModel, place: int, till: dt.date) -> None:
    """Interest accrued by ``till`` in installments after the last unpaid one is asked for with that one."""
    periods = model.periods
    if place == len(periods) - 1:
        return
    cut = model.copy()
    stop_after(cut, till)
    for other in range(len(periods) - 1, place, -1):
        late = cut.periods[other].unrecognized
        if late > 0:
            # interest paid here beyond what accrued so far already counts for the periods after it
            paid_before = max(0, -cut.periods[place].unrecognized)
            periods[place].extra_interest = late + paid_before
            periods[place].level -= paid_before
            for index in range(place + 1, len(periods)):
                periods[index].moved_up = True
            model.moved_up = True
            model.touch(place)
            model.stale_to = len(periods)
            model.refresh()
            return
