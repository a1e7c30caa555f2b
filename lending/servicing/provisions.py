"""The credit loss allowance, brought up to what the classes of the book ask for, in one entry a currency.

    allowance = sum over the classes of outstanding principal x the class's percent, rounded half up to the minor unit

with the rule parameter `provision_percent` (银发〔2002〕98号: 1 / 2 / 25 / 50 / 100). Example: 1,000,000 fen pass and
200,000 fen substandard: 10,000 + 50,000 = 60,000; the allowance holds 45,000: 15,000 debit 5002, 15,000 credit 1401.
"""

import datetime
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.db.models import Sum

from lending.ledger.chart import LOSS_ALLOWANCE, PROVISION_EXPENSE
from lending.ledger.models import Entry, Line
from lending.ledger.posting import post
from lending.loans.models import Loan
from lending.servicing.observation import STANDING, class_due_on
from lending.servicing.rules import DayRules, rules_of
from lending.servicing.set_sql import case_by_due_date, rows, table

SOURCE, KIND = "business_day", "provision"


def provide_for_losses(on: datetime.date) -> dict[str, int]:
    """Post the change of the allowance. Returns the minor units provided (negative: released), by currency."""
    posted: dict[str, int] = {}
    with transaction.atomic():
        needed, held = _needed(on, rules_of(on)), _held()
        for currency in sorted({*needed, *held}):
            change = needed.get(currency, 0) - held.get(currency, 0)
            source_id = f"{on.isoformat()}:{currency}"
            posted_before = Entry.objects.filter(source_type=SOURCE, source_id=source_id, kind=KIND)
            if change == 0 or posted_before.exists():
                continue
            lines = [(PROVISION_EXPENSE, change), (LOSS_ALLOWANCE, -change)]
            post(on=on, kind=KIND, currency=currency, source_type=SOURCE, source_id=source_id, lines=lines)
            posted[f"{currency}_minor"] = change
    return posted


def _needed(on: datetime.date, rules: DayRules) -> dict[str, int]:
    class_due, parameters = class_due_on(rules, on)
    grade, grade_parameters = case_by_due_date(class_due, rules.classes, on, "grade")
    sql = f"""
        WITH standing AS ({STANDING}) SELECT currency, grade, SUM(principal) FROM (
            SELECT l.currency, {grade} AS grade, l.outstanding_principal_minor AS principal
            FROM {table(Loan)} l LEFT JOIN standing s ON s.loan_id = l.id WHERE l.status = 'active'
        ) book GROUP BY currency, grade
    """  # noqa: S608 - table names of ours; every value is a parameter
    needed: dict[str, Decimal] = defaultdict(Decimal)
    for currency, name, principal in rows(sql, parameters | grade_parameters):
        needed[currency] += int(principal) * rules.provision_percent[name] / 100
    return {currency: int(total.quantize(Decimal(1), ROUND_HALF_UP)) for currency, total in needed.items()}


def _held() -> dict[str, int]:
    balances = Line.objects.filter(account__code=LOSS_ALLOWANCE).values_list("entry__currency")
    return {currency: -total for currency, total in balances.annotate(total=Sum("amount_minor"))}
