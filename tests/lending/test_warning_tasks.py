"""Early warnings become work: one task a signal, not raised again while it is in hand, noted and resolved."""

import datetime as dt

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from customers.models import User
from lending.finance.events import Event
from lending.loans.models import Loan
from lending.loans.recording import record
from lending.servicing import warning_tasks
from lending.servicing.early_warning import warn
from lending.servicing.models import WarningTask
from lending.servicing.refusals import NoteMissing, TaskResolved, UnknownOutcome
from tests.cast import PASSWORD
from tests.lending import loan_builders
from tests.lending.portal_world import browser, text

pytestmark = pytest.mark.django_db
JANUARY, FEBRUARY = dt.date(2027, 1, 1), dt.date(2027, 2, 1)


@pytest.fixture
def loan() -> Loan:
    return loan_builders.active_loan()  # nothing is ever paid: late since 14 October


@pytest.fixture
def otto() -> User:
    officer = User.objects.create_user(username="otto-of-tasks", password=PASSWORD, is_staff=True, language="en")
    officer.groups.add(Group.objects.get(name="loan officer"))
    return officer


def first(loan: Loan) -> WarningTask:
    warn(on=JANUARY)
    return WarningTask.objects.filter(loan=loan).order_by("pk")[0]


def test_each_signal_is_one_task_and_is_not_raised_again_while_it_is_in_hand(loan, otto):
    counts = warn(on=JANUARY)
    tasks = list(WarningTask.objects.filter(loan=loan))
    assert counts["tasks"] == counts["signals"] == len(tasks) > 0
    assert {task.status for task in tasks} == {"open"}
    assert all(task.history.get().history_user.username == "system" for task in tasks)
    assert warn(on=JANUARY)["tasks"] == 0
    warning_tasks.mark_contacted(tasks[0], outcome="reached", note="Will pay on Friday.", by=otto, on=JANUARY)
    warn(on=FEBRUARY)
    assert WarningTask.objects.filter(loan=loan, signal=tasks[0].signal).count() == 1
    warning_tasks.resolve(tasks[0], note="Paid.", by=otto, on=FEBRUARY)
    warn(on=dt.date(2027, 3, 1))
    again = WarningTask.objects.filter(loan=loan, signal=tasks[0].signal).order_by("pk")
    assert [task.status for task in again] == ["resolved", "open"]


def test_a_contact_says_what_came_of_it_and_keeps_every_note(loan, otto):
    task = first(loan)
    for wrong, refusal in (
        ({"outcome": "cried", "note": "x"}, UnknownOutcome),
        ({"outcome": "reached", "note": "  "}, NoteMissing),
        ({"outcome": "reached", "note": "x" * 2001}, NoteMissing),
    ):
        with pytest.raises(refusal):
            warning_tasks.mark_contacted(task, by=otto, on=JANUARY, **wrong)
    warning_tasks.mark_contacted(task, outcome="not_reached", note="No answer.", by=otto, on=JANUARY)
    done = warning_tasks.mark_contacted(task, outcome="difficulty", note="Lost her job.", by=otto, on=FEBRUARY)
    assert (done.status, done.outcome, done.contacted_on, done.by) == ("contacted", "difficulty", FEBRUARY, otto)
    assert [row.note for row in done.history.order_by("history_id")] == ["", "No answer.", "Lost her job."]
    warning_tasks.resolve(task, note="She has a new plan.", by=otto, on=FEBRUARY)
    for act in (lambda: warning_tasks.resolve(task, note="x", by=otto, on=FEBRUARY),
                lambda: warning_tasks.mark_contacted(task, outcome="reached", note="x", by=otto, on=FEBRUARY)):  # fmt: skip
        with pytest.raises(TaskResolved):
            act()


def test_tasks_of_a_loan_that_is_paid_off_are_over(loan):
    warn(on=JANUARY)
    record(loan, Event(on=JANUARY, type="pay_off"), key="off", by=None, on=JANUARY)
    counts = warn(on=FEBRUARY)
    assert counts["over"] > 0
    assert set(WarningTask.objects.filter(loan=loan).values_list("status", flat=True)) == {"resolved"}


def test_otto_finds_the_task_on_his_first_page_and_marks_it(loan, otto):
    task = first(loan)
    desk = browser()
    desk.force_login(otto, backend="django.contrib.auth.backends.ModelBackend")
    assert str(task) in text(desk.get(reverse("admin:index")))
    page = reverse("admin:servicing_warningtask_change", args=[task.pk])
    assert "Mark as contacted" in text(desk.get(page))
    act = reverse("admin:servicing_warningtask_contacted", args=[task.pk])
    refused = desk.post(act, {"outcome": "reached", "note": ""})
    assert refused.status_code == 422
    assert desk.post(act, {"outcome": "promised", "note": "Pays on Friday."}).url == page
    assert "Pays on Friday." in text(desk.get(page))
    assert desk.get(act).status_code == 405
    resolved = reverse("admin:servicing_warningtask_resolved", args=[task.pk])
    assert desk.post(resolved, {"note": "Paid."}).url == page
    again = desk.post(resolved, {"note": "Again."})
    assert again.status_code == 422 and "resolved already" in text(again)
    assert desk.get(reverse("admin:servicing_warningtask_changelist"), {"status__exact": "resolved"}).status_code == 200
