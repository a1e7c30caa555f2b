"""The officers' desk: who sees what, and that every act refuses Mallory and changes nothing."""

import datetime
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from compliance.models import PersonalDataView
from customers.models import User
from lending.applications.models import Application, Decision
from lending.clock import business_date
from lending.loans.models import Disbursement
from lending.money_display import money
from scoring.models import ModelArtifact, ModelVersion, ReviewTask, Strategy
from tests.cast import ADA_ID_NUMBER, ADA_PHONE, PASSWORD, Staff
from tests.lending import desk_world
from tests.lending.desk_world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(staff: Staff) -> World:
    User.objects.filter(is_staff=True).update(language="en")
    return desk_world.build(staff.otto, staff.sun)


@pytest.fixture
def sign_in() -> Callable[[User], Client]:
    def as_(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return as_


def page(name: str, *args: object) -> str:
    return reverse(f"admin:{name}", args=args)


def test_staff_who_open_the_sign_in_page_itself_reach_the_desk(staff) -> None:
    client = Client(headers={"accept-language": "en"})
    assert 'form="login-form" name="next" value="/admin/"' in client.get("/admin/login/").content.decode()
    answer = client.post("/admin/login/", {"username": "otto", "password": PASSWORD, "next": "/admin/"})
    assert answer["Location"] == "/admin/"


def test_the_queue_shows_referred_applications_first_and_masks_the_name(world, staff, sign_in) -> None:
    body = sign_in(staff.otto).get(page("applications_application_changelist")).content.decode()
    assert str(world.application) in body
    assert "¥30,000.00" in body
    assert str(world.loan.application) not in body, "a signed application waits for nobody"
    assert "王**" in body and "王小雅" not in body
    version = world.application.product_version
    assert f"{version.product.name_en} v{version.version}" in body and str(version) not in body


def test_the_application_page_tells_everything_the_decision_saw(world, staff, sign_in) -> None:
    body = sign_in(staff.otto).get(page("applications_application_change", world.application.pk)).content.decode()
    for expected in (
        "571",
        "Open loans elsewhere",
        "You have several open loans elsewhere.",
        "互联网贷款办法 art. 22",
        "Monthly income",
        "12,500",
        "Identity and income",
        "¥20,000.00",
        "14.4%",
        "With an officer",
        "Given",
    ):
        assert expected in body, expected
    assert ADA_PHONE not in body and "female" not in body, "identifiers and protected characteristics stay out"


def test_a_history_links_its_authors_only_for_those_who_may_look_at_the_staff(world, staff, sign_in) -> None:
    world.proposed._history_user = staff.sun
    world.proposed.save()
    history = page("products_productversion_history", world.proposed.pk)
    told = sign_in(staff.otto).get(history).content.decode()
    assert "sun" in told and "/customers/user/" not in told
    staff.otto.user_permissions.add(Permission.objects.get(codename="view_user", content_type__app_label="customers"))
    author = page("customers_user_change", staff.sun.pk)
    reader = sign_in(User.objects.get(pk=staff.otto.pk))
    assert f'href="{author}"' in reader.get(history).content.decode()
    assert reader.get(author).status_code == 200


def test_opening_an_application_is_put_on_record(world, staff, sign_in) -> None:
    sign_in(staff.otto).get(page("applications_application_change", world.application.pk))
    assert PersonalDataView.objects.get().customer_reference == str(world.ada.public_id)


def test_taking_an_application_assigns_it_once(world, staff, sign_in) -> None:
    address = page("applications_application_take", world.application.pk)
    assert sign_in(staff.otto).get(address).status_code == 405
    sign_in(staff.otto).post(address)
    assert Application.objects.get(pk=world.application.pk).assigned_to == staff.otto
    body = sign_in(staff.sun).post(address, follow=True).content.decode()
    assert "otto has taken" in body
    assert Application.objects.get(pk=world.application.pk).assigned_to == staff.otto


def test_an_approval_without_its_figures_is_refused_on_the_fields(world, staff, sign_in) -> None:
    address = page("applications_application_decide", world.application.pk)
    answer = sign_in(staff.otto).post(address, {"outcome": "approve", "reason_code": "INCOME_VERIFIED", "note": "ok"})
    assert answer.status_code == 422
    assert answer.content.decode().count("An approval names the amount") == 3
    assert Decision.objects.filter(application=world.application, by__isnull=False).count() == 0


@pytest.mark.parametrize("value", ["-5", "99999999999999999999", "abc", "100.001"])
def test_impossible_amounts_are_refused_on_the_field(world, staff, sign_in, value) -> None:
    data = {
        "outcome": "approve",
        "amount": value,
        "installments": "12",
        "yearly_rate_percent": "14.4",
        "reason_code": "INCOME_VERIFIED",
        "note": "n",
    }
    answer = sign_in(staff.otto).post(page("applications_application_decide", world.application.pk), data)
    assert answer.status_code == 422
    assert Decision.objects.filter(application=world.application).count() == 1


def test_a_customer_is_found_by_whole_number_and_the_number_is_in_no_address(world, staff, sign_in) -> None:
    client = sign_in(staff.otto)
    for number in (ADA_ID_NUMBER, ADA_PHONE, f"+86 {ADA_PHONE[:3]} {ADA_PHONE[3:7]} {ADA_PHONE[7:]}"):
        answer = client.post(page("customers_customer_find"), {"term": number})
        assert answer.status_code == 302 and ADA_PHONE not in answer.url and ADA_ID_NUMBER not in answer.url
        body = client.get(answer.url).content.decode()
        assert str(world.ada.public_id)[:8] in body and str(world.bao.public_id)[:8] not in body
        assert ADA_PHONE not in body and ADA_ID_NUMBER not in body


def test_part_of_a_number_finds_nobody(world, staff, sign_in) -> None:
    client = sign_in(staff.otto)
    body = client.get(client.post(page("customers_customer_find"), {"term": ADA_PHONE[:7]}).url).content.decode()
    assert str(world.ada.public_id)[:8] not in body


def test_personal_data_is_revealed_on_request_and_on_record(world, staff, sign_in) -> None:
    address = page("customers_customer_reveal", world.ada.pk)
    masked = sign_in(staff.otto).get(page("customers_customer_change", world.ada.pk)).content.decode()
    assert ADA_ID_NUMBER not in masked and "110***********0025" in masked and "138****8001" in masked
    assert PersonalDataView.objects.count() == 0
    assert sign_in(staff.otto).get(address).status_code == 405
    answer = sign_in(staff.otto).post(address)
    assert ADA_ID_NUMBER in answer.content.decode() and "no-store" in answer["Cache-Control"]
    seen = PersonalDataView.objects.get()
    assert (seen.by, seen.customer_reference, seen.page) == (staff.otto, str(world.ada.public_id), address)


def test_a_role_without_the_permission_sees_no_personal_data(world, sign_in) -> None:
    operator = desk_world.add_staff("ola", "operations")
    body = sign_in(operator).get(page("customers_customer_change", world.ada.pk)).content.decode()
    assert "your role does not show it" in body
    assert sign_in(operator).post(page("customers_customer_reveal", world.ada.pk)).status_code == 403
    assert PersonalDataView.objects.count() == 0


def test_who_requested_a_disbursement_is_not_offered_to_approve_it(world, staff, sign_in) -> None:
    address = page("loans_disbursement_change", world.disbursement.pk)
    assert "It waits for a senior officer" in sign_in(staff.otto).get(address).content.decode()
    assert "Approve ¥12,000.00" in sign_in(staff.sun).get(address).content.decode()
    Disbursement.objects.filter(pk=world.disbursement.pk).update(maker=staff.sun)
    body = sign_in(staff.sun).get(address).content.decode()
    assert "another officer must approve it" in body and "Approve ¥12,000.00" not in body


def test_mallory_and_the_wrong_role_get_403_and_nothing_changes(world, staff, sign_in) -> None:
    acts = [
        page("applications_application_take", world.application.pk),
        page("applications_application_decide", world.application.pk),
        page("loans_disbursement_approve", world.disbursement.pk),
        page("loans_disbursement_reject", world.disbursement.pk),
        page("products_productversion_publish", world.proposed.pk),
        page("products_productversion_propose", world.version.pk),
        page("repayments_repayment_post", world.loan.pk),
        page("compliance_trailexport_export"),
        page("compliance_trailexport_verify"),
        page("compliance_trailexport_verify_file"),
        page("customers_customer_find"),
        page("customers_customer_reveal", world.ada.pk),
    ]
    before = (_state(world), PersonalDataView.objects.count())
    for address in acts:
        assert sign_in(staff.mallory).post(address, {"reason": "x"}).status_code == 403, address
        assert sign_in(staff.mallory).get(address).status_code == 403, address
        assert Client().post(address).status_code == 302, address
    for address in acts[2:]:
        if "customer" not in address:
            assert sign_in(staff.otto).post(address, {"reason": "x"}).status_code == 403, address
    assert (_state(world), PersonalDataView.objects.count()) == before


def _state(world: World) -> tuple[object, ...]:
    application = Application.objects.get(pk=world.application.pk)
    order = Disbursement.objects.get(pk=world.disbursement.pk)
    world.proposed.refresh_from_db()
    return application.status, application.assigned_to_id, order.status, order.checker_id, world.proposed.published_at


def test_a_proposer_does_not_publish_his_own_version(world, staff, sign_in) -> None:
    sign_in(staff.sun).post(page("products_productversion_publish", world.proposed.pk))
    world.proposed.refresh_from_db()
    assert world.proposed.published_at is None


def test_the_first_page_tells_what_waits(world, staff, sign_in) -> None:
    body = sign_in(staff.sun).get(reverse("admin:index")).content.decode()
    assert str(world.application) in body and world.loan.number in body
    assert "No certified model is in force" in body
    assert sign_in(staff.mallory).get(reverse("admin:index")).status_code == 403


def test_acts_ask_for_the_csrf_token(world, staff) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff.otto, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(page("applications_application_take", world.application.pk)).status_code == 403
    assert Application.objects.get(pk=world.application.pk).assigned_to is None


def test_signing_in_to_the_desk_works_with_a_password(staff) -> None:
    client = Client(headers={"accept-language": "en"})
    answer = client.post(reverse("admin:login"), {"username": "otto", "password": PASSWORD, "next": "/admin/"})
    assert answer.status_code == 302 and answer.url == "/admin/"


def test_otto_declines_with_a_reason_and_a_note(world, staff, sign_in) -> None:
    data = {"outcome": "decline", "reason_code": "INCOME_NOT_VERIFIED", "note": "Payslips and statement differ."}
    answer = sign_in(staff.otto).post(page("applications_application_decide", world.application.pk), data)
    assert answer.status_code == 302
    decision = Decision.objects.filter(application=world.application).latest("id")
    assert (decision.outcome, decision.by, decision.note) == ("decline", staff.otto, data["note"])
    assert Application.objects.get(pk=world.application.pk).status == Application.Status.DECLINED


def test_a_reason_that_does_not_go_with_the_decision_is_refused_on_its_field(world, staff, sign_in) -> None:
    data = {"outcome": "decline", "reason_code": "INCOME_VERIFIED", "note": "x"}
    answer = sign_in(staff.otto).post(page("applications_application_decide", world.application.pk), data)
    assert answer.status_code == 422
    assert "Choose one of the reasons under “Declined”." in answer.content.decode()
    assert "INCOME_NOT_VERIFIED, " not in answer.content.decode()
    assert Decision.objects.filter(application=world.application).count() == 1


def test_an_officer_is_told_the_bounds_that_the_decision_keeps(world, staff, sign_in) -> None:
    form = sign_in(staff.otto).get(page("applications_application_change", world.application.pk)).context["form"]
    version, asked = world.application.product_version, world.application.amount_minor
    assert asked < version.max_amount_minor
    assert form.fields["amount"].help_text.endswith(f" to {money(asked, version.currency)}")


def test_the_timeline_names_the_customer_as_such_and_staff_by_name(world, staff, sign_in) -> None:
    sign_in(staff.otto).post(page("applications_application_take", world.application.pk))
    shown = sign_in(staff.otto).get(page("applications_application_change", world.application.pk))
    told = {moment.who for moment in shown.context["timeline"]}
    assert world.application.customer.user.username not in told and "otto" in told
    assert told <= {"The customer", "System", "Rules", "otto"}


def test_sun_approves_what_otto_requested(world, staff, sign_in) -> None:
    sign_in(staff.sun).post(page("loans_disbursement_approve", world.disbursement.pk))
    order = Disbursement.objects.get(pk=world.disbursement.pk)
    assert (order.status, order.checker) == (Disbursement.Status.APPROVED, staff.sun)


def test_sun_rejects_only_with_a_reason(world, staff, sign_in) -> None:
    address = page("loans_disbursement_reject", world.disbursement.pk)
    assert sign_in(staff.sun).post(address, {"reason": ""}).status_code == 422
    assert Disbursement.objects.get(pk=world.disbursement.pk).status == "requested"
    sign_in(staff.sun).post(address, {"reason": "The account is not hers."})
    order = Disbursement.objects.get(pk=world.disbursement.pk)
    assert (order.status, order.checker, order.reason) == ("rejected", staff.sun, "The account is not hers.")


def test_cora_exports_the_trail_of_a_loan_and_verifies_it(world, staff, sign_in) -> None:
    client = sign_in(staff.cora)
    answer = client.post(page("compliance_trailexport_export"), {"loan": "NOSUCH", "reason": "audit"})
    assert answer.status_code == 422 and "no loan with the number" in answer.content.decode()
    answer = client.post(page("compliance_trailexport_export"), {"loan": world.loan.number, "reason": "audit"})
    content = b"".join(answer.streaming_content)
    assert hashlib.sha256(content).hexdigest() == answer["X-Content-SHA256"]
    assert ADA_PHONE.encode() not in content
    assert "Sound" in client.post(page("compliance_trailexport_verify"), {}).content.decode()
    file = SimpleUploadedFile("trail.jsonl", content)
    assert "Sound" in client.post(page("compliance_trailexport_verify_file"), {"file": file}).content.decode()
    spoiled = SimpleUploadedFile("trail.jsonl", content.replace(b"1200000", b"1200001"))
    assert "Broken" in client.post(page("compliance_trailexport_verify_file"), {"file": spoiled}).content.decode()
    nonsense = SimpleUploadedFile("trail.jsonl", b"hello")
    answer = client.post(page("compliance_trailexport_verify_file"), {"file": nonsense})
    assert answer.status_code == 422 and "not an export of the trail" in answer.content.decode()
    assert "Broken" not in answer.content.decode(), "what is no export tells nothing about the trail"


def test_a_broken_trail_is_told_in_the_readers_language(world, staff, sign_in) -> None:
    client = sign_in(staff.cora)
    answer = client.post(page("compliance_trailexport_export"), {"loan": world.loan.number, "reason": "audit"})
    spoiled = b"".join(answer.streaming_content).replace(b"1200000", b"1200001")
    staff.cora.language = "zh-hans"
    staff.cora.save()
    file = SimpleUploadedFile("trail.jsonl", spoiled)
    answer = sign_in(staff.cora).post(page("compliance_trailexport_verify_file"), {"file": file})
    told = answer.content.decode()
    assert "记录被改动" in told and "文件中的记录与其摘要不符" in told and "row changed" not in told


def _model(name: str, **more: Any) -> ModelVersion:
    artifact, _made = ModelArtifact.objects.get_or_create(file_sha256="0" * 64, defaults={"content": "{}"})
    return ModelVersion.objects.create(
        name=name, version=1, algorithm="scorecard", purpose="p", data_sha256="0" * 64, data_rows=1, artifact=artifact,
        **more,
    )  # fmt: skip


def test_the_model_room_sees_on_the_first_page_what_waits_for_each_and_only_that(sign_in) -> None:
    users = User.objects
    roles = {"dora": "model developer", "vera": "model validator", "chen": "model certifier", "ruth": "risk"}
    people = {}
    for name, role in roles.items():
        people[name] = users.create_user(username=name, is_staff=True, language="en")
        people[name].groups.add(Group.objects.get(name=role))

    def lists(name: str) -> dict[str, list[str]]:
        page = sign_in(people[name]).get(reverse("admin:index"))
        assert page.status_code == 200
        return {work.title: [line.name for line in work.lines] for work in page.context["model_work"]}

    assert lists("vera") == {
        "Models awaiting your validation": [],
        "Review tasks open": [],
        "Certificates that end within 60 days": [],
    }
    assert "No model waits for your validation." in sign_in(people["vera"]).get(reverse("admin:index")).content.decode()
    soon = business_date() + datetime.timedelta(days=30)
    certified = {"developer": people["dora"], "validator": people["vera"], "certifier": people["chen"]}
    _model("nobodys")
    _model("doras", status="submitted", developer=people["dora"])
    _model("veras", status="submitted", developer=people["vera"])
    _model("checked", status="validated", developer=people["dora"], validator=people["vera"])
    old = _model("old", status="champion", certificate_expires_on=soon, promoted_on=soon, **certified)
    ReviewTask.objects.create(
        model_version=old, metric="feature_psi", feature="debts", opened_on=soon, value=0.31234, threshold=0.25
    )
    Strategy.objects.create(name="default", version=1, rules={}, effective_from=soon, maker=people["dora"])
    assert lists("vera")["Models awaiting your validation"] == ["doras v1"]
    assert lists("vera")["Certificates that end within 60 days"] == ["old v1"]
    assert len(lists("vera")["Review tasks open"]) == 1
    assert lists("chen")["Models awaiting your certification"] == ["checked v1"]
    assert "Review tasks open" not in lists("chen")
    assert lists("dora")["Drafts to submit for validation"] == ["nobodys v1"]
    assert lists("dora")["Your draft strategies, to be approved by a colleague"] == ["default v1"]
    assert lists("ruth")["Strategies awaiting your approval"] == ["default v1"]
    assert not any("validation" in title for title in lists("ruth"))
