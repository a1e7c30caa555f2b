"""Three decisions on real applicants, explained in both languages as the applicant reads them.

A scorecard is trained on the first half of credit_data as facts, by the mapping of `manage.py intake`; the strategy of
that shop (`tests.benchmarks.intake`) then decides the second half in the order of the file. Shown are the first
applicant who is approved for less than she asked for, the first who is declined with four reasons and a request that
would have been approved, and the first who is referred. Nothing is chosen by hand.
"""

import csv
import json
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ.get("LOANBOOK_CREDIT_DATA", Path(__file__).parents[3] / "shared" / "data"))
MAPPING = Path(__file__).parents[1] / "data" / "credit_data.toml"
SHOWN = ("income_monthly", "expenses_monthly", "requested_amount", "installments", "employment_years", "records")
TERMS = (3, 6, 9, 12, 18, 24, 30, 36, 42, 48, 54, 60)


def run() -> dict[str, Any]:
    import django
    from django.conf import settings

    if not settings.configured:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
        django.setup()
    if not (FOLDER / "credit_data.csv").exists():
        return {"skipped": "credit_data.csv is not here"}
    wanted: dict[str, dict[str, Any]] = {}
    for row, facts, request, found, nearest in _decided():
        kind = _kind(request, found, nearest)
        if kind and kind not in wanted:
            wanted[kind] = _told(row, facts, request, found, nearest)
        if len(wanted) == 3:
            break
    return wanted


def _kind(request: Any, found: Any, nearest: Any) -> str:
    if found.outcome == "approve":
        return "approved_for_less" if found.limit_minor < request.amount_minor else ""
    if found.outcome == "decline":
        return "declined" if len(found.reasons) == 4 and nearest is not None else ""
    return "referred"


def _decided() -> Iterator[tuple[int, dict[str, Any], Any, Any, Any]]:
    """(row of the file, facts, request, recommendation, what would be approved) of the second half."""
    from dataclasses import replace

    import numpy as np

    from scoring.champion import gaps_of
    from scoring.counterfactual import nearest_approved
    from scoring.features import compute_named
    from scoring.learning.training import train
    from scoring.mapping import read_mapping
    from scoring.points import band_of, points_of, probability_of
    from scoring.recommendation import Predicted, Request, recommend
    from scoring.training import read_table

    rules = json.loads((MAPPING.parent / "credit_data_strategy.json").read_text(encoding="utf-8"))
    content = (FOLDER / "credit_data.csv").read_bytes()
    mapping = read_mapping(MAPPING.read_bytes())
    table, _facts = read_table(content, target="target", mapping=mapping)
    half = len(table) // 2
    model = train(table.take(np.arange(half)), algorithm="scorecard").model

    def predicted(facts: dict[str, Any]) -> Predicted:
        features = compute_named(tuple(column.name for column in model.columns), facts)
        log_odds, parts = model.explain(features)
        risk = probability_of(log_odds)
        gaps = gaps_of(model, features)
        return Predicted(log_odds, risk, points_of(log_odds), band_of(risk), parts, features, gaps)

    rows = list(csv.DictReader(content.decode().splitlines()))
    for number, row in list(enumerate(rows, 1))[half:]:
        facts = {name: value for name, value in mapping.facts_of(row).items() if value is not None}
        installments, amount = int(facts["installments"]), Decimal(str(facts["requested_amount"]))
        if installments not in TERMS:
            continue
        request = Request(
            int(amount * 100), "CNY", installments, "", 100_000, 20_000_000, TERMS, Decimal("7.2"), Decimal("21.6")
        )

        def judge(tried: Request, facts: dict[str, Any] = facts) -> Any:
            asked = {"requested_amount": str(Decimal(tried.amount_minor) / 100), "installments": tried.installments}
            changed = {**facts, **asked}
            return recommend(changed, tried, predicted(changed), rules)

        found = judge(request)
        in_full = found.outcome == "approve" and found.limit_minor >= request.amount_minor
        yield number, facts, request, found, None if in_full else nearest_approved(replace(request), judge)


def _told(row: int, facts: dict[str, Any], request: Any, found: Any, nearest: Any) -> dict[str, Any]:
    from django.utils import translation

    from scoring.telling import label_of, money_told, told

    spoken: dict[str, Any] = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            spoken[language] = {
                "facts": {label_of(name): told(name, facts.get(name), "CNY") for name in SHOWN},
                "reasons": [reason.text(language) for reason in found.reasons],
                "instead": None if nearest is None else nearest.text_zh if language == "zh-hans" else nearest.text_en,
            }
    return {
        "row": row,
        "outcome": found.outcome,
        "asked": money_told(Decimal(request.amount_minor) / 100, "CNY"),
        "lent_at_most": money_told(Decimal(found.limit_minor) / 100, "CNY"),
        "yearly_rate_percent": str(found.yearly_rate_percent),
        **spoken,
    }
