"""The sections of what became of loans: calibration by band, quarter and in time, vintages, overrides, moves of bands."""

import datetime
from collections.abc import Mapping

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext as _

from scoring import chance
from scoring.models import ModelVersion
from scoring.monitoring_figures import COUNT, INDEX, TEXT, Cell, Chart, Section, Series, cell, table, tone
from scoring.monitoring_outcomes import AGES, LEAST_OUTCOMES, definition_of
from scoring.monitoring_readings import Reading, Readings
from scoring.monitoring_sections import short
from scoring.monitoring_words import feature_name
from scoring.points import BANDS
from scoring.sample_words import definition_told

_DRAWN_VINTAGES, _WORSE = 12, 0.4
_PAIR = ("predicted", "realised")


def calibration(version: ModelVersion, readings: Readings) -> tuple[Section, Section, Section]:
    """By band, by quarter of decision, and in time."""
    missing = _not_ripe(version, readings)
    realised = readings.of("realised", None)
    latest = readings.latest_by_feature("realised")
    bands = {band: latest[band] for band in BANDS if band in latest}
    quarters = {row.feature: row for row in realised if "Q" in row.feature}
    bad_means = definition_told(definition_of(version))
    by_band, by_quarter = _("Predicted and realised by band"), _("By quarter of decision")
    told_of_bands = _("Loans of the last twelve months of decisions whose window has passed.")
    told_of_quarters = _("Each quarter once, when the last of its loans has had its window.")
    return (
        _pairs("bands", by_band, f"{told_of_bands} {bad_means}", readings, bands, missing),
        _pairs("quarters", by_quarter, f"{told_of_quarters} {bad_means}", readings, quarters, missing),
        _in_time(readings, missing, bad_means),
    )


def _pairs(
    key: str, title: str, told: str, readings: Readings, realised: Mapping[str, Reading], missing: str
) -> Section:
    """Predicted beside realised, with whether chance alone explains the difference."""
    if not realised:
        return Section(key, title, told, missing=missing)
    expected = {(row.on, row.feature): row.value for row in readings.of("predicted", None)}
    names = sorted(realised)
    predicted = [expected[realised[name].on, name] for name in names]
    body = []
    for name, guess in zip(names, predicted, strict=True):
        row = realised[name]
        explained = abs(row.value - guess) <= chance.of_share(guess, row.count)
        body.append(
            (
                cell(name, TEXT),
                cell(guess),
                cell(row.value, tone="" if explained else "warm3"),
                cell(row.count, COUNT),
                cell(_("yes") if explained else _("no"), TEXT),
            )
        )
    series = (
        Series(_("Predicted"), tuple(predicted), "quiet"),
        Series(_("Realised"), tuple(realised[name].value for name in names), "main"),
    )
    columns = (_("Of"), _("Predicted"), _("Realised"), _("Loans"), _("Within chance"))
    return Section(key, title, told, Chart("bar", tuple(names), series), table(columns, body))


def _in_time(readings: Readings, missing: str, bad_means: str) -> Section:
    title, told = _("Calibration and discrimination in time"), _(
        "Each month the loans of twelve months of decisions whose window has passed. The area under the ROC curve is "
        "told from %(least)s loans on."
    ) % {"least": LEAST_OUTCOMES}  # fmt: skip
    told = f"{told} {bad_means}"
    realised = readings.of("realised")
    if not realised:
        return Section("in_time", title, told, missing=missing)
    known = {
        name: {row.on: row for row in readings.of(name)} for name in ("predicted", "auc", "bad_rate_gap", "auc_loss")
    }
    body = []
    for row in reversed(realised):
        gap, loss, auc = (known[name].get(row.on) for name in ("bad_rate_gap", "auc_loss", "auc"))
        body.append(
            (
                cell(row.on, TEXT),
                cell(known["predicted"][row.on].value),
                cell(row.value, tone=tone(gap.value, gap.threshold) if gap else ""),
                cell(auc and auc.value, INDEX, tone(max(loss.value, 0.0), loss.threshold) if loss else ""),
                cell(row.count, COUNT),
            )
        )
    series = (
        Series(_("Predicted"), tuple(known["predicted"][row.on].value for row in realised), "quiet"),
        Series(_("Realised"), tuple(row.value for row in realised), "main"),
    )
    chart = Chart("line", tuple(short(row.on) for row in realised), series)
    columns = (_("Read on"), _("Predicted"), _("Realised"), "AUC", _("Loans"))
    return Section("in_time", title, told, chart, table(columns, body))


def vintages(readings: Readings, days_late: int) -> Section:
    metric = f"vintage_{days_late}"
    title = _("Vintages: ever %(days)s or more days past due") % {"days": days_late}
    told = _("Loans by the month they were paid out in; share that was ever so late, by months after.")
    counted = _("Every loan that has reached the age counts, whatever became of it later; no window is waited for.")
    told = f"{told} {counted}"
    points: dict[str, dict[int, Reading]] = {}
    for row in readings.of(metric, None):
        month, _colon, age = row.feature.partition(":")
        points.setdefault(month, {})[int(age)] = row
    if not points:
        return Section(metric, title, told, missing=_no_vintage(readings), wide=True)
    body = []
    for month in sorted(points, reverse=True):
        found = [points[month].get(age) for age in AGES]
        loans = max(row.count for row in points[month].values())
        body.append((cell(month, TEXT), cell(loans, COUNT), *(cell(row and row.value) for row in found)))
    drawn = sorted(points)[-_DRAWN_VINTAGES:]
    series = tuple(
        Series(
            month,
            tuple(points[month][age].value if age in points[month] else None for age in AGES),
            f"line{number}",
        )
        for number, month in enumerate(drawn)
    )
    chart = Chart("line", tuple(str(age) for age in AGES), series, axis=_("Months after payout"))
    columns = (_("Vintage"), _("Loans"), *(_("%(age)s mo.") % {"age": age} for age in AGES))
    return Section(metric, title, told, chart, table(columns, body), wide=True)


def overrides(version: ModelVersion, readings: Readings) -> Section:
    title = _("What became of overrides")
    told = _("Bad rate of loans approved against the recommendation, beside those approved with it.")
    told = f"{told} {definition_told(definition_of(version))}"
    latest = readings.latest_by_feature("realised_by")
    if not latest:
        return Section("realised_by", title, told, missing=_not_ripe(version, readings))
    names = [name for name in ("machine", "officer", "against") if name in latest]
    body = [
        (cell(feature_name(name), TEXT), cell(latest[name].value), cell(latest[name].count, COUNT)) for name in names
    ]
    series = (Series(_("Realised"), tuple(latest[name].value for name in names), "main"),)
    chart = Chart("bar", tuple(feature_name(name) for name in names), series)
    return Section("realised_by", title, told, chart, table((_("Approved"), _("Realised"), _("Loans")), body))


def moves(readings: Readings) -> Section:
    title = _("The book rescored: band at the decision and now")
    told = _(
        "Running loans scored with the facts of today, once a month. The warmer a cell, the more loans fell that far."
    )
    latest = readings.latest_by_feature("migration")
    if not latest:
        missing = _("The book was not rescored yet, or no loan runs. It is rescored in the first days of each month.")
        return Section("migration", title, told, missing=missing, wide=True)
    body: list[tuple[Cell, ...]] = []
    for before in BANDS:
        row = {now: latest[f"{before}>{now}"] for now in BANDS if f"{before}>{now}" in latest}
        if row:
            cells = [
                cell(row[now].value, tone=tone(row[now].value, _WORSE) if now > before else "")
                if now in row
                else cell(0.0)
                for now in BANDS
            ]
            body.append((cell(before, TEXT), *cells, cell(next(iter(row.values())).count, COUNT)))
    columns = (_("Then / now"), *BANDS, _("Loans"))
    read = next(iter(latest.values())).on
    return Section("migration", f"{title} · {short(read)}", told, table=table(columns, body), wide=True)


def _not_ripe(version: ModelVersion, readings: Readings) -> str:
    """Why there are no outcomes yet, and when the first ones are read."""
    months = definition_of(version).months
    if version.status == ModelVersion.Status.SHADOW or readings.first is None:
        return _("Loans tell what became of them %(months)s months after they were paid out.") % {"months": months}
    first = _first_of_month(readings.first + relativedelta(months=months))
    if readings.last is not None and readings.last < first:
        return _(
            "Loans tell what became of them %(months)s months after they were paid out: the first ones on %(on)s."
        ) % {"months": months, "on": short(first)}
    return _("No loan that this model decided about was paid out %(months)s months ago or earlier.") % {
        "months": months
    }


def _no_vintage(readings: Readings) -> str:
    if readings.first is None:
        return _("This model was not read yet. It is read every morning, for the day before.")
    first = _first_of_month(readings.first + relativedelta(months=2))
    return _("A vintage has its first point a month after its last loan was paid out: the first one on %(on)s.") % {
        "on": short(first)
    }


def _first_of_month(day: datetime.date) -> datetime.date:
    """The first day of a month on or after this one."""
    return day if day.day == 1 else day.replace(day=1) + relativedelta(months=1)
