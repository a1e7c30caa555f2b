"""`manage.py simulate`: the textbook table, the scenario format, errors one by one, tables for people."""

import copy
import io
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from lending.finance.scenario import answer, read_scenarios
from tests.finance.golden import FILES, FOLDER


def scenario(name: str = "a", **changes: Any) -> dict[str, Any]:
    """The first textbook loan: 50,000 from 2026-02-01, 5 monthly, equal principal, 0.05 % a day, actual days."""
    terms: dict[str, Any] = {
        "currency": "CNY",
        "decimals": 2,
        "principal": "50000.00",
        "starts_on": "2026-02-01",
        "rate": {"percent": "0.05", "per": "day"},
        "interest": {"method": "declining", "accrual": "daily", "day_count": "actual/365"},
        "repayment": {"method": "equal_principal", "installments": 5, "every": 1, "unit": "month"},
        "rounding": {"mode": "half_up"},
    }
    terms.update(changes)
    paid_out = {"on": terms["starts_on"], "type": "disburse", "amount": terms["principal"]}
    return {"id": name, "terms": terms, "events": [paid_out]}


def simulated(*arguments: str, stdin: str | None = None, monkeypatch: pytest.MonkeyPatch | None = None) -> str:
    out = io.StringIO()
    if stdin is not None and monkeypatch is not None:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
    call_command("simulate", *arguments, stdout=out)
    return out.getvalue()


def answers_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


PERIODIC = {"method": "declining", "accrual": "per_installment"}
TEXTBOOK: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "equal principal by the day": (
        scenario(),
        {
            "interest": ["700.00", "620.00", "450.00", "310.00", "150.00"],
            "irr_nominal": "17.83",
            "irr_effective": "19.86",
        },
    ),
    "level at 4.2 %": (
        scenario(
            principal="100000.00",
            rate={"percent": "4.2", "per": "year"},
            interest=PERIODIC,
            repayment={"method": "equal_installment", "installments": 12, "every": 1, "unit": "month"},
        ),
        {"total": ["8524.13"] * 11 + ["8524.14"], "all_interest": "2289.57", "irr_nominal": "4.20"},
    ),
    "flat 0.8 % a month": (
        scenario(
            principal="12000.00",
            rate={"percent": "0.8", "per": "month"},
            interest={"method": "flat", "accrual": "per_installment"},
            repayment={"method": "equal_installment", "installments": 12, "every": 1, "unit": "month"},
        ),
        {"total": ["1096.00"] * 12, "irr_nominal": "17.27", "irr_effective": "18.71"},
    ),
    "level at 10 %": (
        scenario(
            principal="100000.00",
            rate={"percent": "10", "per": "year"},
            interest=PERIODIC,
            repayment={"method": "equal_installment", "installments": 36, "every": 1, "unit": "month"},
        ),
        {"first_total": "3226.72", "irr_nominal": "10.00", "irr_effective": "10.47"},
    ),
}


@pytest.mark.parametrize("loan", TEXTBOOK)
def test_the_textbook_table(loan: str) -> None:
    told, expected = TEXTBOOK[loan]
    found = answer(told)
    rows = found["installments"]
    for key in ("interest", "total"):
        if key in expected:
            assert [row[key] for row in rows] == expected[key]
    if "first_total" in expected:
        assert rows[0]["total"] == expected["first_total"]
    if "all_interest" in expected:
        assert sum(Decimal(row["interest"]) for row in rows) == Decimal(expected["all_interest"])
    for key in ("irr_nominal", "irr_effective"):
        if key in expected:
            assert found["annual_rate"][key] == expected[key]


@pytest.mark.parametrize(("installments", "percent", "irr"), [(3, "2.5", "14.94"), (12, "8.3", "14.98")])
def test_the_textbook_fees_show_their_yearly_rate(installments: int, percent: str, irr: str) -> None:
    """1,200 without interest and a fee spread over the installments."""
    told = scenario(
        principal="1200.00",
        rate={"percent": "0", "per": "year"},
        interest=PERIODIC,
        repayment={"method": "equal_installment", "installments": installments, "every": 1, "unit": "month"},
    )
    fee = Decimal(1200) * Decimal(percent) / 100 / installments
    told["events"].append({"on": "2026-02-01", "type": "installment_fee", "basis": "flat", "value": str(fee)})
    found = answer(told)
    assert sum(Decimal(row["fees"]) for row in found["installments"]) == fee * installments
    assert found["annual_rate"]["irr_nominal"] == irr


def test_the_textbook_fee_taken_at_disbursement_raises_the_yearly_rate() -> None:
    """100,000 in 36 at 10 %, 10,000 due on the day of disbursement: the rate is 17.40 and 18.86."""
    told = scenario(
        principal="100000.00",
        rate={"percent": "10", "per": "year"},
        interest=PERIODIC,
        repayment={"method": "equal_installment", "installments": 36, "every": 1, "unit": "month"},
    )
    fee = {"on": "2026-02-01", "type": "charge", "component": "fee", "amount": "10000.00", "due_on": "2026-02-01"}
    told["events"].append(fee)
    assert answer(told)["annual_rate"] == {"irr_nominal": "17.40", "irr_effective": "18.86"}
    told["events"].append({"on": "2026-02-02", "type": "reverse", "event": 2})
    assert answer(told)["annual_rate"] == {"irr_nominal": "10.00", "irr_effective": "10.47"}


def test_an_answer_has_the_format() -> None:
    told = scenario()
    told["events"].append({"on": "2026-03-01", "type": "repay", "amount": "10700.00"})
    found = answer(told)
    assert list(found) == ["id", "installments", "transactions", "summary", "annual_rate"]
    assert found["installments"][0] == {
        "number": 1, "due_on": "2026-03-01", "days": 28, "principal": "10000.00", "interest": "700.00", "fees": "0.00",
        "penalties": "0.00", "total": "10700.00", "balance": "40000.00", "paid": "10700.00", "outstanding": "0.00",
        "settled_on": "2026-03-01",
    }  # fmt: skip
    repayment = found["transactions"][-1]
    assert repayment == {
        "event": 2, "on": "2026-03-01", "type": "repay", "amount": "10700.00", "principal": "10000.00",
        "interest": "700.00", "fees": "0.00", "penalties": "0.00", "overpayment": "0.00",
    }  # fmt: skip
    assert found["summary"]["outstanding_principal"] == "40000.00"
    json.dumps(found)


def test_a_file_holds_one_scenario_a_list_or_lines(tmp_path: Path) -> None:
    one, many, lines = tmp_path / "one.json", tmp_path / "many.json", tmp_path / "lines.jsonl"
    one.write_text(json.dumps(scenario("one"), indent=1))
    many.write_text(json.dumps([scenario("two"), {"about": "wrapped", "scenario": scenario("three")}]))
    lines.write_text("\n".join([json.dumps(scenario("four")), "", json.dumps(scenario("five"))]) + "\n")
    found = answers_of(simulated(str(one), str(many), str(lines)))
    assert [told["id"] for told in found] == ["one", "two", "three", "four", "five"]
    assert len({json.dumps({**told, "id": ""}) for told in found}) == 1


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    found = answers_of(simulated("-", stdin=json.dumps(scenario("in")), monkeypatch=monkeypatch))
    assert [told["id"] for told in found] == ["in"]


def test_a_scenario_that_cannot_be_computed_names_its_field_and_the_others_run(tmp_path: Path) -> None:
    bad_count = scenario("count", repayment={"method": "equal_principal", "installments": 0})
    bad_event = scenario("event")
    bad_event["events"].append({"on": "2026-03-01", "type": "repay", "amount": "a lot"})
    bad_day = {**scenario("day"), "as_of": "tomorrow"}
    no_terms = {"id": "none", "events": []}
    lines = [json.dumps(told) for told in (bad_count, bad_event, bad_day, no_terms, scenario("good"))]
    file = tmp_path / "mixed.jsonl"
    file.write_text("\n".join([*lines[:2], "{broken", *lines[2:], "[]"]))
    found = answers_of(simulated(str(file)))
    fields = [(told["id"], told["error"]["field"]) if "error" in told else (told["id"], None) for told in found]
    assert fields == [
        ("count", "terms.repayment.installments"),
        ("event", "events[1].amount"),
        (None, "line 3"),
        ("day", "as_of"),
        ("none", "terms"),
        ("good", None),
        (None, ""),
    ]
    assert all(told["error"]["message"] for told in found if "error" in told)


@pytest.mark.parametrize("text", ["", "{", "3", "null", "[[]]", '"loan"', '{"terms": 3}', '{"terms": {}, "events": 3}'])
def test_text_that_is_no_scenario_is_answered_not_raised(text: str) -> None:
    answers = [answer(told) for told in read_scenarios(text)]
    assert answers and all("error" in told for told in answers)


def test_a_file_that_cannot_be_read_ends_the_command(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^FILE: \S+missing\.json cannot be read: No such file or directory$"):
        simulated(str(tmp_path / "missing.json"))
    picture = tmp_path / "picture.json"
    picture.write_bytes(b"\x89PNG\xff")
    with pytest.raises(CommandError, match=r"^FILE: \S+picture\.json is not text in UTF-8: save it as UTF-8"):
        simulated(str(picture))


def test_the_exit_code_says_whether_anything_could_be_computed(tmp_path: Path) -> None:
    file = tmp_path / "some.json"
    file.write_text(json.dumps([scenario("good"), {"id": "broken", "terms": {}}]))
    assert len(answers_of(simulated(str(file)))) == 2
    file.write_text(json.dumps([{"id": "broken", "terms": {}}]))
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("simulate", str(file), stdout=out)
    assert ended.value.code == 1 and answers_of(out.getvalue())[0]["error"]["field"]


def test_a_table_for_people(tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    file.write_text(json.dumps([scenario("Ada's loan"), {"id": "broken", "terms": {}}]))
    text = simulated("--table", str(file))
    assert "Ada's loan" in text
    first = next(line for line in text.splitlines() if "2026-03-01" in line)
    assert first.split() == ["1", "2026-03-01", "28", "10,000.00", "700.00", "0.00", "0.00", "10,700.00", "40,000.00",
                             "10,700.00"]  # fmt: skip
    assert "52,230.00" in text, "the sum of all installments"
    assert "17.83" in text and "19.86" in text
    assert "broken  terms.currency" in text
    widths = {len(line) for line in text.splitlines() if line.lstrip()[:1].isdigit() and "2026-" in line}
    assert len(widths) == 1, "columns are aligned"


def test_the_rate_of_a_plan_listed_by_dates_counts_its_usual_period() -> None:
    dates = ["2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01", "2026-07-01"]
    told = scenario(repayment={"method": "equal_principal", "installments": 5, "due_dates": dates})
    assert answer(told)["annual_rate"] == {"irr_nominal": "17.83", "irr_effective": "19.86"}


@pytest.mark.skipif(not FOLDER.exists(), reason="the golden figures are not beside this checkout")
@pytest.mark.parametrize("name", FILES)
def test_every_golden_row_through_the_command(name: str) -> None:
    """Each published row, found by its due date, in what the command prints; some files leave rows out."""
    cases = json.loads((FOLDER / name).read_text())
    found = answers_of(simulated(str(FOLDER / name)))
    assert [told["id"] for told in found] == [case["scenario"]["id"] for case in cases]
    wrong = [told["id"] for case, told in zip(cases, found, strict=True) if missing_rows(case["expected"], told)]
    assert not wrong


def missing_rows(expected: list[dict[str, Any]], told: dict[str, Any]) -> list[dict[str, Any]]:
    """Published rows that the answer does not show, amounts compared as numbers."""
    shown = [comparable(row) for row in told.get("installments", [])]
    return [row for row in expected if not any(comparable(row).items() <= other.items() for other in shown)]


def comparable(row: dict[str, Any]) -> dict[str, Any]:
    amounts = {"principal", "interest", "fees", "penalties", "total", "paid", "outstanding"}
    return {key: Decimal(value) if key in amounts else value for key, value in row.items()}


def eventful() -> dict[str, Any]:
    """A loan to which much happens; the ground for changes below."""
    told = scenario()
    told["events"] += [
        {"on": "2026-02-10", "type": "charge", "component": "fee", "amount": "25.00", "due_on": "2026-03-15"},
        {"on": "2026-03-05", "type": "repay", "amount": "10700.00"},
        {"on": "2026-03-20", "type": "change_rate", "from": "2026-04-02", "percent": "0.04", "per": "day"},
        {"on": "2026-04-01", "type": "repay", "amount": "4000.00", "entered_on": "2026-04-03"},
        {"on": "2026-04-03", "type": "reverse", "event": 3},
        {"on": "2026-05-02", "type": "reschedule", "from": "2026-05-01", "new_due_on": "2026-05-20"},
        {"on": "2026-07-02", "type": "write_off"},
    ]
    return {**told, "as_of": "2026-07-05"}


def places_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything inside a JSON value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [inner for key, item in pairs for inner in [(*path, key), *places_of(item, (*path, key))]]


JUNK_VALUES = [None, 0, -1, 3, 10**30, "", "x", "0", "-5", "1e400", "NaN", "0.001", "1000000000000", 1.5, True, [], {}]
JUNK_DAYS = ["2026-02-30", "2028-02-29", "2026-04-15", "9999-12-31", "0001-01-01", "2400-01-01"]
JUNK = st.sampled_from([*JUNK_VALUES, *JUNK_DAYS, [1], {"a": 1}])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), JUNK, st.booleans()), min_size=1, max_size=3))
def test_whatever_stands_in_a_scenario_it_is_answered(changes: list[tuple[int, Any, bool]]) -> None:
    """300 scenarios with up to three values replaced by nonsense or left out: figures or a refusal, never a crash."""
    told = eventful()
    for choice, junk, leaves_out in changes:
        places = places_of(told)
        *way, last = places[choice % len(places)]
        holder = told
        for key in way:
            holder = holder[key]
        if leaves_out and isinstance(holder, dict):
            del holder[last]
        else:
            holder[last] = copy.deepcopy(junk)
        if not places_of(told):
            break
    found = json.loads(json.dumps(answer(told)))
    if "error" in found:
        assert not found["error"]["message"].startswith("cannot be computed"), found["error"]["message"]
    else:
        assert found["installments"]
