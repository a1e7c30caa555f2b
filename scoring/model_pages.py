"""What the page of a model version shows: figures, plots, fairness, rivals, and the acts open to the reader."""

import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.utils.translation import gettext as _

from scoring import certification
from scoring.model_plots import plots_of, ratio_gauge
from scoring.models import ModelVersion
from scoring.monitoring_words import feature_name, figure_told, metric_name
from scoring.rivals import duels
from scoring.sample_words import bad_in_training_told, book_bad_told, sample_told
from scoring.telling import label_of, level_told, limits_told, measure_told, percent_told, purpose_told, warning_told

Status = ModelVersion.Status
Algorithm = ModelVersion.Algorithm
NEEDS = {"take_over": "submit", "roll_back": "promote", "retire": "promote"}
"""Acts that another act's permission covers."""
_FIGURES = ("gini", "ks", "h_measure", "brier", "calibration_error", "bad_rate")
_SHARES = frozenset({"calibration_error", "bad_rate"})
_AWAITED = (Status.DRAFT, Status.SUBMITTED, Status.VALIDATED)
"""The states in which somebody's step is awaited."""


def page_of(version: ModelVersion, on: datetime.date) -> dict[str, Any]:
    """Everything the template needs, nothing computed in it."""
    validation = version.validation or {}
    figures = validation.get("figures") or {}
    return {
        "auc": figures.get("auc"),
        "auc_interval": validation.get("auc_interval"),
        "rows": validation.get("rows"),
        "tiles": [(measure_told(name), _told(name, figures[name])) for name in _FIGURES if name in figures],
        "plots": plots_of(validation),
        "candidates": [(Algorithm(name).label, found) for name, found in version.metrics.get("candidates", {}).items()],
        "benchmark": validation.get("benchmark"),
        "lift": validation.get("lift", []),
        "bands": validation.get("bands", []),
        "strength": _strength(validation),
        "fairness": [_fairness(name, found) for name, found in (validation.get("fairness") or {}).items()],
        "proxies": [
            (label_of(row["column"]), label_of(row["protected"]), row["auc"]) for row in validation.get("proxies", [])
        ],
        "promises": validation.get("promises", {}),
        "stability": validation.get("stability", []),
        "out_of_time": version.metrics.get("out_of_time"),
        "sample": sample_told(version.spec.get("sample")),
        "warnings": [warning_told(warning) for warning in version.warnings],
        "bad_means": bad_in_training_told(version.spec),
        "book_bad": book_bad_told(),
        "purpose": purpose_told(version.purpose),
        "limits": limits_told(version.limitations),
        "for_study": for_study(version),
        "days_left": (version.certificate_expires_on - on).days if version.certificate_expires_on else None,
        "readings": _latest_readings(version),
        "tasks": [(metric_name(task.metric), feature_name(task.feature), task) for task in _open_tasks(version)],
        "next_step": next_step(version),
        "others_turn": version.status in _AWAITED,
        "duels": duels(version, on=on),
        "earlier": _earlier_champion(version, on),
    }


def _told(name: str, value: float) -> str:
    return percent_told(value, 2) if name in _SHARES else f"{value:.4f}"


def _strength(validation: dict[str, Any], most: int = 20) -> list[dict[str, Any]]:
    """The factors, strongest first, with their sensitivity and their drift where these were measured."""
    moved = {row["column"]: row for row in validation.get("sensitivity", [])}
    drift = {row["column"]: row["csi"] for row in validation.get("factor_stability", [])}
    rows = validation.get("strength", [])[:most]
    widest = max((row["information_value"] for row in rows), default=0.0) or 1.0
    return [
        {
            **row,
            "label": label_of(row["column"]),
            "width": round(row["information_value"] / widest * 100),
            "moved": moved.get(row["column"]),
            "csi": drift.get(row["column"]),
        }
        for row in rows
    ]


def _fairness(name: str, found: dict[str, Any]) -> dict[str, Any]:
    groups = [
        {
            **row,
            "label": level_told(name, row["group"]),
            "gauge": ratio_gauge(row["ratio"], row["ratio_interval"]),
            "reference": row["group"] == found.get("reference"),
        }
        for row in found.get("groups", [])
    ]
    return {"label": label_of(name), "groups": groups, "approve_to_pd": found.get("approve_to_pd")}


def _open_tasks(version: ModelVersion) -> Any:
    return version.review_tasks.filter(closed_on=None).order_by("-pk")[:20]


def _earlier_champion(version: ModelVersion, on: datetime.date) -> ModelVersion | None:
    """The model a rollback would return to."""
    return certification.former_champions(version.name, on).first() if version.status == Status.CHAMPION else None


def for_study(version: ModelVersion) -> bool:
    """Whether it tells a probability of default from columns that are no declared facts: it can never decide."""
    return not version.uses_facts and version.algorithm not in (Algorithm.TEXT, Algorithm.OUTLIERS)


def next_step(version: ModelVersion) -> str:
    """Whose turn it is, or why it is nobody's; empty for a model in use."""
    told = {
        Status.DRAFT: _("Next: a model developer submits it for validation."),
        Status.SUBMITTED: _("Next: a model validator who did not develop it gives a verdict."),
        Status.VALIDATED: _("Next: a model certifier who neither developed nor validated it certifies it."),
        Status.CERTIFIED: _("Next: a model certifier promotes it."),
        Status.REJECTED: _("Out of use for good. A model that takes its place is trained anew."),
        Status.RETIRED: _("Out of use for good. A model that takes its place is trained anew."),
    }
    if version.status == Status.DRAFT and version.developer_id is None:
        return _("No developer is named. Next: a model developer takes it over, and then submits it for validation.")
    if version.status == Status.CERTIFIED and version.algorithm == Algorithm.OUTLIERS:
        return _("In use while its certificate is valid; it needs no promotion.")
    if version.status == Status.CERTIFIED and for_study(version):
        return _("It can be studied but never decides: it was trained on columns that are not declared facts.")
    return told.get(Status(version.status), "")


def acts_open_to(version: ModelVersion, user: AbstractBaseUser | AnonymousUser) -> list[str]:
    """The acts this person may take on this version now, by permission, status and the rule of three people."""
    open_in = {
        "take_over": () if version.developer_id else (Status.DRAFT,),
        "submit": (Status.DRAFT,) if version.developer_id else (),
        "validate": (Status.SUBMITTED,),
        "certify": (Status.VALIDATED,),
        "promote": (Status.CERTIFIED, Status.CHALLENGER, Status.SHADOW),
        "roll_back": (Status.CHAMPION,),
        "retire": (Status.DRAFT, Status.REJECTED, Status.CERTIFIED, Status.CHAMPION, Status.CHALLENGER, Status.SHADOW),
    }
    if for_study(version) or version.algorithm == Algorithm.OUTLIERS:
        open_in["promote"] = ()
    barred = {"validate": (version.developer_id,), "certify": (version.developer_id, version.validator_id)}
    return [
        act
        for act, statuses in open_in.items()
        if version.status in statuses
        and user.has_perm(f"scoring.{NEEDS.get(act, act)}_modelversion")  # type: ignore[union-attr]
        and user.pk not in barred.get(act, ())
    ]


def _latest_readings(version: ModelVersion, most: int = 10) -> list[dict[str, Any]]:
    """The readings of the last day that has any with a threshold, in words, the furthest beyond it first."""
    held = version.readings.filter(threshold__gt=0)
    last = held.order_by("-on").values_list("on", flat=True).first()
    rows = sorted(held.filter(on=last), key=lambda row: -abs(row.value) / (row.threshold or 1)) if last else []
    return [
        {
            "metric": metric_name(row.metric),
            "factor": feature_name(row.feature),
            "row": row,
            "value": figure_told(row.metric, row.value),
            "threshold": figure_told(row.metric, row.threshold),
        }
        for row in rows[:most]
    ]
