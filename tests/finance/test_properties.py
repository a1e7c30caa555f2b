"""What always holds, over 1 to 480 installments, 0.01 to 10^13 minor units, 0 to 1,000 % a year, 1970 to 2200."""

import datetime as dt
from decimal import Decimal

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lending.finance.due_in_advance import plain_due_amounts
from lending.finance.events import Event
from lending.finance.installments import LoanState
from lending.finance.interest_views import due_amounts_on_copy
from lending.finance.payoff import payoff_quote
from lending.finance.preview import preview
from lending.finance.reading import InvalidEvent
from lending.finance.replay import replay, replayed_book
from lending.finance.schedule import plan
from lending.finance.terms import Terms
from tests.finance.strategies import RECEIPTS, histories, terms_json

MANY = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
SOME = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
FEW = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)

ANYTHING = (*RECEIPTS, "change_rate", "pause_interest", "reschedule", "charge", "disburse", "chargeback",
            "credit_balance_refund", "capitalized_income", "reverse", "prepay", "re_age", "re_amortize",
            "restructure", "write_off", "charge_off", "waive_interest", "close_of_business")  # fmt: skip
MONEY_IN = {*RECEIPTS, "repay", "pay_off", "prepay", "down_payment", "interest_payment_waiver"}


def last_day(events: list[Event]) -> dt.date:
    return max(event.known_on for event in events)


def replayed(terms: Terms, events: list[Event], as_of: dt.date) -> LoanState:
    """The state, leaving out histories that cannot have happened."""
    try:
        return replay(terms, events, as_of)
    except InvalidEvent:
        assume(False)
        raise


def principal_asked(state: LoanState) -> Decimal:
    return sum((row.principal for row in state.installments), Decimal(0))


@MANY
@given(terms_json())
def test_principal_rows_add_up_to_what_is_lent(data: dict[str, object]) -> None:
    terms = Terms.from_json(data)
    schedule = plan(terms)
    assert sum(row.principal for row in schedule.installments) == terms.principal
    assert schedule.installments[-1].balance == 0
    assert sum(row.interest for row in schedule.installments) == schedule.interest


@MANY
@given(terms_json())
def test_a_plan_has_no_negative_amount_and_its_columns_add_up(data: dict[str, object]) -> None:
    schedule = plan(Terms.from_json(data))
    start = Terms.from_json(data).starts_on
    for row in schedule.installments:
        assert min(row.principal, row.interest, row.balance, row.total) >= 0
        assert row.total == row.principal + row.interest == row.outstanding
        assert row.days == (row.due_on - row.starts_on).days
        assert row.due_on >= start
        start = row.due_on


@SOME
@given(terms_json(most_installments=60))
def test_a_plan_is_what_a_replay_of_the_disbursement_gives(data: dict[str, object]) -> None:
    terms = Terms.from_json(data)
    # a flat loan of less than a unit an installment is rounded up until it ends early, and is booked so
    assume(terms.interest.method != "flat" or terms.principal_minor >= 10 * terms.repayment.installments)
    state = replay(terms, [Event(terms.starts_on, "disburse", terms.principal)], terms.starts_on)
    planned = [(row.due_on, row.principal, row.interest, row.balance) for row in plan(terms).installments]
    booked = [(row.due_on, row.principal, row.interest, row.balance) for row in state.installments]
    assert planned == booked


@SOME
@given(terms_json())
def test_terms_survive_the_database(data: dict[str, object]) -> None:
    terms = Terms.from_json(data)
    assert Terms.from_json(terms.to_json()) == terms


@SOME
@given(terms_json(most_installments=36))
def test_paying_as_planned_ends_at_zero(data: dict[str, object]) -> None:
    data.pop("penalty", None)
    terms = Terms.from_json(data)
    events = [Event(terms.starts_on, "disburse", terms.principal)]
    automatic = terms.repayment.down_payment_paid_automatically
    for row in plan(terms).installments:
        if row.total and not (automatic and row.kind == "down_payment"):
            events.append(Event(row.due_on, "repay", row.total))
    state = replay(terms, events, last_day(events))
    assert state.summary.total_outstanding == 0
    assert state.summary.overpayment == 0
    assert state.summary.closed


@MANY
@given(histories())
def test_no_unit_of_money_is_lost(history: tuple[Terms, list[Event]]) -> None:
    terms, events = history
    state = replayed(terms, events, last_day(events))
    received = sum(t.amount for t in state.transactions if t.type in MONEY_IN and not t.reversed)
    refunded = sum(t.overpayment for t in state.transactions if t.type == "chargeback" and not t.principal)
    paid = sum((row.paid for row in state.installments), Decimal(0)) if state.summary.disbursed else Decimal(0)
    assert received == paid + state.summary.overpayment + refunded


@MANY
@given(histories())
def test_principal_asked_for_is_principal_lent_and_charged_back(history: tuple[Terms, list[Event]]) -> None:
    terms, events = history
    state = replayed(terms, events, last_day(events))
    assume(state.summary.disbursed)
    back = sum(t.amount for t in state.transactions if t.type == "chargeback" and t.principal and not t.reversed)
    assert principal_asked(state) == state.summary.disbursed + back


@MANY
@given(histories(kinds=ANYTHING))
def test_nothing_is_ever_negative_and_rows_add_up(history: tuple[Terms, list[Event]]) -> None:
    terms, events = history
    state = replayed(terms, events, last_day(events))
    for row in state.installments:
        parts = (row.principal, row.interest, row.fees, row.penalties)
        paid = (row.paid_principal, row.paid_interest, row.paid_fees, row.paid_penalties)
        assert min(*parts, *paid, row.waived, row.outstanding) >= 0
        assert row.total == sum(parts)
        assert row.paid == sum(paid)
        assert row.outstanding == row.total - row.paid - row.waived
    assert state.summary.overpayment >= 0


@SOME
@given(histories(), st.integers(0, 6))
def test_the_replay_of_a_prefix_agrees_with_the_whole(history: tuple[Terms, list[Event]], length: int) -> None:
    terms, events = history
    prefix = events[: 1 + length]
    assume(all(event.known_on > last_day(prefix) for event in events[1 + length :]))
    day = last_day(prefix)
    assert replayed(terms, events, day) == replayed(terms, prefix, day)


@SOME
@given(histories(most_events=4), st.integers(1, 10**9))
def test_a_reversal_restores(history: tuple[Terms, list[Event]], minor: int) -> None:
    terms, events = history
    day = last_day(events)
    before = replayed(terms, events, day)
    mistake = Event(day, "repay", Decimal(minor).scaleb(-terms.decimals))
    after = replay(terms, [*events, mistake, Event(day, "reverse", event=len(events) + 1)], day)
    assert after.installments == before.installments
    assert after.summary == before.summary


@SOME
@given(histories(most_events=4, kinds=RECEIPTS), st.randoms(use_true_random=False))
def test_same_day_entries_count_in_the_order_entered(history: tuple[Terms, list[Event]], random: object) -> None:
    """Whatever the order of the list between days: within a day the list decides, between days the day."""
    terms, events = history
    by_day = sorted(events, key=lambda event: event.on)
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    places = {id(event): place for place, event in enumerate(events)}
    for day in {event.on for event in events}:
        same = sorted((e for e in shuffled if e.on == day), key=lambda e: places[id(e)])
        where = [n for n, e in enumerate(shuffled) if e.on == day]
        for n, event in zip(where, same, strict=True):
            shuffled[n] = event
    day = last_day(events)
    assert replay(terms, shuffled, day).installments == replay(terms, by_day, day).installments


@SOME
@given(histories(most_events=4), st.integers(1, 10**9))
def test_a_preview_is_what_is_then_booked(history: tuple[Terms, list[Event]], minor: int) -> None:
    terms, events = history
    day = last_day(events)
    replayed(terms, events, day)
    change = Event(day, "prepay", Decimal(minor).scaleb(-terms.decimals))
    seen = preview(terms, events, change)
    assert seen.after == replay(terms, [*events, change], day)
    assert seen.before == replay(terms, events, day)


@SOME
@given(histories(most_events=3, recalculates=True, kinds=("repay", "pause_interest", "disburse")), st.integers(0, 90))
def test_the_quick_way_to_amounts_in_advance_agrees_with_the_full_one(
    history: tuple[Terms, list[Event]], ahead: int
) -> None:
    terms, events = history
    book, _ = replayed_book(terms, events, last_day(events))
    day = last_day(events) + dt.timedelta(ahead)
    book.catch_up(day)
    for place in range(len(book.model.periods)):
        quick = plain_due_amounts(book.model, place, day)
        assert quick is None or quick == due_amounts_on_copy(book.model, place, day)


@FEW
@given(histories(most_events=3, kinds=("repay", "charge", "prepay")), st.integers(0, 400))
def test_paying_the_payoff_quote_closes_the_loan(history: tuple[Terms, list[Event]], ahead: int) -> None:
    terms, events = history
    day = last_day(events) + dt.timedelta(ahead)
    quote = payoff_quote(terms, events, day)
    assert quote.total >= 0
    state = replay(terms, [*events, Event(day, "pay_off", quote.total)], day)
    assert state.summary.total_outstanding == 0
    assert not quote.total or state.summary.overpayment == 0
