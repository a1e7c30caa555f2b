"""The published figures of an open-source lending core, to the cent."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from lending.finance.events import Event
from lending.finance.installments import Installment, LoanState
from lending.finance.replay import replay
from lending.finance.terms import Terms
from tests.finance.golden import golden_rows

ROWS = golden_rows()


def replayed(scenario: dict[str, Any]) -> LoanState:
    terms = Terms.from_json(scenario["terms"])
    events = [Event.from_json(event) for event in scenario["events"]]
    as_of = scenario.get("as_of")
    day = dt.date.fromisoformat(as_of) if as_of else max((e.known_on for e in events), default=terms.starts_on)
    return replay(terms, events, day)


def differences(row: Installment, expected: dict[str, str]) -> dict[str, tuple[str, str]]:
    wrong = {}
    for key, value in expected.items():
        got = getattr(row, key)
        same = str(got) == value if key.endswith("_on") else got == Decimal(value)
        if not same:
            wrong[key] = (value, str(got))
    return wrong


@pytest.mark.skipif(not ROWS, reason="the worked loans are not here")
@pytest.mark.parametrize("row", ROWS, ids=[f"{row['scenario']['id']} {row['about']}" for row in ROWS])
def test_figures_match_to_the_cent(row: dict[str, Any]) -> None:
    state = replayed(row["scenario"])
    by_day: dict[str, list[Installment]] = {}
    for installment in state.installments:
        by_day.setdefault(str(installment.due_on), []).append(installment)
    for expected in row["expected"]:
        candidates = by_day.get(expected["due_on"], [])
        assert candidates, f"no installment due on {expected['due_on']}"
        wrong = [differences(candidate, expected) for candidate in candidates]
        assert {} in wrong, wrong[0]


@pytest.mark.skipif(not ROWS, reason="the worked loans are not here")
def test_there_are_as_many_installments_as_published() -> None:
    for row in ROWS:
        expected = row["expected"]
        if len(expected) == row["scenario"]["terms"]["repayment"]["installments"] or "fees" in expected[0]:
            state = replayed(row["scenario"])
            published_in_part = row["about"] in ("equal principal", "grace")
            assert published_in_part or len(state.installments) == len(expected), row["scenario"]["id"]
