"""The Python environment of a fresh machine, made with the standard library alone.

`manage.py` asks for it before anything is imported. A caller who already runs in an environment that has Django
(a container image, an own virtual environment) is left alone; anyone else is given `.venv`, filled from the
versions and hashes of `uv.lock`, and the command is started again inside it. The second time costs nothing: a marker
named after the lock's digest says what the environment already holds.
"""

import base64
import hashlib
import importlib.util
import os
import secrets
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
UV_VERSION = "0.13.9"
MINIMUM_PYTHON = (3, 11)

#: The dependency groups that a command needs; every other command needs what runs the lender.
GROUPS = {"test": "--all-groups"}
#: An environment that has all of these was made for the lender (or for its tests) by somebody who knew what it needs.
SIGNS = ("django", "celery", "unfold", "lightgbm")
SIGNS_OF_TESTS = (*SIGNS, "pytest_django", "xdist", "hypothesis", "playwright")


def ensure(argv: list[str]) -> None:
    """Make and enter `.venv` if this command needs it. Exits with a sentence if that cannot be done."""
    if sys.version_info < MINIMUM_PYTHON:
        sys.exit(f"Loanbook needs Python 3.11 or later; this is {sys.version.split()[0]}.")
    command = argv[1] if len(argv) > 1 else ""
    inside = Path(sys.prefix).resolve() == ENVIRONMENT.resolve()
    signs = SIGNS_OF_TESTS if command == "test" else SIGNS
    has_what_it_needs = all(importlib.util.find_spec(name) is not None for name in signs)
    if inside or not has_what_it_needs:
        if command in ("demo", "test") or not has_what_it_needs:
            _fill(GROUPS.get(command, "--no-dev"))
        if not inside:
            python = str(ENVIRONMENT / "bin" / "python")
            os.execv(python, [python, *argv])  # noqa: S606 - the same command, inside
    _settle(command, argv)


def speaks_chinese(variables: Mapping[str, str]) -> bool:
    """Whether the terminal's locale is Chinese, by the first of the usual variables that is set."""
    named = (variables.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((value for value in named if value), "").startswith("zh")


def _settle(command: str, argv: list[str]) -> None:
    """`test` becomes pytest (which has settings of its own). Any other command, where nobody has said which lender is
    meant, is about the demo lender."""
    if command == "test":
        wanted = argv[2:] or ["-n", "auto", "-m", "not browser"]
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *wanted])  # noqa: S606
    if command == "demo":
        # A book of a year and a half is made: Django would keep every statement of it, as it does for a developer.
        os.environ.setdefault("PLAIN_ERRORS", "1")
    if command == "demo" or not {"SECRET_KEY", "DEBUG", "DATABASE_URL"} & set(os.environ):
        os.environ.update({name: value for name, value in _demo_variables().items() if name not in os.environ})


def _demo_variables() -> dict[str, str]:
    """Keys made once and kept in var/demo/keys, so that a demo started again can read what it wrote."""
    folder = ROOT / "var" / "demo"
    keys = folder / "keys"
    if not keys.exists():
        folder.mkdir(parents=True, exist_ok=True)
        made = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "INDEX_KEY": secrets.token_urlsafe(32),
            "PAYMENT_GATEWAY_SECRET": secrets.token_urlsafe(32),
            "BUREAU_SECRET": secrets.token_urlsafe(32),
            "SMS_GATEWAY_SECRET": secrets.token_urlsafe(32),
            **{f"{name}_SIGNALS_SECRET": secrets.token_urlsafe(32) for name in ("DEVICE", "PHONE", "TRANSACTIONS")},
        }
        keys.write_text("".join(f"{name}={value}\n" for name, value in made.items()))
        keys.chmod(0o600)
    variables = dict(line.split("=", 1) for line in keys.read_text().splitlines())
    return {"DEBUG": "1", "VAR_DIR": str(folder), **variables}


def _fill(groups: str) -> None:
    digest = hashlib.sha256((ROOT / "uv.lock").read_bytes()).hexdigest()[:16]
    complete = ENVIRONMENT / f"filled-{digest}-all-groups"
    marker = ENVIRONMENT / f"filled-{digest}{groups.replace('--', '-')}"
    if complete.exists() or marker.exists():
        return
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        print("Making the environment .venv ...", file=sys.stderr, flush=True)
        venv.EnvBuilder(with_pip=True).create(ENVIRONMENT)
    print("Installing the pinned packages of uv.lock ...", file=sys.stderr, flush=True)
    if subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True, check=False).returncode != 0:
        _run([str(python), "-m", "ensurepip", "--upgrade"], dict(os.environ))
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    surroundings = {
        **os.environ,
        "UV_PROJECT_ENVIRONMENT": str(ENVIRONMENT),
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_SYSTEM_CERTS": os.environ.get("UV_SYSTEM_CERTS", "true"),
    }
    surroundings.pop("VIRTUAL_ENV", None)
    _run([*pip, f"uv=={UV_VERSION}"], surroundings)
    uv = [str(python), "-m", "uv"]
    sync = subprocess.run(
        [*uv, "sync", "--frozen", "--inexact", "--quiet", groups], cwd=ROOT, env=surroundings, check=False
    )
    if sync.returncode != 0:
        # Behind a mirror that only pip is told about, pip installs the same pinned and hashed list.
        print("uv could not reach its index; installing the same list with pip ...", file=sys.stderr, flush=True)
        listing = ENVIRONMENT / "pinned.txt"
        _run([*uv, "export", "--frozen", "--quiet", groups, "--output-file", str(listing)], surroundings)
        _run([*pip, "--require-hashes", "--no-deps", "-r", str(listing)], surroundings)
    marker.touch()


def _run(command: list[str], surroundings: dict[str, str]) -> None:
    if subprocess.run(command, cwd=ROOT, env=surroundings, check=False).returncode != 0:
        sys.exit("The packages could not be installed: check the network and the package index, then try again.")
