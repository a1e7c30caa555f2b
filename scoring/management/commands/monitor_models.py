"""Read every running model up to a day, the days that were missed first."""

import datetime
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from scoring import monitoring
from scoring.management.arguments import day


class Command(BaseCommand):
    help = "Read drift, decisions and outcomes of every running model; a breach opens a review task."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--date",
            type=day,
            help="YYYY-MM-DD, default yesterday: a day is read when it is over",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        yesterday = timezone.localdate() - datetime.timedelta(days=1)
        last = options["date"] or yesterday
        if last > yesterday:
            raise CommandError(f"--date: {last} is not over: give a day up to {yesterday}")
        counts = monitoring.monitor(last)
        self.stdout.write("{models} models, {readings} readings, {breaches} breaches".format(**counts))
