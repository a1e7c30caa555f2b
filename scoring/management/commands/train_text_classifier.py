"""Train a classifier of short texts on a CSV of texts and labels."""

import csv
import io
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scoring.learning.model import sha256_of
from scoring.refusals import ScoringRefusal
from scoring.text import train


class Command(BaseCommand):
    help = "Train a classifier of complaints, loan purposes or other short texts, in Chinese or English."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("data", type=Path, help="CSV with a column of texts and a column of labels")
        parser.add_argument("--text", default="text", help="name of the column of texts")
        parser.add_argument("--label", default="label", help="name of the column of labels")
        parser.add_argument("--out", type=Path, required=True, help="the classifier's file (JSON)")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--json", action="store_true", help="print the validation as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = _read(options["data"], options["text"], options["label"])
        try:
            trained = train(rows, seed=options["seed"])
        except ScoringRefusal as refused:
            raise CommandError("; ".join(refused.messages)) from None
        content = trained.classifier.to_bytes()
        options["out"].write_bytes(content)
        figures = {"file": str(options["out"]), "sha256": sha256_of(content), **trained.validation}
        if options["json"]:
            self.stdout.write(json.dumps(figures, ensure_ascii=False, indent=2))
            return
        self.stdout.write(
            f"{figures['texts']} texts, {figures['folds']} folds: macro F1 {figures['macro_f1']}, accuracy"
            f" {figures['accuracy']} (always the commonest label: {figures['accuracy_of_always_the_commonest']})"
        )
        for label, row in figures["by_label"].items():
            self.stdout.write(
                f"  {label:24} {row['count']:5} texts  precision {row['precision']:.3f}  recall {row['recall']:.3f}"
            )
        self.stdout.write(f"{options['out']}: sha256 {figures['sha256']}")


def _read(path: Path, text: str, label: str) -> list[tuple[str, str]]:
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise CommandError(f"{path}: there is no such file") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path}: save it as UTF-8") from None
    reader = csv.DictReader(io.StringIO(content))
    for name in (text, label):
        if name not in (reader.fieldnames or ()):
            raise CommandError(f"there is no column “{name}”; the columns are {', '.join(reader.fieldnames or ())}")
    return [(row[text] or "", row[label] or "") for row in reader]
