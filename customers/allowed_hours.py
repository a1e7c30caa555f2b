"""The hours of the day in which a customer may be disturbed, in the lender's time zone.

The hours themselves are law and come from the rule parameters (GB/T 45251-2025: none from 22:00 to 08:00); this is
only the arithmetic. With 08:00 to 22:00: 07:59 moves to 08:00, 08:00 and 21:59 stay, 22:00 moves to 08:00 of the next
day.
"""

import datetime
from dataclasses import dataclass

from django.utils import timezone


@dataclass(frozen=True)
class AllowedHours:
    """From `start` (included) until `end` (excluded), on one day: start is before end."""

    start: datetime.time
    end: datetime.time

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise ValueError("the allowed hours end after they start, on the same day")

    def allow(self, moment: datetime.datetime) -> bool:
        return self.start <= timezone.localtime(moment).time() < self.end

    def next_moment(self, moment: datetime.datetime) -> datetime.datetime:
        """`moment` itself if it is allowed, otherwise the next time the hours begin."""
        if self.allow(moment):
            return moment
        local = timezone.localtime(moment)
        day = local.date() + datetime.timedelta(days=1 if local.time() >= self.end else 0)
        return timezone.make_aware(datetime.datetime.combine(day, self.start))
