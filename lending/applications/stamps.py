"""Whether anything that decisions go by has changed: the database stamps each watched table when any row of it changes.

A trigger writes a new random word into the table's row of `Stamp`, in the transaction of whoever changes it and however
he does: an act, a correction by hand, another process. Words never come again, so that equal stamps mean equal rows, also
after a rollback. Triggers are installed after every `migrate`, because SQLite drops a table's triggers when a migration
rebuilds it.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connection, connections, models

from customers.models import ConsentText
from lending.applications.models import Stamp
from lending.products.models import Product, ProductVersion
from lending.regulation.models import RuleParameter
from scoring.models import ModelArtifact, ModelVersion, Strategy

WATCHED: tuple[type[models.Model], ...] = (
    ConsentText, Product, ProductVersion, RuleParameter, ModelArtifact, ModelVersion, Strategy,
)  # fmt: skip
TABLE = Stamp._meta.db_table
_NEW_WORD = {"postgresql": "gen_random_uuid()::text", "sqlite": "lower(hex(randomblob(16)))"}
_READ = f'SELECT watched, value FROM "{TABLE}" ORDER BY watched'  # noqa: S608 - a table of ours


def read() -> tuple[tuple[str, str], ...] | None:
    """Every table with its stamp, in one statement; None where a watched table has none, as before the first `migrate`."""
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        found = tuple(cursor.fetchall())
    return found if len(found) == len(WATCHED) else None


def install(sender: Any = None, using: str = "default", **kwargs: Any) -> None:
    """Install (again) the triggers of every watched table that exists, and stamp it. Receiver of post_migrate."""
    database = connections[using]
    tables = set(database.introspection.table_names())
    watched = [model._meta.db_table for model in WATCHED if model._meta.db_table in tables]
    if TABLE not in tables:
        return
    with database.cursor() as cursor:
        for statement in _statements(database.vendor, watched):
            cursor.execute(statement)


def _statements(vendor: str, watched: list[str]) -> Iterator[str]:
    word = _NEW_WORD[vendor]
    stamp = f'UPDATE "{TABLE}" SET value = {word} WHERE watched ='  # noqa: S608 - a table of ours
    if vendor == "postgresql":
        yield (
            "CREATE OR REPLACE FUNCTION loanbook_stamp() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {stamp} TG_TABLE_NAME; RETURN NULL; END $$"
        )
    for table in watched:
        if vendor == "postgresql":
            yield f'DROP TRIGGER IF EXISTS "stamp_{table}" ON "{table}"'
            yield (
                f'CREATE TRIGGER "stamp_{table}" AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "{table}" '
                "FOR EACH STATEMENT EXECUTE FUNCTION loanbook_stamp()"
            )
        else:
            for verb in ("INSERT", "UPDATE", "DELETE"):
                yield f'DROP TRIGGER IF EXISTS "stamp_{verb.lower()}_{table}"'
                yield (
                    f'CREATE TRIGGER "stamp_{verb.lower()}_{table}" AFTER {verb} ON "{table}" FOR EACH ROW '
                    f"BEGIN {stamp} '{table}'; END"
                )
        yield (
            f"INSERT INTO \"{TABLE}\" (watched, value) VALUES ('{table}', {word}) "  # noqa: S608 - tables of ours
            "ON CONFLICT (watched) DO UPDATE SET value = excluded.value"
        )
