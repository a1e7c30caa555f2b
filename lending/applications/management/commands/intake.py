"""manage.py intake FILE.csv --product CODE --mapping MAP.toml [--out RESULT.csv] [--outcome COLUMN] [--rows FROM-TO]"""

import csv
import hashlib
import json
import time
from argparse import ArgumentParser
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from customers.models import User
from lending.applications.intake import IntakeMapping, Taken, read_intake_mapping, reference_of, take_in
from lending.clock import business_date
from lending.finance.money import from_minor
from lending.products.models import Product, ProductVersion

COLUMNS = (
    "line", "reference", "application", "repeated", "decision", "limit", "currency", "yearly_rate_percent", "installments",
    "score", "probability_of_default", "reasons", "explanation", "error_field", "error",
)  # fmt: skip


@dataclass
class Tally:
    """What came of a file, for the summary."""

    decisions: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    bad_rows: list[str] = field(default_factory=list)
    outcomes: dict[str, list[int]] = field(default_factory=dict)
    seconds: float = 0.0

    def summary(self) -> dict[str, Any]:
        taken = sum(self.decisions.values())
        everyone = [outcome for outcomes in self.outcomes.values() for outcome in outcomes]
        rates = {name: round(sum(values) / len(values), 4) for name, values in self.outcomes.items() if values}
        return {
            "taken_in": taken,
            "approved": self.decisions["approve"],
            "referred": self.decisions["refer"],
            "declined": self.decisions["decline"],
            "repeated": self.repeated,
            "bad_rows": len(self.bad_rows),
            "seconds": round(self.seconds, 2),
            "decisions_per_second": round(taken / self.seconds, 1) if self.seconds else None,
            "bad_rate_by_decision": rates or None,
            "bad_rate_of_all": round(sum(everyone) / len(everyone), 4) if everyone else None,
        }


class Command(BaseCommand):
    help = "Take in a file of applications, decide each, and write a result file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV with a header, UTF-8")
        parser.add_argument("--product", required=True, help="code of the product")
        parser.add_argument("--mapping", type=Path, required=True, help="TOML: see lending/applications/intake.py")
        parser.add_argument("--out", type=Path, help="result file; default: <file>-decisions.csv in the current folder")
        parser.add_argument("--rows", help="only these data rows, for example 2228-4454")
        parser.add_argument("--outcome", help="column with the known outcome (1 bad): adds bad rates to the summary")
        parser.add_argument("--language", choices=("zh", "en"), default="en", help="of the explanations")
        parser.add_argument("--by", help="user name of who takes the file in; default: the system")
        parser.add_argument("--json", action="store_true", help="print the summary as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        mapping = self._mapping(options["mapping"])
        version = self._version(options["product"])
        by = self._user(options["by"])
        rows = self._rows(options["file"], options["rows"])
        out = options["out"] or Path(f"{options['file'].stem}-decisions.csv")
        tally = self._take_in(rows, mapping, version, by, out, options)
        if options["json"]:
            self.stdout.write(json.dumps({**tally.summary(), "result_file": str(out)}))
            return
        for line in tally.bad_rows[:20]:
            self.stdout.write(line)
        if len(tally.bad_rows) > 20:
            self.stdout.write(f"... and {len(tally.bad_rows) - 20} more bad rows, all in {out}")
        for name, value in tally.summary().items():
            if value is not None:
                self.stdout.write(f"{name.replace('_', ' '):22} {value}")
        self.stdout.write(f"{'result file':22} {out}")

    def _take_in(
        self,
        rows: list[tuple[int, dict[str, str]]],
        mapping: IntakeMapping,
        version: ProductVersion,
        by: User | None,
        out: Path,
        options: dict[str, Any],
    ) -> Tally:
        tally = Tally()
        on = business_date()
        seen: Counter[str] = Counter()
        began = time.perf_counter()
        columns = (TextColumn("Deciding"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with (
            Progress(*columns, console=Console(stderr=True)) as progress,
            out.open("w", newline="", encoding="utf-8") as file,
        ):
            task = progress.add_task("", total=len(rows))
            writer = csv.DictWriter(file, COLUMNS, restval="")
            writer.writeheader()
            for line, row in rows:
                content = hashlib.sha256(repr(sorted(row.items())).encode()).hexdigest()
                try:
                    if None in row or None in row.values():
                        raise ValidationError("The row does not have as many cells as the header.")
                    reference = reference_of(row, mapping, repetition=seen[content])
                    taken = take_in(row, mapping=mapping, product_version=version, reference=reference, by=by, on=on)
                except ValidationError as refusal:
                    name, reason = getattr(refusal, "about", None) or "row", " ".join(refusal.messages)
                    tally.bad_rows.append(f"line {line}: {name}: {reason}")
                    writer.writerow({"line": line, "error_field": name, "error": reason})
                else:
                    writer.writerow({"line": line, "reference": reference, **self._answer(taken, options["language"])})
                    self._count(tally, taken, row.get(options["outcome"] or ""))
                seen[content] += 1
                progress.advance(task)
        tally.seconds = time.perf_counter() - began
        return tally

    def _answer(self, taken: Taken, language: str) -> dict[str, Any]:
        decision = taken.decision
        score = decision.score
        decimals = taken.application.product_version.decimals
        limit = str(from_minor(decision.limit_minor, decimals)) if decision.limit_minor else ""
        return {
            "application": str(taken.application),
            "repeated": "yes" if taken.repeated else "",
            "decision": decision.outcome,
            "limit": limit,
            "currency": taken.application.product_version.currency,
            "yearly_rate_percent": decision.yearly_rate_percent,
            "installments": decision.installments,
            "score": score.points if score else "",
            "probability_of_default": f"{score.probability_of_default:.4f}" if score else "",
            "reasons": ";".join(reason["code"] for reason in decision.reasons),
            "explanation": " ".join(reason[f"text_{language}"] for reason in decision.reasons),
        }

    def _count(self, tally: Tally, taken: Taken, outcome: str | None) -> None:
        tally.decisions[taken.decision.outcome] += 1
        tally.repeated += taken.repeated
        if outcome in ("0", "1"):
            tally.outcomes.setdefault(taken.decision.outcome, []).append(int(outcome))

    def _mapping(self, path: Path) -> IntakeMapping:
        try:
            return read_intake_mapping(path.read_bytes())
        except OSError as error:
            raise CommandError(f"--mapping: {path} cannot be read: {error.strerror}") from error
        except ValidationError as refusal:
            raise CommandError(f"--mapping: {getattr(refusal, 'about', '')}: {' '.join(refusal.messages)}") from refusal

    def _version(self, code: str) -> ProductVersion:
        version = ProductVersion.objects.in_force(business_date()).filter(product__code=code).first()
        if version is None:
            known = ", ".join(Product.objects.filter(active=True).order_by("code").values_list("code", flat=True))
            raise CommandError(f"--product: no product {code} is in force. Known are: {known or 'none yet'}")
        return version

    def _user(self, name: str | None) -> User | None:
        if not name:
            return None
        user = User.objects.filter(username=name).first()
        if user is None or not user.has_perm("applications.add_application"):
            raise CommandError(f"--by: {name} may not take in applications.")
        return user

    def _rows(self, path: Path, wanted: str | None) -> list[tuple[int, dict[str, str]]]:
        first, last = 1, 10**9
        if wanted:
            try:
                first, last = (int(part) for part in wanted.split("-"))
            except ValueError as error:
                raise CommandError("--rows: two whole numbers are needed, for example 2228-4454") from error
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.DictReader(file)
                rows = [(reader.line_num, row) for number, row in enumerate(reader, 1) if first <= number <= last]
        except OSError as error:
            raise CommandError(f"file: {path} cannot be read: {error.strerror}") from error
        except (UnicodeDecodeError, csv.Error) as error:
            raise CommandError(f"file: {path} is not CSV in UTF-8: {error}") from error
        if not rows:
            raise CommandError(f"file: {path} has no such rows.")
        return rows
