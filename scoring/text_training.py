"""The act of training a text classifier: labelled texts in, a draft model version in the inventory out.

The texts are a CSV, or come from a provider that a room above has named: scoring knows neither cases nor applications.

    add_provider("cases", labelled_cases)         # in the room that keeps them
    train_text_model(csv_of(rows_from("cases")), text="text", label="label", by=dev, name="complaint-topic")
"""

import csv
import datetime
import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max

from scoring.history import sign
from scoring.learning.model import sha256_of
from scoring.models import ModelArtifact, ModelVersion
from scoring.refusals import ArtifactDamaged, DataUnusable
from scoring.text import Classified, TextClassifier, TrainedText, train

COMPLAINT_TOPIC = "complaint-topic"
LOAN_PURPOSE = "loan-purpose"
MOST_LOADED = 8

Rows = Iterable[tuple[str, str]]
_PROVIDERS: dict[str, Callable[[], Rows]] = {}
_loaded: dict[str, TextClassifier] = {}


@dataclass(frozen=True, slots=True)
class TextChampion:
    """The classifier in use and the version it is."""

    classifier: TextClassifier
    version: str

    def classify(self, text: str) -> Classified:
        return self.classifier.classify(text)


def add_provider(name: str, provider: Callable[[], Rows]) -> None:
    """Let a room above give labelled texts: (text, label), in an order that stays. The same name replaces it."""
    _PROVIDERS[name] = provider


def rows_from(name: str) -> list[tuple[str, str]]:
    """The labelled texts of a provider. Raises DataUnusable where there is none, or it has no texts yet."""
    if name not in _PROVIDERS:
        raise DataUnusable(problem=f"nobody gives labelled texts by the name “{name}”", field="data")
    rows = list(_PROVIDERS[name]())
    if not rows:
        raise DataUnusable(problem=f"no text of “{name}” has a label yet", field="label")
    return rows


def csv_of(rows: Rows) -> bytes:
    """Labelled texts as the CSV they are trained on; its hash stands with the model, the texts do not."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("text", "label"))
    writer.writerows(rows)
    return file.getvalue().encode()


def train_text_model(
    content: bytes, *, text: str, label: str, by: Any, source: str = "", name: str = COMPLAINT_TOPIC
) -> tuple[ModelVersion, TrainedText]:
    """Train on a CSV with a column of text and one of labels. Raises DataUnusable."""
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    for column in (text, label):
        if column not in (reader.fieldnames or ()):
            raise DataUnusable(problem=f"there is no column “{column}”", field=column)
    rows = [row for row in reader if row[text] and row[label]]
    trained = train([(row[text], row[label].strip()) for row in rows])
    return _entered(trained, content, len(rows), source, name, by), trained


def text_champion(name: str, on: datetime.date) -> TextChampion | None:
    """The text classifier of this name that is in use, or None: people sort the texts then. Raises ArtifactDamaged."""
    version = (
        ModelVersion.objects.deciding(on)
        .filter(name=name, algorithm=ModelVersion.Algorithm.TEXT)
        .values_list("version", "artifact_id", "artifact__file_sha256")
        .first()
    )
    if version is None:
        return None
    number, artifact, digest = version
    if digest not in _loaded:
        content = ModelArtifact.objects.values_list("content", flat=True).get(pk=artifact).encode()
        if sha256_of(content) != digest:
            raise ArtifactDamaged(sha256=digest[:12])
        if len(_loaded) >= MOST_LOADED:
            _loaded.clear()
        _loaded[digest] = TextClassifier.from_bytes(content)
    return TextChampion(_loaded[digest], f"{name} v{number}")


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
