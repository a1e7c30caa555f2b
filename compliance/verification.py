"""Prove that nothing sealed was changed, removed or reordered."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.canonical import digest, rows_by_key
from compliance.models import Seal, TrailExport
from compliance.sealing import GENESIS, link_hash, sealed_models

T = TypeVar("T")

KINDS = {
    "head missing": gettext_lazy("head missing"),
    "link missing": gettext_lazy("link missing"),
    "chain broken": gettext_lazy("chain broken"),
    "link changed": gettext_lazy("link changed"),
    "table missing": gettext_lazy("table missing"),
    "row missing": gettext_lazy("row missing"),
    "row changed": gettext_lazy("row changed"),
    "rows missing": gettext_lazy("rows missing"),
    "not in the chain": gettext_lazy("not in the chain"),
}
"""What is broken, by the name that a finding and the command give it."""


@dataclass(frozen=True)
class Finding:
    """One broken thing: what, where (table and key, or sequence)."""

    kind: str
    where: str
    detail: str

    @property
    def told(self) -> str:
        return str(KINDS[self.kind])


@dataclass
class Report:
    links: int = 0
    head: str = GENESIS
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.findings


def verify_chain(*, known_head: str | None = None, most: int = 100) -> Report:
    """Walk the whole chain and hold every link against its row. Memory does not grow with the book.

    `known_head` is a hash noted earlier (an export prints it): a chain that was cut short and rebuilt does not hold it.
    Stops after `most` findings.
    """
    models = {model._meta.db_table: model for model in sealed_models()}
    report = Report()
    heads_to_find = {known_head} if known_head else set()
    heads_to_find |= set(TrailExport.objects.exclude(head_hash=GENESIS).values_list("head_hash", flat=True))
    expected = 1
    for links in _batched(Seal.objects.order_by("sequence").iterator(chunk_size=2000)):
        rows = _rows(models, links)
        for link in links:
            for finding in _check(link, expected, report.head, models, rows):
                report.findings.append(finding)
            heads_to_find.discard(link.hash)
            expected, report.head = link.sequence + 1, link.hash
            report.links += 1
        if len(report.findings) >= most:
            return report
    for head in heads_to_find:
        report.findings.append(
            Finding("head missing", head or "", _("a head that was noted earlier is not in the chain"))
        )
    return report


def _batched(items: Iterable[T], size: int = 2000) -> Iterator[tuple[T, ...]]:
    iterator = iter(items)
    while chunk := tuple(islice(iterator, size)):
        yield chunk


def _rows(models: dict[str, Any], links: tuple[Seal, ...]) -> dict[tuple[str, str], dict[str, Any]]:
    keys: dict[str, list[str]] = {}
    for link in links:
        keys.setdefault(link.table, []).append(link.key)
    return {
        (table, key): row
        for table, wanted in keys.items()
        if table in models
        for key, row in rows_by_key(models[table], wanted).items()
    }


def _check(
    link: Seal, expected: int, previous: str, models: dict[str, Any], rows: dict[tuple[str, str], dict[str, Any]]
) -> Iterator[Finding]:
    where = f"{link.table} {link.key}"
    if link.sequence != expected:
        yield Finding(
            "link missing", _place(expected), _("the next link is %(sequence)s") % {"sequence": link.sequence}
        )
    if link.previous_hash != previous:
        yield Finding("chain broken", _place(link.sequence), _("it does not join the link before it"))
    if link.hash != link_hash(link.previous_hash, link.table, link.key, link.row_sha256):
        yield Finding("link changed", _place(link.sequence), _("its own hash does not hold"))
    if link.table not in models:
        yield Finding("table missing", where, _("the table is not among the sealed ones"))
        return
    row, sealed = rows.get((link.table, link.key)), {"sequence": link.sequence}
    if row is None:
        yield Finding("row missing", where, _("sealed at sequence %(sequence)s, not there now") % sealed)
    elif digest(row) != link.row_sha256:
        yield Finding("row changed", where, _("sealed at sequence %(sequence)s, its content differs now") % sealed)


def _place(sequence: int) -> str:
    return _("sequence %(sequence)s") % {"sequence": sequence}


def verify_file(path: Path, *, against_database: bool = True) -> Report:
    """Hold an export against itself (every row against its digest, every digest against its link) and, where asked,
    against the chain of this database."""
    report = Report()
    with path.open(encoding="utf-8") as lines:
        header = json.loads(next(lines))
        report.head = header["head"]
        count = 0
        for chunk in _batched(lines):
            items = [json.loads(line) for line in chunk]
            known = (
                {
                    link.sequence: link.hash
                    for link in Seal.objects.filter(sequence__in=[item["sequence"] for item in items])
                }
                if against_database
                else None
            )
            for item in items:
                count += 1
                report.findings.extend(_check_item(item, known))
        report.links = count
        if count != header["rows"]:
            report.findings.append(
                Finding(
                    "rows missing",
                    path.name,
                    _("%(announced)s announced, %(found)s found") % {"announced": header["rows"], "found": count},
                )
            )
    if against_database and report.links and not Seal.objects.filter(hash=report.head).exists():
        report.findings.append(Finding("head missing", report.head, _("the head of this export is not in the chain")))
    return report


def _check_item(item: dict[str, Any], known: dict[int, str] | None) -> Iterator[Finding]:
    where = f"{item['table']} {item['key']}"
    if digest(item["row"]) != item["row_sha256"]:
        yield Finding("row changed", where, _("the row in the file does not have its digest"))
    if link_hash(item["previous_hash"], item["table"], item["key"], item["row_sha256"]) != item["hash"]:
        yield Finding("link changed", where, _("the link in the file does not hold"))
    if known is not None and known.get(item["sequence"]) != item["hash"]:
        held = _("the chain holds another link at sequence %(sequence)s") % {"sequence": item["sequence"]}
        yield Finding("not in the chain", where, held)
