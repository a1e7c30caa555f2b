"""Precision and recall of the fraud rules on the demo's population, against a truth that the rules never see.

LOANBOOK_FRAUD_CUSTOMERS applicants (default 1000) of `lending.demo.population`, about three in a hundred of them fraud of
five kinds, apply through the same acts as everybody, with the simulated bureau and signal sources, a certified scorecard
and an anomaly score certified on people of the demo process. Nobody disposes of a signal, so nothing is fed back. Honest
families, dormitories, helpers' devices and corrected papers are in the population. An applicant counts as flagged when a
rule that refers or declines fired on any of her applications. Intervals are Wilson's, 95 percent. The database is an
embedded one of this run's own.

Not measured: rings that share nothing, and how long a case takes a person.
"""

import math
import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

SEED = 31
TODAY_ISO = "2026-11-23"
DAYS = 300


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="loanbook-fraud-") as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/fraud.sqlite3"
        os.environ["VAR_DIR"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        return measure(int(os.environ.get("LOANBOOK_FRAUD_CUSTOMERS", "1000")))


def measure(count: int) -> dict[str, Any]:
    """Let the population apply and compare the signals with the truth; needs an empty, migrated database."""
    import datetime

    from lending.demo import bureau, sources
    from lending.demo.applying import apply_all
    from lending.demo.population import population
    from tests import builders

    today = datetime.date.fromisoformat(TODAY_ISO)
    applicants = population(count, seed=SEED, today=today, days=DAYS)
    _lender(min(one.began for one in applicants), today)
    with bureau.answering(), sources.answering():
        references = apply_all(applicants, product=_product(), officer=builders.officer())
    fired = _fired()
    truth = {reference: one.kind for one, reference in references}
    fraud = {reference for one, reference in references if one.is_fraud}
    flagged = {reference for reference, rules in fired.items() if rules}
    by_rule: dict[str, dict[str, Any]] = {}
    for rule in sorted({rule for rules in fired.values() for rule in rules}):
        hit = {reference for reference, rules in fired.items() if rule in rules}
        by_rule[rule] = {
            "flagged": len(hit),
            "fraud": len(hit & fraud),
            "precision": _share(len(hit & fraud), len(hit)),
        }
    kinds, caught = Counter(truth.values()), Counter(truth[reference] for reference in flagged)
    fraud_kinds = {truth[reference] for reference in fraud}
    by_kind = {kind: _share(caught[kind], kinds[kind]) for kind in sorted(kinds)}
    return {
        "customers": len(references),
        "fraud": len(fraud),
        "alert_rate": _share(len(flagged), len(references)),
        "precision": _share(len(flagged & fraud), len(flagged)),
        "recall": _share(len(flagged & fraud), len(fraud)),
        "recall_by_kind": {kind: found for kind, found in by_kind.items() if kind in fraud_kinds},
        "false_alarms_by_honest_kind": {kind: found for kind, found in by_kind.items() if kind not in fraud_kinds},
        "by_rule": by_rule,
    }


def _fired() -> dict[str, set[str]]:
    from scoring.models import FraudSignal

    found: dict[str, set[str]] = defaultdict(set)
    for customer, rule in FraudSignal.objects.values_list("customer_reference", "rule"):
        found[customer].add(rule)
    return found


def _share(part: int, whole: int) -> dict[str, Any]:
    """A share with Wilson's 95% interval; None of nothing."""
    if not whole:
        return {"share": None, "of": 0}
    z, p = 1.96, part / whole
    middle, spread = (p + z * z / (2 * whole)), z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole))
    low, high = ((middle - spread) / (1 + z * z / whole), (middle + spread) / (1 + z * z / whole))
    return {"share": round(p, 4), "interval": [round(max(low, 0.0), 4), round(min(high, 1.0), 4)], "of": whole}


def _lender(opened: Any, today: Any) -> None:
    """A published product, a certified champion with its strategy, and a certified anomaly score."""
    import datetime

    from tests import builders

    builders.product("consumer-installment", on=opened)
    builders.deciding_model(on=opened)
    _certified_outliers(opened, opened + datetime.timedelta(days=700))


def _certified_outliers(on: Any, expires_on: Any) -> None:
    from scoring import certification, demo_process
    from scoring.outlier_training import train_outliers
    from tests import builders

    rows: Iterable[dict[str, Any]] = (person.facts for person in demo_process.people(3000, seed=5))
    version, _model = train_outliers(
        list(rows), share=0.01, source="people of the demo process", by=builders.officer("dev")
    )
    version = certification.submit(version, by=builders.officer("dev"), on=on)
    version = certification.validate(version, passed=True, note="held out", by=builders.officer("vera"), on=on)
    certification.certify(version, expires_on=expires_on, by=builders.officer("cert"), on=on)


def _product() -> Any:
    from lending.products.models import ProductVersion

    return ProductVersion.objects.published().select_related("product").get(product__code="consumer-installment")
