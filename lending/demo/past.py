"""The demo's past, lived day by day: whose turn it is, and what time it was.

Everybody's life is a generator that yields the day of its next act before doing it. `live` takes the acts of all of them
in the order of their days and puts the clock of this process to the day of each, so that what happened earlier has the
earlier row, and a row's moment lies on the business day that it names.
"""

import datetime
import heapq
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from django.utils import timezone

Life = Iterator[datetime.date]
#: The hour at which the demo's past days begin, and how much time goes by between two readings of the clock.
MORNING = datetime.time(9)
STEP = datetime.timedelta(milliseconds=20)


def live(lives: Iterable[Life], *, came: Callable[[datetime.date], None] = lambda day: None) -> None:
    """Everybody's acts by day; on one day in the order given. `came` is told the day of every act."""
    waiting: list[tuple[datetime.date, int, Life]] = []
    for number, life in enumerate(lives):
        _wait(waiting, number, life)
    with clock() as put_to:
        while waiting:
            day, number, life = heapq.heappop(waiting)
            put_to(day)
            came(day)
            _wait(waiting, number, life)


def _wait(waiting: list[tuple[datetime.date, int, Life]], number: int, life: Life) -> None:
    """Let a life do what it has to do now, up to the day of its next act."""
    day = next(life, None)
    if day is not None:
        heapq.heappush(waiting, (day, number, life))


@contextmanager
def clock() -> Iterator[Callable[[datetime.date], None]]:
    """A clock of this process that can be put to a day: every reading is a little later, and today's is the true one."""
    true, moment = timezone.now, [timezone.now()]

    def put_to(day: datetime.date) -> None:
        morning = timezone.make_aware(datetime.datetime.combine(day, MORNING))
        if timezone.localdate(moment[0]) != day:
            moment[0] = morning

    def now() -> datetime.datetime:
        moment[0] += STEP
        return min(moment[0], true())

    timezone.now = now
    try:
        yield put_to
    finally:
        timezone.now = true
