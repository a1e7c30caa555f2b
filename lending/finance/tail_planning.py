"""Planning the installments still to come: at the first disbursement, at later ones, when a rate changes.

The level installment is computed over the periods from one on, each with its own factor, from the balance
they have to repay. A later disbursement plans on the loan as scheduled (as if everything were paid on its
due date), so that late or early payments do not change what is agreed; a new rate, further installments and
re-amortizing plan on the loan as it stands.

100.00 at 9.4822 %, six months from 2024-01-01, level 17.13; 100.00 more on the second due date: the four
installments from then on become 42.63, the last 42.61.
"""

from lending.finance.amortization import in_multiples, level_installment, smoothed
from lending.finance.interest_model import InterestModel
from lending.finance.periods import Period
from lending.finance.shapes import shape_of


def plan_tail(model: InterestModel, place: int, on_actual: bool, evenly: bool = False) -> None:
    """Set the installments from ``place`` on; a later disbursement plans on the loan as scheduled."""
    model.refresh()
    if model.flat:
        _plan_flat_tail(model, place)
        return
    if on_actual:
        level_from = _set_tail(model, place)
        model.refresh()
        model.absorb(model.dues[place])
        if evenly or (model.rules.smooth and not model.moved):
            _smooth(model, level_from)
        _fix_deferred(model, place)
        return
    scheduled = model.without_payments()
    scheduled.plan_tail(place, on_actual=True, evenly=evenly)
    for own, planned in zip(model.periods[place:], scheduled.periods[place:], strict=True):
        own.level, own.first_level = planned.level, planned.first_level
        own.fixed, own.is_grace = planned.fixed, planned.is_grace
        own.defers_interest, own.takes_carried = planned.defers_interest, planned.takes_carried
    model.touch_from(place)
    model.refresh()
    model.absorb(model.dues[place])


def level_factors(model: InterestModel, place: int) -> list[int]:
    """The factor of each period from ``place`` on, as the level installment sees it (pauses left out)."""
    factors = []
    for period in model.periods[place:]:
        factor = 0
        if not period.interest_free:
            for segment in period.segments:
                rate = model.rate_on(segment.start)
                factor += model.counter.factor(rate, segment.start, segment.end, period.span, model.moved)
        factors.append(factor)
    return factors


def _set_tail(model: InterestModel, place: int) -> int:
    """Give the periods from ``place`` on their shape; returns where the level part begins."""
    count = len(model.periods) - place
    start = model.balance_before(place)
    repayment, rules = model.terms.repayment, model.rules
    shape = shape_of(repayment, place, count, start, model.terms.decimals, rules.rounder)
    tail = model.periods[place:]
    for period, principal, amount in zip(tail, shape.principals, shape.amounts, strict=True):
        period.fixed = principal
        period.is_grace = principal == 0 and place + count > 1 and repayment.principal_grace > 0
        if amount is not None:
            period.level = period.first_level = amount
    _defer_interest(model, place)
    model.touch_from(place)
    model.refresh()
    level_from = place + shape.level_from
    if level_from < len(model.periods):
        exact = level_installment(
            model.balance_before(level_from), level_factors(model, level_from), rules.rounder, shape.balloon
        )
        level = in_multiples(exact, rules.installment_multiple, rules.rounder)
        for period in model.periods[level_from:]:
            if level >= period.paid:
                period.level = period.first_level = level
        model.touch_from(level_from)
    else:
        for period in tail:
            period.first_level = period.level
    return len(model.periods) if shape.balloon else level_from


def _defer_interest(model: InterestModel, place: int) -> None:
    """Grace on interest: the first installments pay principal only, the one after them all interest."""
    grace = _interest_grace(model)
    if place < grace:
        for period in model.periods[place:grace]:
            period.defers_interest = True
        model.periods[grace].takes_carried = True
        model.touch_from(place)


def _fix_deferred(model: InterestModel, place: int) -> None:
    """The principal of installments that put off their interest is agreed, whatever is paid on them when."""
    grace = _interest_grace(model)
    if place < grace:
        model.refresh()
        for period in model.periods[place:grace]:
            if period.fixed is None:
                period.fixed = max(0, period.level - (period.accrued - period.carried))
        model.touch_from(place)
        model.absorb(model.dues[place])


def _interest_grace(model: InterestModel) -> int:
    """So many first installments defer their interest; never the last, nothing comes after it."""
    return min(model.terms.repayment.grace.interest, len(model.periods) - 1)


def _plan_flat_tail(model: InterestModel, place: int) -> None:
    tail = model.periods[place:]
    shape = shape_of(
        model.terms.repayment, place, len(tail), model.balance_before(place), model.terms.decimals, model.rules.rounder
    )
    accrued = [period.accrued - period.carried for period in tail]
    for period, principal, amount in zip(tail, shape.principals, shape.amounts, strict=True):
        period.fixed = principal
        period.is_grace = principal == 0
        if amount is not None:
            period.level = period.first_level = amount
    level_from = shape.level_from
    balance = model.balance_before(place)
    balance -= sum(principal or 0 for principal in shape.principals[:level_from])
    balance -= sum(amount - accrued[n] for n, amount in enumerate(shape.amounts[:level_from]) if amount)
    count = len(tail) - level_from
    if count:
        owed = balance + sum(accrued[level_from:]) - shape.balloon
        level = in_multiples(model.rules.rounder(owed, count), model.rules.installment_multiple, model.rules.rounder)
        for period in tail[level_from:]:
            if level >= period.paid:
                period.level = period.first_level = level
    _defer_interest(model, place)
    _fix_deferred(model, place)
    model.touch_from(place)
    model.refresh()
    model.absorb(model.dues[place])


def _smooth(model: InterestModel, place: int) -> None:
    """Bring the last installment closer to the others; see ``amortization``."""
    if place >= len(model.periods):
        return
    tail = model.periods[place:]
    difference, level = last_difference(tail)
    paid_beyond = sum(1 for period in tail if period.is_grace or period.paid > level)
    adopted: dict[int, list[int]] = {}

    def difference_with(installment: int) -> int:
        trial = model.copy()
        for period in trial.periods[place:]:
            if installment >= period.paid and not period.is_grace and not period.holds_early_payments:
                period.level = period.first_level = installment
        trial.stale_from, trial.stale_to = place, len(trial.periods)
        trial.absorb(trial.dues[place])
        adopted[installment] = [period.level for period in trial.periods[place:]]
        return last_difference(trial.periods)[0]

    count = max(1, len(tail) - paid_beyond)
    chosen = smoothed(
        level,
        difference,
        count,
        model.rules.minor_per_major,
        model.rules.rounder,
        model.rules.installment_multiple,
        difference_with,
    )
    if chosen != level:
        for period, planned in zip(tail, adopted[chosen], strict=True):
            period.level = period.first_level = planned
        model.touch_from(place)
        model.refresh()


def last_difference(periods: list[Period]) -> tuple[int, int]:
    """The last installment less the one before it, both unpaid, and the one before it."""
    for place in range(len(periods) - 1, 0, -1):
        last, before = periods[place], periods[place - 1]
        if last.is_grace or before.is_grace:
            continue
        if not last.is_paid and not before.is_paid:
            return last.level - before.level, before.level
    return 0, periods[0].level
