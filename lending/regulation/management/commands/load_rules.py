"""`manage.py load_rules`: bring the shipped rule parameters in; corrections by officers stay."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from lending.regulation import shipped


class Command(BaseCommand):
    help = "Load the shipped, dated and cited rule parameters. Rows that an officer changed are left alone."

    def handle(self, *args: Any, **options: Any) -> None:
        counts = shipped.load()
        self.stdout.write(_("Rules: %(added)s added, %(updated)s updated, %(kept)s kept.") % counts)
