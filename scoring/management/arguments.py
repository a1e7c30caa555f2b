"""What commands are given on the command line, read with a message that names the argument and says what would be right."""

import datetime
from argparse import ArgumentTypeError
from pathlib import Path

from django.core.management.base import CommandError


def day(text: str) -> datetime.date:
    """A calendar day; for `type=` of an argument, which argparse names before the message."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is not a day of the calendar: write it as 2026-09-14") from None


def number(text: str) -> int:
    """A whole number; for `type=` of an argument."""
    try:
        return int(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is not a whole number: write it in figures, as 6") from None


def content_of(path: Path, argument: str) -> bytes:
    """The bytes of the file that an argument names."""
    try:
        return path.read_bytes()
    except OSError as problem:
        raise CommandError(f"{argument}: {path} cannot be read: {problem.strerror}") from None
