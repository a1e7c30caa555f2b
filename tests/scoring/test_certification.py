"""A model decides only after three different people said so, and only while the certificate lasts."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from scoring import certification, refusals
from scoring import champion as champions
from scoring.learning.table import Table
from scoring.learning.training import Trained
from scoring.models import ModelArtifact, ModelVersion
from scoring.training import train_model
from tests.scoring.conftest import TODAY, another_draft, carried_to_certificate

pytestmark = pytest.mark.django_db


def test_the_developer_cannot_validate_her_own_model(draft: ModelVersion, people: dict[str, Any]) -> None:
    certification.submit(draft, by=people["dev"], on=TODAY)
    with pytest.raises(refusals.NeedsAnotherPerson):
        certification.validate(draft, passed=True, note="fine", by=people["dev"], on=TODAY)
    draft.refresh_from_db()
    assert (draft.status, draft.validator) == ("submitted", None)


@pytest.mark.parametrize("who", ["dev", "vera"])
def test_the_certifier_is_a_third_person(who: str, draft: ModelVersion, people: dict[str, Any]) -> None:
    certification.submit(draft, by=people["dev"], on=TODAY)
    certification.validate(draft, passed=True, note="fine", by=people["vera"], on=TODAY)
    with pytest.raises(refusals.NeedsAnotherPerson):
        certification.certify(draft, expires_on=TODAY + datetime.timedelta(days=90), by=people[who], on=TODAY)


def test_the_database_refuses_what_the_acts_refuse(draft: ModelVersion, people: dict[str, Any]) -> None:
    for change in (
        {"validator": people["dev"]},
        {"validator": people["vera"], "certifier": people["vera"]},
        {"status": "champion"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            ModelVersion.objects.filter(pk=draft.pk).update(**change)


@pytest.mark.parametrize("to", ["champion", "challenger", "shadow"])
def test_a_draft_cannot_be_promoted(to: str, draft: ModelVersion, people: dict[str, Any]) -> None:
    with pytest.raises(refusals.WrongStatus):
        certification.promote(draft, to=to, by=people["cert"], on=TODAY)


def test_a_rejected_model_goes_no_further(draft: ModelVersion, people: dict[str, Any]) -> None:
    certification.submit(draft, by=people["dev"], on=TODAY)
    rejected = certification.validate(draft, passed=False, note="unstable", by=people["vera"], on=TODAY)
    with pytest.raises(refusals.WrongStatus):
        certification.certify(rejected, expires_on=TODAY + datetime.timedelta(days=9), by=people["cert"], on=TODAY)


@pytest.mark.parametrize("days", [0, -1, 733])
def test_a_certificate_has_a_sensible_end(days: int, draft: ModelVersion, people: dict[str, Any]) -> None:
    certification.submit(draft, by=people["dev"], on=TODAY)
    certification.validate(draft, passed=True, note="fine", by=people["vera"], on=TODAY)
    with pytest.raises(refusals.CertificateInThePast):
        certification.certify(draft, expires_on=TODAY + datetime.timedelta(days=days), by=people["cert"], on=TODAY)


def test_one_champion_at_a_time_and_one_act_brings_the_earlier_back(
    champion: ModelVersion, people: dict[str, Any], demo_trained: Trained, demo_table: Table
) -> None:
    other = another_draft(demo_trained, demo_table, people["dev"])
    other = certification.promote(carried_to_certificate(other, people), to="champion", by=people["cert"], on=TODAY)
    assert list(ModelVersion.objects.deciding(TODAY)) == [other]
    back = certification.roll_back(champion.name, by=people["cert"], on=TODAY)
    assert back == champion
    assert list(ModelVersion.objects.deciding(TODAY)) == [champion]
    with pytest.raises(refusals.NothingToRollBackTo):
        certification.roll_back(champion.name, by=people["cert"], on=TODAY)


@pytest.mark.parametrize("percent", [0, 51])
def test_a_challenger_decides_a_share_and_at_most_half(
    percent: int, draft: ModelVersion, people: dict[str, Any]
) -> None:
    certified = carried_to_certificate(draft, people)
    with pytest.raises(refusals.ShareOutOfBounds):
        certification.promote(certified, to="challenger", by=people["cert"], on=TODAY, challenger_percent=percent)
    certified.refresh_from_db()
    assert certified.status == "certified"


def test_the_system_takes_no_step_of_a_person(draft: ModelVersion) -> None:
    with pytest.raises(refusals.NotSomebody):
        certification.submit(draft, by=None, on=TODAY)


def test_every_step_is_in_the_history_with_who_took_it(champion: ModelVersion, people: dict[str, Any]) -> None:
    steps = list(champion.history.order_by("history_id").values_list("status", "history_user__username"))
    assert steps == [
        ("draft", "dev-of-models"),
        ("submitted", "dev-of-models"),
        ("validated", "vera-of-models"),
        ("certified", "cert-of-models"),
        ("champion", "cert-of-models"),
    ]


def test_a_model_of_foreign_columns_cannot_decide(people: dict[str, Any], demo_csv: bytes) -> None:
    foreign = demo_csv.replace(b"income_monthly", b"Einkommen", 1)
    version, _ = train_model(foreign, target="target", by=people["dev"], algorithm="scorecard")
    assert not version.uses_facts
    with pytest.raises(refusals.NotTrainedOnFacts):
        certification.promote(carried_to_certificate(version, people), to="champion", by=people["cert"], on=TODAY)


def test_a_damaged_file_is_not_loaded(champion: ModelVersion) -> None:
    artifact = ModelArtifact(file_sha256="0" * 64, content=champion.artifact.content)
    artifact.save()
    champions.forget()
    with pytest.raises(refusals.ArtifactDamaged):
        champions.load("0" * 64)


@pytest.mark.parametrize("content", [b"\x80\x04\x95", b"[]", b"{}", b'{"format":"loanbook-model","format_version":1}'])
def test_only_our_own_format_is_loaded(content: bytes) -> None:
    from scoring.learning.model import Model

    with pytest.raises(refusals.UnsafeArtifact):
        Model.from_bytes(content)


def test_refusals_say_what_to_do_next() -> None:
    for refusal in refusals.ScoringRefusal.__subclasses__():
        with translation.override("en"):
            assert refusal.code != "refused" and len(str(refusal.text)) > 20
        assert issubclass(refusal, ValidationError)
