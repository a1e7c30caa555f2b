"""`manage.py close_business_day [--date YYYY-MM-DD] [--json]`: close a day, and before it the days that were missed."""

import datetime
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from customers.refusals import Refusal
from lending.clock import business_date
from lending.servicing.closing import close_business_day
from scoring.management.arguments import day


class Command(BaseCommand):
    help = "Close a business day: due dates, days past due, penalties, accrual, provisions, reminders, collections."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--date", type=day, help="the business date, YYYY-MM-DD; default: today")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        on = _passed(options["date"])
        try:
            closed = close_business_day(on)
        except Refusal as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        if options["json"]:
            self.stdout.write(json.dumps({one.isoformat(): counts for one, counts in closed.items()}))
            return
        for closed_on, by_job in closed.items():
            for job, counts in by_job.items():
                did = ", ".join(f"{name} {number:,}" for name, number in counts.items()) or "-"
                self.stdout.write(f"{closed_on}  {job:<18} {did}")


def _passed(on: datetime.date | None) -> datetime.date:
    """The day to close, which is today where none is given and never one that has not come."""
    today = business_date()
    if on is not None and on > today:
        message = _("--date: %(on)s is in the future; today is %(today)s. A day is closed when it has come.")
        raise CommandError(message % {"on": on, "today": today})
    return on or today
