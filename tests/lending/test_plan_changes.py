"""A customer who cannot pay as agreed: what she is shown, asks for, is offered by two officers, and accepts herself."""

import datetime as dt
import html
import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.urls import reverse

from customers import answering
from customers.models import Notice, ServiceCase, User
from customers.wording import date_text
from lending.applications.refusals import DigestMismatch, NotYours
from lending.finance.events import Event
from lending.ledger.models import Line
from lending.loans.models import Loan, LoanEvent
from lending.loans.recording import record
from lending.loans.refusals import EventRefused, KeyReused, LoanNotRunning
from lending.loans.replanning import change_plan
from lending.loans.verification import verify
from lending.servicing import plan_accepting, plan_asking, plan_deciding
from lending.servicing.models import ArrearsMove, PlanChange
from lending.servicing.plan_asking import Told
from lending.servicing.refusals import (
    InstallmentsRefused,
    NoteMissing,
    OwnPlanChange,
    PlanChangeMoved,
    PlanChangeUnderWay,
    PlanOfferLapsed,
    ProposerCannotApprove,
    UnknownReason,
    UnknownWay,
    WayDoesNotFit,
)
from tests import builders
from tests.cast import PASSWORD
from tests.lending import loan_builders
from tests.lending.portal_world import browser, new_key, paid_out_loan, text
from tests.lending.test_closing import close_only

pytestmark = pytest.mark.django_db
LATE = dt.date(2027, 2, 1)  # installments of 14 November, December and January past due
POOR = Told(Decimal(2000), Decimal(1400), Decimal(600))


@pytest.fixture
def loan() -> Loan:
    found = loan_builders.active_loan()
    first = Event(on=dt.date(2026, 10, 14), type="repay", amount=Decimal("1066.19"))
    record(found, first, key=f"pay-{found.pk}", by=None, on=first.on)
    found.customer.language = "en"
    found.customer.save()
    return found


def staff(name: str, role: str) -> User:
    person = User.objects.create_user(username=name, password=PASSWORD, is_staff=True, language="en")
    person.groups.add(Group.objects.get(name=role))
    return person


@pytest.fixture
def otto() -> User:
    return staff("otto-of-plans", "loan officer")


@pytest.fixture
def sun() -> User:
    return staff("sun-of-plans", "senior officer")


def asked(loan: Loan, *, on: dt.date = LATE, wished: str = "smaller", **changes: Any) -> PlanChange:
    values = {"reason": "income_less", "told": POOR, "text": "Fewer hours.", "key": uuid.uuid4(), **changes}
    return plan_asking.ask(loan, wished=wished, by=loan.customer.user, on=on, **values)


def offered(loan: Loan, otto: User, sun: User, *, way: str = "smaller", on: dt.date = LATE) -> PlanChange:
    ways = {one.code: one for one in plan_asking.ways_for(loan, POOR, on=on).ways}
    change = asked(loan, on=on, wished=way)
    change = plan_deciding.propose(
        change, way=way, installments=ways[way].installments, note="Pay slips seen.", by=otto, on=on
    )
    return plan_deciding.approve(change, note="Agreed.", by=sun, on=on)


def accept(change: PlanChange, *, on: dt.date = LATE) -> PlanChange:
    _text, sha256 = plan_accepting.terms_text(change, on=on)
    return plan_accepting.accept(change, sha256=sha256, by=change.customer.user, on=on)


@pytest.mark.parametrize("way", ["longer_term", "interest_only", "smaller"])
def test_the_whole_way_gives_the_plan_that_was_shown_and_the_loan_verifies(loan, otto, sun, way):
    shown = {one.code: one for one in plan_asking.ways_for(loan, POOR, on=LATE).ways}[way]
    change = offered(loan, otto, sun, way=way)
    before = LoanEvent.objects.filter(loan=loan).count()
    terms, _sha256 = plan_accepting.terms_text(change, on=LATE)
    assert all(f"{amount:,}" in terms for _day, amount in shown.dues)
    for _again in range(2):
        done = accept(change) if _again == 0 else plan_accepting.accept(
            change, sha256="", by=change.customer.user, on=LATE
        )  # fmt: skip
    loan.refresh_from_db()
    assert LoanEvent.objects.filter(loan=loan).count() == before + len(shown.events)
    assert (done.status, done.text, loan.restructured_on) == ("accepted", terms, LATE)
    dues = {row.due_on: row.outstanding_minor for row in loan.installments.all() if row.outstanding_minor}
    assert dues == {day: int(amount * 100) for day, amount in shown.dues}
    assert done.installment_minor == int(shown.installment * 100) and loan.days_past_due(LATE) == 0
    assert list(verify(loan)) == []
    assert sum(Line.objects.filter(entry__loan_number=loan.number).values_list("amount_minor", flat=True)) == 0


def test_she_is_told_of_the_offer_and_of_the_change_once_each(loan, otto, sun):
    change = accept(offered(loan, otto, sun))
    kinds = list(Notice.objects.filter(customer=loan.customer).order_by("pk").values_list("kind", flat=True))
    assert kinds[-2:] == ["plan_offered", "plan_changed"] and "case_answered" not in kinds
    case = change.case
    case.refresh_from_db()
    assert (case.status, case.answered_by, case.topic) == ("answered", sun, "hardship")
    assert str(change.installments) in case.answer


def test_the_case_has_its_clock_and_is_answered_by_deciding_alone(loan, otto):
    change = asked(loan)
    assert change.case.kind == "hardship" and change.case.urgent
    assert change.case.due_on > LATE
    with pytest.raises(answering.AnsweredByAct):
        answering.answer(change.case, answer="No.", by=otto, on=LATE)


def test_a_second_click_is_the_first_and_another_request_waits_for_it(loan):
    key = uuid.uuid4()
    first = asked(loan, key=key)
    assert asked(loan, key=key) == first
    with pytest.raises(PlanChangeUnderWay):
        asked(loan)
    assert PlanChange.objects.count() == ServiceCase.objects.count() == 1


def test_what_cannot_be_asked_for_is_refused_and_leaves_nothing(loan):
    with pytest.raises(UnknownReason):
        asked(loan, reason="whim")
    with pytest.raises(UnknownWay):
        asked(loan, wished="gift")
    with pytest.raises(NotYours):
        plan_asking.ask(
            loan, reason="other", told=POOR, wished="", text="", by=loan_builders.user("bao-x"), on=LATE,
            key=uuid.uuid4(),
        )  # fmt: skip
    with pytest.raises(LoanNotRunning):
        asked(loan_builders.loan())
    assert not PlanChange.objects.exists() and not ServiceCase.objects.exists()


def test_two_officers_and_never_the_borrower(loan, otto, sun):
    change = asked(loan)
    with pytest.raises(PlanChangeMoved):
        plan_deciding.approve(change, note="Yes.", by=sun, on=LATE)
    with pytest.raises(OwnPlanChange):
        plan_deciding.propose(change, way="smaller", installments=20, note="x", by=loan.customer.user, on=LATE)
    change = plan_deciding.propose(change, way="smaller", installments=30, note="Seen.", by=sun, on=LATE)
    with pytest.raises(ProposerCannotApprove):
        plan_deciding.approve(change, note="Yes.", by=sun, on=LATE)
    assert plan_deciding.approve(change, note="Yes.", by=otto, on=LATE).status == "offered"
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanChange.objects.filter(pk=change.pk).update(checker=sun)


def test_a_proposal_that_cannot_be_is_refused_by_field(loan, otto):
    change = asked(loan)
    for wrong, refusal in (
        ({"way": "gift", "installments": 9, "note": "x"}, UnknownWay),
        ({"way": "smaller", "installments": None, "note": "x"}, InstallmentsRefused),
        ({"way": "smaller", "installments": 3, "note": "x"}, WayDoesNotFit),
        ({"way": "smaller", "installments": 1000, "note": "x"}, WayDoesNotFit),
        ({"way": "smaller", "installments": 20, "note": " "}, NoteMissing),
    ):
        with pytest.raises(refusal):
            plan_deciding.propose(change, by=otto, on=LATE, **wrong)
    change.refresh_from_db()
    assert (change.status, change.way) == ("asked", "")


def test_a_refusal_answers_her_with_its_reason_and_she_may_ask_again(loan, otto):
    change = asked(loan)
    for _again in range(2):
        change = plan_deciding.refuse(change, answer="Your income has not changed.", by=otto, on=LATE)
    assert change.status == "refused"
    case = ServiceCase.objects.get()
    assert (case.status, case.answer) == ("answered", "Your income has not changed.")
    assert Notice.objects.filter(kind="case_answered").count() == 1
    assert asked(loan).status == "asked"


def test_only_she_accepts_only_what_she_read_and_only_in_time(loan, otto, sun):
    change = offered(loan, otto, sun)
    _text, sha256 = plan_accepting.terms_text(change, on=LATE)
    with pytest.raises(NotYours):
        plan_accepting.accept(change, sha256=sha256, by=otto, on=LATE)
    with pytest.raises(DigestMismatch):
        plan_accepting.accept(change, sha256="0" * 64, by=change.customer.user, on=LATE)
    record(loan, Event(on=LATE, type="repay", amount=Decimal(500)), key="meanwhile", by=None, on=LATE)
    with pytest.raises(DigestMismatch):  # after a payment the terms are drawn up again
        plan_accepting.accept(change, sha256=sha256, by=change.customer.user, on=LATE)
    after = change.accept_by + dt.timedelta(days=1)
    with pytest.raises(PlanOfferLapsed):
        accept(change, on=after)
    loan.refresh_from_db()
    assert loan.restructured_on is None
    assert accept(change, on=change.accept_by).status == "accepted"
    loan.refresh_from_db()
    assert list(verify(loan)) == []


@pytest.mark.parametrize("way", ["longer_term", "interest_only", "smaller"])
def test_one_offer_has_one_set_of_figures_until_its_last_day_and_what_was_shown_is_signed(loan, otto, sun, way):
    change = offered(loan, otto, sun, way=way)
    shown, sha256 = plan_accepting.terms_text(change, on=LATE)
    assert f"{Decimal(change.installment_minor) / 100:,}" in shown and date_text(change.accept_by, "en") in shown
    assert plan_accepting.terms_text(change, on=change.accept_by) == (shown, sha256)
    with pytest.raises(PlanOfferLapsed):
        plan_accepting.terms_text(change, on=change.accept_by + dt.timedelta(days=1))
    dues = plan_accepting.terms(change).dues
    done = plan_accepting.accept(change, sha256=sha256, by=change.customer.user, on=change.accept_by)
    assert (done.text, done.installment_minor) == (shown, change.installment_minor)
    loan.refresh_from_db()
    assert {row.due_on: row.outstanding_minor for row in loan.installments.all() if row.outstanding_minor} == {
        day: int(amount * 100) for day, amount in dues
    }
    assert loan.restructured_on == change.accept_by and loan.days_past_due(change.accept_by) == 0
    assert list(verify(loan)) == []


def test_a_payment_draws_the_offer_up_again_and_the_page_tells_the_figures_of_the_terms(loan, otto, sun):
    change = offered(loan, otto, sun)
    before = plan_accepting.terms_text(change, on=LATE)
    on = LATE + dt.timedelta(days=3)
    record(loan, Event(on=on, type="repay", amount=Decimal(500)), key="meanwhile", by=None, on=on)
    after, sha256 = plan_accepting.terms_text(change, on=on)
    assert (after, sha256) != before and "Drawn up on 4 February 2027" in after
    figure = f"{plan_accepting.terms(change).installment:,}"
    with time_machine.travel(dt.datetime(2027, 2, 6, 4, tzinfo=dt.UTC), tick=False):
        client = browser(loan.customer)
        for name in ("loan", "plan"):
            assert figure in text(client.get(reverse(f"portal:{name}", args=[loan.public_id])))
        assert sha256 in text(client.get(reverse("portal:plan", args=[loan.public_id])))
    accept(change, on=on + dt.timedelta(days=2))
    loan.refresh_from_db()
    assert list(verify(loan)) == []


def test_an_offer_ends_before_the_first_day_that_it_moves(loan, otto, sun):
    on = dt.date(2027, 2, 8)  # the next installment is due on 14 February
    assert offered(loan, otto, sun, on=on).accept_by == dt.date(2027, 2, 13)


def test_an_offer_that_the_loan_has_outgrown_can_only_be_declined(loan, otto, sun, noon):
    change = offered(loan, otto, sun)
    record(loan, Event(on=LATE, type="repay", amount=Decimal(20000)), key="all", by=None, on=LATE)
    with pytest.raises(WayDoesNotFit):
        plan_accepting.terms(change)
    client = browser(loan.customer)
    assert "no longer fits" in text(client.get(reverse("portal:loan", args=[loan.public_id])))
    assert client.get(reverse("portal:plan", args=[loan.public_id])).status_code == 302


def test_an_offer_that_is_not_accepted_lapses_and_one_declined_changes_nothing(loan, otto, sun):
    change = offered(loan, otto, sun)
    assert close_only("plan_offers", change.accept_by) == {"lapsed": 0}
    assert close_only("plan_offers", change.accept_by + dt.timedelta(days=1)) == {"lapsed": 1}
    change.refresh_from_db()
    assert change.status == "lapsed" and change.history.first().history_user.username == "system"
    other = offered(loan, otto, sun)
    assert plan_accepting.decline(other, by=other.customer.user, on=LATE).status == "declined"
    with pytest.raises(PlanChangeMoved):
        plan_accepting.accept(other, sha256="", by=other.customer.user, on=LATE)
    assert not LoanEvent.objects.filter(loan=loan, type__in=("restructure", "reschedule")).exists()


def test_a_plan_is_changed_whole_or_not_at_all(loan):
    spread = {one.code: one for one in plan_asking.ways_for(loan, POOR, on=LATE).ways}["smaller"].events[0]
    impossible = Event(on=LATE, type="reverse", event=999)
    with pytest.raises(EventRefused):
        change_plan(loan, [spread, impossible], key="k", by=None, on=LATE)
    assert not LoanEvent.objects.filter(type="restructure").exists()
    rows = change_plan(loan, [spread], key="k", by=None, on=LATE)
    assert change_plan(loan, [spread], key="k", by=None, on=LATE) == rows
    with pytest.raises(KeyReused):
        change_plan(loan, [impossible], key="k", by=None, on=LATE)


def test_a_reversed_change_leaves_the_loan_unrestructured(loan, otto, sun):
    accept(offered(loan, otto, sun))
    loan.refresh_from_db()
    last = loan.events.order_by("-sequence")[0]
    record(loan, Event(on=LATE, type="reverse", event=last.sequence), key="undo", by=None, on=LATE)
    loan.refresh_from_db()
    assert loan.restructured_on is None and list(verify(loan)) == []


# --- under observation ------------------------------------------------------------------------------------------------


def grades(loan: Loan) -> list[tuple[dt.date, int, str, str]]:
    moves = ArrearsMove.objects.filter(loan=loan).order_by("business_date")
    return [(move.business_date, move.days_past_due, move.bucket, move.classification) for move in moves]


def keep_paying(loan: Loan, until: dt.date) -> None:
    for row in list(loan.installments.filter(settled_on=None, due_on__lte=until).order_by("number")):
        amount = Decimal(row.outstanding_minor) / 100
        record(loan, Event(on=row.due_on, type="repay", amount=amount), key=f"p-{row.due_on}", by=None, on=row.due_on)
    loan.refresh_from_db()


def test_a_loan_whose_plan_was_eased_in_time_is_watched_for_a_year(otto, sun):
    loan = loan_builders.active_loan()
    on = dt.date(2026, 9, 20)
    accept(offered(loan, otto, sun, on=on, way="longer_term"), on=on)
    loan.refresh_from_db()
    close_only("arrears", on)
    assert grades(loan) == [(on, 0, "M0", "special_mention")]
    keep_paying(loan, dt.date(2027, 9, 30))
    for day in (dt.date(2027, 9, 19), dt.date(2027, 9, 20)):
        close_only("arrears", day)
    assert grades(loan)[1:] == [(dt.date(2027, 9, 20), 0, "M0", "pass")]


def test_a_loan_that_did_not_perform_keeps_its_class_for_six_months(loan, otto, sun):
    on = dt.date(2027, 3, 1)  # late since 14 November: 107 days
    close_only("arrears", on)
    accept(offered(loan, otto, sun, on=on, way="longer_term"), on=on)
    close_only("arrears", on + dt.timedelta(days=1))
    loan.refresh_from_db()
    keep_paying(loan, dt.date(2027, 9, 10))
    for day in (dt.date(2027, 8, 31), dt.date(2027, 9, 1)):
        close_only("arrears", day)
    assert [row[2:] for row in grades(loan)] == [
        ("M4", "substandard"),
        ("M0", "substandard"),
        ("M0", "special_mention"),
    ]
    assert grades(loan)[-1][0] == dt.date(2027, 9, 1)


def test_a_watched_loan_that_falls_behind_is_classified_as_late_as_it_is(otto, sun):
    loan = loan_builders.active_loan()
    on = dt.date(2026, 9, 20)
    accept(offered(loan, otto, sun, on=on, way="longer_term"), on=on)
    close_only("arrears", dt.date(2027, 1, 31))  # nothing paid since: 109 days late
    assert grades(loan) == [(dt.date(2027, 1, 31), 109, "M4", "substandard")]


def test_provisions_go_by_the_same_class(otto, sun):
    loan = loan_builders.active_loan()
    on = dt.date(2026, 9, 20)
    accept(offered(loan, otto, sun, on=on, way="longer_term"), on=on)
    loan.refresh_from_db()
    close_only("arrears", on)
    counts = close_only("provisions", on)
    assert counts["CNY_minor"] == round(loan.outstanding_principal_minor * Decimal("0.02"))


# --- the doors --------------------------------------------------------------------------------------------------------

ANSWERS = {
    "reason": "income_less", "text": "Fewer hours.", "income_monthly": "2,000", "expenses_monthly": "1400",
    "can_pay_monthly": "600",
}  # fmt: skip


@pytest.fixture
def noon():
    with time_machine.travel(dt.datetime(2027, 2, 1, 4, tzinfo=dt.UTC), tick=False):
        yield


def test_ada_sees_ways_asks_for_one_and_accepts_what_two_officers_offer(loan, otto, sun, noon):
    client = browser(loan.customer)
    address = {name: reverse(f"portal:{name}", args=[loan.public_id]) for name in
               ("loan", "difficulty", "ask_for_plan", "plan", "decline_plan")}  # fmt: skip
    assert address["difficulty"] in text(client.get(address["loan"]))
    wrong = client.post(address["difficulty"], {**ANSWERS, "can_pay_monthly": "much", "key": new_key()})
    assert wrong.status_code == 422 and "Enter an amount in figures" in text(wrong)
    key = new_key()
    page = text(client.post(address["difficulty"], {**ANSWERS, "key": key}))
    assert page.count("Ask for this") == 3 and "You can carry it" in page and "Fewer hours." in page
    assert not PlanChange.objects.exists()
    for _again in range(2):
        sent = client.post(address["ask_for_plan"], {**ANSWERS, "key": key, "way": "smaller"})
        assert sent.url == address["loan"]
    change = PlanChange.objects.get()
    assert change.told == {"income_monthly": "2000.00", "expenses_monthly": "1400.00", "can_pay_monthly": "600.00"}
    assert "day left" in text(client.get(address["loan"])) or "days left" in text(client.get(address["loan"]))
    assert client.get(address["difficulty"]).url == address["loan"]
    assert client.get(address["plan"]).url == address["loan"]
    assert client.post(address["ask_for_plan"], {**ANSWERS, "key": new_key(), "way": ""}).status_code == 422

    desk = browser()
    desk.force_login(otto, backend="django.contrib.auth.backends.ModelBackend")
    page = text(desk.get(reverse("admin:servicing_planchange_change", args=[change.pk])))
    assert "Propose a plan" in page and "fits" in page
    propose = reverse("admin:servicing_planchange_propose", args=[change.pk])
    assert desk.post(propose, {"way": "smaller", "installments": "3", "note": "x"}).status_code == 422
    assert desk.post(propose, {"way": "smaller", "installments": "30", "note": "Seen."}).status_code == 302
    approve = reverse("admin:servicing_planchange_approve", args=[change.pk])
    assert desk.post(approve, {"note": "Me again."}).status_code == 403
    desk.force_login(sun, backend="django.contrib.auth.backends.ModelBackend")
    assert desk.post(approve, {"note": "Agreed."}).status_code == 302

    shown = text(client.get(address["plan"]))
    sha256 = plan_accepting.terms_text(PlanChange.objects.get(), on=LATE)[1]
    assert sha256 in shown and "SUPPLEMENTARY TERMS" in shown
    assert client.post(address["plan"], {"sha256": sha256}).status_code == 422
    assert client.post(address["plan"], {"sha256": "0" * 64, "agreed": "yes"}).status_code >= 400
    assert client.post(address["plan"], {"sha256": sha256, "agreed": "yes"}).url == address["loan"]
    loan.refresh_from_db()
    assert loan.restructured_on == LATE
    assert "plan changed" in text(client.get(address["loan"]))


def schedule(page: str) -> list[str]:
    """What the page says of the state of each installment."""
    rows = re.findall(r"<tr.*?</tr>", page[page.index('id="schedule-title"') :], re.DOTALL)[1:]
    return [re.sub(r"<[^>]+>", "", row.rsplit("<td", 1)[1].split(">", 1)[1]).strip() for row in rows]


def test_after_accepting_her_page_tells_the_new_plan_and_what_moved_into_it(loan, otto, sun, noon):
    paid = Event(on=LATE, type="repay", amount=Decimal(500))
    record(loan, paid, key="part", by=None, on=LATE)
    change = accept(offered(loan, otto, sun))
    told, client = change.case, browser(loan.customer)
    told.refresh_from_db()
    page = text(client.get(reverse("portal:loan", args=[loan.public_id])))
    states = schedule(page)
    assert states[:4] == [
        "Paid",
        "Paid in part; the rest moved into the new plan",
        "Moved into the new plan",
        "Moved into the new plan",
    ]
    assert set(states[4:]) == {"To come"} and len(states[4:]) == change.installments
    assert f"<dt>Installments of the new plan</dt><dd>{change.installments}</dd>" in page
    assert "<dt>Installments</dt>" not in page and told.answer.splitlines()[-1] not in page
    chinese = text(browser(loan.customer, "zh-hans").get(reverse("portal:loan", args=[loan.public_id])))
    assert schedule(chinese)[1:3] == ["部分已还，其余已并入新还款计划", "已并入新还款计划"]


def test_a_day_of_payment_in_full_is_no_day_of_moving(loan, otto, sun, noon):
    record(loan, Event(on=LATE, type="repay", amount=Decimal("1066.19")), key="first", by=None, on=LATE)
    accept(offered(loan, otto, sun))
    states = schedule(text(browser(loan.customer).get(reverse("portal:loan", args=[loan.public_id]))))
    assert states[:3] == ["Paid", "Paid", "Moved into the new plan"]


def test_a_plan_she_declined_leaves_no_offer_on_her_page(loan, otto, sun, noon):
    change = offered(loan, otto, sun)
    plan_accepting.decline(change, by=change.customer.user, on=LATE)
    page = text(browser(loan.customer).get(reverse("portal:loan", args=[loan.public_id])))
    assert "Your plan stays as it was" in page and "accept them by" not in page


def test_she_reads_every_document_she_signed_and_bao_reads_none(otto, sun, noon):
    loan = paid_out_loan(builders.identified_person("Ada"))
    client = browser(loan.customer)
    page = text(client.get(reverse("portal:loan", args=[loan.public_id])))
    assert reverse("portal:signed_contract", args=[loan.public_id]) in page and "/supplements/" not in page
    change = offered(loan, otto, sun)
    address = reverse("portal:supplement", args=[change.public_id])
    assert client.get(address).status_code == 404, "it is not hers before she accepted it"
    change = accept(change)
    page = text(client.get(reverse("portal:loan", args=[loan.public_id])))
    assert page.count(address) == 2 and reverse("portal:signed_contract", args=[loan.public_id]) in page
    assert "1 February 2027" in page
    loan.customer.language = "en" if loan.customer.language == "zh-hans" else "zh-hans"
    loan.customer.save()
    read = client.get(address)
    assert change.text in html.unescape(text(read)) and change.sha256 in text(read)
    assert read.context["language"] != loan.customer.language, "a document stays in the language it was accepted in"
    assert browser(builders.identified_person("Bao")).get(address).status_code == 404
    assert browser().get(address).status_code == 302


def test_bao_sees_none_of_it(loan, otto, sun, noon):
    offered(loan, otto, sun)
    bao = browser(loan_builders.customer("bao"))
    for name in ("difficulty", "plan"):
        assert bao.get(reverse(f"portal:{name}", args=[loan.public_id])).status_code == 404
    for name in ("ask_for_plan", "decline_plan", "plan"):
        assert bao.post(reverse(f"portal:{name}", args=[loan.public_id]), ANSWERS).status_code == 404
    assert PlanChange.objects.get().status == "offered"
