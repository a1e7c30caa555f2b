"""Scheduled work of scoring."""

import datetime

from celery import shared_task
from django.utils import timezone

from scoring import book_rescoring, monitoring


@shared_task(name="scoring.monitor_models")
def monitor_models() -> dict[str, int]:
    """Every running model up to yesterday: a day is read when it is over. Missed days are caught up in order."""
    return monitoring.monitor(timezone.localdate() - datetime.timedelta(days=1))


@shared_task(name="scoring.rescore_book")
def rescore_book() -> dict[str, int]:
    """The whole book, once a month: asked every day, so that a month begun while the worker was down is not left out."""
    return book_rescoring.rescore_book(on=timezone.localdate())
