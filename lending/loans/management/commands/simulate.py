"""`manage.py simulate FILE...` computes loans from scenario files, one JSON answer a scenario, in the order given.

    manage.py simulate loan.json             one scenario, a list of them, or one a line
    manage.py simulate - < loans.jsonl       standard input
    manage.py simulate --table loan.json     a schedule a person reads

Nothing is read from or written to the database. A scenario that cannot be computed answers with its error and the
others still run; where none could be computed the exit code is 1. A file that cannot be read ends the command before anything
is computed.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from lending.finance.scenario import answer, read_scenarios
from scoring.management.arguments import content_of

COLUMNS = ("number", "due_on", "days", "principal", "interest", "fees", "penalties", "total", "balance", "outstanding")
SUMMED = ("principal", "interest", "fees", "penalties", "total", "outstanding")


class Command(BaseCommand):
    help = "Compute the schedules of loan scenarios (JSON) without touching the database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="a JSON or JSON Lines file, - for standard input")
        parser.add_argument("--table", action="store_true", help="print tables for people instead of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        texts = [read(name) for name in options["files"]]
        shown = table if options["table"] else as_json
        computed = refused = 0
        for scenario in (item for text in texts for item in read_scenarios(text)):
            told = answer(scenario)
            refused += "error" in told
            computed += "error" not in told
            self.stdout.write(shown(told))
        if refused and not computed:
            raise SystemExit(1)


def read(name: str) -> str:
    """The text of a file, or of standard input for `-`; a refusal that names the file where it cannot be read."""
    try:
        return sys.stdin.read() if name == "-" else content_of(Path(name), "FILE").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(f"FILE: {name} is not text in UTF-8: save it as UTF-8.") from None


def as_json(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False)


def table(told: dict[str, Any]) -> str:
    """The schedule with its totals and yearly rates in aligned columns, or the reason why there is none."""
    name = "" if told["id"] is None else str(told["id"])
    if "error" in told:
        return f"{name}  {told['error']['field']}: {told['error']['message']}\n"
    return "\n".join([name, *_lines(told), _rates(told["annual_rate"]), ""])


def _lines(told: dict[str, Any]) -> Iterator[str]:
    headings = [_("No."), _("Due on"), _("Days"), _("Principal"), _("Interest"), _("Fees"), _("Penalties"), _("Total"),
                _("Balance"), _("Outstanding")]  # fmt: skip
    rows = [[_cell(row[key]) for key in COLUMNS] for row in told["installments"]]
    totals = [_total(told["installments"], key) if key in SUMMED else "" for key in COLUMNS]
    table_rows = [headings, *rows, totals]
    widths = [max(_width(row[place]) for row in table_rows) for place in range(len(COLUMNS))]
    rule = "  ".join("-" * width for width in widths)
    for number, row in enumerate(table_rows):
        if number in (1, len(table_rows) - 1):
            yield rule
        yield "  ".join(" " * (width - _width(cell)) + cell for cell, width in zip(row, widths, strict=True)).rstrip()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    whole, point, part = text.partition(".")
    return f"{int(whole):,}{point}{part}" if point and whole.isdigit() else text


def _total(rows: list[dict[str, Any]], key: str) -> str:
    return f"{sum((Decimal(row[key]) for row in rows), Decimal(0)):,}"


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _rates(rates: dict[str, Any]) -> str:
    if rates["irr_nominal"] is None:
        return _("No yearly rate: %(reason)s") % {"reason": rates.get("undefined", "")}
    return _("IRR nominal %(nominal)s %%, IRR effective %(effective)s %% a year") % {
        "nominal": rates["irr_nominal"],
        "effective": rates["irr_effective"],
    }
