"""The pages of a decision, its facts, its score and its product read as words, units and money, in both languages."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from compliance.models import PersonalDataView
from customers.models import User
from lending.applications import presenting
from lending.applications.models import Decision
from lending.applications.officers_decision import decide_by_officer
from lending.applications.presenting import bars, starting_points
from scoring.models import FraudSignal, Score, Strategy
from scoring.points import points_of_part
from scoring.strategy_rules import STARTING_RULES
from tests.cast import ADA_PHONE, Staff
from tests.lending import desk_world
from tests.lending.desk_world import World

pytestmark = pytest.mark.django_db
NEAREST = {
    "amount_minor": 1_500_000,
    "installments": 12,
    "text_zh": "若申请15,000.00元，其余情况不变，则可全额批准。",
    "text_en": "With an amount of ¥15,000.00 it would be approved in full, everything else staying as it is.",
}


@pytest.fixture
def world(staff: Staff) -> World:
    return desk_world.build(staff.otto, staff.sun)


@pytest.fixture
def decision(world: World, staff: Staff) -> Decision:
    """Ada's application decided again by a strategy, with a shadow's score and a fraud signal beside it."""
    on, application = timezone.localdate(), world.application
    Strategy.objects.create(
        name="default", version=4, rules=dict(STARTING_RULES), status="approved", effective_from=on,
        maker=staff.otto, checker=staff.sun,
    )  # fmt: skip
    first = application.decisions.get()
    subject = str(application.public_id)
    score = Score.objects.get(subject_reference=subject)
    Score.objects.create(
        model_version=score.model_version, role="shadow", subject_reference=subject, scored_on=on,
        customer_reference=score.customer_reference, facts={}, facts_sha256="e" * 64, features={},
        probability_of_default=0.081, points=602, band="C", contributions={},
    )  # fmt: skip
    FraudSignal.objects.create(
        rule="PHONE_SHARED", severity="refer", subject_reference=subject, evidence={}, raised_on=on,
        customer_reference=score.customer_reference,
    )  # fmt: skip
    advice = {
        "outcome": "refer", "limit_minor": 2_000_000, "yearly_rate_percent": "14.4", "max_installments": 12,
    }  # fmt: skip
    rules = {**first.rules, "strategy": "default v4", "recommendation": advice, "counterfactual": NEAREST}
    reasons = [
        *first.reasons,
        {"code": "SOURCE_FAILED", "text_zh": "数据源未响应。", "text_en": "A source failed.", "kind": "system"},
    ]
    return Decision.objects.create(
        application=application, snapshot=first.snapshot, score=score, outcome="refer", reasons=reasons, rules=rules,
        limit_minor=2_000_000, yearly_rate_percent=Decimal("14.4"), installments=12, decided_on=on,
    )  # fmt: skip


def read(user: User, address: str, language: str) -> str:
    user.language = language
    user.save()
    client = Client(headers={"accept-language": language})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode().split("<main", 1)[-1]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("Referred to an officer", "A source failed.", "Monthly income", "¥12,500.00", "3 years", "2 loans",
             "With an amount of ¥15,000.00", "default v4", "Phone shared with another customer", "8.1%", "shadow",
             "互联网贷款办法 art. 22", "You have several open loans elsewhere.", "at most 50%", "¥20,000.00", "14.4%"),
        ),
        (
            "zh-hans",
            ("转人工审核", "数据源未响应。", "月收入", "¥12,500.00", "3年", "2笔", "若申请15,000.00元", "default v4",
             "手机号码与他人共用", "8.1%", "您在其他机构的未结清贷款较多。", "最高50%", "偿还能力"),
        ),
    ],
)  # fmt: skip
def test_a_decision_is_told_in_words_and_money(
    language: str, words: tuple[str, ...], world: World, staff: Staff, decision: Decision
) -> None:
    for address in (
        reverse("admin:applications_decision_change", args=[decision.pk]),
        reverse("admin:applications_application_change", args=[world.application.pk]),
    ):
        page = read(staff.otto, address, language)
        for word in words:
            assert word in page, f"{address}: {word}"
        for raw in ("limit_minor", "2000000", "income_monthly", "{&#x27;", "&#x27;code", ADA_PHONE):
            assert raw not in page, f"{address}: {raw}"
        assert "female" not in page and "女" not in page, "protected characteristics stay out"
    assert PersonalDataView.objects.filter(customer_reference=str(world.ada.public_id)).count() == 2


def test_the_contributions_and_the_start_make_the_score(decision: Decision) -> None:
    score = decision.score
    assert score is not None
    rows = bars(score, "CNY")
    assert [row.adverse for row in rows] == [True, False, True, True]
    assert rows[0].label and rows[0].width == 100
    total = sum(points_of_part(part) for part in score.contributions.values())
    assert [float(row.points.replace("−", "-")) for row in rows] == pytest.approx([-15.9, 12.1, -8.9, -3.5], abs=0.05)
    assert starting_points(score) + total == pytest.approx(555, abs=1.5), "odds of 13.7 % are 555 points"


def test_an_override_is_told_with_its_reason(world: World, staff: Staff, decision: Decision) -> None:
    declined = decide_by_officer(
        world.application, outcome="decline", by=staff.sun, on=timezone.localdate(),
        reason_code="INCOME_NOT_VERIFIED", note="Payslips and statement differ.",
    )  # fmt: skip
    page = read(staff.otto, reverse("admin:applications_decision_change", args=[declined.pk]), "en")
    assert "Payslips and statement differ." in page and "sun" in page
    assert "The income you stated could not be verified." in page


def test_facts_score_and_product_open_for_whom_they_are_meant(world: World, staff: Staff, decision: Decision) -> None:
    pages: dict[str, tuple[str, ...]] = {
        reverse("admin:applications_factssnapshot_change", args=[decision.snapshot_id]): ("Monthly income", "¥12,500.00"),
        reverse("admin:scoring_score_change", args=[decision.score_id]): ("Open loans elsewhere", "13.7%"),
        reverse("admin:products_productversion_change", args=[world.version.pk]): (
            "¥1,000.00 – ¥200,000.00", "7.2% – 21.6%", "¥10,000.00", "Consumption",
        ),
    }  # fmt: skip
    for address, words in pages.items():
        page = read(staff.otto, address, "en")
        for word in words:
            assert word in page, f"{address}: {word}"
        assert "100000" not in page and ADA_PHONE not in page
    for address in pages:
        client = Client()
        client.force_login(staff.mallory, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(address).status_code == 403


def test_a_product_version_is_told_in_chinese(world: World, staff: Staff) -> None:
    page = read(staff.otto, reverse("admin:products_productversion_change", args=[world.version.pk]), "zh-hans")
    assert "综合消费" in page and "超过此金额须第二人批准放款" in page


def test_a_score_that_is_not_there_is_not_found(world: World, staff: Staff) -> None:
    client: Any = Client()
    client.force_login(staff.otto, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/admin/scoring/score/no-such/change/").status_code == 404


def test_a_debt_service_that_is_not_known_is_not_told_as_none(world: World, staff: Staff, decision: Decision):
    strategy = Strategy.objects.get(version=4)
    decision.snapshot.facts = {**decision.snapshot.facts, "debt_service_monthly": "500"}
    assert "未知" not in str(presenting.strains(world.application, decision, strategy))
    del decision.snapshot.facts["debt_service_monthly"]
    with translation.override("en"):
        today, asked = presenting.strains(world.application, decision, strategy)[:2]
        assert (today.debt_to_income, today.residual) == ("not known", "not known")
        assert asked.debt_to_income.startswith("at least ") and asked.residual.startswith("at most ")
