"""The sections of daily figures: drift of score and factors, decisions, overrides, the population by band."""

import datetime
from collections.abc import Callable, Sequence

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from scoring.models import ModelVersion
from scoring.monitoring_drift import LEAST_CASES
from scoring.monitoring_figures import COUNT, INDEX, SHARE, TEXT, Chart, Section, Series, cell, table, tone
from scoring.monitoring_readings import Reading, Readings
from scoring.monitoring_words import feature_name
from scoring.points import BANDS

_MOST_POINTS, _MOST_ROWS, _MOST_FACTORS = 90, 13, 20


def thinned(rows: Sequence[Reading], most: int) -> list[Reading]:
    """At most so many of them, evenly spread, the last one always."""
    step = max(-(-len(rows) // most), 1)
    return list(rows[::-1][::step])[::-1]


def short(day: datetime.date) -> str:
    return date_format(day, "Y-m-d")


def drift(readings: Readings) -> Section:
    title, told = _("Score drift"), _(
        "Population stability index of the score against training. The threshold is never narrower than chance "
        "makes the index with so few cases."
    )  # fmt: skip
    rows, widths = readings.of("score_psi"), {row.on: row for row in readings.of("window")}
    if not rows:
        return Section("drift", title, told, missing=too_few(readings))
    points = thinned(rows, _MOST_POINTS)
    chart = Chart(
        "line",
        tuple(short(row.on) for row in points),
        (
            Series(_("PSI"), tuple(row.value for row in points), "main"),
            Series(_("Threshold"), tuple(row.threshold for row in points), "limit"),
        ),
        percent=False,
    )
    gaps = {row.on: row for row in readings.of("mean_gap")}
    columns = (_("Day"), _("PSI"), _("Threshold"), _("Mean risk less training"), _("Cases"), _("Days of the window"))
    body = [
        (
            cell(row.on, TEXT),
            cell(row.value, INDEX, tone(row.value, row.threshold)),
            cell(row.threshold, INDEX),
            cell(gaps[row.on].value if row.on in gaps else None, SHARE),
            cell(row.count, COUNT),
            cell(round(widths[row.on].value) if row.on in widths else None, COUNT),
        )
        for row in reversed(thinned(rows, _MOST_ROWS))
    ]
    return Section("drift", title, told, chart, table(columns, body))


def factors(readings: Readings) -> Section:
    title, told = _("Factor drift"), _(
        "Population stability index of each factor, the furthest from training first. The warmer a cell, the nearer "
        "it is to its threshold; the warmest are beyond it."
    )  # fmt: skip
    latest = readings.latest_by_feature("feature_psi")
    if not latest:
        return Section("factors", title, told, missing=too_few(readings), wide=True)
    known = {(row.feature, row.on): row for row in readings.of("feature_psi", None)}
    days = [day for day in readings.sampled if any((name, day) in known for name in latest)]
    names = sorted(latest, key=lambda name: -latest[name].value / (latest[name].threshold or 1))[:_MOST_FACTORS]
    body = []
    for name in names:
        found = [known.get((name, day)) for day in days]
        cells = [
            cell(row and row.value, INDEX, tone(row.value, row.threshold) if row else "") for row in found
        ]  # fmt: skip
        body.append((cell(feature_name(name), TEXT), *cells, cell(latest[name].threshold, INDEX)))
    columns = (_("Factor"), *(f"{day:%m-%d}" for day in days), _("Threshold"))
    return Section("factors", title, told, table=table(columns, body), wide=True)


def population(version: ModelVersion, readings: Readings) -> Section:
    title, told = (
        _("Population by band"),
        _("The applicants of the last window against the people of the training data."),
    )
    latest = readings.latest_by_feature("band_share")
    if not latest:
        return Section("population", title, told, missing=too_few(readings))
    trained = {row["band"]: row["rows"] for row in (version.validation or {}).get("bands", [])}
    all_rows = sum(trained.values())
    before = {band: trained.get(band, 0) / all_rows if all_rows else None for band in BANDS}
    now = {band: latest[band].value if band in latest else 0.0 for band in BANDS}
    series = [Series(_("In training"), tuple(before.values()), "quiet")] if all_rows else []
    chart = Chart("bar", tuple(BANDS), (*series, Series(_("Now"), tuple(now.values()), "main")), axis=_("Band"))
    body = []
    for band in BANDS:
        was = before[band]
        body.append(
            (
                cell(band, TEXT),
                cell(was),
                cell(now[band]),
                cell(None if was is None else now[band] - was),
                cell(round(now[band] * next(iter(latest.values())).count), COUNT),
            )
        )
    columns = (_("Band"), _("In training"), _("Now"), _("Difference"), _("Cases"))
    return Section("population", title, told, chart, table(columns, body))


def decisions(readings: Readings, days: int) -> Section:
    title, told = (
        _("Automatic decisions"),
        _("Shares of what the machine approved, referred to an officer and declined."),
    )
    kinds = ("approve", "refer", "decline")
    parts = {kind: _sums(readings.of("decided", kind), days) for kind in kinds}
    if not parts["approve"]:
        return Section("decisions", title, told, missing=_none(days))
    labels = sorted(parts["approve"])
    series = tuple(
        Series(feature_name(kind), tuple(_share(parts[kind].get(label)) for label in labels), kind) for kind in kinds
    )
    body = [
        (
            cell(label, TEXT),
            *(cell(_share(parts[kind].get(label))) for kind in kinds),
            cell(round(parts["approve"][label][1]), COUNT),
        )
        for label in reversed(labels)
    ]
    columns = (_period(days), *(feature_name(kind) for kind in kinds), _("Decisions"))
    return Section("decisions", title, told, Chart("stacked", tuple(labels), series), table(columns, body))


def overrides(readings: Readings, days: int) -> Section:
    title, told = _("Approved in the end, overrides and gaps"), _(
        "Approvals among the final decisions; officers' decisions against the recommendation; automatic decisions "
        "without a score or lacking a required fact."
    )  # fmt: skip
    wanted = (
        (_("Approved in the end"), "approved", "", "approve"),
        (_("Overridden upwards"), "overridden", "up", "refer"),
        (_("Overridden downwards"), "overridden", "down", "decline"),
        (_("Without a score"), "without_score", "", "quiet"),
        (_("Lacking a required fact"), "without_facts", "", "limit"),
    )
    sums = [_sums(readings.of(metric, feature), days) for _label, metric, feature, _style in wanted]
    labels = sorted({label for part in sums for label in part})
    if not labels:
        return Section("overrides", title, told, missing=_none(days))
    series = tuple(
        Series(label, tuple(_share(part.get(when)) for when in labels), style)
        for (label, _metric, _feature, style), part in zip(wanted, sums, strict=True)
    )
    body = [
        (
            cell(when, TEXT),
            *(cell(_share(part.get(when))) for part in sums),
            cell(round(sums[0].get(when, (0, 0))[1]), COUNT),
            cell(round(sums[1].get(when, (0, 0))[1]), COUNT),
        )
        for when in reversed(labels)
    ]
    columns = (_period(days), *(row[0] for row in wanted), _("Final decisions"), _("By officers"))
    return Section("overrides", title, told, Chart("line", tuple(labels), series), table(columns, body))


def too_few(readings: Readings) -> str:
    """Why there is no drift yet, and when there will be."""
    window = readings.latest("window")
    if window is None:
        return _("This model was not read yet. It is read every morning, for the day before.")
    return _(
        "Not enough cases: %(cases)s applications were scored in a year, and drift is read once there are %(least)s."
    ) % {"cases": window.count, "least": LEAST_CASES}


def _none(days: int) -> str:
    return _("No decision of these %(days)s days rests on this model. A day appears here on the morning after.") % {
        "days": days
    }


def _period(days: int) -> str:
    return _("Day") if days <= 30 else _("Week from") if days <= 90 else _("Month")


def _bucket(days: int) -> Callable[[datetime.date], str]:
    """How days are put together: a month's days one by one, a quarter's in weeks, a year's in months."""
    if days <= 30:
        return short
    if days <= 90:
        return lambda day: short(day - datetime.timedelta(days=day.weekday()))
    return lambda day: f"{day:%Y-%m}"


def _sums(rows: Sequence[Reading], days: int) -> dict[str, tuple[float, float]]:
    """(hits, cases) by period."""
    found: dict[str, tuple[float, float]] = {}
    bucket = _bucket(days)
    for row in rows:
        hits, cases = found.get(bucket(row.on), (0.0, 0.0))
        found[bucket(row.on)] = hits + row.value * row.count, cases + row.count
    return found


def _share(part: tuple[float, float] | None) -> float | None:
    return part[0] / part[1] if part and part[1] else None
