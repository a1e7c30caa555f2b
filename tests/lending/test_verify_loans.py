"""`manage.py verify_loans` proves the rows, and finds what was changed behind the application's back."""

import datetime as dt
import io
import json
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from compliance import immutability
from lending.finance.events import Event
from lending.loans.models import Loan
from lending.loans.recording import record
from tests.cast import TODAY
from tests.lending.loan_builders import active_loan, loan

pytestmark = pytest.mark.django_db


def verify(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("verify_loans", *arguments, stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def tamper(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def paid_once() -> Loan:
    opened = active_loan()
    event = Event(on=dt.date(2026, 10, 14), type="repay", amount=Decimal("1500.00"))
    record(opened, event, key="p", by=None, on=event.on)
    return opened


def test_rows_written_by_the_acts_agree_with_the_events(paid_once: Loan) -> None:
    loan()
    active_loan()
    code, said = verify()
    assert code == 0
    assert said.startswith("3 loans verified") and "0 differences" in said


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "UPDATE loans_installment SET paid_principal_minor = paid_principal_minor + 1 WHERE number = 1",
            "installment 1 paid_principal_minor",
        ),
        ("UPDATE loans_installment SET due_on = '2027-01-01' WHERE number = 3", "installment 3 due_on"),
        ("DELETE FROM loans_installment WHERE number = 12", "installment 12"),
        ("UPDATE loans_loan SET outstanding_principal_minor = 0", "loan outstanding_principal_minor"),
        ("UPDATE loans_loan SET status = 'paid_off'", "loan status"),
    ],
)
def test_a_change_behind_the_applications_back_is_found(paid_once: Loan, statement: str, named: str) -> None:
    tamper(statement)
    code, said = verify()
    assert code == 1
    assert f"{paid_once.number}: {named} is" in said


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "UPDATE loans_allocation SET amount_minor = amount_minor + 7 WHERE component = 'interest'",
            "allocation of event 3",
        ),
        ("DELETE FROM ledger_line WHERE amount_minor < 0", "journal account"),
        (
            "UPDATE loans_loanevent SET payload = REPLACE(CAST(payload AS text), '1500', '1600') WHERE type = 'repay'",
            "loan outstanding",
        ),
        ("DELETE FROM loans_allocation; DELETE FROM loans_loanevent WHERE sequence = 2", "events"),
    ],
)
def test_even_with_the_triggers_taken_away_it_is_found(paid_once: Loan, statement: str, named: str) -> None:
    connection.check_constraints()  # what a commit would have looked at is done with
    immutability.uninstall()
    for part in statement.split("; "):
        tamper(part.replace("'1600')", "'1600')::jsonb") if connection.vendor == "postgresql" else part)
    code, said = verify()
    immutability.install()
    assert code == 1 and named in said


def test_differences_as_json(paid_once: Loan) -> None:
    tamper("UPDATE loans_installment SET balance_minor = 1 WHERE number = 12")
    code, said = verify("--json")
    difference, summary = map(json.loads, said.splitlines())
    assert code == 1
    assert difference == {
        "loan": paid_once.number,
        "where": "installment 12 balance_minor",
        "stored": "1",
        "replayed": "0",
    }
    assert (summary["loans"], summary["differences"]) == (1, 1)


def test_one_loan_alone(paid_once: Loan) -> None:
    other = active_loan()
    tamper(f"UPDATE loans_loan SET outstanding_fees_minor = 5 WHERE id = {other.pk}")
    assert verify("--loan", paid_once.number)[0] == 0
    assert verify("--loan", other.number)[0] == 1


def test_a_loan_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(CommandError, match="no loan with the number X"):
        call_command("verify_loans", "--loan", "X")


def test_the_state_is_proven_as_of_the_day_it_was_projected(paid_once: Loan) -> None:
    late = active_loan(terms={"penalty": {"multiple": "1.5"}})
    assert verify()[0] == 0
    assert late.replayed_on == TODAY
