"""Score every row of a CSV with a model of the inventory, or (--book) every running loan with today's facts.

Memory stays bounded however long the file or the book is.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from scoring import champion
from scoring.book_rescoring import rescore_book
from scoring.csv_blocks import opened
from scoring.management.arguments import content_of, day
from scoring.mapping import FactMapping, read_mapping
from scoring.models import ModelVersion
from scoring.refusals import DataUnusable
from scoring.rescoring import rescore_csv


class Command(BaseCommand):
    help = "Write a CSV again with probability of default, points and band beside every row; --book: score the book."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "data",
            type=Path,
            nargs="?",
            help="CSV with a header, read as training reads it (UTF-8, UTF-16 or GB 18030; cells end with , ; | or tab); "
            "columns are named as the model's, or --mapping says which is which",
        )
        parser.add_argument("--out", type=Path, help="the CSV to write, in UTF-8")
        parser.add_argument("--book", action="store_true", help="score every running loan anew, once a month")
        parser.add_argument("--date", type=day, help="of --book: YYYY-MM-DD, default today")
        parser.add_argument("--mapping", type=Path, help="TOML: how the columns become facts")
        parser.add_argument("--model", help="NAME:VERSION, default the champion in force")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["book"]:
            counts = rescore_book(on=options["date"] or timezone.localdate())
            told = "{loans} running loans, {scored} scored".format(**counts)
            self.stdout.write(
                told if counts["loans"] else "Nothing to do: no model decides, or the month's scores stand."
            )
            return
        if options["data"] is None or options["out"] is None:
            raise CommandError("Name a CSV and, with --out, the file to write; or give --book.")
        version = _version(options["model"])
        model = champion.load(version.artifact.file_sha256)
        if not options["data"].is_file():
            raise CommandError(f"data: {options['data']}: there is no such file")
        if options["out"].exists() and options["out"].samefile(options["data"]):
            raise CommandError("--out: name another file than the one that is read")
        mapping = _mapping(options["mapping"]) if options["mapping"] else None
        try:
            with (
                opened(options["data"]) as source,
                options["out"].open("w", encoding="utf-8", newline="") as target,
            ):
                count = rescore_csv(model, source, target, mapping, uses_facts=version.uses_facts)
        except DataUnusable as refusal:
            raise CommandError(f"data: {options['data']}: {refusal.details['problem']}") from None
        except OSError as problem:
            raise CommandError(f"{problem.filename}: {problem.strerror}") from None
        self.stdout.write(f"{count} rows scored by {version}: {options['out']}")


def _mapping(path: Path) -> FactMapping:
    try:
        return read_mapping(content_of(path, "--mapping"))
    except DataUnusable as refusal:
        raise CommandError(f"--mapping: {path}: {refusal.details['problem']}") from None


def _version(wanted: str | None) -> ModelVersion:
    if wanted is None:
        found = (
            ModelVersion.objects.deciding(timezone.localdate())
            .filter(uses_facts=True)
            .select_related("artifact")
            .first()
        )
        if found is None:
            raise CommandError("No certified champion is in force; name a model with --model NAME:VERSION")
        return found
    name, _colon, number = wanted.rpartition(":")
    found = ModelVersion.objects.filter(name=name, version=number if number.isdigit() else -1).first()
    if found is None:
        raise CommandError(f"--model {wanted}: there is no such model; write NAME:VERSION")
    return found
