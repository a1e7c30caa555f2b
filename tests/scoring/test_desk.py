"""Scoring on the desk: the pages open for whom they are meant, every step needs its permission, and nothing else
changes.
"""

import json
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from scoring.blacklist import enter
from scoring.models import BlacklistEntry, FraudSignal, ModelVersion, ReviewTask, Score, Strategy
from scoring.strategy_rules import STARTING_RULES
from scoring.validation import report
from tests.scoring.conftest import TODAY

pytestmark = pytest.mark.django_db
_WORDS = {"code": "YOUNG", "text_zh": "年轻", "text_en": "young"}
ROLES = {"dev": "model developer", "vera": "model validator", "cert": "model certifier", "risk": "risk"}


@pytest.fixture
def desks(people: dict[str, Any]) -> dict[str, Client]:
    """A signed-in browser for everyone of the model room."""
    clients = {}
    for name, user in people.items():
        user.is_staff = True
        user.save()
        if name in ROLES:
            user.groups.add(Group.objects.get(name=ROLES[name]))
        clients[name] = Client()
        clients[name].force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return clients


def _reads(user: Any, language: str) -> None:
    user.language = language
    user.save()


def _act(client: Client, version: ModelVersion, act: str, **answers: Any) -> int:
    return client.post(reverse("admin:scoring_modelversion_act", args=[version.pk, act]), answers).status_code


def test_three_people_carry_a_model_to_its_certificate_on_the_desk(
    desks: dict[str, Client], draft: ModelVersion
) -> None:
    assert _act(desks["dev"], draft, "submit") == 302
    assert _act(desks["vera"], draft, "validate", passed="1", note="Measured again, agrees.") == 302
    assert _act(desks["cert"], draft, "certify", certificate_expires_on="2027-01-31") in (302, 422)
    draft.refresh_from_db()
    assert draft.status in ("validated", "certified")
    assert draft.validator.username == "vera-of-models"


@pytest.mark.parametrize("act", ["take_over", "submit", "validate", "certify", "promote", "roll_back", "retire"])
def test_mallory_gets_403_and_nothing_changes(act: str, desks: dict[str, Client], draft: ModelVersion) -> None:
    before = ModelVersion.objects.values().get(pk=draft.pk)
    assert _act(desks["mallory"], draft, act, passed="1", note="x" * 20, to="champion", fallback="x") == 403
    assert ModelVersion.objects.values().get(pk=draft.pk) == before


def test_a_step_is_never_a_get(desks: dict[str, Client], draft: ModelVersion) -> None:
    url = reverse("admin:scoring_modelversion_act", args=[draft.pk, "submit"])
    assert desks["dev"].get(url).status_code == 405


def test_a_wrong_answer_is_422_with_the_field(desks: dict[str, Client], draft: ModelVersion) -> None:
    _act(desks["dev"], draft, "submit")
    assert _act(desks["vera"], draft, "validate", passed="1", note="") == 422
    draft.refresh_from_db()
    assert draft.status == "submitted"


def test_the_model_page_the_report_and_both_cards_open(
    desks: dict[str, Client], draft: ModelVersion, demo_table: Any, demo_trained: Any
) -> None:
    found = report(demo_table, demo_trained.out_of_fold, protected=["sex", "age_years"], approve_to_pd=0.1, time=None)
    ModelVersion.objects.filter(pk=draft.pk).update(validation=json.loads(json.dumps(found)))
    page = desks["vera"].get(reverse("admin:scoring_modelversion_change", args=[draft.pk]))
    assert page.status_code == 200
    assert b"polyline" in page.content
    told = desks["vera"].get(reverse("admin:scoring_modelversion_report", args=[draft.pk])).json()
    assert told["validation"]["fairness"]["sex"]["groups"]
    for language, word in (("zh", "公平性"), ("en", "Fairness")):
        card = desks["vera"].get(reverse("admin:scoring_modelversion_card", args=[draft.pk, language]))
        assert word in card.content.decode()
    assert desks["mallory"].get(reverse("admin:scoring_modelversion_report", args=[draft.pk])).status_code == 403


@pytest.mark.parametrize(
    "model", ["modelversion", "strategy", "fraudsignal", "blacklistentry", "score", "monitoringreading", "link"]
)
def test_every_list_opens_for_risk_and_not_for_mallory(model: str, desks: dict[str, Client], people: Any) -> None:
    people["dev"].groups.add(Group.objects.get(name="risk"))
    url = reverse(f"admin:scoring_{model}_changelist")
    assert desks["dev"].get(url).status_code == 200
    assert desks["mallory"].get(url).status_code == 403


def test_a_strategy_is_written_by_one_and_approved_by_another(desks: dict[str, Client], people: Any) -> None:
    for name in ("dev", "cert"):
        people[name].groups.add(Group.objects.get(name="risk"))
    rules = {**STARTING_RULES, "cut_offs": {"approve_to_pd": "0.10", "decline_from_pd": "0.30"}}
    answers = {"rules": json.dumps(rules), "note": "stricter", "effective_from": "2026-09-14"}
    assert desks["dev"].post(reverse("admin:scoring_strategy_add"), answers).status_code == 302
    written = Strategy.objects.get()
    assert desks["dev"].get(reverse("admin:scoring_strategy_change", args=[written.pk])).status_code == 200
    tried = desks["dev"].get(reverse("admin:scoring_strategy_change", args=[written.pk]) + "?replay")
    assert tried.status_code == 200 and tried.context["swaps"]["applications"] == 0
    approve = reverse("admin:scoring_strategy_approve", args=[written.pk])
    desks["dev"].post(approve)
    written.refresh_from_db()
    assert written.status == "draft"
    desks["cert"].post(approve)
    written.refresh_from_db()
    assert (written.status, written.checker.username) == ("approved", "cert-of-models")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"cut_offs": {"approve_to_pd": "0.5", "decline_from_pd": "0.3"}}, "approve_to_pd"),
        ({"policy": [{**_WORDS, "when": {"fact": "age_years", "op": "lt", "value": 25}}]}, "protected"),
        ({"bands": {}}, "bands"),
    ],
)  # fmt: skip
def test_rules_that_cannot_decide_are_refused(change: Any, says: str, desks: dict[str, Client], people: Any) -> None:
    people["dev"].groups.add(Group.objects.get(name="risk"))
    answers = {"rules": json.dumps({**STARTING_RULES, **change}), "note": "n", "effective_from": "2026-09-14"}
    response = desks["dev"].post(reverse("admin:scoring_strategy_add"), answers)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert not Strategy.objects.exists()


def test_confirmed_fraud_is_disposed_of_once_by_somebody_with_the_permission(
    desks: dict[str, Client], people: Any
) -> None:
    people["dev"].groups.add(Group.objects.get(name="risk"))
    signal = FraudSignal.objects.create(
        rule="PHONE_SHARED",
        severity="refer",
        subject_reference="A1",
        customer_reference="C1",
        evidence={},
        raised_on=TODAY,
    )
    url = reverse("admin:scoring_fraudsignal_change", args=[signal.pk])
    answers = {"disposition": "confirmed", "note": "Two people, one voice."}
    assert desks["mallory"].post(url, answers).status_code == 403
    assert desks["vera"].post(url, answers).status_code == 403
    assert desks["dev"].get(url).status_code == 200
    assert desks["dev"].post(url, answers).status_code == 302
    signal.refresh_from_db()
    assert (signal.disposition, signal.disposed_by.username) == ("confirmed", "dev-of-models")


def test_a_blacklist_entry_keeps_a_hash_and_has_an_end(desks: dict[str, Client], people: Any) -> None:
    people["dev"].groups.add(Group.objects.get(name="risk"))
    answers = {
        "kind": "phone",
        "value": "13800138001",
        "source": "police",
        "reason": "fraud",
        "expires_on": "2099-01-01",
    }
    assert desks["dev"].post(reverse("admin:scoring_blacklistentry_add"), answers).status_code == 422
    assert not BlacklistEntry.objects.exists()
    entry = enter(
        kind="phone", value="138 0013 8001", source="police", reason="fraud",
        expires_on=TODAY.replace(year=2027), by=people["dev"], on=TODAY,
    )  # fmt: skip
    assert "13800138001" not in entry.value_hash


@pytest.mark.parametrize("row", ["modelversion", "score", "reviewtask", "strategy", "fraudsignal"])
def test_a_page_of_no_row_is_404_and_a_post_to_it_needs_its_permission(
    row: str, desks: dict[str, Client], people: Any
) -> None:
    people["dev"].groups.add(Group.objects.get(name="risk"))
    page = reverse(f"admin:scoring_{row}_change", args=["no-key"])
    assert desks["dev"].get(page).status_code == 404
    assert desks["mallory"].get(page).status_code == 403
    assert desks["vera"].post(page).status_code == 403


def test_the_inventory_tells_status_purpose_and_a_lacking_auc_in_the_readers_language(
    desks: dict[str, Client], draft: ModelVersion
) -> None:
    purpose = "topic of a text, to route a case; a person can always change it"
    ModelVersion.objects.filter(pk=draft.pk).update(purpose=purpose, metrics={"accuracy": 0.9})
    url = reverse("admin:scoring_modelversion_changelist")
    shown = desks["vera"].get(url).content.decode()
    rows = shown[shown.index("result_list") :]
    assert "草稿" in rows and "0.0000" not in rows and purpose not in rows
    assert "由工作人员随时更改" in rows


@pytest.mark.parametrize(("language", "says"), [("zh-hans", "“调查发现”"), ("en", "“What you found”")])
def test_a_note_too_short_is_refused_by_the_name_of_its_field(
    language: str, says: str, desks: dict[str, Client], people: Any
) -> None:
    people["dev"].groups.add(Group.objects.get(name="risk"))
    signal = FraudSignal.objects.create(
        rule="PHONE_SHARED", severity="refer", subject_reference="A1", customer_reference="C1", evidence={},
        raised_on=TODAY,
    )  # fmt: skip
    url = reverse("admin:scoring_fraudsignal_change", args=[signal.pk])
    answers = {"disposition": "dismissed", "note": "ok"}
    _reads(people["dev"], language)
    refused = desks["dev"].post(url, answers)
    assert refused.status_code == 422
    assert any(says in error and "5" in error for error in refused.context["form"].errors["note"])


@pytest.mark.parametrize(
    ("metric", "value", "says"),
    [
        ("feature_psi", 0.312345678, "0.312"),
        ("approval_shift", -0.1234567, "-12.3 percentage points"),
        ("override_rate", 0.25678, "25.7%"),
    ],
)
def test_a_review_task_tells_its_figures_rounded_and_what_they_mean(
    metric: str, value: float, says: str, desks: dict[str, Client], draft: ModelVersion, people: Any
) -> None:
    _reads(people["vera"], "en")
    task = ReviewTask.objects.create(
        model_version=draft, metric=metric, opened_on=TODAY, value=value, threshold=0.2500001
    )
    vera = desks["vera"]
    for url in (
        reverse("admin:scoring_reviewtask_change", args=[task.pk]),
        reverse("admin:scoring_reviewtask_changelist"),
        reverse("admin:scoring_monitoringreading_model", args=[draft.pk]),
    ):
        shown = vera.get(url).content.decode()
        assert says in shown and str(value) not in shown and "0.2500001" not in shown
        assert f">{metric}<" not in shown.replace("\n", "").replace(" ", "")


def test_a_score_says_in_words_what_each_factor_does_to_the_risk(
    desks: dict[str, Client], draft: ModelVersion, people: Any
) -> None:
    _reads(people["vera"], "en")
    score = Score.objects.create(
        model_version=draft, subject_reference="A", customer_reference="C", scored_on=TODAY, facts={},
        facts_sha256="0" * 64, features={}, probability_of_default=0.1, points=600, band="C",
        contributions={"income_monthly": -0.5, "debts": 0.25, "assets": 0.0},
    )  # fmt: skip
    page = desks["vera"].get(reverse("admin:scoring_score_change", args=[score.pk]))
    rows = page.context["rows"]
    assert [(row["points"][0], row["raises"], row["silent"]) for row in rows] == [
        ("+", False, False), ("−", True, False), ("0", False, True),
    ]  # fmt: skip
    text = page.content.decode()
    assert text.count("lowers the risk") == text.count("raises the risk") == 1


def test_a_draft_that_names_nobody_is_taken_over_by_a_developer_on_its_page(
    desks: dict[str, Client], draft: ModelVersion, people: Any
) -> None:
    ModelVersion.objects.filter(pk=draft.pk).update(developer=None, owner="")
    page = reverse("admin:scoring_modelversion_change", args=[draft.pk])
    assert [act for act, _label, _form in desks["dev"].get(page).context["acts"]] == ["take_over"]
    assert desks["vera"].get(page).context["acts"] == []
    assert _act(desks["vera"], draft, "take_over") == 403
    assert _act(desks["dev"], draft, "take_over") == 302
    draft.refresh_from_db()
    assert (draft.developer, draft.owner, draft.status) == (people["dev"], "dev-of-models", "draft")
    people["cert"].groups.add(Group.objects.get(name="model developer"))
    assert _act(desks["cert"], draft, "take_over") == 302
    draft.refresh_from_db()
    assert draft.developer == people["dev"], "one who is named stays the developer"
    assert [act for act, _label, _form in desks["dev"].get(page).context["acts"]] == ["submit"]
    people["dev"].groups.add(Group.objects.get(name="model validator"))
    assert _act(desks["dev"], draft, "submit") == 302
    assert _act(desks["dev"], draft, "validate", passed="1", note="Looks good to me.") == 422
