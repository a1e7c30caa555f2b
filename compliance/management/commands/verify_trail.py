"""manage.py verify_trail [FILE] [--head HASH] [--offline]"""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations

from compliance.verification import Report, verify_chain, verify_file


class Command(BaseCommand):
    help = "Prove that no sealed row was changed, removed or reordered; or that an exported file is true."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="an export; without it the whole database is verified")
        parser.add_argument("--head", help="a head of the chain noted earlier, which must still be in it")
        parser.add_argument("--offline", action="store_true", help="verify the file by itself, without this database")

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        path = options["file"]
        report = self._file(path, offline=options["offline"]) if path else verify_chain(known_head=options["head"])
        for finding in report.findings:
            self.stdout.write(f"{finding.kind}: {finding.where}: {finding.detail}")
        if not report.sound:
            raise CommandError(f"The trail does not hold: {len(report.findings)} findings.")
        self.stdout.write(f"The trail holds: {report.links} links verified, head {report.head}")

    def _file(self, path: Path, *, offline: bool) -> Report:
        if not path.is_file():
            raise CommandError(f"file: {path} is not there.")
        try:
            return verify_file(path, against_database=not offline)
        except (json.JSONDecodeError, KeyError, StopIteration, UnicodeDecodeError) as error:
            raise CommandError(f"file: {path} is not an export of the trail ({error}).") from error
