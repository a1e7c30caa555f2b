"""Scheduled work of scoring."""

from celery import shared_task
from django.utils import timezone

from scoring import monitoring


@shared_task(name="scoring.monitor_models")
def monitor_models() -> dict[str, int]:
    """Today's drift of every running model; repeated on one day it adds nothing."""
    return monitoring.monitor(timezone.localdate())
