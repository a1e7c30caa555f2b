"""What the workers do by the clock, as rows of django-celery-beat: installed after every migrate, then the operator's.

A row that is there is left as it is, whatever the operator made of it; to stop a task, disable its row.
"""

from typing import Any

from django.conf import settings
from django.db import connections

#: name -> (task, crontab fields or seconds between two runs)
SCHEDULE: dict[str, tuple[str, dict[str, str] | int]] = {
    # Every hour, not once a night: beat skips a task whose hour passed while it was down.
    "Close the business day": ("lending.servicing.tasks.close_business_day", {"minute": "5", "hour": "*"}),
    "Send what is due": ("lending.servicing.tasks.send_due", 60),
    "Retry disbursements": ("lending.loans.tasks.retry_disbursements", 300),
    "Retry payment orders": ("lending.repayments.tasks.retry_payment_orders", 300),
    "Watch the models": ("scoring.monitor_models", {"minute": "35", "hour": "5"}),
    "Rescore the book": ("scoring.rescore_book", {"minute": "50", "hour": "5"}),
    "Seal new rows": ("compliance.tasks.seal_new_rows", 60),
}


def install(sender: Any = None, using: str = "default", **kwargs: Any) -> None:
    """Add the rows that are missing. Receiver of post_migrate."""
    from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

    if PeriodicTask._meta.db_table not in connections[using].introspection.table_names():
        return
    present = set(PeriodicTask.objects.using(using).values_list("name", flat=True))
    for name, (task, when) in SCHEDULE.items():
        if name in present:
            continue
        row = PeriodicTask(name=name, task=task)
        if isinstance(when, int):
            row.interval, _ = IntervalSchedule.objects.using(using).get_or_create(every=when, period="seconds")
        else:
            row.crontab, _ = CrontabSchedule.objects.using(using).get_or_create(timezone=settings.TIME_ZONE, **when)
        row.save(using=using)
