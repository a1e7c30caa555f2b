"""The database's own rule that every journal entry balances, on PostgreSQL and on SQLite alike.

Lines come first, the entry comes last and closes them:
  * an entry is refused unless at least two lines bear its id and their amounts sum to zero;
  * a line is refused when its entry is there already;
  * a line whose entry never comes is refused at commit, by the deferred foreign key.
PostgreSQL lets two transactions work at once, so there the sum is looked at once more at commit (a deferred constraint
trigger): a line slipped in by a transaction that could not yet see the entry is found as well. SQLite has one writer.

SQLite drops a table's triggers when a migration rebuilds the table, so they are installed again after every `migrate`.
"""

from typing import Any

from django.db import connections

UNBALANCED = "the lines of a journal entry must be at least two and sum to zero"
CLOSED = "a journal entry takes no more lines once it is posted"

# Only the two sentences above are put into these statements.
# ruff: noqa: S608
POSTGRESQL = (
    f"""
    CREATE OR REPLACE FUNCTION ledger_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE lines bigint; total numeric;
    BEGIN
        SELECT count(*), coalesce(sum(amount_minor), 0) INTO lines, total FROM ledger_line WHERE entry_id = NEW.id;
        IF lines < 2 OR total <> 0 THEN
            RAISE EXCEPTION '{UNBALANCED}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    f"""
    CREATE OR REPLACE FUNCTION ledger_line_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.entry_id) THEN
            RAISE EXCEPTION '{CLOSED}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    f"""
    CREATE OR REPLACE FUNCTION ledger_line_balances() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT sum(amount_minor) FROM ledger_line WHERE entry_id = NEW.entry_id) <> 0 THEN
            RAISE EXCEPTION '{UNBALANCED}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    "DROP TRIGGER IF EXISTS entry_balances ON ledger_entry",
    "CREATE TRIGGER entry_balances BEFORE INSERT ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_entry_balances()",
    "DROP TRIGGER IF EXISTS line_in_time ON ledger_line",
    "CREATE TRIGGER line_in_time BEFORE INSERT ON ledger_line FOR EACH ROW EXECUTE FUNCTION ledger_line_in_time()",
    "DROP TRIGGER IF EXISTS line_balances ON ledger_line",
    "CREATE CONSTRAINT TRIGGER line_balances AFTER INSERT ON ledger_line "
    "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_line_balances()",
)

SQLITE = (
    "DROP TRIGGER IF EXISTS entry_balances",
    f"""
    CREATE TRIGGER entry_balances BEFORE INSERT ON ledger_entry FOR EACH ROW
    WHEN (SELECT count(*) < 2 OR coalesce(sum(amount_minor), 0) <> 0 FROM ledger_line WHERE entry_id = NEW.id)
    BEGIN SELECT RAISE(ABORT, '{UNBALANCED}'); END
    """,
    "DROP TRIGGER IF EXISTS line_in_time",
    f"""
    CREATE TRIGGER line_in_time BEFORE INSERT ON ledger_line FOR EACH ROW
    WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.entry_id)
    BEGIN SELECT RAISE(ABORT, '{CLOSED}'); END
    """,
)


def install(sender: Any = None, using: str = "default", **kwargs: Any) -> None:
    """Install (again) the rule where its tables exist. Called by the migration and by post_migrate."""
    connection = connections[using]
    if not {"ledger_entry", "ledger_line"} <= set(connection.introspection.table_names()):
        return
    with connection.cursor() as cursor:
        for statement in POSTGRESQL if connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement)


def uninstall(using: str = "default") -> None:
    """Take the rule away, for the way back of the migration."""
    connection = connections[using]
    pairs = (("entry_balances", "ledger_entry"), ("line_in_time", "ledger_line"), ("line_balances", "ledger_line"))
    with connection.cursor() as cursor:
        for name, table in pairs:
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
