"""A loan is its events; the rows follow them, in one transaction, and the database guards what must not change."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Sum

from lending.finance.events import Event
from lending.ledger import chart
from lending.ledger.models import Entry, Line
from lending.loans.models import Allocation, Installment, Loan, LoanEvent
from lending.loans.recording import record, refresh
from lending.loans.refusals import DateBeforeLoan, DateInFuture, EventRefused, KeyReused
from tests.cast import TODAY
from tests.lending.loan_builders import TERMS, active_loan, disburse, loan

pytestmark = pytest.mark.django_db


def repay(of: Loan, amount: str, *, on: dt.date, key: str, entered_on: dt.date | None = None) -> LoanEvent:
    return record(of, Event(on=on, type="repay", amount=Decimal(amount)), key=key, by=None, on=entered_on or on)


def journal(of: Loan) -> dict[str, int]:
    return Line.objects.of_loan(of.number).balances()


def split_of(event: LoanEvent) -> dict[tuple[int | None, str], int]:
    sums = (
        event.allocations.order_by().values_list("installment_number", "component").annotate(total=Sum("amount_minor"))
    )
    return {(number, component): total for number, component, total in sums if total}


class TestProjection:
    def test_before_the_money_is_out_nothing_is_owed(self) -> None:
        opened = loan()
        assert opened.status == Loan.Status.APPROVED
        assert opened.outstanding_minor == 0 and not opened.installments.exists()
        assert journal(opened) == {}

    def test_the_disbursement_brings_the_schedule_to_the_cent(self) -> None:
        opened = active_loan()
        rows = list(opened.installments.all())
        assert opened.status == Loan.Status.ACTIVE and opened.disbursed_on == TODAY
        assert [row.total_minor for row in rows[:11]] == [106619] * 11
        assert sum(row.principal_minor for row in rows) == 1_200_000
        assert (rows[0].interest_minor, rows[0].due_on, rows[-1].balance_minor) == (12000, dt.date(2026, 10, 14), 0)
        assert (opened.oldest_due_on, opened.next_due_on) == (dt.date(2026, 10, 14), dt.date(2026, 10, 14))
        assert journal(opened) == {chart.PRINCIPAL: 1_200_000, chart.CUSTODY: -1_200_000}

    def test_a_payment_moves_rows_allocations_and_journal_together(self) -> None:
        opened = active_loan()
        event = repay(opened, "1066.19", on=dt.date(2026, 10, 14), key="p1")
        first = opened.installments.get(number=1)
        assert (first.paid_principal_minor, first.paid_interest_minor, first.outstanding_minor) == (94619, 12000, 0)
        assert first.settled_on == dt.date(2026, 10, 14)
        assert opened.oldest_due_on == dt.date(2026, 11, 14)
        assert dict(event.allocations.values_list("component", "amount_minor")) == {
            "principal": 94619,
            "interest": 12000,
        }
        assert journal(opened) == {
            chart.PRINCIPAL: 1_200_000 - 94619,
            chart.INTEREST_RECEIVABLE: -12000,
            chart.CUSTODY: -1_200_000 + 106619,
        }
        entry = Entry.objects.get(source_type="loan_event", source_id=str(event.pk))
        assert entry.amounts() == {chart.CUSTODY: 106619, chart.PRINCIPAL: -94619, chart.INTEREST_RECEIVABLE: -12000}
        assert (entry.on, entry.customer_id, entry.loan_number) == (event.on, opened.customer_id, opened.number)

    def test_only_installments_that_changed_are_written(self) -> None:
        opened = active_loan()
        before = {row.number: row for row in opened.installments.all()}
        repay(opened, "1066.19", on=dt.date(2026, 10, 14), key="p1")
        after = {row.number: row for row in opened.installments.all()}
        assert {row.pk for row in before.values()} == {row.pk for row in after.values()}

    def test_a_back_dated_payment_changes_later_splits_by_negated_and_new_rows(self) -> None:
        opened = active_loan()
        late = repay(opened, "1000.00", on=dt.date(2026, 11, 14), key="late")
        assert split_of(late) == {(1, "interest"): 12000, (1, "principal"): 88000}
        early = repay(opened, "66.19", on=dt.date(2026, 10, 1), key="early", entered_on=dt.date(2026, 11, 20))
        assert early.payload["entered_on"] == "2026-11-20"
        assert split_of(early) == {(1, "interest"): 6619}
        assert split_of(late) == {(1, "interest"): 5381, (1, "principal"): 94619}
        changes = list(late.allocations.filter(caused_by=early).values_list("component", "amount_minor"))
        assert sorted(changes) == [("interest", -6619), ("principal", 6619)]

    def test_a_reversal_restores_everything_but_the_history(self) -> None:
        opened = active_loan()
        columns = (
            "status",
            "outstanding_principal_minor",
            "outstanding_interest_minor",
            "oldest_due_on",
            "credit_balance_minor",
        )
        before = [getattr(opened, name) for name in columns], list(opened.installments.values()), journal(opened)
        paid = repay(opened, "20000.00", on=TODAY, key="too much")
        assert opened.status == Loan.Status.PAID_OFF and opened.credit_balance_minor > 0
        record(opened, Event(on=TODAY, type="reverse", event=paid.sequence), key="back", by=None, on=TODAY)
        assert (
            [getattr(opened, name) for name in columns],
            list(opened.installments.values()),
            journal(opened),
        ) == before
        assert Allocation.objects.filter(event=paid).aggregate(total=Sum("amount_minor"))["total"] == 0
        assert opened.events.count() == 4

    def test_what_is_paid_too_much_is_kept_as_credit(self) -> None:
        opened = active_loan()
        paid = repay(opened, "20000.00", on=TODAY, key="too much")
        total = paid.allocations.aggregate(total=Sum("amount_minor"))["total"]
        assert total == 2_000_000
        assert paid.allocations.get(component="credit").amount_minor == opened.credit_balance_minor
        assert journal(opened)[chart.CREDIT_BALANCES] == -opened.credit_balance_minor

    def test_a_loan_is_anchored_at_the_day_of_its_disbursement(self) -> None:
        opened = loan()
        disburse(opened, on=dt.date(2026, 9, 16))
        assert opened.terms["starts_on"] == TODAY.isoformat()
        assert opened.installments.get(number=1).due_on == dt.date(2026, 10, 16)
        assert opened.installments.get(number=1).interest_minor == 12000

    def test_due_dates_named_by_the_terms_stay(self) -> None:
        named = {**TERMS["repayment"], "first_due_on": "2026-10-14"}
        opened = loan(terms={"repayment": named})
        disburse(opened, on=dt.date(2026, 9, 16))
        assert opened.installments.get(number=1).due_on == dt.date(2026, 10, 14)

    def test_time_alone_makes_penalties_grow_and_the_journal_follows(self) -> None:
        opened = active_loan(terms={"penalty": {"multiple": "1.5"}})
        day = dt.date(2026, 10, 24)
        refresh(opened, on=day)
        assert opened.outstanding_penalties_minor > 0
        assert journal(opened)[chart.PENALTY_INCOME] == -opened.outstanding_penalties_minor
        entries = Entry.objects.count()
        refresh(opened, on=day)
        refresh(opened, on=day - dt.timedelta(days=5))
        assert Entry.objects.count() == entries and opened.replayed_on == day

    def test_days_past_due_are_derived(self) -> None:
        opened = active_loan()
        assert opened.days_past_due(dt.date(2026, 10, 14)) == 0
        assert opened.days_past_due(dt.date(2026, 10, 15)) == 1
        assert not Loan.objects.late(dt.date(2026, 10, 14)).exists()
        assert Loan.objects.late(dt.date(2026, 10, 15)).get() == opened
        assert not Loan.objects.late(dt.date(2026, 11, 12), at_least_days=30).exists()
        assert Loan.objects.late(dt.date(2026, 11, 13), at_least_days=30).get() == opened

    def test_due_between_finds_unpaid_installments_alone(self) -> None:
        opened = active_loan()
        window = (dt.date(2026, 10, 10), dt.date(2026, 10, 20))
        assert Loan.objects.due_between(*window).get() == opened
        repay(opened, "1066.19", on=dt.date(2026, 10, 1), key="p1")
        assert not Loan.objects.due_between(*window).exists()

    def test_the_state_of_any_day_is_replayed(self) -> None:
        opened = active_loan()
        repay(opened, "1066.19", on=dt.date(2026, 10, 14), key="p1")
        assert opened.state(dt.date(2026, 10, 13)).summary.paid == 0
        assert opened.state(dt.date(2026, 10, 14)).summary.paid == Decimal("1066.19")

    @pytest.mark.parametrize("kind", ["charge_off", "write_off"])
    def test_what_is_charged_off_leaves_the_books(self, kind: str) -> None:
        opened = active_loan()
        repay(opened, "1066.19", on=dt.date(2026, 10, 14), key="p1")
        record(opened, Event(on=dt.date(2027, 5, 1), type=kind), key="off", by=None, on=dt.date(2027, 5, 1))
        assert opened.status == Loan.Status.CHARGED_OFF
        assert journal(opened).get(chart.PRINCIPAL, 0) == 0
        assert journal(opened)[chart.CHARGE_OFF_EXPENSE] == 1_200_000 - 94619
        recovery = "recovery" if kind == "write_off" else "repay"
        back = Event(on=dt.date(2027, 6, 1), type=recovery, amount=Decimal("50.00"))
        record(opened, back, key="recovered", by=None, on=back.on)
        assert journal(opened)[chart.CHARGE_OFF_EXPENSE] == 1_200_000 - 94619
        assert journal(opened)[chart.CUSTODY] == -1_200_000 + 106619 + 5000


class TestTheSameFactTwice:
    def test_the_same_key_returns_the_first_event(self) -> None:
        opened = active_loan()
        first = repay(opened, "100.00", on=TODAY, key="k")
        assert repay(opened, "100.00", on=TODAY, key="k") == first
        assert repay(opened, "100.00", on=TODAY, key="k", entered_on=TODAY + dt.timedelta(days=3)) == first
        assert opened.events.filter(type="repay").count() == 1

    def test_the_same_key_with_other_content_is_refused(self) -> None:
        opened, other = active_loan(), active_loan()
        repay(opened, "100.00", on=TODAY, key="k")
        with pytest.raises(KeyReused):
            repay(opened, "100.01", on=TODAY, key="k")
        with pytest.raises(KeyReused):
            repay(other, "100.00", on=TODAY, key="k")


class TestRefusals:
    def test_the_future_is_refused(self) -> None:
        with pytest.raises(DateInFuture):
            repay(active_loan(), "1.00", on=TODAY + dt.timedelta(days=1), key="k", entered_on=TODAY)

    def test_a_day_before_the_loan_is_refused(self) -> None:
        with pytest.raises(DateBeforeLoan):
            repay(active_loan(), "1.00", on=TODAY - dt.timedelta(days=1), key="k", entered_on=TODAY)

    def test_what_the_engine_refuses_leaves_nothing_behind(self) -> None:
        opened = active_loan()
        events, entries = LoanEvent.objects.count(), Entry.objects.count()
        with pytest.raises(EventRefused):
            record(opened, Event(on=TODAY, type="reverse", event=99), key="k", by=None, on=TODAY)
        assert (LoanEvent.objects.count(), Entry.objects.count()) == (events, entries)


class TestTheDatabaseItselfRefuses:
    @pytest.mark.parametrize(
        "change",
        [
            "terms = '{}'",
            "number = 'other'",
            "currency = 'USD'",
            "approved_minor = 1",
            "decimals = 3",
            "opened_on = '2020-01-01'",
        ],
    )
    def test_a_change_of_frozen_terms(self, change: str) -> None:
        opened = active_loan()
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE loans_loan SET {change} WHERE id = {opened.pk}")

    def test_saving_a_loan_unchanged_is_no_change_of_its_terms(self) -> None:
        opened = Loan.objects.get(pk=active_loan().pk)
        opened.save()

    @pytest.mark.parametrize("table", ["loans_loanevent", "loans_allocation"])
    def test_a_change_of_what_happened(self, table: str) -> None:
        repay(active_loan(), "100.00", on=TODAY, key="k")
        for statement in (f"UPDATE {table} SET customer_id = customer_id", f"DELETE FROM {table}"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)

    def test_a_negative_balance(self) -> None:
        opened = active_loan()
        with pytest.raises(IntegrityError), transaction.atomic():
            Loan.objects.filter(pk=opened.pk).update(outstanding_fees_minor=-1)

    def test_an_installment_number_twice(self) -> None:
        row = active_loan().installments.get(number=1)
        row.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            Installment.objects.bulk_create([row])
