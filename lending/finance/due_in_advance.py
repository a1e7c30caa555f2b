"""What an installment asks for when it is paid before it is due, without cutting a copy of the whole model.

The plain case, which is nearly every case: interest of the running period up to the day, none after it, so
that later installments ask for their level installment of principal alone and the last ones shrink. Whatever
is less plain (credits, interest that does not fit, the end of the loan near) answers None, and
``interest_views.due_amounts`` works it out on a copy; the tests hold the two to each other.
"""

import datetime as dt

from lending.finance.day_count import in_minor
from lending.finance.interest_model import InterestModel
from lending.finance.periods import Period


def plain_due_amounts(model: InterestModel, place: int, day: dt.date) -> tuple[int, int] | None:
    """Principal and interest of installment ``place`` on ``day``; None where it is not so plain."""
    model.refresh()
    holding = model.place_of(day)
    if holding is None or place < holding or day >= model.maturity:
        return None
    if model.flat or model.all_credited or model.moved_up:
        return None
    running, later = model.periods[holding], model.periods[holding + 1 :]
    if _is_special(running) or any(_is_special(period) or _changes(period) for period in later):
        return None
    accrued = _accrued_until(model, running, day)
    if accrued is None:
        return None
    interest = _due_interest(running, accrued)
    if accrued != interest:
        return None  # what does not fit, or was paid ahead, is carried on
    left = model.outstanding_principal
    principal = max(running.total - interest, running.paid_principal, 0)
    if not _shrinks_after(model, holding, running, later, interest, principal, left):
        return None
    period = model.periods[place]
    if place == holding and day > period.start:
        return principal, interest
    if period.first_level <= period.paid:
        return None
    asked = period.first_level + period.total - period.level - period.paid_interest
    asked = max(asked, period.paid_principal, 0)
    excess = max(0, asked - period.paid_principal - left)
    return max(asked - excess, period.paid_principal), period.paid_interest


def _is_special(period: Period) -> bool:
    return (
        period.fixed is not None
        or period.extra_interest != 0
        or period.fixed_interest != 0
        or period.moved_credits != 0
        or period.defers_interest
        or period.takes_carried
        or period.moved_down
    )


def _changes(period: Period) -> bool:
    """Does the balance change within the period (which is still to come)?"""
    return any(
        segment.disbursed or segment.capitalized or segment.corrected or segment.overdue for segment in period.segments
    )


def _accrued_until(model: InterestModel, period: Period, day: dt.date) -> int | None:
    """Interest of the running period up to the day; None where its balance changes after it."""
    balance, interest = period.opening, 0
    for segment in period.segments:
        if segment.start >= day or segment.end > day:
            if segment.disbursed or segment.capitalized or segment.corrected or segment.overdue:
                return None
            if segment.start >= day:
                continue
        days = (min(segment.end, day) - segment.start).days
        if days and segment.factor_to_due and not segment.paused:
            if days == segment.days_to_due:
                interest += balance * segment.factor_to_due
            else:
                interest += balance * segment.factor_to_due * days // segment.days_to_due
        balance += segment.disbursed + segment.capitalized + segment.corrected + segment.overdue
    return max(0, in_minor(interest, model.rules.rounder) + period.carried)


def _due_interest(period: Period, accrued: int) -> int:
    room = period.total - accrued
    if period.paid_principal > max(room, 0):
        return period.paid_interest
    return max(period.paid_interest, accrued if room >= 0 else period.total)


def _shrinks_after(
    model: InterestModel,
    holding: int,
    running: Period,
    later: list[Period],
    interest: int,
    principal: int,
    left: int,
) -> bool:
    """Is what falls away taken by installments after the running one, at least two staying unpaid?"""
    asked_interest = interest
    asked_principal = principal
    for period in model.periods[:holding]:
        asked_interest += period.due_interest
        asked_principal += period.due_principal
    for period in later:
        asked_interest += period.paid_interest
        asked = max(period.total - period.paid_interest, period.paid_principal, 0)
        asked_principal += asked
        if asked - period.paid_principal > left:
            return False
    if asked_principal - model.all_paid_principal > left and principal - running.paid_principal > left:
        return False
    missing = model.due_principal + asked_interest - model.all_totals
    if missing > 0:
        return False
    for place in range(len(later) - 1, -1, -1):
        period = later[place]
        if period.is_paid:
            continue
        least = max(0, period.paid - (period.total - period.level))
        if period.level + missing >= least:
            unpaid = sum(1 for other in later[:place] if not other.is_paid) + (0 if running.is_paid else 1)
            return unpaid > 1
        missing += period.level - least
    return False
