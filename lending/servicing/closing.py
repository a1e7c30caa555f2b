"""Close a business day: every job once, in order, whatever is restarted, doubled or missed.

A day is closed in its first hour and shows the book as it stands then: what was due yesterday and is not paid is one
day past due, and what is due today is reminded of today.

Each job of each day has one row, `JobRun(job, business_date)`, unique in the database:

  no row            the job runs; whoever inserts the row first runs it
  DONE              the job is skipped
  FAILED            the job runs again
  RUNNING           another worker is on it: the day is left to that worker (`DayBeingClosed`),
                    unless it began so long ago that it must have died: then the job is taken over

Days that were missed are closed first, in order, from the day after the last that is done. A job that was cut off runs
again from its beginning; what it writes is unique in the database, so the outcome is that of a single run.
"""

import datetime
import traceback
from collections.abc import Iterator
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from customers.system_user import acting_as_system
from lending.servicing.jobs import Day, Job, jobs
from lending.servicing.models import JobRun
from lending.servicing.refusals import DayAlreadyPassed, DayBeingClosed, JobFailed

log = structlog.get_logger(__name__)

#: No living job takes that long: a Celery task is ended after half of it (CELERY_TASK_TIME_LIMIT).
DEAD_AFTER = datetime.timedelta(minutes=30)

Counts = dict[str, int]


def close_business_day(
    on: datetime.date, *, now: datetime.datetime | None = None
) -> dict[datetime.date, dict[str, Counts]]:
    """Close `on`, and before it the days that were missed. Returns what each job did, by day, also of jobs done before.

    Raises DayAlreadyPassed, DayBeingClosed and JobFailed. `now` is the moment of the run, the clock's where left out.
    """
    moment = now or timezone.now()
    with acting_as_system():
        return {
            day: {job.name: _run_once(job, Day(on=day, last=on, now=moment)) for job in jobs()} for day in _days(on)
        }


def last_closed() -> datetime.date | None:
    """The last day of which every job is done."""
    done = JobRun.objects.filter(status=JobRun.Status.DONE)
    return done.filter(job=jobs()[-1].name).aggregate(day=Max("business_date"))["day"]


def _days(on: datetime.date) -> Iterator[datetime.date]:
    last = last_closed()
    if last is None or on == last:
        yield on
        return
    if on < last:
        if not JobRun.objects.filter(business_date=on, job=jobs()[-1].name, status=JobRun.Status.DONE).exists():
            raise DayAlreadyPassed(on=on, last=last)
        yield on
        return
    for passed in range((on - last).days):
        yield last + datetime.timedelta(days=passed + 1)


def _run_once(job: Job, day: Day) -> Counts:
    run, mine = _claim(job, day)
    if not mine:
        return _in_order(run.counts)
    log.info("job_started", job=job.name, business_date=day.on.isoformat())
    try:
        counts = job.run(day)
    except Exception as error:
        reason = _reason(error)
        _finish(run, JobRun.Status.FAILED, {}, reason)
        raise JobFailed(job=job.name, on=day.on, reason=reason) from error
    _finish(run, JobRun.Status.DONE, counts, "")
    log.info("job_done", job=job.name, business_date=day.on.isoformat(), **counts)
    return _in_order(counts)


def _in_order(counts: Counts) -> Counts:
    """By name, as the database gives them back the next time."""
    return dict(sorted(counts.items()))


def _claim(job: Job, day: Day) -> tuple[JobRun, bool]:
    """The row of the job and whether it is ours to run."""
    running, started_at = JobRun.Status.RUNNING, timezone.now()
    started: dict[str, Any] = {"status": running, "started_at": started_at}
    with transaction.atomic():
        row = JobRun.objects.select_for_update().filter(job=job.name, business_date=day.on).first()
        if row is None:
            try:
                with transaction.atomic():
                    return JobRun.objects.create(job=job.name, business_date=day.on, **started), True
            except IntegrityError:
                row = JobRun.objects.select_for_update().get(job=job.name, business_date=day.on)
        if row.status == JobRun.Status.DONE:
            return row, False
        if row.status == running and started_at - row.started_at < DEAD_AFTER:
            minutes = int(DEAD_AFTER.total_seconds() // 60)
            raise DayBeingClosed(on=day.on, job=job.name, minutes=minutes)
        row.status, row.started_at, row.finished_at, row.reason = running, started_at, None, ""
        row.save()
        return row, True


def _finish(run: JobRun, status: str, counts: Counts, reason: str) -> None:
    """Write the end of a run down, unless the run was taken over in the meantime."""
    with transaction.atomic():
        row = JobRun.objects.select_for_update().get(pk=run.pk)
        if row.started_at != run.started_at or row.status == JobRun.Status.DONE:
            return
        row.status, row.counts, row.reason, row.finished_at = status, counts, reason, timezone.now()
        row.save()


def _reason(error: Exception) -> str:
    """Where it broke and how, without the message: that may hold somebody's data."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {last.name}, line {last.lineno} of {last.filename.rsplit('/', 1)[-1]}"
