"""People and models of the scoring tests."""

import datetime
import io
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from scoring import certification, demo_process, strategy
from scoring.assessment import Request
from scoring.learning.table import Table
from scoring.learning.training import Trained, train
from scoring.models import ModelVersion, Strategy
from scoring.strategy_rules import STARTING_RULES
from scoring.training import Spec, put_into_inventory, read_table

TODAY = datetime.date(2026, 9, 14)


@pytest.fixture(scope="session")
def demo_csv() -> bytes:
    """Three thousand invented applicants with their outcomes."""
    file = io.StringIO()
    demo_process.write_csv(file, count=3000, seed=7)
    return file.getvalue().encode()


@pytest.fixture
def people(db: None) -> dict[str, Any]:
    """Four people of the model room: Dev develops, Vera validates, Cert certifies, Mallory may do nothing."""
    users = get_user_model().objects
    return {
        name: users.create_user(username=f"{name}-of-models", password="x")
        for name in ("dev", "vera", "cert", "mallory")
    }


@pytest.fixture(scope="session")
def demo_table(demo_csv: bytes) -> Table:
    return read_table(demo_csv, target="target", source="demo.csv")[0]


@pytest.fixture(scope="session")
def demo_trained(demo_table: Table) -> Trained:
    """A scorecard of the invented applicants, trained once for all tests."""
    return train(demo_table, algorithm="scorecard")


def another_draft(trained: Trained, table: Table, by: Any) -> ModelVersion:
    """The next version of the demo's model in the inventory."""
    return put_into_inventory(
        trained, table, dict(trained.metrics), {}, name="consumer-credit", spec=Spec(), uses_facts=True, seed=0, by=by
    )


@pytest.fixture
def draft(people: dict[str, Any], demo_trained: Trained, demo_table: Table) -> ModelVersion:
    return another_draft(demo_trained, demo_table, people["dev"])


def carried_to_certificate(version: ModelVersion, people: dict[str, Any], on: datetime.date = TODAY) -> ModelVersion:
    version = certification.submit(version, by=people["dev"], on=on)
    version = certification.validate(version, passed=True, note="sound", by=people["vera"], on=on)
    return certification.certify(version, expires_on=on + datetime.timedelta(days=365), by=people["cert"], on=on)


@pytest.fixture
def champion(draft: ModelVersion, people: dict[str, Any]) -> ModelVersion:
    return certification.promote(carried_to_certificate(draft, people), to="champion", by=people["cert"], on=TODAY)


@pytest.fixture
def approved_strategy(people: dict[str, Any]) -> Strategy:
    drafted = strategy.draft(rules=STARTING_RULES, note="first", effective_from=TODAY, by=people["dev"], on=TODAY)
    return strategy.approve(drafted, by=people["cert"], on=TODAY)


@pytest.fixture
def request_() -> Request:
    return Request(
        amount_minor=20_000_00,
        currency="CNY",
        installments=12,
        product_code="CASH",
        min_amount_minor=1_000_00,
        max_amount_minor=200_000_00,
        allowed_installments=(6, 12, 24, 36),
        min_yearly_rate_percent=Decimal("7.2"),
        max_yearly_rate_percent=Decimal("18"),
    )


@pytest.fixture
def good_facts() -> dict[str, Any]:
    return {
        "income_monthly": "15000", "expenses_monthly": "5000", "debt_service_monthly": "0", "assets": 200000, "debts": 0,
        "employment_type": "public", "employment_years": 9, "home_ownership": "owner", "records": False,
        "bureau_inquiries_6m": 0, "bureau_open_loans": 0, "bureau_max_dpd_24m": 0, "bureau_history_months": 110,
        "prior_loans_with_us": 2, "prior_max_dpd_with_us": 0, "relationship_months": 20, "age_years": 41,
        "purpose": "renovation", "residence_years": 8, "dependants": 1,
    }  # fmt: skip


@pytest.fixture
def bad_facts(good_facts: dict[str, Any]) -> dict[str, Any]:
    return {
        **good_facts, "income_monthly": "4000", "expenses_monthly": "2900", "records": True,
        "employment_type": "part_time",
        "employment_years": 0.2, "home_ownership": "rent", "bureau_inquiries_6m": 6, "bureau_open_loans": 5,
        "bureau_max_dpd_24m": 48, "bureau_history_months": 3, "prior_loans_with_us": 0, "debts": 60000,
    }  # fmt: skip
