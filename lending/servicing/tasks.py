"""What the worker does for the business day. Doubled or redelivered tasks find the work done."""

import structlog
from celery import shared_task
from django.utils import timezone

from customers import sending
from customers.system_user import acting_as_system
from lending.clock import business_date
from lending.servicing import closing, reminders
from lending.servicing.refusals import DayBeingClosed

log = structlog.get_logger(__name__)


@shared_task
def close_business_day() -> dict[str, dict[str, dict[str, int]]]:
    """Every hour: close today and any day that was missed. Where another worker is at it, leave it to that one."""
    try:
        closed = closing.close_business_day(business_date())
    except DayBeingClosed:
        log.info("day_being_closed", business_date=business_date().isoformat())
        return {}
    return {day.isoformat(): counts for day, counts in closed.items()}


@shared_task
def send_due() -> dict[str, int]:
    """Every minute: take back reminders that are no longer true, then send what is due."""
    now = timezone.now()
    with acting_as_system():
        withdrawn = reminders.withdraw_outdated(now)
        return {"withdrawn": withdrawn, **sending.send_due(now)}
