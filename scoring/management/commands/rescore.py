"""Score every row of a CSV with a model of the inventory, or (--book) every running loan with today's facts.

Memory stays bounded however long the file or the book is.
"""

import datetime
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from scoring import champion
from scoring.book_rescoring import rescore_book
from scoring.mapping import read_mapping
from scoring.models import ModelVersion
from scoring.refusals import DataUnusable
from scoring.rescoring import rescore_csv


class Command(BaseCommand):
    help = "Write a CSV again with probability of default, points and band beside every row; --book: score the book."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("data", type=Path, nargs="?")
        parser.add_argument("--out", type=Path, help="the CSV to write")
        parser.add_argument("--book", action="store_true", help="score every running loan anew, once a month")
        parser.add_argument("--date", type=datetime.date.fromisoformat, help="of --book: YYYY-MM-DD, default today")
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
            raise CommandError(f"{options['data']}: there is no such file")
        mapping = read_mapping(options["mapping"].read_bytes()) if options["mapping"] else None
        with (
            options["data"].open(encoding="utf-8-sig", newline="") as source,
            options["out"].open("w", encoding="utf-8", newline="") as target,
        ):
            try:
                count = rescore_csv(model, source, target, mapping, uses_facts=version.uses_facts)
            except DataUnusable as refusal:
                raise CommandError(f"{options['data']}: {refusal.details['problem']}") from None
        self.stdout.write(f"{count} rows scored by {version}: {options['out']}")


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
