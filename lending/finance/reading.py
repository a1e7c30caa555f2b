"""Reading JSON objects field by field, so that every refusal names the field and says what would be right.

A ``Reader`` wraps one JSON object and the dotted path it stands at. Each ``take_*`` method returns a
checked value or raises the reader's error class with the full path (``repayment.installments``). What is
left over at the end is not ours: a misspelled key (``instalments``) is refused with what was meant, a key
that resembles nothing we know (a note of another system) is ignored.
"""

import datetime as dt
import difflib
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, cast


class FieldError(ValueError):
    """A value that cannot be used; ``field`` is the dotted path and ``message`` says what would be right."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        self.message = message
        super().__init__(f"{field}: {message}" if field else message)


class InvalidTerms(FieldError):
    """Terms that describe no loan."""


class InvalidEvent(FieldError):
    """An event that cannot have happened to this loan."""


_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
FIRST_DAY = dt.date(1900, 1, 1)
LAST_DAY = dt.date(2400, 12, 31)
#: No amount, rate or count of a loan needs more digits than this.
MOST_DIGITS = 40


class Reader:
    """One JSON object at a dotted path."""

    __slots__ = ("data", "error", "path", "seen")

    def __init__(self, data: Any, path: str, error: type[FieldError]) -> None:
        self.error = error
        self.path = path
        if not isinstance(data, dict):
            raise error(path, "an object is needed here")
        for key in data:
            if not isinstance(key, str):
                raise error(path, "the keys of an object are text")
        self.data: dict[str, Any] = data
        self.seen: set[str] = set()

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def fail(self, key: str, message: str) -> FieldError:
        return self.error(self.at(key), message)

    def has(self, key: str) -> bool:
        return self.data.get(key) is not None

    def raw(self, key: str, required: bool = False) -> Any:
        self.seen.add(key)
        value = self.data.get(key)
        if value is None and required:
            raise self.fail(key, "is missing")
        return value

    def child(self, key: str) -> "Reader | None":
        value = self.raw(key)
        return None if value is None else Reader(value, self.at(key), self.error)

    def text(self, key: str, default: str | None = None, most: int = 200) -> str:
        value = self.raw(key, required=default is None)
        if value is None:
            return cast(str, default)
        if not isinstance(value, str) or len(value) > most:
            raise self.fail(key, f"a text of at most {most} characters is needed")
        return value

    def choice(self, key: str, choices: Iterable[str], default: str | None = None) -> str:
        value = self.raw(key, required=default is None)
        if value is None:
            return cast(str, default)
        known = tuple(choices)
        if not isinstance(value, str) or value not in known:
            raise self.fail(key, "one of " + ", ".join(known) + " is needed")
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.fail(key, "true or false is needed")
        return value

    def count(self, key: str, low: int, high: int, default: int | None = None) -> int:
        value = self.raw(key, required=default is None)
        if value is None:
            return cast(int, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.fail(key, f"a whole number from {low} to {high} is needed")
        return value

    def number(
        self, key: str, low: str | None = None, high: str | None = None, default: Decimal | None = None
    ) -> Decimal:
        value = self.raw(key, required=default is None)
        if value is None:
            return cast(Decimal, default)
        return self.checked_number(key, value, low, high)

    def maybe_number(self, key: str, low: str | None = None, high: str | None = None) -> Decimal | None:
        value = self.raw(key)
        return None if value is None else self.checked_number(key, value, low, high)

    def checked_number(self, key: str, value: Any, low: str | None, high: str | None) -> Decimal:
        what = "a decimal number written as text is needed"
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise self.fail(key, what)
        if isinstance(value, Decimal):
            value = str(value)
        text = str(value) if isinstance(value, str) or -(10**MOST_DIGITS) < value < 10**MOST_DIGITS else "?"
        if len(text) > MOST_DIGITS + 8 or not _NUMBER.match(text) or not text.isascii():
            raise self.fail(key, what)
        try:
            number = Decimal(text)
        except InvalidOperation as refused:
            raise self.fail(key, what) from refused
        if abs(number.adjusted()) > MOST_DIGITS or len(number.as_tuple().digits) > MOST_DIGITS:
            raise self.fail(key, f"at most {MOST_DIGITS} digits are needed")
        if low is not None and number < Decimal(low):
            raise self.fail(key, f"at least {low} is needed")
        if high is not None and number > Decimal(high):
            raise self.fail(key, f"at most {high} is needed")
        return number

    def day(self, key: str) -> dt.date:
        return self.checked_day(key, self.raw(key, required=True))

    def maybe_day(self, key: str) -> dt.date | None:
        value = self.raw(key)
        return None if value is None else self.checked_day(key, value)

    def checked_day(self, key: str, value: Any) -> dt.date:
        what = "a day written as YYYY-MM-DD is needed"
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            found = value
        else:
            if not isinstance(value, str) or not _DAY.match(value) or not value.isascii():
                raise self.fail(key, what)
            try:
                found = dt.date.fromisoformat(value)
            except ValueError as refused:
                raise self.fail(key, what) from refused
        if not FIRST_DAY <= found <= LAST_DAY:
            raise self.fail(key, f"a day from {FIRST_DAY} to {LAST_DAY} is needed")
        return found

    def days(self, key: str) -> tuple[dt.date, ...]:
        value = self.raw(key)
        if value is None:
            return ()
        if not isinstance(value, list | tuple):
            raise self.fail(key, "a list of days is needed")
        return tuple(self.checked_day(f"{key}[{place}]", item) for place, item in enumerate(value))

    def items(self, key: str) -> list["Reader"]:
        value = self.raw(key)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            raise self.fail(key, "a list of objects is needed")
        return [Reader(item, f"{self.at(key)}[{place}]", self.error) for place, item in enumerate(value)]

    def finish(self) -> None:
        """Refuse keys that look like a misspelling of a known one; ``known`` are those asked for so far."""
        for key in self.data:
            if key not in self.seen:
                meant = difflib.get_close_matches(key, sorted(self.seen), n=1, cutoff=0.8)
                if meant:
                    raise self.fail(key, f"is not known here; {meant[0]} is")
