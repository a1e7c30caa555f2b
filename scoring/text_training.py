"""The act of training a text classifier: labelled cases in, a draft model version in the inventory out."""

import csv
import datetime
import hashlib
import io
from typing import Any

from django.db import transaction
from django.db.models import Max

from scoring.history import sign
from scoring.learning.model import sha256_of
from scoring.models import ModelArtifact, ModelVersion
from scoring.refusals import DataUnusable
from scoring.text import TextClassifier, TrainedText, train


def train_text_model(
    content: bytes, *, text: str, label: str, by: Any, source: str = "", name: str = "complaint-topic"
) -> tuple[ModelVersion, TrainedText]:
    """Train on a CSV with a column of text and one of labels. Raises DataUnusable."""
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    for column in (text, label):
        if column not in (reader.fieldnames or ()):
            raise DataUnusable(problem=f"there is no column “{column}”", field=column)
    rows = [row for row in reader if row[text] and row[label]]
    trained = train([(row[text], row[label].strip()) for row in rows])
    return _entered(trained, content, len(rows), source, name, by), trained


def text_classifier(name: str, on: datetime.date) -> TextClassifier | None:
    """The certified classifier of this name, or None: people sort the texts then."""
    usable = ("certified", "champion")
    version = ModelVersion.objects.filter(
        name=name, algorithm=ModelVersion.Algorithm.TEXT, status__in=usable, certificate_expires_on__gte=on
    ).first()
    return TextClassifier.from_bytes(version.artifact.content.encode()) if version else None


@transaction.atomic
def _entered(trained: TrainedText, content: bytes, rows: int, source: str, name: str, by: Any) -> ModelVersion:
    latest = ModelVersion.objects.select_for_update().filter(name=name).aggregate(top=Max("version"))["top"] or 0
    file = trained.classifier.to_bytes()
    artifact, _created = ModelArtifact.objects.get_or_create(
        file_sha256=sha256_of(file), defaults={"content": file.decode()}
    )
    version = ModelVersion(
        name=name,
        version=latest + 1,
        algorithm=ModelVersion.Algorithm.TEXT,
        purpose="topic of a text, to route a case; a person can always change it",
        owner=str(by) if by else "",
        tier=ModelVersion.Tier.LOW,
        data_name=source[-200:],
        data_sha256=hashlib.sha256(content).hexdigest(),
        data_rows=rows,
        metrics={name: trained.validation[name] for name in ("accuracy", "macro_f1")},
        validation=trained.validation,
        artifact=artifact,
        developer=by,
    )
    sign(version, by)
    version.save()
    return version
