"""The database's own rule that a loan's terms and identity never change once it exists, on both engines.

The rest of the row is a projection of the loan's events and is rewritten with them. SQLite drops a table's triggers
when a migration rebuilds it, so the rule is installed again after every `migrate`.
"""

from typing import Any

from django.db import connections

FROZEN = (
    "number",
    "public_id",
    "application_id",
    "customer_id",
    "product_version_id",
    "terms",
    "currency",
    "decimals",
    "approved_minor",
    "opened_on",
)
MESSAGE = "the terms and the identity of a loan are frozen"

POSTGRESQL = (
    f"""
    CREATE OR REPLACE FUNCTION loans_refuse_new_terms() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$
    """,
    "DROP TRIGGER IF EXISTS frozen_terms ON loans_loan",
    "CREATE TRIGGER frozen_terms BEFORE UPDATE ON loans_loan FOR EACH ROW WHEN ("
    + " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in FROZEN)
    + ") EXECUTE FUNCTION loans_refuse_new_terms()",
)
SQLITE = (
    "DROP TRIGGER IF EXISTS frozen_terms",
    "CREATE TRIGGER frozen_terms BEFORE UPDATE ON loans_loan FOR EACH ROW WHEN "
    + " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in FROZEN)
    + f" BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
)


def install(sender: Any = None, using: str = "default", **kwargs: Any) -> None:
    """Install (again) the rule where the table exists. Called by the migration and by post_migrate."""
    connection = connections[using]
    if "loans_loan" not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for statement in POSTGRESQL if connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)


def uninstall(using: str = "default") -> None:
    """Take the rule away, for the way back of the migration."""
    connection = connections[using]
    on = " ON loans_loan" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER IF EXISTS frozen_terms{on}")
