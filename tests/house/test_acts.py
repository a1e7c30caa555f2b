"""A module that acts knows no web page: doors translate, acts act."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("customers", "scoring", "compliance", "lending/finance", "lending/regulation", "lending/products",
         "lending/applications", "lending/ledger", "lending/loans", "lending/repayments", "lending/servicing",
         "lending/collections")  # fmt: skip
WEB = re.compile(r"^(django\.(http|shortcuts|views|template\.response)|rest_framework|knox|unfold|allauth)\b")
#: The doors that stand in a room: its desk pages and forms, the sign-in, and what shows a refusal on a form.
DOORS = re.compile(r"(admin|desk|desk_forms|forms|model_pages|account_adapter|languages|personal_data|apps)\.py$")


def acts() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if not {"migrations", "admin"} & set(path.parts) and not DOORS.search(path.name):
                yield path


@pytest.mark.parametrize("path", acts(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_that_acts_imports_nothing_of_the_web(path: Path) -> None:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        found += [name for name in names if WEB.match(name)]
    assert found == []
