"""What the page of a model version shows: figures, plots as points of an SVG, and the acts open to the reader."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from scoring.models import ModelVersion, MonitoringReading
from scoring.monitoring_words import feature_name, metric_name

Status = ModelVersion.Status
_WIDTH, _HEIGHT = 320, 200


def page_of(version: ModelVersion) -> dict[str, Any]:
    """Everything the template needs, nothing computed in it."""
    validation = version.validation or {}
    return {
        "figures": [(name.replace("_", " "), value) for name, value in (validation.get("figures") or {}).items()],
        "auc_interval": validation.get("auc_interval"),
        "candidates": version.metrics.get("candidates", {}),
        "calibration_points": _calibration(validation.get("calibration", [])),
        "distribution_bars": _distribution(validation.get("distribution", [])),
        "lift": validation.get("lift", []),
        "bands": validation.get("bands", []),
        "strength": validation.get("strength", [])[:20],
        "fairness": validation.get("fairness", {}),
        "proxies": validation.get("proxies", []),
        "promises": validation.get("promises", {}),
        "stability": validation.get("stability", []),
        "readings": _latest_readings(version),
        "tasks": [
            (task.pk, metric_name(task.metric), feature_name(task.feature))
            for task in version.review_tasks.filter(closed_on=None)
        ],
        "width": _WIDTH,
        "height": _HEIGHT,
    }


def acts_open_to(version: ModelVersion, user: AbstractBaseUser | AnonymousUser) -> list[str]:
    """The acts this person may take on this version now, by permission, status and the rule of three people."""
    open_in = {
        "submit": (Status.DRAFT,),
        "validate": (Status.SUBMITTED,),
        "certify": (Status.VALIDATED,),
        "promote": (Status.CERTIFIED, Status.CHALLENGER, Status.SHADOW),
        "roll_back": (Status.CHAMPION,),
        "retire": (Status.DRAFT, Status.REJECTED, Status.CERTIFIED, Status.CHAMPION, Status.CHALLENGER, Status.SHADOW),
    }
    needs = {"roll_back": "promote", "retire": "promote"}
    barred = {"validate": (version.developer_id,), "certify": (version.developer_id, version.validator_id)}
    return [
        act
        for act, statuses in open_in.items()
        if version.status in statuses
        and user.has_perm(f"scoring.{needs.get(act, act)}_modelversion")  # type: ignore[union-attr]
        and user.pk not in barred.get(act, ())
    ]


def _latest_readings(version: ModelVersion, most: int = 10) -> list[tuple[str, str, MonitoringReading]]:
    """(figure, what it is of, reading) of the last day that has any with a threshold, the furthest beyond it first."""
    held = version.readings.filter(threshold__gt=0)
    last = held.order_by("-on").values_list("on", flat=True).first()
    rows = sorted(held.filter(on=last), key=lambda row: -abs(row.value) / (row.threshold or 1)) if last else []
    return [(metric_name(row.metric), feature_name(row.feature), row) for row in rows[:most]]


def _calibration(rows: list[dict[str, Any]]) -> str:
    """Points of a polyline: predicted to the right, realised upwards, both to the highest rate."""
    most = max([row["predicted"] for row in rows] + [row["realised"] for row in rows] + [0.01])
    return " ".join(
        f"{row['predicted'] / most * _WIDTH:.1f},{_HEIGHT - row['realised'] / most * _HEIGHT:.1f}" for row in rows
    )


def _distribution(rows: list[dict[str, Any]]) -> list[dict[str, float]]:
    """Bars of good and bad cases by predicted probability."""
    most = max([row["good"] for row in rows] + [row["bad"] for row in rows] + [1])
    wide = _WIDTH / max(len(rows), 1)
    bars = []
    for place, row in enumerate(rows):
        for kind, shift in (("good", 0.0), ("bad", wide / 2)):
            high = row[kind] / most * _HEIGHT
            bars.append(
                {"kind": kind, "x": place * wide + shift, "y": _HEIGHT - high, "width": wide / 2 - 1, "height": high}
            )
    return bars
