"""What a decision looks up among all that was ever seen is found by an index, however many rows there are."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scoring import fraud
from scoring.models import BlacklistEntry, FraudSignal, Link
from tests.cast import TODAY

pytestmark = pytest.mark.django_db

IDENTIFIERS = {"identity": "110105199003070029", "phone": "13800138000", "device": "d-1", "address": "1 Long Lane"}
ROWS = 3000


@pytest.fixture
def a_long_past() -> None:
    """As many rows of other people in each table as make reading it through the dearer way."""
    days = [TODAY - datetime.timedelta(days=number % 700) for number in range(ROWS)]
    digests = [f"{number:064x}" for number in range(ROWS)]
    Link.objects.bulk_create(
        Link(kind="phone", value_hash=digest, customer_reference=digest[40:], subject_reference=digest, seen_on=day)
        for digest, day in zip(digests, days, strict=True)
    )
    BlacklistEntry.objects.bulk_create(
        BlacklistEntry(kind="phone", value_hash=digest, source="police", reason="stolen", expires_on=TODAY)
        for digest in digests
    )
    FraudSignal.objects.bulk_create(
        FraudSignal(
            rule="PHONE_SHARED", severity="refer", subject_reference=digest, customer_reference=digest[40:],
            evidence={}, raised_on=day,
        )
        for digest, day in zip(digests, days, strict=True)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}")
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.usefixtures("a_long_past")
def test_links_lists_and_earlier_cases_are_found_by_their_index() -> None:
    with CaptureQueriesContext(connection) as captured:
        fraud.examine(identifiers=IDENTIFIERS, facts={}, subject="now", customer="her", on=TODAY)
    selects = [query["sql"] for query in captured.captured_queries if query["sql"].startswith("SELECT")]
    for table in ("scoring_link", "scoring_blacklistentry", "scoring_fraudsignal"):
        plans = [plan_of(sql) for sql in selects if f'FROM "{table}"' in sql]
        assert plans
        for plan in plans:
            assert not any(through in plan for through in (f"Seq Scan on {table}", f"SCAN {table}")), plan
