"""Fixtures that every room may use."""

import pytest

from tests.cast import Staff, hire


@pytest.fixture
def staff(db: None) -> Staff:
    """Otto, Sun, Cora, Vera and Mallory, with their roles."""
    return hire()


@pytest.fixture(autouse=True)
def _clean_transactional_databases(request: pytest.FixtureRequest) -> None:
    """Let a test with real transactions be cleaned up: the database refuses to empty append-only tables."""
    if "transactional_db" not in request.fixturenames and not _wants_transactions(request):
        return
    from django.core.management.commands import flush

    from compliance import immutability

    original = flush.Command.handle

    def handle(self: flush.Command, **options: object) -> None:
        immutability.uninstall()
        original(self, **options)
        immutability.install()

    flush.Command.handle = handle  # type: ignore[method-assign]
    request.addfinalizer(lambda: setattr(flush.Command, "handle", original))
    request.getfixturevalue("transactional_db")


def _wants_transactions(request: pytest.FixtureRequest) -> bool:
    marker = request.node.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction"))
