"""A loan whose plan was eased is not healthy again on the day it was eased: it stands under observation.

For `restructured_observation_months` it is classified at least as special mention, though nothing is past due; and one
that did not perform when it was eased keeps its class for `restructured_cure_months`, unless it deserves a worse one
(2023年第1号令, third chapter). Both are said as a due date that the class goes by, so that the thresholds in days decide
as they do for every other loan. On 2026-09-14, with special mention from 1 and substandard from 91 days:

    restructured     class before      oldest due      goes by         class
    -                pass              2026-10-14      2026-10-14      pass
    2026-09-01       pass              2026-10-14      2026-09-13      special mention
    2026-09-01       substandard       2026-10-14      2026-06-15      substandard
    2026-02-01       substandard       2026-10-14      2026-09-13      special mention (cured after six months)
    2026-02-01       special mention   2026-05-01      2026-05-01      substandard, late as it is
    2025-09-01       special mention   2026-10-14      2026-10-14      pass
"""

import datetime
from typing import Any

from lending.finance.calendar_months import months_before
from lending.servicing.models import ArrearsMove, Classification
from lending.servicing.rules import DayRules
from lending.servicing.set_sql import date_of, table

NON_PERFORMING = (Classification.SUBSTANDARD, Classification.DOUBTFUL, Classification.LOSS)
STANDING = f"""
    SELECT m.loan_id, m.bucket, m.classification FROM {table(ArrearsMove)} m
    WHERE NOT EXISTS (SELECT 1 FROM {table(ArrearsMove)} later
                      WHERE later.loan_id = m.loan_id AND later.business_date > m.business_date)
"""  # noqa: S608 - table names of ours
"""Where each loan stands: its last move."""

OBSERVED = "(l.restructured_on IS NOT NULL AND l.restructured_on > %(observed_after)s)"
"""Whether loan `l` is under observation; with the parameters of `class_due_on`."""


def class_due_on(rules: DayRules, on: datetime.date) -> tuple[str, dict[str, Any]]:
    """The due date by which loan `l`, standing at `s`, is classified, as SQL, and its parameters."""
    least = {threshold.code: threshold.least_days for threshold in rules.classes}

    def due(grade: str) -> str:
        return (on - datetime.timedelta(days=least[grade])).isoformat()

    parameters = {
        "observed_after": months_before(on, rules.observation_months).isoformat(),
        "cured_before": months_before(on, rules.cure_months).isoformat(),
        "watched_due": due(Classification.SPECIAL_MENTION),
    }
    arms = [f"WHEN NOT {OBSERVED} THEN l.oldest_due_on"]
    for grade in NON_PERFORMING:
        parameters |= {f"held_{grade}": str(grade), f"held_{grade}_due": due(grade)}
        held = f"s.classification = %(held_{grade})s AND l.restructured_on > %(cured_before)s"
        arms.append(f"WHEN {held} THEN {_earlier(f'held_{grade}_due')}")
    return f"(CASE {' '.join(arms)} ELSE {_earlier('watched_due')} END)", parameters


def _earlier(name: str) -> str:
    """The loan's oldest due date, or that of the parameter where it has none or a later one."""
    given = date_of(f"%({name})s")
    return f"(CASE WHEN l.oldest_due_on < {given} THEN l.oldest_due_on ELSE {given} END)"
