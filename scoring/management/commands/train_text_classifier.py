"""Train a classifier of short texts: on a CSV of texts and labels, on the cases that the desk has sorted (--cases), or on
what borrowers wrote of their loans' purposes (--purposes). To a file, and with --name as a draft in the inventory."""

import csv
import io
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scoring.learning.model import sha256_of
from scoring.management.developers import developer
from scoring.refusals import ScoringRefusal
from scoring.text import TrainedText, train
from scoring.text_training import COMPLAINT_TOPIC, LOAN_PURPOSE, csv_of, rows_from, train_text_model


class Command(BaseCommand):
    help = "Train a classifier of complaints, loan purposes or other short texts, in Chinese or English."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("data", type=Path, nargs="?", help="CSV with a column of texts and a column of labels")
        parser.add_argument("--cases", action="store_true", help="the desk's answered cases, by the officers' topics")
        parser.add_argument("--purposes", action="store_true", help="purposes in the borrowers' words, of signed loans")
        parser.add_argument("--text", default="text", help="name of the column of texts")
        parser.add_argument("--label", default="label", help="name of the column of labels")
        parser.add_argument("--out", type=Path, help="write the classifier to this file (JSON)")
        parser.add_argument("--name", help="enter it into the inventory as a draft of this name")
        parser.add_argument(
            "--by", help="user name of the developer; may be left out where only one person may submit models"
        )
        parser.add_argument("--json", action="store_true", help="print the validation as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        _settle(options)
        try:
            trained, version = _train(options)
        except ScoringRefusal as refused:
            raise CommandError("; ".join(refused.messages)) from None
        content = trained.classifier.to_bytes()
        if options["out"]:
            options["out"].write_bytes(content)
        figures = {"model": version, "sha256": sha256_of(content), **trained.validation}
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
        for label, row in figures["confusion"].items():
            wrong = ", ".join(f"{said} {count}" for said, count in row.items() if count and said != label)
            if wrong:
                self.stdout.write(f"  {label:24} taken for {wrong}")
        self.stdout.write(f"{version or options['out']}: sha256 {figures['sha256']}")


def _settle(options: dict[str, Any]) -> None:
    """One source, and where to: what is trained on the desk's own texts goes to the inventory under its own name."""
    if sum((bool(options["data"]), options["cases"], options["purposes"])) != 1:
        raise CommandError("say one of: a CSV file, --cases, --purposes")
    if options["cases"] or options["purposes"]:
        options["source"] = "cases" if options["cases"] else "purposes"
        if not options["out"]:
            options["name"] = options["name"] or (COMPLAINT_TOPIC if options["cases"] else LOAN_PURPOSE)
    elif not options["out"] and not options["name"]:
        raise CommandError("say --out FILE for a file, --name NAME for the inventory, or both")


def _train(options: dict[str, Any]) -> tuple[TrainedText, str | None]:
    source, text, label = options.get("source"), options["text"], options["label"]
    if source:
        content, text, label = csv_of(rows_from(source)), "text", "label"
    else:
        content = _content(options["data"])
    if options["name"]:
        version, trained = train_text_model(
            content,
            text=text,
            label=label,
            by=developer(options["by"]),
            source=source or str(options["data"]),
            name=options["name"],
        )
        return trained, str(version)
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    for name in (text, label):
        if name not in (reader.fieldnames or ()):
            raise CommandError(f"there is no column “{name}”; the columns are {', '.join(reader.fieldnames or ())}")
    return train([(row[text] or "", row[label] or "") for row in reader]), None


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        content.decode("utf-8-sig")
    except FileNotFoundError:
        raise CommandError(f"{path}: there is no such file") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path}: save it as UTF-8") from None
    return content
