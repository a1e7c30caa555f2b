"""The model that decides: found in the inventory, loaded once per process, checked against its hash before it is
used.
"""

import datetime
import hashlib
from functools import lru_cache
from typing import Any

from scoring.features import compute_named
from scoring.learning.model import Model, sha256_of
from scoring.models import ModelArtifact, ModelVersion
from scoring.points import band_of, points_of, probability_of
from scoring.recommendation import Predicted
from scoring.refusals import ArtifactDamaged


@lru_cache(maxsize=8)
def load(file_sha256: str) -> Model:
    """The model whose file has this hash. Raises ArtifactDamaged when the stored bytes do not."""
    content = ModelArtifact.objects.values_list("content", flat=True).get(file_sha256=file_sha256).encode()
    if sha256_of(content) != file_sha256:
        raise ArtifactDamaged(sha256=file_sha256[:12])
    return Model.from_bytes(content)


def store(model: Model) -> ModelArtifact:
    """The artifact row of a model; the same model twice is the same row."""
    content = model.to_bytes()
    artifact, _created = ModelArtifact.objects.get_or_create(
        file_sha256=sha256_of(content), defaults={"content": content.decode()}
    )
    return artifact


def deciding_version(on: datetime.date, subject: str, name: str | None = None) -> ModelVersion | None:
    """The certified, unexpired model for this subject: the champion, or for its share of subjects the challenger."""
    versions = (
        ModelVersion.objects.filter(uses_facts=True).select_related("artifact").defer("artifact__content", "validation")
    )
    if name:
        versions = versions.filter(name=name)
    champion = versions.deciding(on).order_by("-promoted_on", "-pk").first()
    if champion is None:
        return None
    place = share_of(subject, champion.name)
    start = 0
    for challenger in versions.challenging(on).filter(name=champion.name).order_by("pk"):
        start += challenger.challenger_percent
        if place < start:
            return challenger
    return champion


def share_of(subject: str, salt: str) -> int:
    """A stable number from 0 to 99 of this subject: the same today and in ten years."""
    return int.from_bytes(hashlib.sha256(f"{salt}:{subject}".encode()).digest()[:8], "big") % 100


def predict(version: ModelVersion, facts: dict[str, Any]) -> Predicted:
    """What this model version says of these facts."""
    model = load(version.artifact.file_sha256)
    features = compute_named(tuple(column.name for column in model.columns), facts)
    log_odds, contributions = model.explain(features)
    probability = probability_of(log_odds)
    return Predicted(log_odds, probability, points_of(log_odds), band_of(probability), contributions, features)
