"""Train a model on a CSV file or on our own book, as a draft in the inventory. It decides nothing until certified.

manage.py train_scorecard credit.csv --target bad --mapping credit.toml
manage.py train_scorecard --book --from 2025-01-01 --months 6 --bad-days 60 --reject-inference parcelling
"""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from scoring.book_training import train_on_book
from scoring.learning.training import ALGORITHMS, Trained
from scoring.management.arguments import content_of, day, number
from scoring.management.developers import developer
from scoring.mapping import read_mapping
from scoring.models import ModelVersion
from scoring.monitoring import RUNNING
from scoring.outcomes import EXCLUSIONS, Definition
from scoring.reject_inference import FACTOR, METHODS, NONE
from scoring.telling import warning_told
from scoring.training import read_spec, train_model

_FIGURES = ("auc", "gini", "ks", "h_measure", "brier", "log_loss", "calibration_error")


class Command(BaseCommand):
    help = "Train a scorecard, a booster or a blend on a CSV file or on our own book: a draft in the model inventory."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("data", type=Path, nargs="?", help="CSV with a header")
        parser.add_argument("--book", action="store_true", help="train on what became of our own applications instead")
        parser.add_argument("--target", help="column with the outcome: 1 bad, 0 good")
        parser.add_argument("--algorithm", choices=ALGORITHMS, help="default: chosen by cross-validation")
        parser.add_argument(
            "--spec", type=Path, help="TOML: exclude, protected, categories, directions, purpose, owner"
        )
        parser.add_argument("--mapping", type=Path, help="TOML: how the columns become facts; such a model may decide")
        parser.add_argument("--time", help="column with the time of each case, for an out-of-time check")
        parser.add_argument("--rows", help="use only these data rows, for example 1-2227")
        parser.add_argument(
            "--name",
            help="name in the inventory; default: consumer-credit, whose next version a model trained on facts is",
        )
        parser.add_argument(
            "--by", help="user name of the developer; may be left out where only one person may submit models"
        )
        parser.add_argument("--seed", type=number, default=0)
        parser.add_argument("--jobs", type=number, default=1, help="folds at the same time")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        book = parser.add_argument_group("our own book")
        book.add_argument("--from", dest="since", type=day, help="first day of the decisions; default: the first ever")
        book.add_argument("--until", type=day, help="last day of the decisions; default: the day of --as-of")
        book.add_argument("--as-of", type=day, help="the day whose knowledge counts; default: today")
        book.add_argument("--months", type=number, default=12, help="performance window after disbursement")
        book.add_argument(
            "--bad-days", type=number, default=90, help="so many days past due, ever in the window, are bad"
        )
        book.add_argument("--indeterminate-from", type=number, help="so many days are not good either; default: 30")
        book.add_argument(
            "--exclude",
            nargs="*",
            default=EXCLUSIONS,
            help="left out: fraud, policy, staff, channel:NAME; default: the first three",
        )
        book.add_argument("--reject-inference", choices=METHODS, default=NONE, help="outcomes guessed for the declined")
        book.add_argument(
            "--reject-factor", type=float, default=FACTOR, help="how many times as bad the declined are taken for"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        _refuse_mixed(options)
        try:
            version, trained = _on_book(options) if options["book"] else _on_file(options)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        self.stdout.write(_as_json(version) if options["json"] else _as_text(version, trained))


def _refuse_mixed(options: dict[str, Any]) -> None:
    """The book and a file exclude each other, and each has options of its own."""
    if options["book"]:
        given = [name for name in ("data", "target", "mapping", "time", "rows") if options[name]]
        if given:
            raise CommandError(f"--book and {'a file' if given == ['data'] else '--' + given[-1]} exclude each other.")
    elif options["data"] is None:
        raise CommandError("Give a CSV file and its --target, or --book to train on our own book.")
    elif not options["target"]:
        raise CommandError("--target: name the column with the outcome, 1 bad and 0 good.")


def _on_file(options: dict[str, Any]) -> tuple[ModelVersion, Trained]:
    return train_model(
        _rows(content_of(options["data"], "data"), options["rows"]),
        target=options["target"],
        source=str(options["data"]),
        mapping=read_mapping(content_of(options["mapping"], "--mapping")) if options["mapping"] else None,
        time=options["time"],
        **_common(options),
    )


def _on_book(options: dict[str, Any]) -> tuple[ModelVersion, Trained]:
    begins = options["indeterminate_from"]
    definition = Definition(
        months=options["months"],
        bad_days=options["bad_days"],
        indeterminate_from=min(30, options["bad_days"]) if begins is None else begins,
        exclusions=tuple(options["exclude"]),
    )
    return train_on_book(
        definition=definition,
        since=options["since"],
        until=options["until"],
        as_of=options["as_of"] or timezone.localdate(),
        inference=options["reject_inference"],
        factor=options["reject_factor"],
        **_common(options),
    )


def _common(options: dict[str, Any]) -> dict[str, Any]:
    return {
        "by": developer(options["by"]),
        "name": options["name"],
        "algorithm": options["algorithm"],
        "spec": read_spec(content_of(options["spec"], "--spec")) if options["spec"] else None,
        "seed": options["seed"],
        "jobs": options["jobs"],
    }


def _rows(content: bytes, wanted: str | None) -> bytes:
    """The header and the rows from-to, counted from 1."""
    if not wanted:
        return content
    first, _dash, last = wanted.partition("-")
    if not first.isdigit() or (last and not last.isdigit()) or int(first) < 1 or int(last or first) < int(first):
        raise CommandError(f"--rows {wanted}: write it as 1-2227, counting from 1")
    header, *lines = content.splitlines(keepends=True)
    return header + b"".join(lines[int(first) - 1 : int(last or first)])


def _as_json(version: ModelVersion) -> str:
    result = {
        "model": str(version),
        "id": version.pk,
        "status": version.status,
        "developer": version.developer and str(version.developer),
        "algorithm": version.algorithm,
        "uses_facts": version.uses_facts,
        "data": {"name": version.data_name, "rows": version.data_rows, "sha256": version.data_sha256},
        "file_sha256": version.artifact.file_sha256,
        "sample": version.spec.get("sample"),
        "metrics": version.metrics,
        "warnings": version.warnings,
    }
    return json.dumps(result, ensure_ascii=False, indent=2, sort_keys=True)


def _as_text(version: ModelVersion, trained: Trained) -> str:
    lines = [
        f"{version} ({version.algorithm}, {version.get_status_display()})",
        *(f"  {line}" for line in _family(version)),
        f"  from {version.data_name}: {version.data_rows} rows",
        f"  data {version.data_sha256[:16]}…  file {version.artifact.file_sha256[:16]}…",
        *(f"  {line}" for line in _sample(version.spec.get("sample"))),
        "",
        f"  {'5-fold mean':<14}" + "".join(f"{name.replace('_', ' '):>19}" for name in _FIGURES),
    ]
    for kind, figures in trained.candidates.items():
        mark = "*" if kind == version.algorithm else " "
        lines.append(f"{mark} {kind:<14}" + "".join(f"{figures[name]:>19.4f}" for name in _FIGURES))
    if late := version.metrics.get("out_of_time"):
        lines.append(f"  {'out of time':<14}" + "".join(f"{late[name]:>19.4f}" for name in _FIGURES))
    lines += ["", *(f"  warning: {warning_told(warning)}" for warning in trained.warnings)]
    if not version.uses_facts:
        lines.append(
            "  Trained on columns, not on facts: it can be studied but cannot decide. Give --mapping for that."
        )
    if version.developer is None:
        lines.append("  No developer is named: who takes it over on its page is its developer.")
    lines.append("  Next: submit it for validation; it decides nothing until it is certified and promoted.")
    return "\n".join(lines)


def _family(version: ModelVersion) -> list[str]:
    """Of which model this is a new version, and what stays in use; nothing for the first of its name."""
    if version.version == 1:
        return []
    running = ModelVersion.objects.filter(name=version.name, status__in=RUNNING).order_by("-version")
    in_use = ", ".join(f"v{one.version} ({one.status})" for one in running)
    stays = f"; in use until it is promoted: {in_use}" if in_use else ""
    return [f"a new version of {version.name}{stays}; for another model give --name"]


def _sample(made: dict[str, Any] | None) -> list[str]:
    """How a sample of the book was made; nothing for a file."""
    if made is None:
        return []
    counts = made["counts"]
    left_out = ", ".join(f"{code} {count}" for code, count in made["excluded"].items())
    lines = [
        f"bad: {made['bad_days']} days past due or a loss within {made['months']} months; "
        f"indeterminate from {made['indeterminate_from']} days",
        f"{counts['decided']} decided - {counts['excluded']} excluded{f' ({left_out})' if left_out else ''} "
        f"- {counts['not_taken_up']} not taken up - {counts['declined']} declined - {counts['immature']} immature "
        f"- {counts['indeterminate']} indeterminate = {counts['good'] + counts['bad']} used ({counts['bad']} bad)",
    ]
    if made["inferred"]:
        lines.append(
            f"{made['inferred']} declined inferred by {made['inference']} × {made['factor']:g}: "
            f"{made['inferred_bad']} bad; all figures are of the {counts['good'] + counts['bad']} used"
        )
    return lines
