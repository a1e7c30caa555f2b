"""Every table of ours has a history or says why it needs none, and rows that may not change do not, on this engine."""

from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from compliance import immutability
from compliance.roles import ROLES, permissions_of

OURS = (
    "customers",
    "scoring",
    "regulation",
    "products",
    "applications",
    "ledger",
    "loans",
    "repayments",
    "servicing",
    "collections",
    "api",
    "compliance",
)


def our_models() -> list[type[models.Model]]:
    return [model for label in OURS for model in apps.get_app_config(label).get_models(include_auto_created=True)]


def _is_history(model: type[models.Model]) -> bool:
    return hasattr(model, "history_object")


def test_every_model_has_a_history_or_declares_why_not() -> None:
    without = [
        model._meta.label
        for model in our_models()
        if not _is_history(model)
        and not model._meta.auto_created
        and not hasattr(model._meta, "simple_history_manager_attribute")
        and not getattr(model, "append_only", False)
        and not getattr(model, "projection", False)
    ]
    assert without == [], "give the model HistoricalRecords(), append_only = True or projection = True"


def test_a_model_is_not_both_append_only_and_a_projection() -> None:
    assert [
        m._meta.label for m in our_models() if getattr(m, "append_only", False) and getattr(m, "projection", False)
    ] == []


def test_money_is_kept_in_64_bit_integers_of_minor_units() -> None:
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.concrete_fields
        if field.name.endswith("_minor") and not isinstance(field, models.BigIntegerField)
    ]
    assert wrong == []


@pytest.mark.django_db
def test_every_protected_table_has_its_triggers() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        there = {row[0] for row in cursor.fetchall()}
    wanted = {name for model, condition in immutability.protected_models() for name in _triggers(model, condition)}
    assert wanted - there == set()


def _triggers(model: type[models.Model], condition: str) -> list[str]:
    update, delete, truncate = immutability._names(model._meta.db_table)
    return [update, delete, truncate] if connection.vendor == "postgresql" and not condition else [update, delete]


APPEND_ONLY = [model for model, condition in immutability.protected_models() if not condition]


@pytest.mark.django_db
@pytest.mark.parametrize("model", APPEND_ONLY, ids=lambda model: model._meta.label)
def test_raw_sql_can_neither_change_nor_remove_a_row_that_is_only_added(model: type[models.Model]) -> None:
    table, key = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name(model._meta.pk.column)
    with _row_of(model):
        for statement in (f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}"):
            with (
                pytest.raises(DatabaseError, match="added, never changed"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)


class _row_of:
    """One row in the table, put there without its relations; it is gone with the transaction."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model

    def __enter__(self) -> None:
        self.outer = transaction.atomic()
        self.outer.__enter__()
        if self.model._base_manager.exists():
            return
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL session_replication_role = replica")
            if self.model._meta.label == "ledger.Entry":  # it is refused without lines that balance
                for number, amount in ((1, 5), (2, -5)):
                    _insert(cursor, apps.get_model("ledger.Line"), id=number, amount_minor=amount)
            _insert(cursor, self.model)
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL session_replication_role = origin")

    def __exit__(self, *error: object) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)


def _insert(cursor: Any, model: type[models.Model], **given: object) -> None:
    values = {**_values(model), **given}
    names = ", ".join(connection.ops.quote_name(column) for column in values)
    marks = ", ".join(["%s"] * len(values))
    cursor.execute(
        f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({names}) VALUES ({marks})",
        list(values.values()),
    )


def _values(model: type[models.Model]) -> dict[str, object]:
    """A value for every column: references to nobody (checked only at a commit that never comes), ones, and today."""
    return {field.column: _value(field) for field in model._meta.concrete_fields}


def _value(field: models.Field) -> object:
    target: models.Field = field
    while target.remote_field is not None and isinstance(target, models.ForeignKey):
        target = target.target_field
    if isinstance(target, models.UUIDField):
        return "0" * 31 + "1" if connection.vendor == "sqlite" else "00000000-0000-0000-0000-000000000001"
    if isinstance(target, models.BooleanField):
        return True
    if isinstance(target, models.DateTimeField):
        return "2026-09-14 00:00:00+00:00" if connection.vendor == "postgresql" else "2026-09-14 00:00:00"
    if isinstance(target, models.DateField):
        return "2026-09-14"
    if isinstance(target, models.JSONField):
        return "[]"
    if isinstance(target, models.IntegerField | models.DecimalField | models.FloatField | models.AutoField):
        return 1
    if isinstance(target, models.GenericIPAddressField):
        return "127.0.0.1"
    if target.choices:
        return str(next(iter(dict(target.flatchoices))))
    return field.column[: target.max_length]


@pytest.mark.django_db
def test_every_permission_of_a_role_exists() -> None:
    from django.contrib.auth.models import Group, Permission

    known = {f"{app}.{code}" for app, code in Permission.objects.values_list("content_type__app_label", "codename")}
    for role in ROLES:
        assert permissions_of(role) - known == set(), role
        group = Group.objects.get(name=role)
        held = {f"{app}.{code}" for app, code in group.permissions.values_list("content_type__app_label", "codename")}
        assert held == permissions_of(role), role


def test_no_role_may_change_or_delete_rows_that_are_only_added() -> None:
    frozen = {
        f"{model._meta.app_label}.{verb}_{model._meta.model_name}"
        for model in APPEND_ONLY
        for verb in ("change", "delete")
    }
    frozen |= {
        f"{m._meta.app_label}.{verb}_{m._meta.model_name}"
        for m in our_models()
        if getattr(m, "projection", False)
        for verb in ("add", "change", "delete")
    }
    for role in ROLES:
        assert permissions_of(role) & frozen == set(), role
