"""The act of training on our own book: what became of our applications in, a draft model version out.

    version, trained = train_on_book(by=dora, definition=Definition(), since=…, until=…, as_of=today, inference="parcelling")

How the sample is made, and what each step leaves out, is told in `scoring.book_sample`. Every figure rests on accepted
applicants whose outcome was seen; declined ones with inferred outcomes are fitted and calibrated on, never measured on
(`scoring.reject_inference`). Drift will be measured against everybody who was decided, for these are the people the model
meets. The same book, asked about the same day with the same options and seed, gives the same bytes.
"""

import datetime
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from django.db.models import Min

from scoring.book_sample import DECIDED_ON, Sample, read_sample
from scoring.features import REGISTRY
from scoring.learning import metrics
from scoring.learning.table import Table
from scoring.learning.training import SCORECARD, Floats, Trained, train
from scoring.models import ModelVersion, Score
from scoring.outcomes import Definition
from scoring.refusals import DataUnusable, NothingDecided, TooFewOutcomes
from scoring.reject_inference import FACTOR, NONE, PARCELLING, Parcelling
from scoring.strategy_rules import STARTING_RULES
from scoring.training import Spec, name_for, put_into_inventory
from scoring.validation import report

LEAST_OF_EACH = 20
"""Fewer good or bad loans than this are not learnt from: in five folds each would judge less than four."""
FEW_BAD = 100
"""With fewer bad loans than this the figures are uncertain, and a warning says so."""
LATE_SHARE = 0.2


def train_on_book(
    *,
    by: Any,
    definition: Definition,
    as_of: datetime.date,
    since: datetime.date | None = None,
    until: datetime.date | None = None,
    inference: str = NONE,
    factor: float = FACTOR,
    name: str | None = None,
    algorithm: str | None = None,
    spec: Spec | None = None,
    seed: int = 0,
    jobs: int = 1,
) -> tuple[ModelVersion, Trained]:
    """Train on applications decided from `since` (the first) to `until` (`as_of`), and store the result as a draft.

    Raises NameNeeded, NoBook, DefinitionInvalid, NothingDecided, TooFewOutcomes and DataUnusable.
    """
    spec = spec or Spec()
    _refuse_unknown(spec, inference, factor)
    name = name_for(name, uses_facts=True, purpose=spec.purpose)
    until = until or as_of
    since = since or _first_day(until)
    sample = read_sample(definition=definition, since=since, until=until, as_of=as_of, leave_out=spec.exclude)
    _refuse_too_few(sample, definition)
    source = f"book {since}…{until}"
    table = replace(sample.judged, sha256=sample.sha256, source=source)
    inferring = _inferring(sample.refused, inference, factor, seed)
    trained = train(table, algorithm=algorithm, seed=seed, jobs=jobs, inference=inferring, population=sample.everybody)
    late = _out_of_time(table, sample.refused, trained.model.algorithm, inference, factor, seed)
    made = _told(sample, definition, since, until, as_of, inferring)
    trained = replace(trained, warnings=[*trained.warnings, *_warnings(made, late)])
    protected = [column for column in table.aside if column in REGISTRY and REGISTRY[column].protected]
    plain = trained.out_of_fold
    if trained.model.algorithm != SCORECARD:
        plain = train(table, algorithm=SCORECARD, seed=seed, jobs=jobs, inference=inferring).out_of_fold
    figures = {**trained.metrics, "by_fold": trained.by_fold, "candidates": trained.candidates}
    version = put_into_inventory(
        trained,
        table,
        {**figures, "out_of_time": late} if late else figures,
        {
            "algorithm": algorithm, "aside": sorted(table.aside), "protected": sorted(protected), "time": DECIDED_ON,
            "exclude": list(spec.exclude), "sample": made,
        },
        name=name,
        spec=spec,
        uses_facts=True,
        seed=seed,
        by=by,
        validation={**_validation(trained, table, protected, plain), "sample": made},
    )  # fmt: skip
    return version, trained


def _validation(trained: Trained, table: Table, protected: list[str], plain: Floats) -> dict[str, Any]:
    """The validation report; `plain` is what a scorecard says of the same rows, which another algorithm is held to."""
    return report(
        table,
        trained.out_of_fold,
        protected=protected,
        approve_to_pd=float(STARTING_RULES["cut_offs"]["approve_to_pd"]),
        time=DECIDED_ON,
        model=trained.model,
        scorecard=None if plain is trained.out_of_fold else plain,
    )


def _refuse_unknown(spec: Spec, inference: str, factor: float) -> None:
    unknown = [name for name in spec.exclude if name not in REGISTRY]
    if unknown:
        raise DataUnusable(problem=f"there is no feature “{unknown[0]}” to leave out", field="exclude")
    if inference not in (NONE, PARCELLING):
        raise DataUnusable(problem=f"reject inference is {NONE} or {PARCELLING}", field="reject_inference")
    if not 1 <= factor <= 10:
        raise DataUnusable(problem="declined applicants are taken for 1 to 10 times as bad", field="reject_factor")


def _first_day(until: datetime.date) -> datetime.date:
    first: datetime.date | None = Score.objects.filter(role=Score.Role.DECISION).aggregate(day=Min("scored_on"))["day"]
    if first is None or first > until:
        raise NothingDecided(until=until)
    return first


def _refuse_too_few(sample: Sample, definition: Definition) -> None:
    good, bad = sample.counts["good"], sample.counts["bad"]
    if min(good, bad) < LEAST_OF_EACH:
        raise TooFewOutcomes(
            good=good, bad=bad, least=LEAST_OF_EACH, immature=sample.counts["immature"], months=definition.months
        )


def _inferring(declined: Table, inference: str, factor: float, seed: int) -> Parcelling | None:
    return Parcelling(declined, factor, seed) if inference == PARCELLING and len(declined) else None


def _out_of_time(
    table: Table, declined: Table, algorithm: str, inference: str, factor: float, seed: int
) -> dict[str, float]:
    """What a model of the earlier four fifths says of the latest fifth; empty where either has too few of a kind."""
    days = np.array(table.aside[DECIDED_ON])
    order = np.argsort(days, kind="stable")
    cut = int(len(order) * (1 - LATE_SHARE))
    earlier, late = table.take(order[:cut]), table.take(order[cut:])
    if min(earlier.bad.sum(), len(earlier) - earlier.bad.sum()) < LEAST_OF_EACH / 2 or len(set(late.bad.tolist())) < 2:
        return {}
    before = np.flatnonzero(np.array(declined.aside[DECIDED_ON]) < days[order[cut]])
    inferring = _inferring(declined.take(before), inference, factor, seed)
    model = train(earlier, algorithm=algorithm, seed=seed, inference=inferring).model
    return metrics.summary(late.bad, model.probabilities(late.values))


def _told(
    sample: Sample,
    definition: Definition,
    since: datetime.date,
    until: datetime.date,
    as_of: datetime.date,
    inferring: Parcelling | None,
) -> dict[str, Any]:
    """How the sample was made, as the model version keeps it."""
    inferred = inferring.infer(sample.judged) if inferring else np.empty(0)
    return {
        **asdict(definition), "exclusions": list(definition.exclusions),
        "since": since.isoformat(), "until": until.isoformat(), "as_of": as_of.isoformat(),
        "counts": dict(sample.counts), "excluded": dict(sample.excluded),
        "inference": PARCELLING if inferring else NONE, "factor": inferring.factor if inferring else None,
        "inferred": len(inferred), "inferred_bad": int(inferred.sum()), "rows_sha256": sample.sha256,
    }  # fmt: skip


def _warnings(made: Mapping[str, Any], late: Mapping[str, float]) -> list[dict[str, Any]]:
    counts, found = made["counts"], []
    if made["inferred"]:
        found.append({"kind": "inferred", "rows": made["inferred"], "factor": made["factor"]})
    elif counts["declined"]:
        found.append({"kind": "declined_unseen", "rows": counts["declined"]})
    if counts["bad"] < FEW_BAD:
        found.append({"kind": "few_bad", "rows": counts["bad"]})
    if not late:
        found.append({"kind": "no_out_of_time"})
    return found
