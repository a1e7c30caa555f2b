"""Floats never touch money: the rooms that handle it neither annotate nor make them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "lending/finance",
    "lending/products",
    "lending/applications",
    "lending/loans",
    "lending/ledger",
    "lending/repayments",
    "lending/servicing",
    "lending/collections",
    "lending/regulation",
    "lending/desk",
    "lending/templatetags",
)

#: Disclosed rates alone may be found with floats (a root finder's start, bar widths and probabilities are no money).
ALLOWED = {
    "lending/finance/rate_solving.py",
    "lending/finance/internal_rate.py",
    "lending/finance/annual_rate.py",
    "lending/finance/aprc.py",
    "lending/finance/appendix_j.py",
    "lending/finance/disclosure.py",  # positions of dates on the axis of time
    "lending/finance/bulk_walk.py",  # the bound up to which 64-bit products are exact
    "lending/applications/presenting.py",  # contributions to a score
}
#: Durations are not money.
DURATIONS = {"began", "seconds", "timeout_seconds", "took_seconds"}
FILES = [
    path
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
    if "migrations" not in path.parts and str(path.relative_to(ROOT)) not in ALLOWED
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_float_in_a_room_that_handles_money(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [f"line {node.lineno}" for node in _floats(tree)] == []


def _floats(tree: ast.AST) -> Iterator[ast.Name | ast.Attribute]:
    """Every mention of float, except to refuse one (isinstance) and for durations."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance":
            continue
        if isinstance(node, ast.arg) and node.arg in DURATIONS:
            continue
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id in DURATIONS:
            continue
        if (isinstance(node, ast.Name) and node.id == "float") or (
            isinstance(node, ast.Attribute) and node.attr == "FloatField"
        ):
            yield node
        yield from _floats(node)


def test_no_model_keeps_money_or_a_rate_as_a_float() -> None:
    from django.apps import apps
    from django.db.models import FloatField

    found = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.split(".")[0] in ("lending", "customers", "compliance")
        for field in model._meta.concrete_fields
        if isinstance(field, FloatField)
    ]
    assert found == []
