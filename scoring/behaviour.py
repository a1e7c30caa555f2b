"""The behaviour score of a running loan, and what to be warned of: plain facts in, a score with its reasons out.

A score starts at 100 and loses points by what the last months show. The table was set by hand, before this book had
outcomes to learn from, and says so: `tests/benchmarks/behaviour.py` measures how it ranks real card holders. A fact that
is not known costs nothing and is named in `unknown`.

    fact (of the last six months unless said)             points lost
    days_past_due          now                            0: 0    1-3: 8    4-30: 20    31-60: 40    61 and more: 55
    worst_days_late        of any installment             0: 0    1-3: 3    4-30: 10    31-60: 20    61 and more: 28
    late_installments      paid late, or due and unpaid   0: 0    1: 4      2: 9        3 and more: 16
    payments_ratio         paid / due, last three months  from 1: 0   from 0.9: 4   from 0.5: 10   below: 18
    failed_payments        refused by the bank, 3 months  0: 0    1: 6      2 and more: 12
    unanswered_contacts    in a row                       0-2: 0  3-5: 5    6 and more: 10
    broken_promises        promises to pay not kept       0: 0    1: 6      2 and more: 10
    utilisation            of all credit lines            up to 0.5: 0   up to 0.8: 3   up to 0.95: 7   above: 11
    other_inquiries        by other lenders               0-3: 0  4-6: 4    7 and more: 9

Worked: 2 days past due, twice late before, by 5 days at most, all paid otherwise: 100 − 8 − 10 − 9 = 73.
Grades: steady from 75, watch from 50, at risk below.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FULL = 100
GRADES = ((75, "steady"), (50, "watch"), (0, "at_risk"))


@dataclass(frozen=True, slots=True)
class _Steps:
    """Points lost: the first of `points` below the first edge, the next from that edge on, and so forth."""

    edges: tuple[float, ...]
    points: tuple[int, ...]

    def of(self, value: float) -> int:
        return self.points[bisect_right(self.edges, value)]


_TABLE: Mapping[str, _Steps] = {
    "days_past_due": _Steps((1, 4, 31, 61), (0, 8, 20, 40, 55)),
    "worst_days_late": _Steps((1, 4, 31, 61), (0, 3, 10, 20, 28)),
    "late_installments": _Steps((1, 2, 3), (0, 4, 9, 16)),
    "payments_ratio": _Steps((0.5, 0.9, 1.0), (18, 10, 4, 0)),
    "failed_payments": _Steps((1, 2), (0, 6, 12)),
    "unanswered_contacts": _Steps((3, 6), (0, 5, 10)),
    "broken_promises": _Steps((1, 2), (0, 6, 10)),
    "utilisation": _Steps((0.500001, 0.800001, 0.950001), (0, 3, 7, 11)),
    "other_inquiries": _Steps((4, 7), (0, 4, 9)),
}
FACTS = tuple(_TABLE)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """`lost` are the points by fact, only those that cost something; `score` = 100 − their sum, not below 0."""

    score: int
    grade: str
    lost: Mapping[str, int]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signal:
    """Something to act on, with the facts that show it."""

    code: str
    text_zh: str
    text_en: str
    evidence: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code, "text_zh": self.text_zh, "text_en": self.text_en, "evidence": dict(self.evidence),
        }  # fmt: skip


def behaviour(facts: Mapping[str, Any]) -> Behaviour:
    """The score of these facts. Values are numbers or None; facts of other names are ignored."""
    known = {name: float(facts[name]) for name in FACTS if facts.get(name) is not None}
    lost = {name: points for name, value in known.items() if (points := _TABLE[name].of(value))}
    score = max(0, FULL - sum(lost.values()))
    grade = next(name for least, name in GRADES if score >= least)
    return Behaviour(score, grade, lost, tuple(name for name in FACTS if name not in known))


_SIGNALS: tuple[tuple[str, str, float, str, str], ...] = (
    ("MISSED_AUTOPAY", "failed_payments", 1, "近三个月有{0:g}次扣款失败。", "{0:g} payment(s) failed in three months."),
    ("LATE_AGAIN", "late_installments", 2, "近六个月有{0:g}期未按时还款。", "{0:g} installments were late in six months."),
    (
        "CONTACT_LOST", "unanswered_contacts", 3,
        "连续{0:g}次联系未接通。", "The last {0:g} attempts to reach the customer were not answered.",
    ),
    ("PROMISE_BROKEN", "broken_promises", 1, "有{0:g}次还款承诺未兑现。", "{0:g} promise(s) to pay were not kept."),
    ("LINES_USED_UP", "utilisation", 0.9, "授信额度已使用{0:.0%}。", "{0:.0%} of the credit lines are used."),
    (
        "OTHER_LENDERS", "other_inquiries", 4,
        "近六个月有{0:g}家机构查询征信。", "{0:g} lenders inquired at the bureau in six months.",
    ),
)  # fmt: skip
FALL = 20


def signals(facts: Mapping[str, Any], now: Behaviour, before: int | None = None) -> tuple[Signal, ...]:
    """What to be warned of. `before` is the score of the month before: a fall of 20 points or more is a warning too."""
    found = [
        Signal(code, zh.format(float(facts[name])), en.format(float(facts[name])), {name: facts[name]})
        for code, name, least, zh, en in _SIGNALS
        if facts.get(name) is not None and float(facts[name]) >= least
    ]
    ratio = facts.get("payments_ratio")
    if ratio is not None and float(ratio) < 0.9:
        zh, en = "近三个月只还了应还款额的{0:.0%}。", "Only {0:.0%} of what was due in three months was paid."
        found.append(Signal("PAYING_LESS", zh.format(float(ratio)), en.format(float(ratio)), {"payments_ratio": ratio}))
    if before is not None and before - now.score >= FALL:
        zh, en = f"行为评分由{before}降至{now.score}。", f"The behaviour score fell from {before} to {now.score}."
        found.append(Signal("SCORE_FELL", zh, en, {"before": before, "now": now.score}))
    return tuple(found)
