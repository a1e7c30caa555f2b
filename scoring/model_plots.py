"""The plots of a validation report as coordinates of an SVG: nothing is computed in the template, nothing needs a script.

Every plot has the same frame; values come from the report alone. An empty part of the report gives no plot.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

WIDTH, HEIGHT = 440, 280
LEFT, RIGHT, TOP, BOTTOM = 46, 22, 24, 40
TICKS = 5
_SPREAD, _RISE = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through points, drawn in a style of the desk: main, other, guide, good, bad."""

    points: str
    style: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    style: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A dot with the ends of its interval."""

    x: float
    y: float
    low: float
    high: float
    title: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    title: str
    note: str
    x_label: str
    y_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    curves: tuple[Curve, ...] = ()
    boxes: tuple[Box, ...] = ()
    marks: tuple[Mark, ...] = ()
    legend: tuple[tuple[str, str], ...] = field(default=())
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def plots_of(validation: Mapping[str, Any]) -> list[Plot]:
    """The report's plots, those that it has figures for."""
    made = (
        _roc(validation),
        _calibration(validation.get("calibration", [])),
        _distribution(validation.get("distribution", [])),
        _gains(validation.get("lift", [])),
        _stability(validation.get("stability", [])),
    )
    return [plot for plot in made if plot is not None]


def _x(share: float) -> float:
    return round(LEFT + share * _SPREAD, 1)


def _y(share: float) -> float:
    return round(HEIGHT - BOTTOM - share * _RISE, 1)


def _line(points: Sequence[Sequence[float]]) -> str:
    return " ".join(f"{_x(x)},{_y(y)}" for x, y in points)


def _ticks(most: float, place: Any) -> tuple[Tick, ...]:
    """Ticks from nothing to `most`, an end of an axis, told in percent."""
    return tuple(Tick(place(step / TICKS), f"{round(most * step / TICKS * 100, 6):g}%") for step in range(TICKS + 1))


def _axis_end(most: float) -> float:
    """The least share from `most` on that leaves round numbers at every tick: 0.156 is 0.2, with ticks 4% apart."""
    unit = 10.0 ** math.floor(math.log10(most / TICKS))
    return next(end for end in (step * unit * TICKS for step in (1, 2, 4, 5, 8, 10)) if end >= most - 1e-12)


def _roc(validation: Mapping[str, Any]) -> Plot | None:
    curve = validation.get("roc")
    if not curve:
        return None
    curves = [Curve(_line([(0, 0), (1, 1)]), "guide")]
    legend = [("main", _("this model"))]
    if rival := (validation.get("benchmark") or {}).get("roc"):
        curves.append(Curve(_line(rival), "other"))
        legend.append(("other", _("points scorecard")))
    return Plot(
        _("Telling good from bad"),
        _("ROC curve: the further above the dashed line, the better."),
        _("good cases refused"),
        _("bad cases caught"),
        _ticks(1.0, _x),
        _ticks(1.0, _y),
        (*curves, Curve(_line(curve), "main")),
        legend=tuple(legend),
    )


def _calibration(rows: Sequence[Mapping[str, Any]]) -> Plot | None:
    if not rows:
        return None
    highs = [(row.get("interval") or [0, row["realised"]])[1] for row in rows]
    most = _axis_end(min(1.0, max([*highs, *(row["predicted"] for row in rows), 0.01])))
    marks = []
    for row in rows:
        low, high = row.get("interval") or (row["realised"], row["realised"])
        title = f"{row['predicted']:.1%} → {row['realised']:.1%}"
        heights = (_y(row["realised"] / most), _y(low / most), _y(min(high / most, 1.0)))
        marks.append(Mark(_x(row["predicted"] / most), *heights, title))
    line = _line([(row["predicted"] / most, row["realised"] / most) for row in rows])
    return Plot(
        _("Calibration"),
        _("Ten equal groups with 95% intervals; on the dashed line the prediction is exactly what happened."),
        _("predicted bad rate"),
        _("realised bad rate"),
        _ticks(most, _x),
        _ticks(most, _y),
        (Curve(_line([(0, 0), (1, 1)]), "guide"), Curve(line, "main")),
        marks=tuple(marks),
    )


def _distribution(rows: Sequence[Mapping[str, Any]]) -> Plot | None:
    if not rows:
        return None
    total = sum(row["good"] + row["bad"] for row in rows) or 1
    most = _axis_end(max((row["good"] + row["bad"]) / total for row in rows) or 1.0)
    wide, boxes = _SPREAD / len(rows), []
    for place, row in enumerate(rows):
        x, base = round(LEFT + place * wide + 1, 1), _y(0)
        for kind in ("bad", "good"):
            high = round(row[kind] / total / most * _RISE, 1)
            base = round(base - high, 1)
            span = f"{place / len(rows):.0%}–{(place + 1) / len(rows):.0%}"
            boxes.append(Box(x, base, round(wide - 2, 1), high, kind, f"{span}: {row[kind]}"))
    return Plot(
        _("Score distribution"),
        _("Share of all cases by predicted probability of default."),
        _("predicted probability of default"),
        _("share of cases"),
        _ticks(1.0, _x),
        _ticks(most, _y),
        boxes=tuple(boxes),
        legend=(("good", _("good cases")), ("bad", _("bad cases"))),
    )


def _gains(rows: Sequence[Mapping[str, Any]]) -> Plot | None:
    if not rows:
        return None
    points = [(0.0, 0.0), *((row["share"], row["caught"]) for row in rows), (1.0, 1.0)]
    marks = tuple(
        Mark(_x(row["share"]), _y(row["caught"]), _y(row["caught"]), _y(row["caught"]), f"× {row['lift']:.2f}")
        for row in rows
    )
    top = next((row for row in rows if row["share"] == 0.1), rows[0])
    told = {"share": f"{top['share']:.0%}", "caught": f"{top['caught']:.0%}", "lift": f"{top['lift']:.1f}"}
    note = _("The riskiest %(share)s hold %(caught)s of the bad cases: %(lift)s times as many as by chance.") % told
    return Plot(
        _("Lift"),
        note,
        _("riskiest share of the cases"),
        _("bad cases caught"),
        _ticks(1.0, _x),
        _ticks(1.0, _y),
        (Curve(_line([(0, 0), (1, 1)]), "guide"), Curve(_line(points), "main")),
        marks=marks,
    )


def _stability(rows: Sequence[Mapping[str, Any]]) -> Plot | None:
    known = [row for row in rows if row.get("bad_rate") is not None]
    if len(known) < 2:
        return None
    most = _axis_end(max(max(row["bad_rate"], row["predicted"]) for row in known) or 1.0)
    steps = [place / (len(known) - 1) for place in range(len(known))]
    lines = {
        style: _line([(step, row[name] / most) for step, row in zip(steps, known, strict=True)])
        for style, name in (("main", "bad_rate"), ("other", "predicted"))
    }
    return Plot(
        _("Over time"),
        _("Equal slices of the cases in the order of time."),
        _("from the earliest to the latest"),
        _("bad rate"),
        tuple(Tick(_x(step), str(row["to"])[:10]) for step, row in zip(steps, known, strict=True)),
        _ticks(most, _y),
        tuple(Curve(line, style) for style, line in lines.items()),
        legend=(("main", _("realised")), ("other", _("predicted"))),
    )


@dataclass(frozen=True, slots=True)
class Gauge:
    """A ratio with its interval on a line from 0 to 1.25, in a picture of 120 × 16; the bar stands at four fifths."""

    at: float
    low: float
    high: float
    bar: float


def ratio_gauge(ratio: float, interval: Sequence[float]) -> Gauge:
    """Where a group's approval ratio lies."""
    low, high = interval
    return Gauge(*(round(min(max(value, 0.0), 1.25) * 96, 1) for value in (ratio, low, high, 0.8)))
