"""manage.py replay_strategy DRAFT.json|VERSION [--against VERSION] [--from DAY] [--until DAY] [--outcomes CSV] [--json]"""

import datetime
import json
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from scoring import replay
from scoring.csv_blocks import opened
from scoring.management.arguments import content_of, day
from scoring.models import Strategy
from scoring.sample_words import book_bad_told
from scoring.strategy_rules import problems_in_rules
from scoring.strategy_words import differences

_ROWS = {
    "before": "approved at present",
    "after": "approved by the draft",
    "swap_ins": "swapped in",
    "swap_outs": "swapped out",
}


class Command(BaseCommand):
    help = "Try a decision strategy on past applications: who would change sides, and what became of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("draft", help="a file with the rules as JSON, or the number of a version")
        parser.add_argument("--against", type=int, help="number of the version it is held against; default: in force")
        parser.add_argument("--name", default="default", help="name of the strategy")
        parser.add_argument("--from", dest="since", type=day, help="first day of the decisions, YYYY-MM-DD")
        parser.add_argument("--until", type=day, help="last day of the decisions, YYYY-MM-DD; default: today")
        parser.add_argument("--most", type=int, default=100_000, help="at most so many, the latest first")
        parser.add_argument("--outcomes", type=Path, help="CSV with subject and outcome (1 bad); default: our own book")
        parser.add_argument("--json", action="store_true", help="print the summary as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        draft, present = self._draft(options), self._present(options, today)
        outcomes = _outcomes(options["outcomes"]) if options["outcomes"] else None
        period = {name: options[name] for name in ("since", "until", "most")}
        found = replay.summary(replay.recent(draft, present, on=today, outcomes=outcomes, **period))
        if options["json"]:
            self.stdout.write(json.dumps(found))
            return
        for change in differences(present, draft):
            self.stdout.write(f"{change.what}: {change.before or '-'} -> {change.after or '-'}")
        self._table(found, book_bad_told() if outcomes is None else f"Bad: {options['outcomes']} says 1.")

    def _table(self, found: Mapping[str, Any], meaning: str) -> None:
        self.stdout.write(
            f"{found['applications']} applications, the outcome of {found['outcomes_known']} of them is known"
        )
        self.stdout.write(meaning)
        self.stdout.write(f"{'':24}{'count':>8}{'share':>9}{'predicted':>11}{'bad rate':>10}   95 %")
        for name, label in _ROWS.items():
            side = found[name]
            interval = side["bad_rate_interval"]
            told = f"{interval[0]:.1%}-{interval[1]:.1%}" if interval else "-"
            self.stdout.write(
                f"{label:24}{side['count']:>8}{side['share']:>9.1%}{_percent(side['mean_probability']):>11}"
                f"{_percent(side['bad_rate']):>10}   {told}"
            )
        for move in found["moves"]:
            self.stdout.write(f"{move['before']} -> {move['after']}: {move['count']}")

    def _draft(self, options: dict[str, Any]) -> Mapping[str, Any]:
        if options["draft"].isdigit():
            return self._version(options["name"], int(options["draft"])).rules
        content = content_of(Path(options["draft"]), "draft")
        try:
            rules = json.loads(content)
        except ValueError as problem:
            raise CommandError(f"draft: {options['draft']} is not JSON: {problem}") from None
        if problems := problems_in_rules(rules):
            raise CommandError(f"draft: the rules of {options['draft']} cannot be used: {'; '.join(problems)}")
        return dict(rules)

    def _present(self, options: dict[str, Any], today: datetime.date) -> Mapping[str, Any]:
        if options["against"]:
            return self._version(options["name"], options["against"]).rules
        found = Strategy.objects.in_force(today, options["name"])
        if found is None:
            raise CommandError("No approved strategy is in force: name one with --against.")
        return dict(found.rules)

    def _version(self, name: str, number: int) -> Strategy:
        found = Strategy.objects.filter(name=name, version=number).first()
        if found is None:
            there = Strategy.objects.filter(name=name).order_by("version").values_list("version", flat=True)
            known = ", ".join(map(str, there)) or "none"
            raise CommandError(f"There is no version {number} of the strategy “{name}”; its versions: {known}.")
        return found


def _outcomes(path: Path) -> dict[str, bool]:
    try:
        with opened(path) as lines:
            return replay.read_outcomes(lines)
    except OSError as problem:
        raise CommandError(f"--outcomes: {path} cannot be read: {problem.strerror}") from None
    except ValidationError as refusal:
        raise CommandError(f"--outcomes: {path}: {' '.join(refusal.messages)}") from None


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
