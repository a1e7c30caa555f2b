"""Train a model on a CSV file and put it into the inventory as a draft. It decides nothing until it is certified."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from scoring.learning.training import ALGORITHMS, Trained
from scoring.mapping import read_mapping
from scoring.models import ModelVersion
from scoring.training import read_spec, train_model

_FIGURES = ("auc", "gini", "ks", "h_measure", "brier", "log_loss", "calibration_error")


class Command(BaseCommand):
    help = "Train a scorecard, a booster or a blend on a CSV file; the result is a draft in the model inventory."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("data", type=Path, help="CSV with a header")
        parser.add_argument("--target", required=True, help="column with the outcome: 1 bad, 0 good")
        parser.add_argument("--algorithm", choices=ALGORITHMS, help="default: chosen by cross-validation")
        parser.add_argument(
            "--spec", type=Path, help="TOML: exclude, protected, categories, directions, purpose, owner"
        )
        parser.add_argument("--mapping", type=Path, help="TOML: how the columns become facts; such a model may decide")
        parser.add_argument("--time", help="column with the time of each case, for an out-of-time check")
        parser.add_argument("--rows", help="use only these data rows, for example 1-2227")
        parser.add_argument("--name", default="consumer-credit", help="name in the inventory")
        parser.add_argument("--by", help="user name of the developer")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--jobs", type=int, default=1, help="folds at the same time")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            version, trained = train_model(
                _rows(_read(options["data"]), options["rows"]),
                target=options["target"],
                by=_user(options["by"]),
                source=str(options["data"]),
                name=options["name"],
                algorithm=options["algorithm"],
                spec=read_spec(_read(options["spec"])) if options["spec"] else None,
                mapping=read_mapping(_read(options["mapping"])) if options["mapping"] else None,
                time=options["time"],
                seed=options["seed"],
                jobs=options["jobs"],
            )
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        self.stdout.write(_as_json(version) if options["json"] else _as_text(version, trained))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise CommandError(f"{path}: {problem.strerror}") from None


def _rows(content: bytes, wanted: str | None) -> bytes:
    """The header and the rows from-to, counted from 1."""
    if not wanted:
        return content
    first, _dash, last = wanted.partition("-")
    if not first.isdigit() or (last and not last.isdigit()) or int(first) < 1 or int(last or first) < int(first):
        raise CommandError(f"--rows {wanted}: write it as 1-2227, counting from 1")
    header, *lines = content.splitlines(keepends=True)
    return header + b"".join(lines[int(first) - 1 : int(last or first)])


def _user(name: str | None) -> Any:
    if name is None:
        return None
    user = get_user_model().objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"--by {name}: there is no such user")
    return user


def _as_json(version: ModelVersion) -> str:
    result = {
        "model": str(version),
        "id": version.pk,
        "status": version.status,
        "algorithm": version.algorithm,
        "uses_facts": version.uses_facts,
        "data": {"name": version.data_name, "rows": version.data_rows, "sha256": version.data_sha256},
        "file_sha256": version.artifact.file_sha256,
        "metrics": version.metrics,
        "warnings": version.warnings,
    }
    return json.dumps(result, ensure_ascii=False, indent=2, sort_keys=True)


def _as_text(version: ModelVersion, trained: Trained) -> str:
    lines = [
        f"{version} ({version.algorithm}, {version.get_status_display()})",
        f"  from {version.data_name}: {version.data_rows} rows",
        f"  data {version.data_sha256[:16]}…  file {version.artifact.file_sha256[:16]}…",
        "",
        f"  {'5-fold mean':<14}" + "".join(f"{name.replace('_', ' '):>19}" for name in _FIGURES),
    ]
    for kind, figures in trained.candidates.items():
        mark = "*" if kind == version.algorithm else " "
        lines.append(f"{mark} {kind:<14}" + "".join(f"{figures[name]:>19.4f}" for name in _FIGURES))
    if late := version.metrics.get("out_of_time"):
        lines.append(f"  {'out of time':<14}" + "".join(f"{late[name]:>19.4f}" for name in _FIGURES))
    lines += ["", *(f"  warning: {_told(warning)}" for warning in trained.warnings)]
    if not version.uses_facts:
        lines.append(
            "  Trained on columns, not on facts: it can be studied but cannot decide. Give --mapping for that."
        )
    lines.append("  Next: submit it for validation; it decides nothing until it is certified and promoted.")
    return "\n".join(lines)


def _told(warning: dict[str, Any]) -> str:
    if warning["kind"] == "leak":
        return f"“{warning['column']}” alone reaches an AUC of {warning['auc']}: is it known only after the outcome?"
    if warning["kind"] == "sentinel":
        codes = ", ".join(f"{value:g}" for value in warning["values"])
        return f"{codes} in “{warning['column']}” is read as missing: it looks like a code"
    if warning["kind"] == "identifier":
        return f"“{warning['column']}” has {warning['levels']} different levels: is it an identifier?"
    return f"{warning['rows']} rows repeat an earlier one ({warning['share']:.1%}): they flatter every cross-validation"
