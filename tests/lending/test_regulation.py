"""Rules are data with dates and citations; the checks over them are plain functions."""

from datetime import date, time
from decimal import Decimal

import pytest

from lending.regulation import checks, rules, shipped
from lending.regulation.checks import Credit, Rule, Severity
from lending.regulation.models import RuleParameter
from tests.cast import TODAY


def book(licence: str = "consumer_finance", on: date = TODAY, jurisdiction: str = "CN") -> checks.RuleBook:
    return rules.in_force(jurisdiction=jurisdiction, licence=licence, product="any-product", on=on)


@pytest.mark.django_db
def test_every_shipped_rule_is_loaded_and_cited():
    rows = {
        (row.code, row.jurisdiction, row.licence, row.product, row.effective_on): row
        for row in RuleParameter.objects.all()
    }
    assert len(rows) == len(shipped.read()) > 50
    assert all(row.citation for row in rows.values())
    needed = {
        "all_in_rate_max_percent", "rate_void_above_percent", "lpr_1y_percent", "consumer_amount_max",
        "business_amount_max",
        "consumer_term_months_max", "bullet_term_months_max", "purposes_forbidden", "contact_window",
        "contacts_connected_per_day_max", "dpd_buckets", "classification", "provision_percent",
        "general_reserve_percent",
        "penalty_multiple", "misuse_penalty_multiple", "cooling_off_days", "adverse_action_days", "retention_years",
        "offer_disclosure_required", "allocation_order", "complaint_clock_days", "credit_record_objection_days",
    }  # fmt: skip
    assert needed <= {row.code for row in rows.values()}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("licence", "on", "amount"),
    [
        ("bank", date(2025, 3, 13), "200000"),
        ("bank", date(2025, 3, 14), "300000"),
        ("consumer_finance", TODAY, "200000"),
        ("nobody-special", TODAY, "200000"),
    ],
)
def test_the_licence_and_the_day_choose_the_limit(licence, on, amount):
    found = rules.parameter("consumer_amount_max", jurisdiction="CN", licence=licence, on=on)
    assert found.value == amount
    assert found.citation


@pytest.mark.django_db
def test_the_most_specific_rule_wins_and_then_the_latest():
    def add(day: date, value: str, **where: str) -> None:
        RuleParameter.objects.create(code="x", effective_on=day, value=value, citation="house rule", **where)

    def value(product: str = "p", licence: str = "bank", on: date = TODAY) -> str:
        return rules.parameter("x", jurisdiction="CN", licence=licence, product=product, on=on).value

    add(date(2026, 9, 1), "any, later")
    add(date(2020, 1, 1), "any, earlier")
    assert value() == "any, later"
    assert value(on=date(2026, 8, 31)) == "any, earlier"
    add(date(2019, 1, 1), "bank", licence="bank")
    assert value() == "bank"
    assert value(licence="microloan") == "any, later"
    add(date(2018, 1, 1), "product", product="p")
    add(date(2030, 1, 1), "not yet", product="p")
    assert value() == "product"
    assert value(product="q") == "bank"


@pytest.mark.django_db
def test_a_rule_nobody_entered_is_refused_by_name():
    with pytest.raises(rules.RuleUnknown) as refused:
        rules.parameter("no_such_rule", jurisdiction="CN", on=TODAY)
    assert "no_such_rule" in refused.value.messages[0]


@pytest.mark.django_db
def test_loading_again_never_undoes_an_officers_correction():
    corrected = RuleParameter.objects.get(code="penalty_multiple")
    corrected.value = {"least": "1.3", "most": "1.4"}
    corrected.save()
    RuleParameter.objects.get(code="students_refused").delete()
    behind = RuleParameter.objects.get(code="limitation_years")
    behind.value, behind._change_reason = 2, shipped.SHIPPED  # as an earlier release shipped it
    behind.save()

    counts = shipped.load()

    assert counts["added"] == 0
    assert counts["updated"] == 1
    corrected.refresh_from_db()
    assert corrected.value["most"] == "1.4"
    assert not RuleParameter.objects.filter(code="students_refused").exists()
    behind.refresh_from_db()
    assert behind.value == 3
    assert shipped.load()["updated"] == 0


def rule(code: str, value: object, unit: str = "") -> Rule:
    return Rule(code, value, unit, "the law", date(2020, 1, 1))


def credit(**changes: object) -> Credit:
    plain = {
        "amount": Decimal(1000),
        "currency": "CNY",
        "term_months": 12,
        "purpose": "travel",
        "business": False,
        "bullet": False,
    }
    return Credit(**{**plain, **changes})  # type: ignore[arg-type]


RULES = {
    "consumer_amount_max": rule("consumer_amount_max", "200000", "CNY"),
    "business_amount_max": rule("business_amount_max", "10000000", "CNY"),
    "consumer_term_months_max": rule("consumer_term_months_max", 60),
    "business_term_months_max": rule("business_term_months_max", 120),
    "bullet_term_months_max": rule("bullet_term_months_max", 12),
    "purposes_forbidden": rule("purposes_forbidden", ["securities"]),
}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": Decimal("200000.01")}, "CONSUMER_AMOUNT_ABOVE_LIMIT"),
        ({"amount": Decimal("10000000.01"), "business": True}, "BUSINESS_AMOUNT_ABOVE_LIMIT"),
        ({"term_months": 61}, "TERM_TOO_LONG"),
        ({"term_months": 121, "business": True}, "TERM_TOO_LONG"),
        ({"term_months": 13, "bullet": True}, "BULLET_TERM_TOO_LONG"),
        ({"purpose": "securities"}, "PURPOSE_FORBIDDEN"),
    ],
)
def test_a_credit_beyond_the_law_is_refused_with_the_place_where_it_is_written(changes, code):
    (finding,) = checks.check_credit(credit(**changes), RULES)
    assert (finding.code, finding.severity, finding.citation) == (code, Severity.REFUSE, "the law")
    assert finding.text_zh
    assert finding.text_en


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"amount": Decimal(200000)},
        {"term_months": 60},
        {"term_months": 12, "bullet": True},
        {"amount": Decimal(10**9), "currency": "JPY"},
    ],
)
def test_a_credit_at_its_limits_is_allowed(changes):
    assert checks.check_credit(credit(**changes), RULES) == []


def test_the_caps_on_the_rate():
    caps = {
        "all_in_rate_max_percent": rule("all_in_rate_max_percent", "24"),
        "rate_void_above_percent": rule("rate_void_above_percent", "36"),
    }
    assert checks.check_cost(Decimal("24"), caps) == []
    assert len(checks.check_cost(Decimal("24.0001"), caps)) == 1
    assert len(checks.check_cost(Decimal("36.01"), caps)) == 2


@pytest.mark.django_db
def test_microloans_come_under_four_times_the_lpr_in_2028():
    assert checks.check_cost(Decimal("15"), book("microloan", date(2027, 12, 31))) == []
    (finding,) = checks.check_cost(Decimal("15"), book("microloan", date(2028, 1, 1)))
    assert finding.params["most"] == "12.00"


def test_penalty_multiples():
    range_ = {"penalty_multiple": rule("penalty_multiple", {"least": "1.3", "most": "1.5"})}
    assert checks.check_penalty_multiple(Decimal("1.3"), range_) == []
    assert checks.check_penalty_multiple(Decimal("1.5"), range_) == []
    assert checks.check_penalty_multiple(Decimal("1.29"), range_)
    assert checks.check_penalty_multiple(Decimal("1.51"), range_)


@pytest.mark.django_db
def test_who_may_borrow():
    def codes(age: int | None, employment: str = "") -> list[tuple[str, str]]:
        found = checks.check_applicant(age_years=age, employment_type=employment, rules=book())
        return [(finding.code, finding.severity.value) for finding in found]

    assert codes(36) == [] == codes(18) == codes(65) == codes(None)
    assert codes(17) == [("UNDER_AGE", "refuse")]
    assert codes(66) == [("AGE_NEEDS_A_PERSON", "refer")]
    assert codes(20, "student") == [("STUDENT_NEEDS_SECOND_SOURCE", "refer")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("at", "connected", "code"),
    [
        (time(7, 59), 0, "OUTSIDE_CONTACT_HOURS"),
        (time(8, 0), 0, None),
        (time(21, 59), 2, None),
        (time(22, 0), 0, "OUTSIDE_CONTACT_HOURS"),
        (time(12, 0), 3, "TOO_MANY_CONTACTS"),
    ],
)
def test_when_and_how_often_a_debtor_may_be_contacted(at, connected, code):
    assert [finding.code for finding in checks.check_contact(at, connected, book())] == ([code] if code else [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days", "bucket", "name"),
    [(0, "M0", "pass"), (1, "M1", "special_mention"), (30, "M1", "special_mention"), (31, "M2", "special_mention"),
     (90, "M3", "special_mention"), (91, "M4", "substandard"), (270, "M6+", "substandard"), (271, "M6+", "doubtful"),
     (360, "M6+", "doubtful"), (361, "M6+", "loss"), (4000, "M6+", "loss")],
)  # fmt: skip
def test_days_past_due_fall_in_one_bucket_and_one_class(days, bucket, name):
    in_force = book()
    assert checks.row_for_days_past_due(days, in_force["dpd_buckets"])["code"] == bucket
    assert checks.row_for_days_past_due(days, in_force["classification"])["class"] == name


def test_the_worst_finding_counts():
    (refused,) = checks.check_credit(credit(term_months=61), RULES)
    assert checks.worst([]) is None
    assert checks.worst([refused]) is Severity.REFUSE
