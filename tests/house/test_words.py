"""What the pages may not say or do: slogans of instant money, and boxes that are ticked before anybody read them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    path
    for folder in ("templates", "static/js")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in (".html", ".txt", ".js")
]
WORDS = [*PAGES, *sorted((ROOT / "locale").rglob("*.po"))]

#: Measures on online marketing of financial products (2026): no promise of instant, effortless or certain credit.
SLOGANS = (
    "秒到账",
    "秒批",
    "秒下款",
    "秒放款",
    "必过",
    "百分百通过",
    "100%通过",
    "黑户可贷",
    "零门槛",
    "无门槛",
    "免审核",
    "全网最低",
    "instant cash",
    "guaranteed approval",
    "no credit check",
)


def test_there_are_pages_to_read() -> None:
    assert len(PAGES) > 20


@pytest.mark.parametrize("slogan", SLOGANS)
def test_no_page_uses_the_slogan(slogan: str) -> None:
    assert [str(path.relative_to(ROOT)) for path in WORDS if slogan in path.read_text(encoding="utf-8").lower()] == []


def test_no_box_is_ticked_beforehand() -> None:
    """A checkbox in a template is never `checked` by itself; one that repeats what was posted is a form's business."""
    ticked = [
        f"{path.relative_to(ROOT)}: {box}"
        for path in PAGES
        if path.suffix == ".html"
        for box in re.findall(r"<input[^>]*>", path.read_text(encoding="utf-8"))
        if re.search(r"type=[\"']?checkbox", box)
        and re.search(r"(?<![\w.-])checked(?![\w.-])", re.sub(r"{%.*?%}.*?{% ?endif ?%}|{{.*?}}", "", box))
    ]
    assert ticked == []


def test_no_form_ticks_a_box_beforehand() -> None:
    found = []
    for path in sorted(ROOT.glob("*/**/*.py")):
        if {"tests", ".venv", "migrations"} & set(path.parts) or path.parts[len(ROOT.parts)].startswith("."):
            continue
        for match in re.finditer(r"BooleanField\([^)]*initial\s*=\s*True", path.read_text(encoding="utf-8")):
            found.append(f"{path.relative_to(ROOT)}: {match.group(0)}")
    assert found == []


def test_no_page_fetches_anything_from_another_host() -> None:
    foreign = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in PAGES
        if path.suffix == ".html"
        for found in re.findall(
            r"<(?:script|link|img|iframe|source)[^>]+(?:src|href)=[\"']?((?:https?:)?//[^\"'\s>]+)",
            path.read_text(encoding="utf-8"),
        )
    ]
    assert foreign == []
