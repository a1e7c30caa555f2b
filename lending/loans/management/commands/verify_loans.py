"""`manage.py verify_loans [--loan NUMBER] [--json]`: prove that every loan's rows are what its events say."""

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lending.loans.verification import verify_all


class Command(BaseCommand):
    help = (
        "Replay every loan's events and compare with its columns, installments, allocations and journal balances. "
        "Prints a line per difference; exit code 1 when there is one, 2 when the loan asked for does not exist."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loan", default="", metavar="NUMBER", help="only the loan with this number")
        parser.add_argument("--json", action="store_true", help="one JSON object per difference, and one at the end")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        loans = differences = 0
        for _loan, found in verify_all(options["loan"]):
            loans += 1
            differences += len(found)
            for difference in found:
                self.stdout.write(json.dumps(difference.as_json()) if options["json"] else str(difference))
        if options["loan"] and not loans:
            raise CommandError(f"There is no loan with the number {options['loan']}.", returncode=2)
        took = time.monotonic() - began
        if options["json"]:
            self.stdout.write(json.dumps({"loans": loans, "differences": differences, "seconds": round(took, 3)}))
        else:
            self.stdout.write(f"{loans} loans verified in {took:.1f} s, {differences} differences.")
        if differences:
            raise SystemExit(1)
