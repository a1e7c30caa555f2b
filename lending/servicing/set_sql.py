"""The few words of SQL that PostgreSQL and SQLite spell differently, for set-based work."""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db import connection, models

from lending.servicing.rules import Threshold


def table(model: type[models.Model]) -> str:
    return f'"{model._meta.db_table}"'


def days_between(later: str, earlier: str) -> str:
    """Whole days between two date expressions, as an integer."""
    if connection.vendor == "postgresql":
        return f"(({later})::date - ({earlier})::date)"
    return f"CAST(julianday({later}) - julianday({earlier}) AS INTEGER)"


def date_of(text: str) -> str:
    """A parameter that holds an ISO date, as the engine's date."""
    return f"({text})::date" if connection.vendor == "postgresql" else text


def earlier_of(left: str, right: str) -> str:
    return f"LEAST({left}, {right})" if connection.vendor == "postgresql" else f"MIN({left}, {right})"


def months_after(date: str, months: int) -> str:
    """The same day so many months later, or the last of its month where there is none: 31 March + 6 is 30 September."""
    if connection.vendor == "postgresql":
        return f"(({date}) + make_interval(months => {months}))::date"
    days = f"'+' || (CAST(strftime('%%d', {date}) AS INTEGER) - 1) || ' days'"
    same_day = f"date({date}, 'start of month', '+{months} months', {days})"
    return earlier_of(same_day, f"date({date}, 'start of month', '+{months + 1} months', '-1 day')")


def json_number(column: str, key: str) -> str:
    """A whole number inside a JSON object."""
    if connection.vendor == "postgresql":
        return f"CAST({column} ->> '{key}' AS integer)"
    return f"json_extract({column}, '$.{key}')"


def case_by_due_date(
    column: str, thresholds: Iterable[Threshold], on: datetime.date, name: str
) -> tuple[str, dict[str, Any]]:
    """An SQL CASE that names the threshold a due date has reached by `on`, and its parameters.

    With M1 from 1 and M2 from 31 days on 2026-09-14: due by 2026-08-14 is M2, by 2026-09-13 is M1, later (or none) M0.
    """
    ascending = list(thresholds)
    parameters: dict[str, Any] = {f"{name}0": ascending[0].code}
    arms = []
    for position, threshold in reversed(list(enumerate(ascending[1:], start=1))):
        parameters[f"{name}{position}"] = threshold.code
        parameters[f"{name}{position}_due"] = (on - datetime.timedelta(days=threshold.least_days)).isoformat()
        arms.append(f"WHEN {column} <= %({name}{position}_due)s THEN %({name}{position})s")
    return f"(CASE {' '.join(arms)} ELSE %({name}0)s END)", parameters


def moment(value: datetime.datetime) -> Any:
    """A point in time as the engine stores it."""
    return connection.ops.adapt_datetimefield_value(value)


def rows(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, dict(parameters))
        return list(cursor.fetchall())


def execute(sql: str, parameters: Mapping[str, Any]) -> int:
    """Run one statement. Returns the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, dict(parameters))
        return int(cursor.rowcount)


def stream(sql: str, parameters: Mapping[str, Any], *, chunk: int = 2000) -> Iterator[tuple[Any, ...]]:
    """The rows of one statement, fetched so many at a time: on PostgreSQL through a cursor of the server."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, dict(parameters))
        while found := cursor.fetchmany(chunk):
            yield from found
