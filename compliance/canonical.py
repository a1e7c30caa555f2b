"""One spelling for every stored value, so that the digest of a row is the same on every engine and on every day.

| kind            | spelled                                                             |
|-----------------|---------------------------------------------------------------------|
| date            | 2026-09-14                                                          |
| date and time   | 2026-09-14T01:02:03.000004+00:00 (UTC, microseconds always)         |
| decimal         | the field's own number of places: 12.5000                           |
| JSON            | as it is; the digest sorts its keys                                 |
| encrypted text  | hmac:<HMAC-SHA256 of the plain text>: no personal data leaves, and a rotated key changes nothing |
| bytes           | hex                                                                 |
"""

import datetime
import decimal
import hashlib
import json
import uuid
from typing import Any

from django.db import models

from customers.encryption import EncryptedTextField, blind_index

Row = dict[str, Any]


def spell(field: "models.Field[Any, Any]", value: Any) -> Any:
    """The canonical JSON value of one column."""
    if value is None:
        return None
    if isinstance(field, EncryptedTextField):
        return f"hmac:{blind_index(value)}" if value else ""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        places = getattr(field, "decimal_places", None)
        return str(value if places is None else value.quantize(decimal.Decimal(1).scaleb(-places)))
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    return value


def key_text(key: Any) -> str:
    """A primary key as the chain writes it: digits, or the 32 hex digits of a UUID, alike on every engine."""
    return str(key).replace("-", "")


def columns(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    return list(model._meta.concrete_fields)


def row_of(model: type[models.Model], values: tuple[Any, ...]) -> Row:
    """Column name -> canonical value, for the values of `columns(model)` in that order."""
    return {str(field.column): spell(field, value) for field, value in zip(columns(model), values, strict=True)}


def digest(value: Any) -> str:
    """SHA-256 hex of compact JSON with sorted keys, UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def rows_by_key(model: type[models.Model], keys: list[str]) -> dict[str, Row]:
    """The canonical rows of a model by primary key (as text). Missing rows are missing."""
    names = [field.attname for field in columns(model)]
    found = model._base_manager.filter(pk__in=keys).values_list(*names)
    position = names.index(model._meta.pk.attname)
    return {key_text(values[position]): row_of(model, values) for values in found.iterator(chunk_size=2000)}
