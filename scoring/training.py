"""The act of training: a file of cases in, a draft model version in the inventory out."""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Max

from scoring import champion
from scoring.features import REGISTRY
from scoring.history import sign
from scoring.learning import metrics
from scoring.learning.table import Table, facts_table, header_of, read_csv
from scoring.learning.training import FOLDS, SCORECARD, Floats, Trained, train
from scoring.mapping import FactMapping, identity
from scoring.models import ModelVersion
from scoring.refusals import DataUnusable, NameNeeded
from scoring.strategy_rules import STARTING_RULES
from scoring.validation import report

CONSUMER_CREDIT = "consumer-credit"
PURPOSE = "probability that a loan goes bad, for the decision on an application"
_LATE_SHARE = 0.2
_PROTECTED_WORDS = {
    "age", "sex", "gender", "marital", "marriage", "married", "race", "ethnicity", "ethnic", "religion",
    "nationality", "foreign", "disability", "disabled", "pregnant", "pregnancy", "education", "birthday",
    "birthdate", "native",
}  # fmt: skip


def sounds_protected(name: str) -> bool:
    """Whether a column's name holds a word of a protected characteristic: such a column is measured, never scored."""
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())
    return not _PROTECTED_WORDS.isdisjoint(words)


@dataclass(frozen=True, slots=True)
class Spec:
    """What a specification file may say about a data set."""

    exclude: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    directions: Mapping[str, int] = field(default_factory=dict)
    bad_value: str | None = None
    purpose: str = PURPOSE
    owner: str = ""
    limitations: str = ""

    def aside(self, header: Iterable[str] = ()) -> tuple[str, ...]:
        """The columns a model may not use: those named, and those whose name says that they are protected."""
        guessed = (name for name in header if sounds_protected(name) and name not in self.allowed)
        return tuple(dict.fromkeys((*self.exclude, *self.protected, *guessed)))


def read_spec(content: bytes) -> Spec:
    """The specification in a TOML file. Raises DataUnusable naming the key that is wrong.

    exclude = ["customer_id"]         protected = ["age"]         categories = ["branch_code"]
    purpose = "…"  owner = "…"  limitations = "…"
    [directions]
    income = -1                       # more income, less risk
    """
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise DataUnusable(problem=f"the specification is not TOML: {problem}", field="spec") from None
    known = {
        "exclude",
        "protected",
        "allowed",
        "bad_value",
        "categories",
        "directions",
        "purpose",
        "owner",
        "limitations",
    }
    for key in data:
        if key not in known:
            raise DataUnusable(
                problem=f"the specification knows no “{key}”; it knows {', '.join(sorted(known))}", field="spec"
            )
    directions = data.get("directions", {})
    for name, way in directions.items():
        if way not in (-1, 0, 1):
            raise DataUnusable(problem=f"the direction of “{name}” is -1, 0 or 1", field="spec")
    lists: dict[str, Any] = {key: tuple(data.get(key, ())) for key in ("exclude", "protected", "allowed", "categories")}
    words = {key: data[key] for key in ("bad_value", "purpose", "owner", "limitations") if key in data}
    return Spec(**lists, directions=directions, **words)


def train_model(
    content: bytes,
    *,
    target: str,
    by: Any,
    source: str = "",
    name: str | None = None,
    algorithm: str | None = None,
    spec: Spec | None = None,
    mapping: FactMapping | None = None,
    time: str | None = None,
    seed: int = 0,
    jobs: int = 1,
) -> tuple[ModelVersion, Trained]:
    """Train on a CSV and store the result as a draft. Raises DataUnusable when the data cannot be learnt from.

    With a mapping, or when every column is a declared fact, the model is trained on facts and may one day decide;
    otherwise on the columns as they are, for research. The same bytes, options and seed give the same file. Without a
    name it is the next version of the model that scores applicants, if it is one (`name_for`).
    """
    spec = spec or Spec()
    table, uses_facts = read_table(content, target=target, source=source, spec=spec, mapping=mapping, time=time)
    name = name_for(name, uses_facts=uses_facts, purpose=spec.purpose)
    trained = train(table, algorithm=algorithm, seed=seed, jobs=jobs)
    figures: dict[str, Any] = {
        **trained.metrics, "by_fold": trained.by_fold, "candidates": trained.candidates,
    }  # fmt: skip
    if time:
        figures["out_of_time"] = _out_of_time(table, time, trained.model.algorithm, seed)
    settings: dict[str, Any] = {
        "target": target, "algorithm": algorithm, "aside": sorted(table.aside), "categories": list(spec.categories),
        "directions": dict(spec.directions), "protected": sorted(_protected(table, spec)), "time": time,
    }  # fmt: skip
    validation = report(
        table,
        trained.out_of_fold,
        protected=settings["protected"],
        approve_to_pd=float(STARTING_RULES["cut_offs"]["approve_to_pd"]),
        time=time,
        model=trained.model,
        scorecard=benchmark_of(trained, table, seed),
    )
    version = put_into_inventory(
        trained,
        table,
        figures,
        settings,
        name=name,
        spec=spec,
        uses_facts=uses_facts,
        seed=seed,
        by=by,
        validation=validation,
    )
    return version, trained


def name_for(name: str | None, *, uses_facts: bool, purpose: str) -> str:
    """The name told, or that of the model that scores applicants, of which this is then the next version.

    Raises NameNeeded where that model is in the inventory and this is none of its versions: one trained on columns
    cannot decide, and one of another purpose decides something else.
    """
    if name:
        return name
    kept = ModelVersion.objects.filter(name=CONSUMER_CREDIT, uses_facts=True).order_by("-version").first()
    if kept is not None and not (uses_facts and kept.purpose == purpose):
        raise NameNeeded(model=kept)
    return CONSUMER_CREDIT


def read_table(
    content: bytes,
    *,
    target: str,
    source: str = "",
    spec: Spec | None = None,
    mapping: FactMapping | None = None,
    time: str | None = None,
) -> tuple[Table, bool]:
    """The training table of a CSV and whether its columns are declared facts."""
    spec = spec or Spec()
    header = header_of(content)
    offered = set(header) - {target, time, *spec.aside()}
    if mapping is None and offered and offered <= _fact_names():
        mapping = identity([column for column in header if column not in (target, time)])
    if mapping is None:
        aside = tuple(dict.fromkeys((*spec.aside(n for n in header if n != target), *((time,) if time else ()))))
        return read_csv(
            content,
            target=target,
            source=source,
            exclude=aside,
            directions=spec.directions,
            categories=spec.categories,
            bad_value=spec.bad_value,
        ), False
    missing = [column for column in mapping.columns() if column not in header]
    if missing:
        raise DataUnusable(problem=f"the mapping names the column “{missing[0]}”, which is not there", field="mapping")
    table = facts_table(
        content,
        target=target,
        facts_of=mapping.facts_of,
        source=source,
        keep=[time] if time else [],
        bad_value=spec.bad_value,
    )
    return table, True


def benchmark_of(trained: Trained, table: Table, seed: int) -> Floats | None:
    """What a plain scorecard says of the same rows, equally unseen; None where the model is one."""
    if trained.model.algorithm == SCORECARD:
        return None
    tried = trained.by_algorithm.get(SCORECARD)
    return train(table, algorithm=SCORECARD, seed=seed).out_of_fold if tried is None else tried


def _fact_names() -> set[str]:
    return {*REGISTRY, "debt_service_monthly"}


def _protected(table: Table, spec: Spec) -> list[str]:
    """The columns kept aside that fairness is measured by."""
    return [
        name
        for name in table.aside
        if (name in REGISTRY and REGISTRY[name].protected)
        or name in spec.protected
        or (sounds_protected(name) and name not in spec.exclude)
    ]


def _out_of_time(table: Table, time: str, algorithm: str, seed: int) -> dict[str, float]:
    """What a model of the earlier four fifths says of the latest fifth. Raises DataUnusable when a part has too few bad
    or good outcomes.
    """
    order = np.argsort(np.array(table.aside[time]), kind="stable")
    cut = int(len(order) * (1 - _LATE_SHARE))
    first, late = table.take(order[:cut]), table.take(order[cut:])
    if min(first.bad.sum(), (1 - first.bad).sum(), late.bad.sum(), (1 - late.bad).sum()) < FOLDS:
        problem = f"in the order of “{time}”, the earlier cases or the latest fifth hold too few bad or good outcomes"
        raise DataUnusable(problem=problem, field="time")
    earlier = train(first, algorithm=algorithm, seed=seed)
    return metrics.summary(late.bad, earlier.model.probabilities(late.values))


@transaction.atomic
def put_into_inventory(
    trained: Trained,
    table: Table,
    figures: dict[str, Any],
    settings: dict[str, Any],
    *,
    name: str,
    spec: Spec,
    uses_facts: bool,
    seed: int,
    by: Any,
    validation: dict[str, Any] | None = None,
) -> ModelVersion:
    """The next version of this name as a draft, with its file and everything training found."""
    latest = ModelVersion.objects.select_for_update().filter(name=name).aggregate(top=Max("version"))["top"] or 0
    version = ModelVersion(
        name=name,
        version=latest + 1,
        algorithm=trained.model.algorithm,
        purpose=spec.purpose,
        owner=spec.owner or (str(by) if by else ""),
        limitations=spec.limitations,
        uses_facts=uses_facts,
        data_name=os.path.basename(table.source)[:200],
        data_sha256=table.sha256,
        data_rows=len(table),
        seed=seed,
        spec=settings,
        metrics=figures,
        warnings=trained.warnings,
        validation=validation or {},
        artifact=champion.store(trained.model),
        developer=by,
    )
    sign(version, by)
    version.save()
    return version
