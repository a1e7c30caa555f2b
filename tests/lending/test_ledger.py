"""The journal balances because the database says so, not because the code is careful."""

import datetime as dt
import threading
import uuid

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from lending.ledger import chart
from lending.ledger.models import Account, Entry, Line
from lending.ledger.posting import post
from lending.ledger.refusals import EntryDiffers, UnbalancedEntry, UnknownAccount

ON = dt.date(2026, 9, 14)


def entry(**changes: object) -> Entry:
    values = {"on": ON, "kind": "test", "currency": "CNY", "source_type": "test", "source_id": "1"}
    return Entry(**{**values, **changes})


def line(of: Entry, code: str, amount_minor: int) -> Line:
    return Line(entry=of, account=Account.objects.get(code=code), amount_minor=amount_minor)


def post_test(amount: int = 100, source_id: str = "1") -> Entry:
    lines = [(chart.PRINCIPAL, amount), (chart.CUSTODY, -amount)]
    return post(on=ON, kind="test", currency="CNY", source_type="test", source_id=source_id, lines=lines)


@pytest.mark.django_db
class TestChart:
    def test_the_chart_is_there_after_migrate_in_both_languages(self) -> None:
        assert set(Account.objects.values_list("code", flat=True)) == {row.code for row in chart.CHART}
        assert all(account.name_zh and account.name_en for account in Account.objects.all())

    def test_installing_it_again_adds_nothing(self) -> None:
        before = Account.objects.count()
        chart.install()
        assert Account.objects.count() == before

    def test_codes_are_unique(self) -> None:
        assert len({row.code for row in chart.CHART}) == len(chart.CHART)


@pytest.mark.django_db
class TestPosting:
    def test_a_balanced_entry_is_posted(self) -> None:
        posted = post_test()
        assert posted.amounts() == {chart.PRINCIPAL: 100, chart.CUSTODY: -100}

    def test_the_same_fact_is_posted_once(self) -> None:
        assert post_test() == post_test()
        assert Line.objects.count() == 2

    def test_the_same_fact_with_other_amounts_is_refused(self) -> None:
        post_test()
        with pytest.raises(EntryDiffers):
            post_test(101)
        assert Line.objects.count() == 2

    def test_lines_of_one_account_are_added_up_and_nothing_is_left_out(self) -> None:
        lines = [
            (chart.CUSTODY, 5),
            (chart.CUSTODY, 7),
            (chart.PRINCIPAL, -12),
            (chart.FEE_INCOME, 3),
            (chart.FEE_INCOME, -3),
        ]
        posted = post(on=ON, kind="test", currency="CNY", source_type="test", source_id="2", lines=lines)
        assert posted.amounts() == {chart.CUSTODY: 12, chart.PRINCIPAL: -12}

    @pytest.mark.parametrize(
        "lines",
        [
            [],
            [(chart.CUSTODY, 5)],
            [(chart.CUSTODY, 5), (chart.PRINCIPAL, -4)],
            [(chart.CUSTODY, 0), (chart.PRINCIPAL, 0)],
        ],
    )
    def test_an_unbalanced_entry_is_refused_before_anything_is_written(self, lines: list[tuple[str, int]]) -> None:
        with pytest.raises(UnbalancedEntry):
            post(on=ON, kind="test", currency="CNY", source_type="test", source_id="3", lines=lines)
        assert not Line.objects.exists()

    def test_an_unknown_account_is_refused(self) -> None:
        with pytest.raises(UnknownAccount, match="9999"):
            post(
                on=ON,
                kind="test",
                currency="CNY",
                source_type="test",
                source_id="4",
                lines=[("9999", 5), (chart.CUSTODY, -5)],
            )

    def test_balances_are_sums_by_account(self) -> None:
        post_test(100, "1")
        post_test(250, "2")
        assert Line.objects.all().balances() == {chart.PRINCIPAL: 350, chart.CUSTODY: -350}
        assert Line.objects.until(ON - dt.timedelta(days=1)).balances() == {}

    def test_amounts_near_the_end_of_64_bits_stay_exact(self) -> None:
        post_test(9_000_000_000_000_000_001, "1")
        assert Line.objects.all().balances()[chart.PRINCIPAL] == 9_000_000_000_000_000_001


@pytest.mark.django_db(transaction=True)
class TestTheDatabaseItselfRefuses:
    def test_an_entry_without_lines(self) -> None:
        with pytest.raises(IntegrityError):
            entry().save(force_insert=True)

    def test_an_entry_with_one_line(self) -> None:
        refused = entry()
        with pytest.raises(IntegrityError), transaction.atomic():
            line(refused, chart.CUSTODY, 5).save()
            refused.save(force_insert=True)
        assert not Line.objects.exists()

    def test_an_unbalanced_entry(self) -> None:
        refused = entry()
        with pytest.raises(IntegrityError), transaction.atomic():
            line(refused, chart.CUSTODY, 5).save()
            line(refused, chart.PRINCIPAL, -4).save()
            refused.save(force_insert=True)
        assert not Line.objects.exists() and not Entry.objects.exists()

    def test_a_late_line(self) -> None:
        posted = post_test()
        with pytest.raises(IntegrityError):
            line(posted, chart.CUSTODY, 5).save()

    def test_two_late_lines_that_balance(self) -> None:
        posted = post_test()
        with pytest.raises(IntegrityError):
            Line.objects.bulk_create([line(posted, chart.CUSTODY, 5), line(posted, chart.PRINCIPAL, -5)])

    def test_orphan_lines_at_commit(self) -> None:
        orphan = entry(id=uuid.uuid4())
        with pytest.raises(IntegrityError), transaction.atomic():
            line(orphan, chart.CUSTODY, 5).save()
            line(orphan, chart.PRINCIPAL, -5).save()
        assert not Line.objects.exists()

    def test_a_line_of_zero(self) -> None:
        refused = entry()
        with pytest.raises(IntegrityError), transaction.atomic():
            line(refused, chart.CUSTODY, 0).save()

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE ledger_line SET amount_minor = amount_minor + 1",
            "DELETE FROM ledger_line",
            "UPDATE ledger_entry SET kind = 'other'",
            "DELETE FROM ledger_entry",
        ],
    )
    def test_a_change_of_what_is_posted(self, statement: str) -> None:
        post_test()
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute(statement)
        assert Line.objects.all().balances() == {chart.PRINCIPAL: 100, chart.CUSTODY: -100}

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
    def test_a_line_slipped_in_by_a_transaction_that_cannot_see_the_entry_yet(self) -> None:
        posted = entry()
        inserted, committed = threading.Event(), threading.Event()
        refused: list[Exception] = []

        def slip_in() -> None:
            try:
                with transaction.atomic():
                    line(posted, chart.CUSTODY, 5).save()
                    inserted.set()
                    committed.wait(10)
            except IntegrityError as error:
                refused.append(error)
            finally:
                connection.close()

        with transaction.atomic():
            line(posted, chart.CUSTODY, 5).save()
            line(posted, chart.PRINCIPAL, -5).save()
            posted.save(force_insert=True)
            thread = threading.Thread(target=slip_in)
            thread.start()
            assert inserted.wait(10)
        committed.set()
        thread.join(10)
        assert len(refused) == 1
        assert Line.objects.count() == 2
