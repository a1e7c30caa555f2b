"""The lender that the benchmark asks, in a process of its own: `prepare` makes him, `measure` looks inside.

Both answer with one line of JSON on standard output.
"""

import json
import os
import sys
import time
from typing import Any

import django
from django.utils import timezone

CHANNELS = 16


def prepare() -> dict[str, Any]:
    """Tables, rules, a published product, a certified champion with a strategy, and channels with tokens."""
    from django.contrib.auth.models import Permission
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from knox.models import AuthToken

    from customers.models import User
    from tests import builders

    today = timezone.localdate()
    builders.product("consumer-installment", on=today)
    model = builders.deciding_model(on=today)
    may = Permission.objects.get(codename="add_application", content_type__app_label="applications")
    tokens = []
    for number in range(CHANNELS):
        user = User.objects.create_user(username=f"channel-{number}", is_staff=True)
        user.user_permissions.add(may)
        tokens.append(AuthToken.objects.create(user=user)[1])
    return {"tokens": tokens, "model": f"{model} ({model.algorithm})"}


def measure(requests: int = 40) -> dict[str, Any]:
    """Statements and inserts of one decision; milliseconds to score one applicant with contributions, in process."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from rest_framework.test import APIClient

    from customers.models import User
    from tests.benchmarks._decide_applicants import applications

    client = APIClient()
    client.force_authenticate(User.objects.get(username="channel-0"))
    bodies = applications(89)

    def apply() -> None:
        body = next(bodies)
        key = {"Idempotency-Key": body["reference"]}
        answer = client.post("/api/v1/applications", body, format="json", headers=key)
        assert answer.status_code == 201, answer.content

    for _ in range(5):
        apply()
    with CaptureQueriesContext(connection) as captured:
        apply()
    statements = [query["sql"].lstrip() for query in captured.captured_queries]
    if os.environ.get("LOANBOOK_DECIDE_PROFILE"):
        sys.stderr.writelines(f"{sql[:240]}\n" for sql in statements)
        _profiled(apply, requests)
    started = time.process_time()
    for _ in range(requests):
        apply()
    return {
        "statements_per_decision": len(statements),
        "inserts_per_decision": sum(sql.startswith("INSERT") for sql in statements),
        "decision_cpu_ms_without_server": round((time.process_time() - started) / requests * 1000, 2),
        "score_with_contributions_ms": _score_milliseconds(),
    }


def _score_milliseconds() -> dict[str, float]:
    """Median over applicants, each scored many times: facts to features, score, points, band and contributions."""
    import itertools
    import statistics
    import timeit

    from scoring import champion
    from tests.benchmarks._decide_applicants import applications

    version = champion.deciding_version(timezone.localdate(), "a-subject")
    assert version is not None
    times = []
    for body in itertools.islice(applications(88), 200):
        facts = {**body["facts"], "requested_amount": body["amount"], "installments": body["installments"]}
        times.append(min(timeit.repeat(lambda facts=facts: champion.predict(version, facts), number=3, repeat=3)) / 3)
    ordered = sorted(times)
    return {"p50": round(statistics.median(ordered) * 1000, 4), "p99": round(ordered[-3] * 1000, 4)}


def _profiled(act: Any, times: int) -> None:
    """The hot spots of `times` decisions, to standard error."""
    import cProfile
    import pstats

    profile = cProfile.Profile()
    profile.enable()
    for _ in range(times):
        act()
    profile.disable()
    for order in ("cumulative", "tottime"):
        pstats.Stats(profile, stream=sys.stderr).sort_stats(order).print_stats(70)


if __name__ == "__main__":
    django.setup()
    print(json.dumps({"prepare": prepare, "measure": measure}[sys.argv[1]]()))
