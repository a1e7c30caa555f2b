"""Personal identifiers at rest: encrypted text, and a keyed blind index to find a person by a number.

`EncryptedTextField` keeps AES-128-CBC with HMAC-SHA256 (Fernet) tokens; `settings.FIELD_KEYS` lists the keys, newest
first, so that a key is rotated by putting a new one in front and saving the rows again. Equal plain texts give unequal
tokens, so nothing can be searched by them; `blind_index` gives HMAC-SHA256 hex of the normalised value for equality
search and uniqueness.
"""

import hashlib
import hmac
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key.strip().encode()) for key in keys])


def _fernet() -> MultiFernet:
    return _cipher(tuple(settings.FIELD_KEYS))


def blind_index(value: str) -> str:
    """HMAC-SHA256 (64 hex digits) of the upper-cased value without white space; empty for an empty value."""
    normal = "".join(value.split()).upper()
    if not normal:
        return ""
    return hmac.new(settings.INDEX_KEY.encode(), normal.encode(), hashlib.sha256).hexdigest()


def mask(value: str, *, head: int = 3, tail: int = 4) -> str:
    """Show the ends alone: `110***********002X`. Values too short to hide anything are hidden whole."""
    if len(value) <= head + tail:
        return "*" * len(value)
    return value[:head] + "*" * (len(value) - head - tail) + value[len(value) - tail :]


SEALED = "sealed:"


def seal(text: str) -> str:
    """One value encrypted by itself, for a place whose other values are not: an answer among answers."""
    return SEALED + _fernet().encrypt(text.encode()).decode()


def unseal(value: str) -> str:
    """The plain text of a sealed value; what is not sealed is given back as it is."""
    return _fernet().decrypt(value.removeprefix(SEALED).encode()).decode() if value.startswith(SEALED) else value


class EncryptedTextField(models.TextField):
    """Text that is encrypted in the database and plain in Python. Lookups other than isnull are meaningless."""

    description = "Encrypted text"

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return value if value in (None, "") else _fernet().decrypt(value.encode()).decode()

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if value in (None, "") else _fernet().encrypt(str(value).encode()).decode()
