"""Rows that may not change, refused by the database itself.

Any model of any room may declare, as a class attribute,
  append_only = True                 no UPDATE, no DELETE
  immutable_when = "<SQL>"           the same for rows whose old values satisfy the SQL condition
and every history table of simple-history is append-only without a word. The declarations are found in the app
registry, so the rooms need not know of this module; triggers are installed after every `migrate`, because SQLite drops
a table's triggers when a migration rebuilds it. TRUNCATE is refused on PostgreSQL as well.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

PREFIX = "immutable_"
MESSAGE = "rows of this table are added, never changed"


def protected_models() -> Iterator[tuple[type[models.Model], str]]:
    """Every (model, SQL condition on the old row) that is protected; the condition is empty for append-only models."""
    for model in apps.get_models(include_auto_created=True):
        if getattr(model, "append_only", False) or hasattr(model, "history_object"):
            yield model, ""
        elif condition := getattr(model, "immutable_when", ""):
            yield model, condition


def _old(condition: str, columns: list[str]) -> str:
    """Qualify the column names of a condition with OLD."""
    return re.sub(r"\b(" + "|".join(map(re.escape, columns)) + r")\b", r"OLD.\1", condition)


def install(sender: Any = None, using: str = "default", **kwargs: Any) -> None:
    """Install (again) the triggers of every protected table that exists. Receiver of post_migrate."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION loanbook_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}: %', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
        for model, condition in protected_models():
            table = model._meta.db_table
            if table in tables:
                columns = [str(field.column) for field in model._meta.concrete_fields]
                for statement in _statements(connection, table, _old(condition, columns)):
                    cursor.execute(statement)


def uninstall(using: str = "default") -> None:
    """Take the triggers away. For a migration that must rewrite rows, and for the cleaning of a test database."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model, _condition in protected_models():
            table = model._meta.db_table
            if table in tables:
                for name in _names(table):
                    on = f' ON "{table}"' if connection.vendor == "postgresql" else ""
                    cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"{on}')


def _names(table: str) -> list[str]:
    return [f"{PREFIX}{verb}_{table}"[:63] for verb in ("update", "delete", "truncate")]


def _statements(connection: BaseDatabaseWrapper, table: str, condition: str) -> Iterator[str]:
    when = f"WHEN ({condition})" if condition else ""
    update, delete, truncate = _names(table)
    for name, verb in ((update, "UPDATE"), (delete, "DELETE")):
        if connection.vendor == "postgresql":
            yield f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"'
            yield (
                f'CREATE TRIGGER "{name}" BEFORE {verb} ON "{table}" FOR EACH ROW {when} '
                "EXECUTE FUNCTION loanbook_refuse_change()"
            )
        else:
            yield f'DROP TRIGGER IF EXISTS "{name}"'
            yield (
                f'CREATE TRIGGER "{name}" BEFORE {verb} ON "{table}" FOR EACH ROW {when} '
                f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}: {table}'); END"
            )
    if connection.vendor == "postgresql" and not condition:
        yield f'DROP TRIGGER IF EXISTS "{truncate}" ON "{table}"'
        yield f'CREATE TRIGGER "{truncate}" BEFORE TRUNCATE ON "{table}" EXECUTE FUNCTION loanbook_refuse_change()'
