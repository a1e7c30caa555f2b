"""Who changed a row, and why, for its history."""

from typing import Any

from django.db import models


def sign(row: models.Model, by: Any, why: str = "") -> None:
    """Name the person (None: the system) and the reason that the next save writes into the row's history."""
    row._history_user = by  # type: ignore[attr-defined]
    if why:
        row._change_reason = why  # type: ignore[attr-defined]
