"""Train the anomaly score on the applicants that were decided and enter it into the inventory as a draft."""

import datetime
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from scoring.management.arguments import day
from scoring.management.developers import developer
from scoring.outlier_training import facts_of_applicants, train_outliers
from scoring.refusals import ScoringRefusal


class Command(BaseCommand):
    help = "Train the anomaly score on our own applicants; three people carry the draft to its certificate."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--by", help="user name of the developer; may be left out where only one person may submit models"
        )
        parser.add_argument("--since", type=day, help="first day (default: a year ago)")
        parser.add_argument("--share", type=float, default=0.01, help="share of applicants to call unusual")
        parser.add_argument("--name", default="applicant-outliers")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["share"] <= 0.2:
            raise CommandError("--share: above 0 and at most 0.2")
        today = timezone.localdate()
        since = options["since"] or today - datetime.timedelta(days=365)
        try:
            version, _model = train_outliers(
                facts_of_applicants(since, today),
                share=options["share"],
                source=f"applicants decided from {since} to {today}",
                by=developer(options["by"]),
                name=options["name"],
            )
        except ScoringRefusal as refused:
            raise CommandError("; ".join(refused.messages)) from None
        self.stdout.write(f"{version} ({version.get_status_display()}): {json.dumps(version.metrics)}")
