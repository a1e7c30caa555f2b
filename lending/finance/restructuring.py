"""New installments for a running loan: moved due dates, grace, re-amortizing, re-ageing, restructuring.

Whatever is changed, what was paid stays paid and where it was paid; only what is outstanding moves.
"""

import dataclasses
import datetime as dt

from lending.finance.amortization import in_multiples
from lending.finance.book import LoanBook
from lending.finance.book_changes import even_shares, lift, replace_future, spans_from
from lending.finance.day_count import rate_of
from lending.finance.due_dates import DuePlan, Span, step_after, steps_between
from lending.finance.entries import Entry
from lending.finance.events import Event
from lending.finance.interest_model import InterestModel
from lending.finance.interest_views import outstanding_until
from lending.finance.prepayment import earned_interest
from lending.finance.repayment_terms import GraceTerms, RepaymentTerms
from lending.finance.rows import Row


def move_due_date(book: LoanBook, day: dt.date, old: dt.date, new: dt.date) -> bool:
    """Move the first unsettled due date from ``old`` on to ``new``, the later ones follow; False where that cannot be.

    The level installment stays as agreed, the last unpaid one absorbs the difference in interest.
    """
    model = book.model
    place = next((n for n, row in enumerate(book.model_rows) if row.due >= old and row.settled_on is None), None)
    if place is None or new <= model.periods[place].start or new <= day:
        return False
    repayment = model.terms.repayment
    start = model.periods[place].start
    for index in range(place, len(model.periods)):
        due = step_after(new, (index - place) * repayment.every, repayment.unit, repayment.month_end)
        _stretch(model, index, start, due)
        row = book.model_rows[index]
        row.start, row.due = start, due
        start = due
    model.moved = True
    model.refresh()
    model.absorb(day)
    for row in book.rows:
        if row.kind == "additional":
            row.start, row.due = start, max(row.due, start)
    book.sort_rows()
    book.sync(day)
    return True


def _stretch(model: InterestModel, place: int, start: dt.date, due: dt.date) -> None:
    """Give a period new ends; segments are cut or lengthened to fit."""
    period = model.periods[place]
    repayment = model.terms.repayment
    steps = steps_between(start, due, repayment.every, repayment.unit, model.periods[0].start)
    period.span = Span(start, due, steps)
    for segment in period.segments:
        segment.start = min(max(segment.start, start), due)
        segment.end = min(max(segment.end, start), due)
    period.segments[0].start = start
    period.segments[-1].end = due
    model.dues[place] = due
    model.set_factors(period)
    model.touch(place)


def grant_grace(book: LoanBook, since: dt.date, grace: GraceTerms) -> None:
    """The next installments from a day on pay no principal, or no interest yet, or bear none."""
    model = book.model
    place = next((n for n, due in enumerate(model.dues) if due >= since), None)
    if place is None:
        return
    most = len(model.periods) - place - 1

    def until(count: int) -> int:
        return place + min(count, most) if count else 0

    repayment = dataclasses.replace(
        model.terms.repayment,
        grace=GraceTerms(until(grace.principal), until(grace.interest), until(grace.interest_free)),
    )
    model.terms = dataclasses.replace(model.terms, repayment=repayment)
    for period in model.periods[place : place + min(grace.interest_free, most)]:
        period.interest_free = True
        model.set_factors(period)
    model.touch_all()
    model.plan_tail(place, on_actual=True)
    book.sync(since, unsettled_from=since)
    book.refresh_fees()


def re_amortize_with_interest(book: LoanBook, index: int, day: dt.date) -> Entry:
    """What is past due is repaid with the installments still to come, which are planned anew."""
    book.catch_up(day)
    entry = book.enter(index, day, "re_amortize", 0)
    model = book.model
    future = next((n for n, due in enumerate(model.dues) if due > day), None)
    if future is None:
        return entry
    for place, period in enumerate(model.periods[:future]):
        entry.principal += period.outstanding_principal
        entry.interest += period.outstanding_interest
        period.fixed = None
        period.level = period.first_level = period.paid - (period.credited_principal + period.credited_interest)
        model.touch(place)
    for period in model.periods:
        for segment in period.segments:
            segment.overdue = 0
    model.touch_all()
    entry.amount = entry.principal + entry.interest
    model.plan_tail(future, on_actual=True)
    book.sync(day)
    book.refresh_fees()
    return entry


def re_age(book: LoanBook, index: int, day: dt.date, starts_on: dt.date, count: int, every: int, unit: str) -> Entry:
    """Principal and interest outstanding move to ``count`` new installments, the first due on ``starts_on``.

    Fees and penalties stay with the installments they were charged to; those of installments that are
    replaced come with the new ones in their order. Without interest to come the principal is shared evenly:
    1,000.00 in 3 are 333.33, 333.33 and 333.34. With interest it is repaid in level installments anew.
    """
    if book.model.bears_interest:
        return _re_age_with_interest(book, index, day, starts_on, count, every, unit)
    entry = book.enter(index, day, "re_age", 0)
    charges = charges_from(book, max(day, starts_on))
    owed = lift_everything(book, entry, ("principal", "interest"))
    if not entry.amount:
        return entry
    replace_future(book, day, kept_until=starts_on)
    repayment = RepaymentTerms("equal_installment", count, every, unit, first_due_on=starts_on)
    start = max((row.due for row in book.rows if row.due < starts_on), default=min(day, starts_on))
    dates = DuePlan(tuple(spans_from(starts_on, start, count, every, unit)), moved=True)
    _start_anew(book, repayment, dates, owed["principal"], max(day, start))
    interest = even_shares(book, owed["interest"], count)
    whole = in_multiples(book.rules.rounder(entry.amount, count), book.rules.installment_multiple, book.rules.rounder)
    level = max(0, whole - interest[0])
    left = owed["principal"]
    for place, period in enumerate(book.model.periods):
        principal = left if place == count - 1 else min(left, level)
        left -= principal
        period.fixed = principal
        period.fixed_interest = interest[place]
    book.model.touch_all()
    book.model.refresh()
    for period in book.model.periods:
        period.first_level = period.level
    book.sync(day)
    charge_again(book, charges)
    return entry


def _re_age_with_interest(
    book: LoanBook, index: int, day: dt.date, starts_on: dt.date, count: int, every: int, unit: str
) -> Entry:
    """Outstanding principal in new level installments; interest owed so far is asked for first, inside them."""
    entry = book.enter(index, day, "re_age", 0)
    charges = charges_from(book, day)
    owed = lift_everything(book, entry, ("principal", "interest"))
    replace_future(book, day)
    repayment = RepaymentTerms("equal_installment", count, every, unit, first_due_on=max(starts_on, day))
    dates = DuePlan(tuple(spans_from(starts_on, day, count, every, unit)), moved=False)
    _start_anew(book, repayment, dates, owed["principal"], day)
    first = book.model.periods[0]
    first.fixed_interest = owed["interest"]
    book.model.touch(0)
    book.model.absorb(day)
    book.sync(day)
    charge_again(book, charges)
    return entry


def charges_from(book: LoanBook, day: dt.date) -> list[tuple[int, int]]:
    """Fees and penalties outstanding of each installment due from the day on."""
    ahead = [row for row in book.rows if row.due >= day and row.kind != "down_payment"]
    return [(row.outstanding_fees, row.outstanding_penalties) for row in ahead]


def charge_again(book: LoanBook, charges: list[tuple[int, int]]) -> None:
    """Put fees and penalties on the new installments in their order, what is left over on the last."""
    last = len(book.model_rows) - 1
    for place, (fees, penalties) in enumerate(charges):
        row = book.model_rows[min(place, last)]
        row.fees += fees
        row.penalties += penalties
        if fees or penalties:
            row.settled_on = None


def restructure(book: LoanBook, index: int, event: Event, starts_on: dt.date) -> Entry:
    """Terms anew on a running loan; see ``events``."""
    day = event.on
    entry = book.enter(index, day, "restructure", 0)
    owed = lift_everything(book, entry)
    replace_future(book, day)
    principal = owed["principal"]
    for name, component in (("interest", "interest"), ("fees", "fee"), ("penalties", "penalty")):
        if name in event.capitalize:
            principal += owed[component]
            book.capitalized += owed[component]
            owed[component] = 0
    count, every, unit = event.installments or 1, event.every or 1, event.unit or "month"
    repayment = RepaymentTerms("equal_installment", count, every, unit, first_due_on=starts_on)
    dates = DuePlan(tuple(spans_from(starts_on, day, count, every, unit)), moved=False)
    percent, per = event.percent, event.per or "year"
    rate = None if percent is None else rate_of(percent, per, repayment)
    _start_anew(book, repayment, dates, principal, day, rate)
    if owed["interest"] or owed["fee"] or owed["penalty"]:
        brought = Row(day, starts_on, "brought_forward")
        brought.interest, brought.fees, brought.penalties = owed["interest"], owed["fee"], owed["penalty"]
        book.rows.append(brought)
        book.sort_rows()
    return entry


def lift_everything(
    book: LoanBook, entry: Entry, components: tuple[str, ...] = ("principal", "interest", "fee", "penalty")
) -> dict[str, int]:
    """Take what is outstanding off the installments; interest only so far as it is earned by the day."""
    day = entry.on
    book.catch_up(day)
    earned = 0
    if book.recalculates:
        earned = outstanding_until(book.model, day)[1]
    owed = dict.fromkeys(("principal", "interest", "fee", "penalty"), 0)
    for row in book.rows:
        if not book.recalculates or row.period is None:
            earned += max(0, earned_interest(book, row, day))
        for component in components:
            owed[component] += lift(row, component, row.outstanding_of(component), day)
    owed["interest"] = earned
    entry.principal, entry.interest = owed["principal"], owed["interest"]
    entry.fees, entry.penalties = owed["fee"], owed["penalty"]
    entry.amount = sum(owed.values())
    return owed


def _start_anew(
    book: LoanBook,
    repayment: RepaymentTerms,
    dates: DuePlan,
    principal: int,
    day: dt.date,
    rate: object = None,
) -> None:
    """A new interest model and new rows for what is still owed; the old rows stay as they are."""
    old = book.model
    terms = dataclasses.replace(old.terms, repayment=repayment, starts_on=day)
    model = InterestModel(terms, book.rules, dates, rate or old.rate_on(day))  # type: ignore[arg-type]
    if rate is None:
        model.rates.extend(pair for pair in old.rates if pair[0] > day)
        for period in model.periods:
            model.set_factors(period)
    for row in book.model_rows:
        row.period = None
    book.model = model
    book.model_rows = [Row(period.start, period.due, "regular", period) for period in model.periods]
    book.rows.extend(book.model_rows)
    book.is_restructured = True
    if principal > 0:
        model.disburse(day, principal)
    book.sort_rows()
    book.sync(day)
