"""What the worker does for the trail."""

from celery import shared_task

from compliance.sealing import seal_all


@shared_task
def seal_new_rows() -> int:
    """Seal what was committed since the last time. Scheduled every minute."""
    return seal_all()
