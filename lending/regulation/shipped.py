"""Loading the shipped rules (`data/*.toml`) after every migrate, without ever undoing an officer's correction.

A row that is not there is added; a row whose last change was a load is brought up to date; a row that a person changed
or deleted is left as that person left it.
"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connections, transaction
from simple_history.utils import bulk_create_with_history

from lending.regulation.models import RuleParameter

FOLDER = Path(__file__).resolve().parent / "data"
SHIPPED = "shipped with the release"
"""The reason of change that marks the loader's own history rows."""

Key = tuple[str, str, str, str, date]


def read() -> list[dict[str, Any]]:
    """Every shipped parameter as the fields of a `RuleParameter`. Raises ValueError naming a file that is wrong."""
    found: dict[Key, dict[str, Any]] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["parameter"]:
            fields = {"jurisdiction": "CN", "licence": "*", "product": "*", "unit": "", "note": "", **row}
            if not fields.get("citation") or not isinstance(fields.get("effective_on"), date):
                raise ValueError(f"{path.name}: {fields.get('code')} needs a citation and a first day")
            if _key(fields) in found:
                raise ValueError(f"{path.name}: {fields['code']} of {fields['effective_on']} stands twice")
            found[_key(fields)] = fields
    return list(found.values())


def load(using: str = "default") -> dict[str, int]:
    """Bring the shipped rules in; answers how many were added, updated and kept. Safe to call again."""
    with transaction.atomic(using=using):
        present = {_key(row.__dict__): row for row in RuleParameter.objects.using(using).all()}
        last_reasons = _last_reasons(using)
        added, counts = [], {"added": 0, "updated": 0, "kept": 0}
        for fields in read():
            key = _key(fields)
            row = present.get(key)
            if row is None and key not in last_reasons:
                added.append(RuleParameter(**fields))
            elif row is not None and last_reasons.get(key) == SHIPPED and _differs(row, fields):
                for name, value in fields.items():
                    setattr(row, name, value)
                row._change_reason = SHIPPED  # type: ignore[attr-defined]
                row.save(using=using)
                counts["updated"] += 1
            else:
                counts["kept"] += 1
        if added:
            bulk_create_with_history(added, RuleParameter, default_change_reason=SHIPPED)
        return {**counts, "added": len(added)}


def load_after_migrate(sender: Any = None, using: str = "default", **kwargs: Any) -> None:
    """Receiver of post_migrate; silent when the table is not there yet or no longer."""
    tables = connections[using].introspection.table_names()
    if {RuleParameter._meta.db_table, RuleParameter.history.model._meta.db_table} <= set(tables):
        load(using)


def _key(fields: dict[str, Any]) -> Key:
    return fields["code"], fields["jurisdiction"], fields["licence"], fields["product"], fields["effective_on"]


def _last_reasons(using: str) -> dict[Key, str | None]:
    """Why each row that ever was last changed, deleted rows included."""
    history = RuleParameter.history.using(using).order_by("history_id")
    names = ("code", "jurisdiction", "licence", "product", "effective_on")
    reasons: dict[Key, str | None] = {}
    for values in history.values(*names, "history_change_reason", "history_type"):
        reason = "deleted" if values["history_type"] == "-" else values["history_change_reason"]
        reasons[_key(values)] = reason
    return reasons


def _differs(row: RuleParameter, fields: dict[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in fields.items())
