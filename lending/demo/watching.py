"""The demo's model watched for the year and a half of its use, as the worker would have done it every morning."""

import datetime
from typing import Any

from scoring import book_rescoring, monitoring
from scoring.models import ReviewTask

#: Vera looked at what had been found so many days ago; what has been found since waits for her.
LOOKED_DAYS = 200


def watch(*, validator: Any, today: datetime.date) -> None:
    """Read every day up to yesterday, close the reviews of the first year on the way, and rescore the book."""
    looked_on = today - datetime.timedelta(days=LOOKED_DAYS)
    monitoring.monitor(looked_on)
    for task in ReviewTask.objects.filter(closed_on=None).order_by("pk"):
        monitoring.close_task(
            task,
            note="仅由个别申请金额偏高的申请人引起，无需调整。",
            disposition=ReviewTask.Disposition.ACCEPT,
            by=validator,
            on=looked_on,
        )
    monitoring.monitor(today - datetime.timedelta(days=1))
    book_rescoring.rescore_book(on=today)
