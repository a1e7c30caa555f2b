"""The behaviour score and its warnings: the table of the module, reasons that add up, and worse never scores better."""

import itertools

import pytest

from scoring.behaviour import FACTS, behaviour, signals

CLEAN = {
    "days_past_due": 0, "worst_days_late": 0, "late_installments": 0, "payments_ratio": 1.0, "failed_payments": 0,
    "unanswered_contacts": 0, "broken_promises": 0, "utilisation": 0.3, "other_inquiries": 1,
}  # fmt: skip


def test_the_worked_example_of_the_module():
    found = behaviour({**CLEAN, "days_past_due": 2, "late_installments": 2, "worst_days_late": 5})
    assert (found.score, found.grade) == (73, "watch")
    assert found.lost == {"days_past_due": 8, "worst_days_late": 10, "late_installments": 9}
    assert found.unknown == ()


def test_a_loan_that_behaves_loses_nothing_and_what_is_unknown_is_named():
    assert behaviour(CLEAN).score == 100
    nothing = behaviour({})
    assert (nothing.score, nothing.unknown) == (100, FACTS)


@pytest.mark.parametrize(
    ("fact", "values", "lost"),
    [
        ("days_past_due", (0, 1, 3, 4, 30, 31, 60, 61), (0, 8, 8, 20, 20, 40, 40, 55)),
        ("worst_days_late", (0, 1, 3, 4, 30, 31, 60, 61), (0, 3, 3, 10, 10, 20, 20, 28)),
        ("late_installments", (0, 1, 2, 3, 6), (0, 4, 9, 16, 16)),
        ("payments_ratio", (1.2, 1.0, 0.99, 0.9, 0.89, 0.5, 0.49, 0), (0, 0, 4, 4, 10, 10, 18, 18)),
        ("failed_payments", (0, 1, 2), (0, 6, 12)),
        ("unanswered_contacts", (2, 3, 5, 6), (0, 5, 5, 10)),
        ("broken_promises", (0, 1, 2), (0, 6, 10)),
        ("utilisation", (0, 0.5, 0.51, 0.8, 0.81, 0.95, 0.96, 1.4), (0, 0, 3, 3, 7, 7, 11, 11)),
        ("other_inquiries", (0, 3, 4, 6, 7), (0, 0, 4, 4, 9)),
    ],
)
def test_the_table_is_what_the_module_says_and_worse_never_scores_better(fact, values, lost):
    found = [behaviour({fact: value}).lost.get(fact, 0) for value in values]
    assert tuple(found) == lost
    assert all(before <= after for before, after in itertools.pairwise(found))


def test_a_score_never_falls_below_zero():
    worst = {**dict.fromkeys(FACTS, 1000), "payments_ratio": 0}
    found = behaviour(worst)
    assert (found.score, found.grade) == (0, "at_risk")
    assert sum(found.lost.values()) > 100


def test_warnings_name_their_evidence_in_both_languages():
    facts = {**CLEAN, "failed_payments": 2, "payments_ratio": 0.4, "utilisation": 0.97, "unanswered_contacts": 3}
    found = {one.code: one for one in signals(facts, behaviour(facts), before=100)}
    assert set(found) == {"MISSED_AUTOPAY", "PAYING_LESS", "LINES_USED_UP", "CONTACT_LOST", "SCORE_FELL"}
    assert "40%" in found["PAYING_LESS"].text_en
    assert "40%" in found["PAYING_LESS"].text_zh
    assert found["MISSED_AUTOPAY"].evidence == {"failed_payments": 2}
    assert found["SCORE_FELL"].evidence == {"before": 100, "now": behaviour(facts).score}


def test_nothing_is_warned_of_without_a_cause():
    assert signals(CLEAN, behaviour(CLEAN), before=100) == ()
    assert signals({}, behaviour({})) == ()
    slightly = {**CLEAN, "late_installments": 1, "payments_ratio": 0.95}
    assert signals(slightly, behaviour(slightly), before=100) == ()
