"""Every sentence of the pages and of the code has its Chinese, and the compiled catalogue is the one of the source.

The sentences are found without gettext's tools: `_("…")` and its relatives in Python by the syntax tree, the tags of
templates by Django's own `templatize`, which turns a template into Python-like calls.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
FOLDERS = ("customers", "scoring", "lending", "compliance")
SINGLE = {"_", "gettext", "gettext_lazy", "gettext_noop"}
CONTEXT = {"pgettext", "pgettext_lazy"}
PLURAL = {"ngettext", "ngettext_lazy"}

Message = tuple[str, str]  # context, msgid


def messages_of_code(path: Path) -> Iterator[Message]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            if name in CONTEXT and len(texts) >= 2:
                yield texts[0], texts[1]
            elif name in SINGLE | PLURAL and isinstance(node.args[0], ast.Constant) and texts:
                yield "", texts[0]


def messages_of_template(path: Path) -> Iterator[Message]:
    source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    text = r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|'''(?:.|\n)*?'''|\"\"\"(?:.|\n)*?\"\"\")"
    for context, message in re.findall(rf"\bpgettext\(\s*{text}\s*,\s*{text}", source):
        yield ast.literal_eval(context), ast.literal_eval(message)
    for message in re.findall(rf"(?<![a-z])(?:ngettext|gettext|_)\(\s*{text}", source):
        yield "", ast.literal_eval(message)


def our_messages() -> dict[Message, str]:
    found: dict[Message, str] = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                found.update(dict.fromkeys(messages_of_code(path), str(path.relative_to(ROOT))))
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in (".html", ".txt"):
            found.update(dict.fromkeys(messages_of_template(path), str(path.relative_to(ROOT))))
    return {message: place for message, place in found.items() if message[1].strip()}


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    assert CATALOGUE.exists(), "the Chinese catalogue is not there yet"
    return polib.pofile(str(CATALOGUE))


def test_the_sentences_are_found() -> None:
    found = our_messages()
    assert len(found) > 500
    assert ("", "Show personal data") in found and ("", "Payoff quote") in found


def test_every_sentence_has_its_chinese(catalogue: polib.POFile) -> None:
    translated = {(entry.msgctxt or "", entry.msgid) for entry in catalogue.translated_entries()}
    missing = {message: place for message, place in our_messages().items() if message not in translated}
    assert not missing, "\n".join(
        f"{place}: {message[1]!r}" for message, place in sorted(missing.items(), key=lambda item: item[1])
    )


def test_no_translation_is_fuzzy(catalogue: polib.POFile) -> None:
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


def test_placeholders_are_the_same_in_both_languages(catalogue: polib.POFile) -> None:
    names = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
    wrong = [
        entry.msgid
        for entry in catalogue.translated_entries()
        if not entry.msgid_plural and set(names.findall(entry.msgid)) != set(names.findall(entry.msgstr))
    ]
    assert wrong == []


def test_the_compiled_catalogue_is_the_one_of_the_source(catalogue: polib.POFile) -> None:
    binary = CATALOGUE.with_suffix(".mo")
    assert binary.exists(), "the Chinese catalogue is not compiled: run compilemessages"
    compiled = polib.mofile(str(binary))
    source = {(e.msgctxt, e.msgid): (e.msgstr, e.msgstr_plural) for e in catalogue.translated_entries()}
    assert {(e.msgctxt, e.msgid): (e.msgstr, e.msgstr_plural) for e in compiled} == source
