"""The products a new lender begins with, as data; the demo and the tests use them.

consumer-installment   persons, equal installments, no fees
business-principal     organisations, equal principal
short-bullet           persons, interest monthly and principal at the end, at most a year
guaranteed-installment persons, equal installments, with a guarantee fee at disbursement
"""

import datetime
from collections.abc import Collection
from typing import Any

from django.db import transaction

from customers.models import User
from lending.products.models import Product, ProductVersion
from lending.products.publishing import propose, publish

#: Civil Code of China, Article 561: costs before interest (penalty interest included) before principal; oldest first.
ALLOCATION_ORDER = [
    f"{due}_{component}"
    for due in ("past_due", "due", "in_advance")
    for component in ("fee", "penalty", "interest", "principal")
]


def monthly(method: str) -> dict[str, Any]:
    """Terms of a monthly product: one twelfth of the yearly rate a month; interest by days for a part of a month."""
    return {
        "interest": {
            "method": "declining",
            "accrual": "per_installment",
            "partial_periods": True,
            "day_count": "30/360",
        },
        "repayment": {"method": method, "every": 1, "unit": "month", "month_end": "clip"},
        "rounding": {"mode": "half_up", "smooth_last_installment": True},
        "allocation": {"direction": "horizontal", "order": ALLOCATION_ORDER, "in_advance": "next"},
        # Civil Code of China, Article 677: whoever repays early owes interest for the days she had the money.
        "prepayment": {"interest": "to_payment_date"},
    }


CONSUMPTION = [
    "consumption",
    "shopping",
    "durables",
    "renovation",
    "education",
    "medical",
    "travel",
    "wedding",
    "vehicle",
    "rent",
]
BUSINESS = ["business", "working_capital", "inventory", "equipment", "payroll"]

PRODUCTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {
            "code": "consumer-installment",
            "name_zh": "消费分期贷",
            "name_en": "Consumer installment loan",
            "audience": "person",
        },
        {
            "licence": "consumer_finance",
            "min_amount_minor": 1_000_00,
            "max_amount_minor": 200_000_00,
            "installment_choices": [3, 6, 9, 12, 18, 24, 30, 36, 42, 48, 54, 60],
            "purposes": CONSUMPTION,
            "min_yearly_rate_percent": "7.2",
            "max_yearly_rate_percent": "21.6",
            "terms": monthly("equal_installment"),
            "penalty_multiple": "1.5",
            "second_officer_above_minor": 100_000_00,
        },
    ),
    (
        {
            "code": "business-principal",
            "name_zh": "经营等额本金贷",
            "name_en": "Business equal-principal loan",
            "audience": "organisation",
        },
        {
            "licence": "online_microloan",
            "min_amount_minor": 10_000_00,
            "max_amount_minor": 3_000_000_00,
            "installment_choices": [6, 12, 24, 36],
            "purposes": BUSINESS,
            "min_yearly_rate_percent": "5",
            "max_yearly_rate_percent": "12",
            "terms": monthly("equal_principal"),
            "penalty_multiple": "1.5",
            "second_officer_above_minor": 500_000_00,
        },
    ),
    (
        {
            "code": "short-bullet",
            "name_zh": "先息后本短期贷",
            "name_en": "Short interest-first loan",
            "audience": "person",
        },
        {
            "licence": "consumer_finance",
            "min_amount_minor": 1_000_00,
            "max_amount_minor": 100_000_00,
            "installment_choices": [1, 3, 6, 12],
            "purposes": CONSUMPTION,
            "min_yearly_rate_percent": "8",
            "max_yearly_rate_percent": "18",
            "terms": monthly("interest_only"),
            "penalty_multiple": "1.5",
            "second_officer_above_minor": 50_000_00,
        },
    ),
    (
        {
            "code": "guaranteed-installment",
            "name_zh": "担保分期贷",
            "name_en": "Guaranteed installment loan",
            "audience": "person",
        },
        {
            "licence": "consumer_finance",
            "min_amount_minor": 5_000_00,
            "max_amount_minor": 100_000_00,
            "installment_choices": [12, 24],
            "purposes": CONSUMPTION,
            "min_yearly_rate_percent": "8",
            "max_yearly_rate_percent": "16",
            "terms": monthly("equal_installment"),
            "fees": [
                {
                    "code": "guarantee",
                    "name_zh": "融资担保费",
                    "name_en": "Guarantee fee",
                    "basis": "percent_of_principal",
                    "value": "3",
                    "charged": "at_disbursement",
                    "recipient": "guarantor",
                }
            ],
            "penalty_multiple": "1.3",
            "second_officer_above_minor": 50_000_00,
        },
    ),
]


@transaction.atomic
def install(
    *, proposed_by: User, published_by: User, on: datetime.date, only: Collection[str] | None = None
) -> list[ProductVersion]:
    """Make and publish the standard products, or those of them whose codes are in `only`.

    A product that has a published version is left as it is.
    """
    found = []
    for names, fields in PRODUCTS:
        if only is not None and names["code"] not in only:
            continue
        product, _created = Product.objects.get_or_create(code=names["code"], defaults=names)
        version = product.versions.published().order_by("-version").first()
        if version is None:
            version = publish(propose(product, by=proposed_by, on=on, **fields), by=published_by, on=on)
        found.append(version)
    return found
