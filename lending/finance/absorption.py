"""Making it add up: the last unpaid installment takes what is missing or too much.

    level of the last unpaid += principal ever due + interest of all installments - all installments

so that a saving in interest (an early payment, a pause) shortens the last installment and interest for
overdue days lengthens it. An installment never falls below what was paid on it; then the one before it
absorbs too.
"""

import datetime as dt

from lending.finance.interest_model import InterestModel
from lending.finance.interest_views import defer_unrecognized

MOST_REPAIRS = 6


def absorb(model: InterestModel, till: dt.date) -> None:
    """Let the last unpaid installment take what is missing or too much, so that all adds up.

    Interest accrued by ``till`` counts, and at least by the day up to which overdue principal bore interest.
    """
    if model.overdue_until is not None:
        till = max(till, model.overdue_until)
    model.refresh()
    periods = model.periods
    due_principal = model.due_principal
    left = max(0, due_principal - model.all_paid_principal)
    if model.all_due_principal - model.all_paid_principal > left:
        for place, period in enumerate(periods):
            excess = period.due_principal - period.paid_principal - left
            if excess > 0:
                model.set_level(place, max(period.level - excess, max(0, period.paid - period.credited)))
    visited: set[int] = set()
    while True:
        model.refresh()
        last = _last_unpaid(model, visited)
        if last is None:
            break
        if _absorb_in(model, last, due_principal):
            defer_unrecognized(model, last, till)
            break
        visited.add(last)
    _balance_principal(model, due_principal)


def _balance_principal(model: InterestModel, due_principal: int) -> None:
    """The principal of all installments is what was paid out, whatever their interest.

    Needed only where an installment is so small that its interest does not fit, or so rounded up that
    the principal is repaid before the last: then the last unpaid one takes what is missing, and what is
    too much falls away from the end.
    """
    for _ in range(MOST_REPAIRS):
        model.refresh()
        asked = model.all_due_principal
        last = model.periods[-1]
        cut = last.accrued - last.total
        if asked == due_principal and (cut <= 0 or last.paid_principal or last.defers_interest):
            return
        if cut > 0 and not last.paid_principal and not last.defers_interest:
            model.set_level(len(model.periods) - 1, last.level + cut)
        if asked < due_principal:
            place = _last_unpaid(model, set())
            place = len(model.periods) - 1 if place is None else place
            model.set_level(place, model.periods[place].level + due_principal - asked)
            continue
        excess = asked - due_principal
        for place in range(len(model.periods) - 1, -1, -1):
            period = model.periods[place]
            fall = min(excess, period.outstanding_principal)
            if fall > 0:
                model.set_level(place, period.level - fall)
                excess -= fall


def _absorb_in(model: InterestModel, place: int, due_principal: int) -> bool:
    """Let one installment absorb the difference; False where it cannot go below what was paid on it."""
    period = model.periods[place]
    if model.moved_up:
        model.moved_up = False
        for index, other in enumerate(model.periods):
            if other.moved_up or other.extra_interest:
                other.moved_up = False
                other.extra_interest = 0
                model.touch(index)
    model.refresh()
    missing = due_principal + model.all_due_interest - model.all_totals
    level = period.level + missing
    if missing > 0 and place == len(model.periods) - 1:
        level += period.accrued - period.due_interest  # no later installment could take this interest
    if period.fixed_interest and level < period.paid_principal + period.fixed_interest:
        level = period.paid_principal + period.fixed_interest
    least = max(0, period.paid - (period.total - period.level))
    if level != period.level:
        model.set_level(place, max(level, least))
        model.refresh()
    return level >= least


def _last_unpaid(model: InterestModel, visited: set[int]) -> int | None:
    for place in range(len(model.periods) - 1, -1, -1):
        if place not in visited and not model.periods[place].is_paid:
            return place
    if not visited and not model.all_paid_principal and model.periods[-1].closing > 0:
        return len(model.periods) - 1
    return None
