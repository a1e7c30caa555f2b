"""What payments, credits and days overdue do to the interest model (loans that recalculate)."""

import bisect
import datetime as dt

from lending.finance.interest_model import InterestModel
from lending.finance.interest_views import defer_unrecognized


def pay_principal(model: InterestModel, place: int, day: dt.date, amount: int) -> None:
    """Principal of installment ``place`` is paid on ``day``: the balance falls that day.

    A late payment counts from the due date (what it was late for is added back by ``carry_overdue``).
    """
    if amount <= 0:
        return
    period = model.periods[place]
    model.pay(place, min(amount, max(0, model.due_principal - model.all_paid_principal)), 0)
    effective = min(day, period.due)
    model.change_balance(effective, corrected=-amount)
    model.absorb(effective)
    if day < period.start and sum(1 for other in model.periods if not other.is_paid) > 1:
        paid = period.paid
        if paid > period.total or paid == period.first_level + period.credited:
            level = paid - period.credited
            if level != period.level:
                if period.fixed is not None:
                    period.fixed += level - period.level
                period.level = level
                model.touch(place)
    model.absorb(effective)


def pay_interest(model: InterestModel, place: int, day: dt.date, amount: int) -> None:
    """Interest of installment ``place`` is paid; the balance stays."""
    if amount <= 0:
        return
    period = model.periods[place]
    if not period.is_paid and day >= period.due and all(other.is_paid for other in model.periods[place + 1 :]):
        defer_unrecognized(model, place, day)
    model.pay(place, 0, min(amount, max(0, model.all_due_interest - model.all_paid_interest)))
    model.absorb(day)


def credit(model: InterestModel, day: dt.date, principal: int, interest: int) -> int | None:
    """Put money back on the loan (a charge-back): due with the installment running, bearing interest from then."""
    place = model.change_balance(day, corrected=principal)
    if place is None:
        return None
    last = len(model.periods) - 1
    receiving = place + 1 if model.dues[place] == day and place < last else place
    period = model.periods[receiving]
    starting = [segment for segment in period.segments if segment.start == day]
    segment = starting[-1] if starting else period.segments[0]
    model.credit(receiving, segment, principal, interest)
    model.touch(place)
    model.absorb(day)
    return receiving


def carry_overdue(model: InterestModel, day: dt.date) -> bool:
    """Let overdue principal bear interest up to ``day``; returns whether anything changed.

    For each installment past due the principal unpaid is added back from the next period's start (or from
    where it was added back until last time) and taken off again on ``day``.
    """
    target = min(day, model.maturity)
    if target == model.overdue_until:
        return False
    late = range(bisect.bisect_left(model.dues, target))
    if not any(period.due_principal > period.paid_principal for period in model.periods[: len(late)]):
        return False
    current = model.place_of(target)
    if current is None:
        current = len(model.periods) - 1
    changed = False
    overdue = together = 0
    for place in [*late, current]:
        if overdue or place == current:
            changed |= _add_back(model, place, target, overdue, together, place == current)
        overdue = model.periods[place].outstanding_principal
        if place != current:
            together += overdue
    if together:
        model.overdue_until = target
    return changed and together > 0


def _add_back(model: InterestModel, place: int, target: dt.date, overdue: int, together: int, is_current: bool) -> bool:
    since = model.overdue_until
    start = model.periods[place].start
    if overdue:
        model.change_balance(start if since is None or start > since else since, overdue=overdue)
        model.absorb(start)
    if is_current and together:
        model.change_balance(target, overdue=-together)
        model.absorb(target)
    return bool(overdue or together)
