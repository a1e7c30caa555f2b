"""Train an anomaly score on the applicants of our own past and enter it into the inventory, where people certify it.

It learns from what was known of each applicant when she was decided (facts and counts of what she shared), not from what
became of her. Draft, validation and certificate are those of every model; certified, the latest version is in use until
its certificate ends, and it only sends people to a person. Train it again when monitoring finds the population changed.
"""

import datetime
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from scoring.history import sign
from scoring.learning.model import sha256_of
from scoring.models import ModelArtifact, ModelVersion, Score
from scoring.outliers import OutlierModel, held_out_share, learn

MOST_ROWS = 50_000


def facts_of_applicants(since: datetime.date, until: datetime.date) -> list[dict[str, Any]]:
    """The facts of everybody scored for a decision in the window, the latest 50,000."""
    scores = Score.objects.filter(role=Score.Role.DECISION, scored_on__gte=since, scored_on__lte=until)
    return list(scores.order_by("-scored_on", "-id").values_list("facts", flat=True)[:MOST_ROWS])


def train_outliers(
    rows: Sequence[Mapping[str, Any]], *, share: float, source: str, by: Any, name: str = "applicant-outliers"
) -> tuple[ModelVersion, OutlierModel]:
    """A draft in the inventory. Raises DataUnusable for fewer than 200 applicants."""
    model = learn(rows, share=share)
    figures = {
        "share": share,
        "threshold": model.threshold,
        "held_out_share": round(held_out_share(rows, share=share), 5),
    }
    content = json.dumps(list(rows), default=str, sort_keys=True, ensure_ascii=False).encode()
    return _entered(model, figures, hashlib.sha256(content).hexdigest(), len(rows), source, name, by), model


@transaction.atomic
def _entered(
    model: OutlierModel, figures: dict[str, Any], data_sha256: str, rows: int, source: str, name: str, by: Any
) -> ModelVersion:
    latest = ModelVersion.objects.select_for_update().filter(name=name).aggregate(top=Max("version"))["top"] or 0
    file = model.to_bytes()
    artifact, _created = ModelArtifact.objects.get_or_create(
        file_sha256=sha256_of(file), defaults={"content": file.decode()}
    )
    version = ModelVersion(
        name=name,
        version=latest + 1,
        algorithm=ModelVersion.Algorithm.OUTLIERS,
        purpose="notice applicants whose facts are unusual, so that a person looks; never a refusal",
        owner=str(by) if by else "",
        tier=ModelVersion.Tier.MEDIUM,
        limitations="Unusual is not dishonest. Facts that depend on each other count each for itself.",
        data_name=source[-200:],
        data_sha256=data_sha256,
        data_rows=rows,
        spec={"facts": [column.name for column in model.columns]},
        metrics=figures,
        artifact=artifact,
        developer=by,
    )
    sign(version, by)
    version.save()
    return version
