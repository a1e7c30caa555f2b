"""Real applicants taken in by `manage.py intake`, each decided, and what became of them.

A lender in a folder of its own trains a scorecard on the first half of credit_data and takes in the second half as the
applications of a partner shop (tests/data/credit_data.toml). The shop's strategy is the starting one with one thing
changed, openly (tests/data/credit_data_strategy.json): the shop passes no credit report on, so the two rules about one
hold only where it is known. What is repaid on debts each month is known of those alone who owe nothing: whoever owes
something is referred, unless LOANBOOK_ASSUMED_DEBT_SERVICE states an amount for the strategy to assume.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
FOLDER = Path(os.environ.get("LOANBOOK_CREDIT_DATA", ROOT.parent / "shared" / "data"))
_LENDER = """
import json, sys
from django.utils import timezone
from customers.models import User
from scoring import certification, strategy
from scoring.models import ModelVersion
from tests import builders
today, (rules, model) = timezone.localdate(), (json.loads(sys.argv[1]), ModelVersion.objects.get())
dev, vera, cert = (builders.officer(name) for name in ("dev", "vera", "cert"))
builders.product("consumer-installment", on=today)
model = certification.take_over(model, by=dev, on=today)
model = certification.submit(model, by=dev, on=today)
model = certification.validate(model, passed=True, note="sound", by=vera, on=today)
model = certification.certify(model, expires_on=today.replace(year=today.year + 1), by=cert, on=today)
certification.promote(model, to="champion", by=cert, on=today)
strategy.approve(strategy.draft(rules=rules, note="shop", effective_from=today, by=dev, on=today), by=cert, on=today)
"""


def run() -> dict[str, Any]:
    file = FOLDER / "credit_data.csv"
    if not file.exists():
        return {"skipped": "credit_data.csv is not here"}
    rules = json.loads((DATA / "credit_data_strategy.json").read_text(encoding="utf-8"))
    rules["affordability"]["assumed_debt_service"] = os.environ.get("LOANBOOK_ASSUMED_DEBT_SERVICE")
    mapping = ["--mapping", str(DATA / "credit_data.toml")]
    with tempfile.TemporaryDirectory() as folder:
        rows = len(file.read_text(encoding="utf-8").splitlines()) - 1
        _manage(folder, "migrate", "-v0")
        learnt = ["--target", "target", "--rows", f"1-{rows // 2}", "--algorithm", "scorecard"]
        _manage(folder, "train_scorecard", str(file), *learnt, *mapping)
        _manage(folder, "shell", "-v0", "-c", f"import sys; sys.argv = ['', {json.dumps(rules)!r}]\n{_LENDER}")
        out = Path(folder) / "decisions.csv"
        wanted = ["--product", "consumer-installment", "--rows", f"{rows // 2 + 1}-{rows}", "--out", str(out)]
        found = _manage(folder, "intake", str(file), *mapping, *wanted, "--outcome", "target", "--json")
        with out.open(encoding="utf-8") as decisions:
            referred = [row["reasons"] for row in csv.DictReader(decisions) if row["decision"] == "refer"]
    told = json.loads(found.splitlines()[-1])
    unknown = sum("MISSING_DEBT_SERVICE_MONTHLY" in reasons for reasons in referred)
    return {
        "assumed_debt_service": rules["affordability"]["assumed_debt_service"],
        **told,
        "debt_service_unknown": unknown,
    }


def _manage(folder: str, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE")}
    environment |= {"DEBUG": "1", "SECRET_KEY": "measured", "VAR_DIR": folder, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{arguments[0]}: {done.stderr[-2000:]}")
    return done.stdout
