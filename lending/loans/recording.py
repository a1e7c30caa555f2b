"""Record what happened to a loan: append the event, replay them all, and rewrite what is projected from them.

One transaction, with the loan's row locked, writes
  * the event, with the next sequence number;
  * the loan's projected columns, and those installments that are not what they were;
  * allocations: for every (event, installment, component) the difference between what the replay says and what the
    rows add up to now, so that a reversal or a back-dated payment shows as negated and new splits;
  * the journal entry that brings the loan's balances to what the state means (`lending.loans.bookkeeping`).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.db import IntegrityError, transaction
from django.db.models import Sum

from customers.models import User
from lending.finance.events import Event
from lending.finance.installments import LoanState
from lending.finance.reading import FieldError
from lending.finance.replay import replay
from lending.ledger.models import Line
from lending.ledger.posting import post
from lending.loans import bookkeeping, projecting
from lending.loans.models import Allocation, Installment, Loan, LoanEvent
from lending.loans.refusals import DateBeforeLoan, DateInFuture, EventRefused, KeyReused, LoanCancelled
from lending.loans.replaying import events_of, terms_of


def record(loan: Loan, event: Event, *, key: str, by: User | None, on: dt.date) -> LoanEvent:
    """Record one event on the business date `on`; `event.on` may be earlier (back-dated), never later.

    The same key with the same event returns the first row and writes nothing. `loan` is brought up to date.
    Raises KeyReused, LoanCancelled, DateInFuture, DateBeforeLoan, and EventRefused with what the engine says.
    """
    with transaction.atomic():
        locked = Loan.objects.select_for_update().get(pk=loan.pk)
        row = LoanEvent.objects.filter(key=key).first()
        if row is None:
            row = _append(locked, _entered(locked, event, on), key, by, on)
        elif row.loan_id != loan.pk or _plain(Event.from_json(row.payload)) != _plain(event):
            raise KeyReused()
    loan.refresh_from_db()
    return row


def refresh(loan: Loan, *, on: dt.date) -> Loan:
    """Project the loan as of a later business date without an event: penalties grow and due dates pass with time.

    Writes only what changed, posts the difference to the journal, and does nothing for a day already projected.
    """
    with transaction.atomic():
        locked = Loan.objects.select_for_update().get(pk=loan.pk)
        if locked.replayed_on is not None and locked.replayed_on < on:
            reproject(locked, on=on)
    loan.refresh_from_db()
    return loan


def reproject(locked: Loan, *, on: dt.date) -> None:
    """Write what the events mean as of a day, of a loan whose row the caller has locked."""
    events = events_of(locked)
    state = _replay(locked, events, max(on, locked.replayed_on or on))
    _project(locked, state, events)
    _post_difference(locked, state, events, on, source=("loan_day", f"{locked.number}/{on}", "accrual"))


def _entered(loan: Loan, event: Event, on: dt.date) -> Event:
    """The event with the day it was entered on, where that is later than the day it took effect."""
    if loan.status == Loan.Status.CANCELLED:
        raise LoanCancelled(number=loan.number)
    if event.on > on:
        raise DateInFuture(on=event.on, today=on)
    start = loan.disbursed_on or loan.opened_on
    if event.on < start and event.type not in ("approve", "disburse"):
        raise DateBeforeLoan(on=event.on, start=start)
    return replace(event, entered_on=on if event.on < on else None)


def _plain(event: Event) -> Event:
    """The event as its sender said it: when we entered it is ours."""
    return replace(event, entered_on=None)


def _append(loan: Loan, event: Event, key: str, by: User | None, on: dt.date) -> LoanEvent:
    before = events_of(loan)
    events = [*before, event]
    state = _replay(loan, events, max(on, loan.replayed_on or on))
    try:
        with transaction.atomic():
            row = LoanEvent.objects.create(
                loan=loan,
                customer_id=loan.customer_id,
                sequence=len(events),
                on=event.on,
                entered_on=on,
                type=event.type,
                payload=event.to_json(),
                key=key,
                by=by,
            )
    except IntegrityError as error:  # the key was taken for another loan since we looked
        raise KeyReused() from error
    _project(loan, state, events)
    _allocate(loan, state, row)
    _post_difference(loan, state, events, on, source=("loan_event", str(row.pk), event.type))
    return row


def _replay(loan: Loan, events: Sequence[Event], as_of: dt.date) -> LoanState:
    try:
        return replay(terms_of(loan, events), events, as_of)
    except FieldError as refused:
        raise EventRefused(field=refused.field, reason=refused.message) from refused


def _project(loan: Loan, state: LoanState, events: Sequence[Event]) -> None:
    columns = projecting.loan_columns(loan, state, events)
    changed = [name for name, value in columns.items() if getattr(loan, name) != value]
    for name in changed:
        setattr(loan, name, columns[name])
    if changed:
        loan.save(update_fields=changed)
    _project_installments(loan, projecting.installment_rows(loan, state))


def _project_installments(loan: Loan, wanted: dict[int, dict[str, object]]) -> None:
    present = {row.number: row for row in loan.installments.all()}
    new = [
        Installment(loan=loan, customer_id=loan.customer_id, number=number, **columns)
        for number, columns in wanted.items()
        if number not in present
    ]
    changed: list[Installment] = []
    names: set[str] = set()
    for number, row in present.items():
        moved = {name: value for name, value in wanted.get(number, {}).items() if getattr(row, name) != value}
        for name, value in moved.items():
            setattr(row, name, value)
        if moved:
            changed.append(row)
            names |= moved.keys()
    gone = [row.pk for number, row in present.items() if number not in wanted]
    if gone:
        Installment.objects.filter(pk__in=gone).delete()
    if changed:
        Installment.objects.bulk_update(changed, sorted(names))
    if new:
        Installment.objects.bulk_create(new)


def allocated(loan: Loan) -> dict[projecting.AllocationKey, int]:
    """What the allocation rows add up to, by (event number, installment number, component); zero sums left out."""
    sums = (
        loan.allocations.order_by()
        .values_list("event__sequence", "installment_number", "component")
        .annotate(total=Sum("amount_minor"))
    )
    return {(event, number, component): int(total) for event, number, component, total in sums if total}


def _allocate(loan: Loan, state: LoanState, caused_by: LoanEvent) -> None:
    wanted, present = projecting.allocations(loan, state), allocated(loan)
    changed = [key for key in {**present, **wanted} if wanted.get(key, 0) != present.get(key, 0)]
    if not changed:
        return
    event_ids = dict(loan.events.values_list("sequence", "pk"))
    Allocation.objects.bulk_create(
        Allocation(
            event_id=event_ids[key[0]],
            caused_by=caused_by,
            loan=loan,
            customer_id=loan.customer_id,
            installment_number=key[1],
            component=key[2],
            amount_minor=wanted.get(key, 0) - present.get(key, 0),
        )
        for key in changed
    )


def _post_difference(
    loan: Loan, state: LoanState, events: Sequence[Event], on: dt.date, *, source: tuple[str, str, str]
) -> None:
    wanted = bookkeeping.balances_of(state, events, loan.decimals)
    present = Line.objects.of_loan(loan.number).balances()
    lines = [(code, wanted.get(code, 0) - present.get(code, 0)) for code in {**present, **wanted}]
    if any(amount for _code, amount in lines):
        post(
            on=on,
            kind=source[2],
            currency=loan.currency,
            source_type=source[0],
            source_id=source[1],
            lines=lines,
            customer=loan.customer,
            loan_number=loan.number,
        )
