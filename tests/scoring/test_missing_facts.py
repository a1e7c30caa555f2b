"""What is not known never approves: every fact that decides is taken away from somebody who is approved with it."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from scoring import champion as champions
from scoring import strategy as strategies
from scoring.assessment import Request, assess
from scoring.conditions import names_in
from scoring.features.computing import compute_named
from scoring.learning.table import Table
from scoring.learning.training import Trained, train
from scoring.models import ModelVersion, Strategy
from scoring.recommendation import Predicted, recommend
from scoring.refusals import RulesInvalid
from scoring.strategy_rules import STARTING_RULES, problems_in_rules
from scoring.strategy_words import where_known
from tests.scoring.conftest import TODAY

AFFORDABILITY = ("income_monthly", "expenses_monthly", "debt_service_monthly")
KNOWN = {
    "income_monthly": "15000", "expenses_monthly": "5000", "debt_service_monthly": "0", "requested_amount": "20000",
    "installments": 12, "bureau_max_dpd_24m": 0, "bureau_inquiries_6m": 0,
}  # fmt: skip
SURE = Predicted(-4.0, 0.02, 700, "A", {}, {})
ASKED = Request(2_000_000, "CNY", 12, "", 100_000, 20_000_000, (6, 12, 24), Decimal("7.2"), Decimal(18))
UNKNOWN = (None, "", " ", "NA", "unknown", float("nan"))


def _read(condition: Mapping[str, Any]) -> Iterator[str]:
    """What a condition needs to know: all it reads but what it asks only where known."""
    if where_known(condition) is None:
        parts = [
            *condition.get("all", ()),
            *condition.get("any", ()),
            *([condition["not"]] if "not" in condition else []),
        ]
        for part in parts:
            yield from _read(part)
        if not parts:
            yield from names_in(condition)


def needed(rules: Mapping[str, Any]) -> set[str]:
    conditions = [rule["when"] for part in ("knock_outs", "policy") for rule in rules[part]]
    return {*rules["must_have"], *AFFORDABILITY, *(name for when in conditions for name in _read(when))}


NEEDED = sorted(needed(STARTING_RULES))


def _outcome(facts: Mapping[str, Any], rules: Mapping[str, Any] = STARTING_RULES, said: Predicted = SURE) -> Any:
    return recommend(facts, ASKED, said, rules)


def test_only_our_own_book_and_what_may_be_refused_are_asked_where_known() -> None:
    conditions = [rule["when"] for part in ("knock_outs", "policy") for rule in STARTING_RULES[part]]
    everything = {name for when in conditions for name in names_in(when)}
    assert everything - set(NEEDED) == {"prior_max_dpd_with_us", "device_shared_customers"}
    assert set(NEEDED) == set(KNOWN)


@given(st.dictionaries(st.sampled_from(NEEDED), st.sampled_from(UNKNOWN), min_size=1))
def test_whatever_is_taken_away_nobody_is_approved(gone: dict[str, Any]) -> None:
    assert _outcome(KNOWN).outcome == "approve"
    found = _outcome({**KNOWN, **gone})
    assert found.outcome == "refer"
    told = {reason.feature: reason for reason in found.reasons}
    assert set(told) & set(gone) and all(reason.kind == "missing" for reason in found.reasons)
    assert all("_" not in reason.text_en and "缺少" in reason.text_zh for reason in found.reasons)


@pytest.mark.parametrize("name", sorted({*NEEDED} - {"requested_amount", "installments"}))
def test_what_cannot_be_read_is_not_known(name: str) -> None:
    assert _outcome({**KNOWN, name: "about so much"}).outcome != "approve"


@pytest.mark.parametrize("name", ["expenses_monthly", "debt_service_monthly"])
def test_a_negative_figure_makes_no_room(name: str) -> None:
    assert _outcome({**KNOWN, name: "-9999"}).outcome == "refer"


def test_a_risk_that_is_no_number_does_not_approve() -> None:
    assert _outcome(KNOWN, said=replace(SURE, probability=float("nan"))).outcome == "refer"
    assert recommend(KNOWN, ASKED, None, STARTING_RULES).outcome == "refer"


@pytest.mark.parametrize("feature", ["debt_to_income", "expense_share"])
def test_a_rule_over_a_feature_refers_while_what_it_is_made_of_is_missing(feature: str) -> None:
    rule = {"code": "X", "when": {"feature": feature, "op": "gt", "value": 50}, "text_zh": "x", "text_en": "x"}
    for part in ("knock_outs", "policy"):
        rules = {**STARTING_RULES, "must_have": [], part: [rule]}
        assert _outcome({**KNOWN, "debts": 0}, rules).outcome == "approve"
        gone = {"debt_to_income": "debts", "expense_share": "expenses_monthly"}[feature]
        assert _outcome({**KNOWN, "debts": 0, gone: None}, rules).outcome == "refer"


@pytest.mark.parametrize("assumed", ["0", 0, "-5", "no debts", False, "NaN"])
def test_a_strategy_that_assumes_nothing_owed_is_refused_with_why(assumed: Any) -> None:
    for language, why in (("en", "would approve because something is not known"), ("zh-hans", "因为信息缺失而批准")):
        with translation.override(language):
            problems = problems_in_rules(_assuming(assumed))
        assert len(problems) == 1 and why in problems[0]


def test_what_a_strategy_assumes_openly_is_used() -> None:
    assert problems_in_rules(_assuming("1000")) == []
    unknown = {**KNOWN, "debt_service_monthly": None}
    assert _outcome(unknown, _assuming("1000")).outcome == "approve"
    assert _outcome(unknown, _assuming("7400")).outcome == "decline"


def test_an_older_strategy_that_says_0_assumes_nothing() -> None:
    assert _outcome({**KNOWN, "debt_service_monthly": None}, _assuming("0")).outcome == "refer"


@pytest.mark.django_db
def test_an_older_strategy_is_copied_without_its_assumption(people: dict[str, Any]) -> None:
    older = Strategy(name="default", version=1, rules=_assuming("0"), status="approved", effective_from=TODAY)
    older.maker = people["dev"]
    older.checker = people["cert"]
    older.save()
    copied = strategies.copy_back(older, note="back", by=people["dev"], on=TODAY)
    assert copied.rules["affordability"]["assumed_debt_service"] is None
    with pytest.raises(RulesInvalid):
        strategies.change(copied, rules=_assuming("0"), note="n", by=people["dev"], on=TODAY)


@pytest.mark.django_db
@pytest.mark.usefixtures("approved_strategy")
def test_no_fact_that_the_model_never_missed_can_be_left_out(
    champion: ModelVersion, good_facts: dict[str, Any], request_: Request
) -> None:
    def judged(facts: dict[str, Any], subject: str) -> Any:
        return assess(facts=facts, request=request_, subject=subject, customer=f"C-{subject}", on=TODAY)

    model = champions.load(champion.artifact.file_sha256)
    whole = judged(good_facts, "whole")
    assert whole.recommendation == "approve"
    scored = [column.name for column in model.columns]
    read = set(model.scorecard.bins)
    for name in good_facts:
        gone = {fact: value for fact, value in good_facts.items() if fact != name}
        features = compute_named(tuple(scored), {**gone, "requested_amount": "20000", "installments": 12})
        lost = {one for one in read if features[one] is None} - {"prior_max_dpd_with_us"}
        if lost or name in NEEDED:
            assert judged(gone, f"without-{name}").recommendation == "refer", name


def test_what_a_model_learnt_to_miss_may_be_missing(demo_table: Table, demo_trained: Trained) -> None:
    model = demo_trained.model
    features: dict[str, Any] = dict.fromkeys((column.name for column in model.columns), 1.0)
    assert champions.gaps_of(model, {**features, "residence_years": None}) == ()  # it weighs nothing
    assert champions.gaps_of(model, {**features, "expense_share": None}) == ("expense_share",)
    thinned = np.array(demo_table.values["expense_share"], copy=True)
    thinned[::10] = np.nan
    learnt = train(replace(demo_table, values={**demo_table.values, "expense_share": thinned}), algorithm="scorecard")
    assert champions.gaps_of(learnt.model, {**features, "expense_share": None}) == ()


def _assuming(value: Any) -> dict[str, Any]:
    rules = copy.deepcopy(dict(STARTING_RULES))
    rules["affordability"]["assumed_debt_service"] = value
    return rules
