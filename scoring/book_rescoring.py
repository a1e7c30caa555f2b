"""The whole book scored again: every running loan's customer with what is known of her today, once a month.

Scoring knows no loan. A room above registers one provider, which yields the running book in blocks: subject, customer
and present facts of each. The model that decides scores each block at once, and every score is stored under the role
`rescore`, which decides nothing; it is kept without contributions, which the facts and the model give whenever they are
asked for.

    rescore_book(on=date(2026, 12, 1))      {"loans": 412, "scored": 412}

The unit is the month: a loan that has its score of the month is passed by, so a run that was cut off goes on where it
stopped and a second one adds nothing. At the end the month's moves between bands are stored as readings:

    migration    of the loans in a band when they were decided, the share that is in each band now (`B>C`)
"""

import datetime
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Count, OuterRef, Subquery

from scoring import champion, monitoring
from scoring.assessment import facts_digest
from scoring.models import ModelVersion, MonitoringReading, Score
from scoring.points import BANDS
from scoring.rescoring import points_of_all, values_of
from scoring.triggers import figure

RESCORE = Score.Role.RESCORE


@dataclass(frozen=True, slots=True)
class Present:
    """One running loan: the subject of its decision, the customer's reference, and the facts of today."""

    subject: str
    customer: str
    facts: Mapping[str, Any]


Provider = Callable[[datetime.date], Iterable[Sequence[Present]]]
_PROVIDERS: list[Provider] = []


def register(provider: Provider) -> None:
    """Make this the book: `provider(day)` yields its blocks. A second one replaces the first."""
    _PROVIDERS[:] = [provider]


def rescore_book(*, on: datetime.date) -> dict[str, int]:
    """Score the book for the month of this day, unless that is done. Returns how many loans run and how many were scored
    now; nothing where no model decides or nobody keeps a book.
    """
    champions = ModelVersion.objects.filter(uses_facts=True).deciding(on).select_related("artifact")
    version = champions.order_by("-promoted_on", "-pk").first()
    month = on.replace(day=1)
    done = MonitoringReading.objects.filter(metric="migration", on__gte=month, on__lte=on, model_version=version)
    if version is None or not _PROVIDERS or done.exists():
        return {"loans": 0, "scored": 0}
    counts = {"loans": 0, "scored": 0}
    for block in _PROVIDERS[0](on):
        counts["loans"] += len(block)
        counts["scored"] += _score_block(version, block, month, on)
    monitoring.keep(_moves(version, month, on))
    return counts


@transaction.atomic
def _score_block(version: ModelVersion, block: Sequence[Present], month: datetime.date, on: datetime.date) -> int:
    subjects = [one.subject for one in block]
    there = set(_of_the_month(version, month, on).filter(subject_reference__in=subjects).values_list(
        "subject_reference", flat=True
    ))  # fmt: skip
    new = [one for one in block if one.subject not in there]
    if new:
        Score.objects.bulk_create(_scores(version, new, on), batch_size=500)
    return len(new)


def _scores(version: ModelVersion, block: Sequence[Present], on: datetime.date) -> list[Score]:
    model = champion.load(version.artifact.file_sha256)
    values = values_of(model, [one.facts for one in block])
    log_odds = np.broadcast_to(model.log_odds(values), len(block))
    risks = 1.0 / (1.0 + np.exp(-log_odds))
    names, limits = list(BANDS), np.array(list(BANDS.values())[:-1])
    bands, points = np.searchsorted(limits, risks, side="left"), points_of_all(log_odds)
    found = []
    for place, one in enumerate(block):
        facts = json.loads(json.dumps(one.facts, default=str, sort_keys=True))
        found.append(
            Score(
                model_version=version,
                role=RESCORE,
                subject_reference=one.subject,
                customer_reference=one.customer,
                scored_on=on,
                facts=facts,
                facts_sha256=facts_digest(facts),
                features={name: _plain(column[place]) for name, column in values.items()},
                probability_of_default=float(risks[place]),
                points=int(points[place]),
                band=names[bands[place]],
                contributions={},
            )
        )
    return found


def _plain(value: Any) -> Any:
    """A feature as JSON keeps it: numbers that are not known are None."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and np.isnan(value) else value


def _of_the_month(version: ModelVersion, month: datetime.date, on: datetime.date) -> Any:
    return Score.objects.filter(model_version=version, role=RESCORE, scored_on__gte=month, scored_on__lte=on)


def _moves(version: ModelVersion, month: datetime.date, on: datetime.date) -> list[MonitoringReading]:
    """Band at the decision against band now, for the whole book in one statement."""
    decided = Score.objects.filter(subject_reference=OuterRef("subject_reference"), role=Score.Role.DECISION)
    then = Subquery(decided.order_by("-scored_on", "-created_at").values("band")[:1])
    rows = _of_the_month(version, month, on).annotate(then=then).values_list("then", "band").annotate(n=Count("pk"))
    moves = {(before, now): count for before, now, count in rows if before is not None}
    sizes: Counter[str] = Counter()
    for (before, _now), count in moves.items():
        sizes[before] += count
    return [
        figure(version, on, "migration", count / sizes[before], sizes[before], f"{before}>{now}")
        for (before, now), count in sorted(moves.items())
    ]
