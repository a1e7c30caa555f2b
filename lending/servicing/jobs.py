"""The jobs of a business day, in the order they run. Rooms above this one add theirs when Django starts.

A job takes the day it closes and says in numbers what it did. It may be run again after it was cut off at any point,
or by two workers at once, and the outcome is the same: what it writes is unique in the database.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Day:
    """The day a job works for. `last` is the day the whole run ends on: later than `on` while missed days are caught
    up. `now` is the moment of the run, for what has to leave the house in allowed hours."""

    on: datetime.date
    last: datetime.date
    now: datetime.datetime


Run = Callable[[Day], dict[str, int]]


@dataclass(frozen=True)
class Job:
    name: str
    run: Run
    place: int


_JOBS: dict[str, Job] = {}


def register(name: str, run: Run, *, place: int) -> None:
    """Add a job; the smaller its place the earlier it runs. The same name again replaces it."""
    _JOBS[name] = Job(name, run, place)


def jobs() -> list[Job]:
    return sorted(_JOBS.values(), key=lambda job: job.place)
