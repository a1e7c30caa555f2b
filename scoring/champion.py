"""The model that decides: found in the inventory, loaded once per process, checked against its hash before it is
used.
"""

import datetime
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q

from scoring.features import compute_named
from scoring.learning.binning import LEAST_ROWS
from scoring.learning.model import Model, sha256_of
from scoring.learning.scorecard import Scorecard
from scoring.models import ModelArtifact, ModelVersion
from scoring.outliers import OutlierModel
from scoring.points import band_of, points_of, probability_of
from scoring.recommendation import Predicted
from scoring.refusals import ArtifactDamaged

Status = ModelVersion.Status
_NEEDED = ("name", "version", "status", "promoted_on", "challenger_percent", "algorithm", "artifact__file_sha256")
_MOST_LOADED = 8
_loaded: dict[str, Any] = {}


def load(file_sha256: str) -> Model:
    """The model whose file has this hash, read once per process. Raises ArtifactDamaged when the stored bytes
    differ.
    """
    model: Model = _read_once(file_sha256, Model.from_bytes)
    return model


def load_outliers(file_sha256: str) -> OutlierModel:
    """The same for the file of an anomaly score."""
    model: OutlierModel = _read_once(file_sha256, OutlierModel.from_bytes)
    return model


def _read_once(file_sha256: str, read: Callable[[bytes], Any]) -> Any:
    model = _loaded.get(file_sha256)
    if model is None:
        with transaction.atomic():  # a failure here must not break the caller's transaction
            content = ModelArtifact.objects.values_list("content", flat=True).get(file_sha256=file_sha256).encode()
        if sha256_of(content) != file_sha256:
            raise ArtifactDamaged(sha256=file_sha256[:12])
        if len(_loaded) >= _MOST_LOADED:
            _loaded.pop(next(iter(_loaded)))
        model = _loaded[file_sha256] = read(content)
    return model


def forget() -> None:
    """Drop every loaded model of this process."""
    _loaded.clear()


def store(model: Model) -> ModelArtifact:
    """The artifact row of a model; the same model twice is the same row."""
    content = model.to_bytes()
    artifact, _created = ModelArtifact.objects.get_or_create(
        file_sha256=sha256_of(content), defaults={"content": content.decode()}
    )
    return artifact


@dataclass(frozen=True, slots=True)
class Running:
    """The models in use on a day: who decides this subject, who only watches, and what tells the unusual."""

    deciding: ModelVersion | None
    shadows: tuple[ModelVersion, ...]
    outliers: ModelVersion | None = None


def candidates(on: datetime.date, name: str | None = None) -> tuple[ModelVersion, ...]:
    """The certified, unexpired models in use on a day that are trained on facts, and those that tell the unusual."""
    statuses = (Status.CHAMPION, Status.CHALLENGER, Status.SHADOW)
    scoring = Q(uses_facts=True, status__in=statuses) & (Q(name=name) if name else Q())
    watching = Q(algorithm=ModelVersion.Algorithm.OUTLIERS, status=Status.CERTIFIED)
    versions = ModelVersion.objects.filter(scoring | watching, certificate_expires_on__gte=on)
    return tuple(versions.select_related("artifact").only(*_NEEDED).order_by("pk"))


def running(every: Sequence[ModelVersion], subject: str) -> Running:
    """Of the `candidates` of a day, by whom this subject is scored: the champion, or for its share a challenger.

    With several champions the one promoted last decides; challengers and shadows are those of its name. The anomaly
    score is the latest certified one: it scores nobody and is therefore never promoted.
    """
    outliers = next((one for one in reversed(every) if one.algorithm == ModelVersion.Algorithm.OUTLIERS), None)
    found = [one for one in every if one.algorithm != ModelVersion.Algorithm.OUTLIERS]
    champions = [version for version in found if version.status == Status.CHAMPION]
    if not champions:
        return Running(None, (), outliers)
    champion = max(champions, key=lambda version: (version.promoted_on or datetime.date.min, version.pk))
    family = [version for version in found if version.name == champion.name]
    shadows = tuple(version for version in family if version.status == Status.SHADOW)
    return Running(_challenged(champion, family, subject), shadows, outliers)


def _challenged(champion: ModelVersion, family: list[ModelVersion], subject: str) -> ModelVersion:
    place, start = share_of(subject, champion.name), 0
    for version in family:
        if version.status == Status.CHALLENGER:
            start += version.challenger_percent
            if place < start:
                return version
    return champion


def deciding_version(on: datetime.date, subject: str, name: str | None = None) -> ModelVersion | None:
    """The model that decides this subject, or None: people decide then."""
    return running(candidates(on, name), subject).deciding


def share_of(subject: str, salt: str) -> int:
    """A stable number from 0 to 99 of this subject: the same today and in ten years."""
    return int.from_bytes(hashlib.sha256(f"{salt}:{subject}".encode()).digest()[:8], "big") % 100


def predict(version: ModelVersion, facts: dict[str, Any], *, explained: bool = True) -> Predicted:
    """What this model version says of these facts; without contributions it is quicker where there are trees."""
    model = load(version.artifact.file_sha256)
    features = compute_named(tuple(column.name for column in model.columns), facts)
    contributions: dict[str, float] = {}
    if explained or not model.has_trees:
        log_odds, contributions = model.explain(features)
    else:
        log_odds = model.log_odds_of_one(features)
    probability = probability_of(log_odds)
    gaps = gaps_of(model, features)
    return Predicted(log_odds, probability, points_of(log_odds), band_of(probability), contributions, features, gaps)


def gaps_of(model: Model, features: Mapping[str, Any]) -> tuple[str, ...]:
    """The features that are missing here although the model never learnt what it means that they are missing."""
    return tuple(name for name, value in features.items() if value is None and not _learnt_missing(model, name))


def _learnt_missing(model: Model, name: str) -> bool:
    """Whether enough of the rows it learnt from lacked the feature, or the model makes nothing of it."""
    if not model.derived and all(isinstance(part, Scorecard) and name not in part.bins for _share, part in model.parts):
        return True
    seen = model.reference.get("columns", {}).get(name, {})
    counts = seen["missing_then_bins"][0] if "edges" in seen else seen.get("levels", {}).get("", 0)
    return int(counts) >= LEAST_ROWS
