"""The validation report: every measure against an independent computation, and everything a validator asks for is told
on the page, as JSON and on the card, in both languages.
"""

import json
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import translation

from scoring import certification
from scoring.assessment import Request, assess
from scoring.fairness import fairness
from scoring.learning import metrics
from scoring.learning.table import Table
from scoring.learning.training import Trained
from scoring.model_card import card
from scoring.model_pages import acts_open_to, for_study
from scoring.model_plots import plots_of
from scoring.models import ModelVersion, Strategy
from scoring.rivals import duels
from scoring.validation import benchmark, calibration, factor_stability, lift, report, sensitivity, stability
from tests.scoring.conftest import TODAY, another_draft, carried_to_certificate


def sample(seed: int, rows: int = 1500, ties: bool = False) -> tuple[Any, Any]:
    """Outcomes and probabilities that tell something about them; with ties as a scorecard makes them."""
    draw = np.random.default_rng(seed)
    risk = draw.normal(size=rows)
    bad = (draw.random(rows) < 1 / (1 + np.exp(1.5 - risk))).astype(float)
    found = 1 / (1 + np.exp(1.5 - risk + draw.normal(size=rows)))
    return bad, np.round(found, 1) if ties else found


@pytest.mark.parametrize(("seed", "ties"), [(1, False), (2, True), (3, False)])
def test_the_measures_are_those_of_scikit_learn_and_scipy(seed: int, ties: bool) -> None:
    from scipy.stats import ks_2samp
    from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

    bad, found = sample(seed, ties=ties)
    inside = np.clip(found, 0.01, 0.99)
    told = metrics.summary(bad, inside)
    assert told["auc"] == pytest.approx(roc_auc_score(bad, inside), abs=1e-6)
    assert told["gini"] == pytest.approx(2 * roc_auc_score(bad, inside) - 1, abs=1e-6)
    assert told["ks"] == pytest.approx(ks_2samp(inside[bad == 1], inside[bad == 0]).statistic, abs=1e-6)
    assert told["brier"] == pytest.approx(brier_score_loss(bad, inside), abs=1e-6)
    assert told["log_loss"] == pytest.approx(log_loss(bad, inside), abs=1e-6)


@pytest.mark.parametrize(("seed", "ties"), [(1, False), (2, True), (4, False)])
def test_the_h_measure_is_the_integral_over_costs(seed: int, ties: bool) -> None:
    """The definition itself, by quadrature: the least cost over all cut-offs, weighed by Beta(2, 2), against a coin."""
    from scipy.stats import beta
    from sklearn.metrics import roc_curve

    bad, found = sample(seed, ties=ties)
    refused, caught, _cuts = roc_curve(bad, found, drop_intermediate=False)
    share, costs = bad.mean(), np.linspace(0, 1, 20_001)
    grid = costs[:, None] * share * (1 - caught) + (1 - costs[:, None]) * (1 - share) * refused
    weights = beta(2, 2).pdf(costs)
    coin = np.minimum(costs * share, (1 - costs) * (1 - share))
    wanted = 1 - np.trapezoid(weights * grid.min(axis=1), costs) / np.trapezoid(weights * coin, costs)
    assert metrics.h_measure(bad, found) == pytest.approx(wanted, abs=1e-6)


def test_delongs_interval_agrees_with_the_bootstrap() -> None:
    bad, found = sample(5)
    low, high = metrics.auc_interval(bad, found)
    draw = np.random.default_rng(0)
    rows = [draw.integers(0, len(bad), len(bad)) for _ in range(600)]
    areas = [metrics.auc(bad[one], found[one]) for one in rows]
    assert [low, high] == pytest.approx(np.quantile(areas, (0.025, 0.975)).tolist(), abs=0.004)
    _bad, other = sample(6)
    other = 0.5 * found + 0.5 * other
    gained, least, most = metrics.auc_difference(bad, found, other)
    gains = [metrics.auc(bad[one], found[one]) - metrics.auc(bad[one], other[one]) for one in rows]
    assert gained == pytest.approx(metrics.auc(bad, found) - metrics.auc(bad, other), abs=1e-12)
    assert [least, most] == pytest.approx(np.quantile(gains, (0.025, 0.975)).tolist(), abs=0.005)


def test_lift_and_calibration_by_hand() -> None:
    bad = np.array([1, 1, 0, 1, 0, 0, 0, 0, 0, 0] * 10, dtype=float)
    found = np.tile(np.linspace(0.95, 0.05, 10), 10)
    told = {row["share"]: row for row in lift(bad, found)}
    assert told[0.1] == {"share": 0.1, "caught": round(10 / 30, 6), "lift": round(1 / 0.3, 6)}
    assert told[0.5]["caught"] == 1.0 and told[0.5]["lift"] == 2.0
    groups = calibration(bad, found)
    assert [group["realised"] for group in groups] == [0, 0, 0, 0, 0, 0, 1, 0, 1, 1]
    assert groups[0]["interval"] == metrics.wilson(0, 10) and groups[0]["predicted"] == pytest.approx(0.05)


def test_fairness_tells_ratio_and_both_gaps_with_their_intervals() -> None:
    """200 women, 300 men; of each group the same approvals by outcome, counted by hand."""
    labels = ["f"] * 200 + ["m"] * 300
    bad = np.array([0] * 160 + [1] * 40 + [0] * 240 + [1] * 60, dtype=float)
    approved = [1] * 96 + [0] * 64 + [1] * 8 + [0] * 32 + [1] * 192 + [0] * 48 + [1] * 30 + [0] * 30
    found = fairness(labels, bad, np.where(np.array(approved) == 1, 0.05, 0.5), 0.1)
    women = next(row for row in found["groups"] if row["group"] == "f")
    assert found["reference"] == "m"
    assert women["ratio"] == pytest.approx((104 / 200) / (222 / 300), abs=1e-6)
    error = np.sqrt(1 / 104 - 1 / 200 + 1 / 222 - 1 / 300)
    low, high = women["ratio"] * np.exp(np.array([-1.96, 1.96]) * error)
    assert women["ratio_interval"] == pytest.approx([low, high], abs=1e-5)
    assert women["below_four_fifths"] == bool(high < 0.8)
    assert women["good_gap"] == pytest.approx(96 / 160 - 192 / 240)
    assert women["bad_gap"] == pytest.approx(8 / 40 - 30 / 60)
    width = 1.96 * np.sqrt(0.2 * 0.8 / 40 + 0.5 * 0.5 / 60)
    assert women["bad_gap_interval"] == pytest.approx([-0.3 - width, -0.3 + width], abs=1e-6)


def test_sensitivity_moves_what_the_model_weighs_and_nothing_else(demo_trained: Trained, demo_table: Table) -> None:
    told = {row["column"]: row for row in sensitivity(demo_table, demo_trained.model, 0.18)}
    weighed = set(demo_trained.model.scorecard.weights)  # type: ignore[union-attr]
    assert all(row["up"] == row["flips"] == 0 for name, row in told.items() if name not in weighed)
    assert told["burden_of_residual"]["up"] > 0 > told["burden_of_residual"]["down"]
    assert any(row["flips"] > 0 for row in told.values())


def test_drift_is_told_for_the_score_and_for_each_factor(demo_table: Table) -> None:
    rows = len(demo_table)
    income = np.asarray(demo_table.values["income_monthly"], dtype=float).copy()
    income[rows * 4 // 5 :] *= 3
    drifted = Table(
        demo_table.columns, {**demo_table.values, "income_monthly": income}, demo_table.bad, "", "", demo_table.aside
    )
    times = [f"{number:06d}" for number in range(rows)]
    told = {row["column"]: row["csi"] for row in factor_stability(drifted, times)}
    assert told["income_monthly"] > 0.5 and told["dependants"] < 0.05
    slices = stability(times, demo_table.bad, np.where(np.arange(rows) < rows * 4 // 5, 0.1, 0.9) + income * 1e-9)
    assert slices[0]["psi"] == 0 and slices[-1]["psi"] > 1


def test_the_report_has_everything_and_the_benchmark_is_paired(demo_trained: Trained, demo_table: Table) -> None:
    told = report(
        demo_table,
        demo_trained.out_of_fold,
        protected=["sex", "age_years"],
        approve_to_pd=0.18,
        model=demo_trained.model,
        scorecard=demo_trained.out_of_fold,
    )
    assert json.loads(json.dumps(told)) == told, "it is plain JSON"
    assert told["benchmark"]["auc_gained"] == 0 and told["benchmark"]["auc_gained_interval"] == [0, 0]
    assert {"sensitivity", "roc", "calibration", "lift", "distribution", "strength", "fairness", "proxies"} <= set(told)
    assert told["roc"][0] == [0, 0] and told["roc"][-1] == [1, 1]
    plots = plots_of(told)
    assert len(plots) == 4 and plots_of({}) == []
    assert all(len(tick.label) <= 4 for plot in plots for tick in plot.y_ticks), "round numbers at every tick"
    worse = benchmark(demo_table.bad, demo_trained.out_of_fold, np.random.default_rng(0).random(len(demo_table)))
    assert worse["auc_gained_interval"][0] > 0.1


@pytest.fixture
def reader(people: dict[str, Any]) -> Any:
    """Vera's browser in a language."""
    vera = people["vera"]
    vera.is_staff = True
    vera.groups.add(Group.objects.get(name="model validator"))

    def open_in(language: str) -> Client:
        vera.language = language
        vera.save()
        client = Client(headers={"accept-language": language})
        client.force_login(vera, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return open_in


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Calibration", "Good approved", "Decisions that change")),
        ("zh-hans", ("校准", "公平性", "男", "月收入")),
    ],
)
def test_the_page_is_told_in_the_readers_language(
    language: str, words: Any, reader: Any, draft: ModelVersion, demo_trained: Trained, demo_table: Table
) -> None:
    found = report(
        demo_table, demo_trained.out_of_fold, protected=["sex"], approve_to_pd=0.18, model=demo_trained.model
    )
    warnings = [
        {"kind": "leak", "column": "debts", "auc": 0.97},
        {"kind": "duplicates", "rows": 12, "share": 0.004},
        {"kind": "sentinel", "column": "assets", "values": [99999999.0]},
        {"kind": "identifier", "column": "price", "levels": 12},
    ]
    ModelVersion.objects.filter(pk=draft.pk).update(validation=found, warnings=warnings)
    page = reader(language).get(reverse("admin:scoring_modelversion_change", args=[draft.pk])).content.decode()
    for word in words:
        assert word in page, word
    assert page.count('<svg class="desk-plot"') == 4
    for code in ("duplicates", "sentinel", "h_measure", "income_monthly"):
        assert f">{code}" not in page, f"{code} is a code, not a word"
    if language == "zh-hans":
        for english in ("probability that", "Bad rate", "nearly tells", "Employed by", "unknown"):
            assert english not in page, english


@pytest.mark.django_db
def test_a_model_for_study_is_not_offered_for_use_and_an_anomaly_score_is_not_called_one(
    draft: ModelVersion, people: dict[str, Any]
) -> None:
    certified = carried_to_certificate(draft, people)
    people["cert"].groups.add(Group.objects.get(name="model certifier"))
    assert acts_open_to(certified, people["cert"]) == ["promote", "retire"]
    certified.uses_facts = False
    assert acts_open_to(certified, people["cert"]) == ["retire"] and for_study(certified)
    certified.algorithm = ModelVersion.Algorithm.OUTLIERS
    assert acts_open_to(certified, people["cert"]) == ["retire"] and not for_study(certified)


@pytest.mark.django_db
def test_the_card_of_a_model_without_figures_has_no_empty_sections(draft: ModelVersion) -> None:
    ModelVersion.objects.filter(pk=draft.pk).update(validation={}, limitations="Not for farms.")
    draft.refresh_from_db()
    told = card(draft, "en")
    assert [line for line in told.splitlines() if line.startswith("## ")] == ["## Warnings", "## Limits"]
    assert "Not for farms." in told


@pytest.mark.django_db
def test_the_history_tells_choices_in_words_and_nothing_where_nothing_was(
    reader: Any, draft: ModelVersion, people: dict[str, Any]
) -> None:
    carried_to_certificate(draft, people)
    page = reader("zh-hans").get(reverse("admin:scoring_modelversion_history", args=[draft.pk])).content.decode()
    assert "已认证" in page and "cert-of-models" in page
    assert "pk=None" not in page and "None" not in page
    assert "/customers/user/" not in page, "a link that its reader may not follow"


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "word"), [("zh", "重要性等级: 高"), ("en", "Materiality: high")])
def test_the_card_speaks_one_language(
    language: str, word: str, reader: Any, draft: ModelVersion, demo_trained: Trained, demo_table: Table
) -> None:
    found = report(
        demo_table, demo_trained.out_of_fold, protected=["sex"], approve_to_pd=0.18, model=demo_trained.model
    )
    ModelVersion.objects.filter(pk=draft.pk).update(
        validation=found, warnings=[{"kind": "duplicates", "rows": 12, "share": 0.004}]
    )
    address = reverse("admin:scoring_modelversion_card", args=[draft.pk, language])
    told = reader("en").get(address).content.decode()
    assert word in told and "{'kind'" not in told and "h_measure" not in told
    if language == "zh":
        assert "probability that" not in told and "scorecard\n" not in told


@pytest.mark.django_db
def test_a_shadow_is_told_beside_the_champion_on_the_same_applications(
    champion: ModelVersion,
    approved_strategy: Strategy,
    people: dict[str, Any],
    demo_trained: Trained,
    demo_table: Table,
    good_facts: Any,
    bad_facts: Any,
    request_: Request,
    reader: Any,
) -> None:
    rival = carried_to_certificate(another_draft(demo_trained, demo_table, people["dev"]), people)
    rival = certification.promote(rival, to="shadow", by=people["cert"], on=TODAY)
    for place, facts in enumerate((good_facts, bad_facts, good_facts)):
        assess(facts=facts, request=request_, subject=f"S{place}", customer=f"C{place}", on=TODAY)
    (duel,) = duels(champion, on=TODAY)
    assert (duel.applications, duel.theirs.version) == (3, rival)
    assert duel.ours.approval_rate == duel.theirs.approval_rate == pytest.approx(2 / 3)
    assert (duel.only_ours, duel.only_theirs, duel.psi) == (0, 0, 0), "the same model twice changes no side"
    assert (duel.only_ours_known, duel.only_theirs_known) == (0, 0)
    assert duel.ours.outcomes_known == duel.theirs.outcomes_known
    page = reader("en").get(reverse("admin:scoring_modelversion_change", args=[champion.pk])).content.decode()
    assert f"Beside {rival}" in page and "3 applications that both scored" in page


@pytest.mark.django_db
def test_the_inventory_marks_certificates_and_tasks(
    champion: ModelVersion, people: dict[str, Any], reader: Any
) -> None:
    import datetime

    from django.utils import timezone

    from scoring.models import ReviewTask

    client, today = reader("en"), timezone.localdate()
    listed = reverse("admin:scoring_modelversion_changelist")
    ModelVersion.objects.filter(pk=champion.pk).update(certificate_expires_on=today + datetime.timedelta(days=20))
    ReviewTask.objects.create(model_version=champion, metric="auc_loss", opened_on=TODAY, value=0.1, threshold=0.05)
    page = client.get(listed).content.decode()
    assert "consumer-credit v1" in page and str(today + datetime.timedelta(days=20)) in page
    assert "probability that a loan goes bad" in page
    with translation.override("en"):
        assert "consumer-credit v1" in client.get(f"{listed}?certificate=soon").content.decode()
        assert "consumer-credit v1" not in client.get(f"{listed}?certificate=expired").content.decode()
        assert "consumer-credit v1" not in client.get(f"{listed}?certificate=none").content.decode()


@pytest.mark.django_db
def test_a_rollback_names_what_it_returns_to(
    champion: ModelVersion, people: dict[str, Any], demo_trained: Trained, demo_table: Table
) -> None:
    from django.utils import timezone

    today = timezone.localdate()
    newer = carried_to_certificate(another_draft(demo_trained, demo_table, people["dev"]), people, on=today)
    newer = certification.promote(newer, to="champion", by=people["cert"], on=today)
    ModelVersion.objects.filter(pk=champion.pk).update(certificate_expires_on=today)
    cert = people["cert"]
    cert.is_staff, cert.language = True, "en"
    cert.save()
    cert.groups.add(Group.objects.get(name="model certifier"))
    client = Client(headers={"accept-language": "en"})
    client.force_login(cert, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("admin:scoring_modelversion_change", args=[newer.pk])).content.decode()
    assert f"After a rollback {champion} decides again at once" in page
    answer = client.post(reverse("admin:scoring_modelversion_act", args=[newer.pk, "roll_back"]), follow=True)
    champion.refresh_from_db()
    assert champion.status == "champion" and f"{newer} is now: certified." in answer.content.decode()
