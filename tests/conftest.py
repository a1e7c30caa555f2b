"""Fixtures that every room may use."""

from collections.abc import Iterator

import pytest

from tests.cast import Staff, hire


@pytest.fixture
def staff(db: None) -> Staff:
    """Otto, Sun, Cora, Vera and Mallory, with their roles."""
    return hire()


@pytest.fixture(scope="session", autouse=True)
def _flush_may_empty_append_only_tables() -> Iterator[None]:
    """Let tests with real transactions be cleaned up: the database refuses to empty append-only tables."""
    from django.core.management.commands import flush

    from compliance import immutability

    original = flush.Command.handle

    def handle(self: flush.Command, **options: object) -> None:
        immutability.uninstall()
        original(self, **options)
        immutability.install()

    flush.Command.handle = handle  # type: ignore[method-assign]
    yield
    flush.Command.handle = original  # type: ignore[method-assign]
