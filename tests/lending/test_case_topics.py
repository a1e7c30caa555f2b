"""Cases sorted: suggested by a certified classifier, chosen by officers, learnt again from what they chose."""

import csv
import datetime
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from customers import answering, service_cases
from customers.models import Customer, ServiceCase
from lending.applications import purpose_text
from lending.applications.models import Application
from lending.regulation.checks import check_purpose_text
from lending.regulation.rules import in_force
from scoring import certification
from scoring.models import ModelArtifact, ModelVersion
from tests import builders
from tests.cast import TODAY

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parents[1] / "scoring" / "data"


def complaints() -> list[tuple[str, str]]:
    with (DATA / "complaints.csv").open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["label"]) for row in csv.DictReader(file)]


def champion(path: Path, name: str) -> ModelVersion:
    call_command("train_text_classifier", str(path), "--name", name, stdout=io.StringIO())
    dev, vera, cert = (builders.officer(f"{who}-{name}") for who in ("dev", "vera", "cert"))
    version = certification.submit(ModelVersion.objects.get(name=name), by=dev, on=TODAY)
    version = certification.validate(version, passed=True, note="sound", by=vera, on=TODAY)
    version = certification.certify(version, expires_on=TODAY + datetime.timedelta(days=300), by=cert, on=TODAY)
    return certification.promote(version, to="champion", by=cert, on=TODAY)


def opened(ada: Customer, text: str) -> ServiceCase:
    return service_cases.open_case(ada, kind="complaint", text=text, by=ada.user, on=TODAY, due_on=TODAY)


def test_the_champion_suggests_a_topic_and_an_urgent_one_comes_first():
    ada = builders.identified_person()
    unsorted = opened(ada, "催收天天打电话给我的同事，还骂人")
    assert (unsorted.suggested_topic, unsorted.urgent) == ("", False)
    champion(DATA / "complaints.csv", "complaint-topic")
    case = opened(ada, "催收天天打电话给我的同事，还骂人")
    assert (case.suggested_topic, case.suggested_by, case.urgent) == ("collection", "complaint-topic v1", True)
    assert 0 < case.suggested_probability < 1 and case.topic == ""
    assert ServiceCase.objects.in_order_of_work()[0] == case
    assert opened(ada, "ξψω").suggested_topic == ""


def test_a_damaged_champion_does_not_keep_a_case_from_being_opened(monkeypatch):
    version = champion(DATA / "complaints.csv", "complaint-topic")
    monkeypatch.setattr("scoring.text_training._loaded", {})
    monkeypatch.setattr("scoring.text_training.sha256_of", lambda content: "0" * 64)
    case = opened(builders.identified_person(), "利息太高")
    assert (case.status, case.suggested_topic) == ("open", "")
    assert ModelArtifact.objects.filter(pk=version.artifact_id).exists()


def test_what_officers_chose_is_what_the_next_classifier_learns():
    ada, otto = builders.identified_person(), builders.officer("otto")
    for text, topic in complaints():
        answering.answer(opened(ada, text), answer="Seen.", topic=topic, by=otto, on=TODAY)
    answering.answer(opened(ada, complaints()[0][0] + "！"), answer="Seen.", topic="privacy", by=otto, on=TODAY)
    said = io.StringIO()
    call_command("train_text_classifier", "--cases", "--json", stdout=said)
    figures = json.loads(said.getvalue())
    assert figures["texts"] == 90 and figures["macro_f1"] > 2 * figures["accuracy_of_always_the_commonest"]
    assert figures["by_label"]["privacy"]["count"] == 16  # the officer thought better of one text


def test_too_few_labels_are_refused_with_the_topics_and_their_counts():
    ada, otto = builders.identified_person(), builders.officer("otto")
    for text, topic in [row for row in complaints() if row[1] in ("fees", "privacy")][:20]:
        answering.answer(opened(ada, text), answer="Seen.", topic=topic, by=otto, on=TODAY)
    answering.answer(opened(ada, "其他事情"), answer="Seen.", topic="other", by=otto, on=TODAY)
    with pytest.raises(CommandError, match=r"at least 5 are needed: .*“other” 1"):
        call_command("train_text_classifier", "--cases")
    assert not ModelVersion.objects.exists()


# --- what a loan is for, in her own words -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "purposes"),
    [
        ("想拿去炒股", "securities"),
        ("交买房的首付", "housing"),
        ("还信用卡", "debt_repayment"),
        ("to Invest in something", "securities"),
        ("Buying Bitcoins and ＦＯＲＥＸ", "derivatives"),
        ("new stockings and a fridge", None),
        ("装修厨房", None),
        ("", None),
    ],
)
def test_words_for_forbidden_uses_are_found_whole(text, purposes):
    found = check_purpose_text(text, in_force(jurisdiction="CN", on=TODAY))
    assert [(one.severity.value, one.params["purpose"]) for one in found] == ([("refer", purposes)] if purposes else [])


def test_a_forbidden_use_in_the_text_sends_a_good_application_to_a_person():
    builders.deciding_model()
    good = builders.submit(builders.application(**builders.REPORTED))
    assert good.outcome == "approve"
    bad = builders.submit(
        builders.application(builders.identified_person("Bao"), **builders.REPORTED, purpose_text="其实是拿去炒股")
    )
    assert bad.outcome == "refer"
    assert "PURPOSE_TEXT_FORBIDDEN" in {reason["code"] for reason in bad.reasons}
    [finding] = [one for one in bad.rules["findings"] if one["code"] == "PURPOSE_TEXT_FORBIDDEN"]
    assert finding["params"]["words"] == "炒股" and finding["citation"]


def test_another_purpose_than_the_one_chosen_is_shown_and_decides_nothing(tmp_path):
    builders.deciding_model()
    champion(DATA / "purposes.csv", "loan-purpose")
    asked = builders.application(**builders.REPORTED, purpose_text="孩子的学费和培训费")
    assert builders.submit(asked).outcome == "approve"
    asked.refresh_from_db()
    read = purpose_text.reading_of(asked, TODAY)
    assert read is not None and (read.purpose, read.by) == ("education", "loan-purpose v1")
    assert read.differs == (read.probability >= purpose_text.LEAST_PROBABILITY)


def test_a_classifier_that_reads_a_forbidden_purpose_refers_and_one_that_fails_does_not_stop_the_decision(monkeypatch):
    builders.deciding_model()

    class Sure:
        version = "loan-purpose v9"

        def classify(self, text):
            from scoring.text import Classified

            return Classified("housing", 0.9, {"housing": 0.9}, ())

    monkeypatch.setattr(purpose_text, "text_champion", lambda name, on: Sure())
    asked = builders.submit(builders.application(**builders.REPORTED, purpose_text="新家的大事"))
    assert asked.outcome == "refer" and "PURPOSE_TEXT_FORBIDDEN" in {reason["code"] for reason in asked.reasons}

    def broken(name, on):
        raise RuntimeError("no model")

    monkeypatch.setattr(purpose_text, "text_champion", broken)
    other = builders.application(builders.identified_person("Bao"), **builders.REPORTED, purpose_text="新家的大事")
    assert builders.submit(other).outcome == "approve"


def test_purposes_are_learnt_from_signed_loans_alone():
    loan = builders.signed_loan(purpose_text="买一台冰箱")
    builders.application(builders.identified_person("Bao"), purpose_text="去旅游")
    assert list(purpose_text.labelled()) == [("买一台冰箱", "consumption")]
    assert Application.objects.get(pk=loan.application_id).answers["purpose_text"] == "买一台冰箱"
