"""Ways out for a customer in difficulty: what she can pay, what each way costs, and that recording it gives just that."""

import datetime as dt
import re
from decimal import Decimal

import pytest

from customers.wording import date_text
from lending.finance.events import Event
from lending.loans.models import Loan, LoanEvent
from lending.loans.recording import record
from lending.loans.verification import verify
from lending.servicing.suggestions import Suggestion, capacity_of, suggest
from tests.lending import loan_builders

pytestmark = pytest.mark.django_db
TWENTIETH = dt.date(2026, 11, 20)
LATE = dt.date(2027, 2, 1)  # three installments past due: 14 November, December and January
POOR = {"income_monthly": "2000", "expenses_monthly": "1400", "debt_service_monthly": "0"}


def pay(loan: Loan, amount: str, on: dt.date) -> None:
    record(loan, Event(on=on, type="repay", amount=Decimal(amount)), key=f"pay-{loan.pk}-{on}", by=None, on=on)


@pytest.fixture
def loan() -> Loan:
    found = loan_builders.active_loan()
    pay(found, "1066.19", dt.date(2026, 10, 14))
    return found


@pytest.fixture
def on_time(loan: Loan) -> Loan:
    pay(loan, "1066.19", dt.date(2026, 11, 14))
    return loan


def by_code(ways: tuple[Suggestion, ...]) -> dict[str, Suggestion]:
    return {way.code: way for way in ways}


def test_the_worked_example_of_the_module(on_time: Loan) -> None:
    found = suggest(on_time, on=TWENTIETH, facts=POOR)
    assert (found.capacity, found.now, found.past_due) == (Decimal(600), Decimal("1066.19"), 0)
    ways = by_code(found.ways)
    assert list(ways) == ["longer_term", "interest_only", "smaller"]
    assert (ways["longer_term"].installments, ways["longer_term"].affordable) == (15, False)
    assert [(way.installment, way.more_to_pay) for way in found.ways] == [
        (Decimal("729.77"), Decimal("284.77")), (Decimal("100.98"), Decimal("147.18")),
        (Decimal("587.39"), Decimal("498.51")),
    ]  # fmt: skip
    assert (ways["interest_only"].installment, ways["interest_only"].highest) == (Decimal("100.98"), Decimal("1500.87"))
    assert ways["interest_only"].last_due_on == dt.date(2027, 9, 14)
    assert (ways["smaller"].installments, ways["smaller"].affordable) == (19, True)
    assert ways["smaller"].highest <= 600


def test_one_installment_fewer_than_the_smaller_way_would_not_fit(on_time: Loan) -> None:
    way = by_code(suggest(on_time, on=TWENTIETH, facts=POOR).ways)["smaller"]
    [event] = way.events
    fewer = Event(**{name: getattr(event, name) for name in ("on", "type", "starts_on", "every", "unit")},
                  installments=way.installments - 1)  # fmt: skip
    record(on_time, fewer, key="fewer", by=None, on=TWENTIETH)
    assert max(row.outstanding for row in on_time.state(TWENTIETH).installments) > 600


@pytest.mark.parametrize("code", ["longer_term", "interest_only", "smaller"])
@pytest.mark.parametrize("on", [TWENTIETH, LATE])
def test_recording_a_way_gives_what_was_shown_and_the_loan_still_verifies(loan: Loan, code: str, on: dt.date) -> None:
    before = loan.state(on)
    way = by_code(suggest(loan, on=on, facts=POOR).ways)[code]
    for number, event in enumerate(way.events):
        record(loan, Event.from_json(event.to_json()), key=f"way-{number}", by=None, on=on)
    after = loan.state(on)
    dues = sorted({row.due_on for row in after.installments if row.outstanding > 0})
    assert (dues[0], dues[-1], len(dues)) == (way.first_due_on, way.last_due_on, way.installments)
    assert after.summary.total_outstanding - before.summary.total_outstanding == way.more_to_pay
    assert after.summary.due_now == 0
    loan.refresh_from_db()
    assert list(verify(loan)) == []


def test_suggesting_writes_nothing(loan: Loan, django_assert_max_num_queries) -> None:
    before = LoanEvent.objects.count()
    with django_assert_max_num_queries(12):
        suggest(loan, on=LATE, facts=POOR)
    assert LoanEvent.objects.count() == before


def test_a_customer_who_is_late_is_shown_ways_without_anything_past_due(loan: Loan) -> None:
    found = suggest(loan, on=LATE, facts=POOR)
    assert found.past_due == Decimal("3198.57")
    assert all(way.first_due_on >= LATE for way in found.ways)
    assert list(by_code(found.ways)) == ["longer_term", "interest_only", "smaller"]


def test_the_words_are_in_both_languages_and_name_the_figures(on_time: Loan) -> None:
    for way in suggest(on_time, on=TWENTIETH, facts=POOR).ways:
        for figure in (way.installment, way.more_to_pay):
            assert f"{figure:,}元" in way.text_zh
            assert f"¥{figure:,}" in way.text_en
        for day in (way.first_due_on, way.last_due_on):
            assert date_text(day, "zh-hans") in way.text_zh
            assert date_text(day, "en") in way.text_en
        assert not re.search(r"¥|\d-\d", way.text_zh) and not re.search(r"元|\d-\d", way.text_en)


def test_the_law_bounds_the_longest_term(on_time: Loan) -> None:
    longest = max(
        way.last_due_on for way in suggest(on_time, on=TWENTIETH, facts={**POOR, "expenses_monthly": "1790"}).ways
    )
    assert longest <= dt.date(2031, 9, 14)
    hopeless = suggest(on_time, on=TWENTIETH, facts={**POOR, "expenses_monthly": "1950"})
    assert "smaller" not in by_code(hopeless.ways)
    assert hopeless.capacity == 50


def test_capacity_counts_other_loans_and_is_unknown_without_facts(on_time: Loan) -> None:
    facts = {"income_monthly": "6000", "expenses_monthly": "2000", "debt_service_monthly": "0"}
    assert capacity_of(on_time, on=TWENTIETH, facts=facts) == 3000
    loan_builders.active_loan(of=on_time.customer)
    assert capacity_of(on_time, on=dt.date(2026, 9, 20), facts=facts) == Decimal("3000") - Decimal("1066.19")
    assert capacity_of(on_time, on=TWENTIETH) is None
    ways = suggest(on_time, on=TWENTIETH).ways
    assert "smaller" not in by_code(ways)
    assert {way.affordable for way in ways} == {None}


def test_a_loan_that_does_not_run_gets_no_suggestions() -> None:
    assert suggest(loan_builders.loan(), on=TWENTIETH, facts=POOR).ways == ()
