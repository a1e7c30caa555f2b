"""The words of a contract: a text template of the kind of loan and language, filled with the offer's own figures.

Everything printed comes from the offer (amounts, schedule, rates), the terms it froze (penalty, order of payments,
prepayment) and the rules in force with their citations. The same offer, language and day give the same bytes.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template

from customers.encryption import mask
from customers.models import Customer
from customers.wording import date_text, money_text
from lending.applications.models import Offer
from lending.applications.rulebook import rulebook
from lending.finance.terms import Terms
from lending.products.purposes import PURPOSES, is_business
from lending.products.terms import periods_per_year, plain

CHINESE = "zh-hans"
METHODS = {
    "equal_installment": ("等额本息", "equal installments"),
    "equal_principal": ("等额本金", "equal principal"),
    "interest_only": ("按期付息、到期还本", "interest with every installment and the principal at the end"),
    "bullet": ("到期一次还本付息", "principal and interest at the end"),
    "staged": ("先息后等额本息", "interest only at first, then equal installments"),
    "steps": ("按约定金额还款", "the amounts of the schedule"),
}
COMPONENTS = {
    "fee": ("费用", "fees"),
    "penalty": ("罚息", "penalty interest"),
    "interest": ("利息", "interest"),
    "principal": ("本金", "principal"),
}
RECIPIENTS = {"lender": ("贷款人", "the lender"), "guarantor": ("担保人", "the guarantor")}
COLUMNS = {
    CHINESE: ("期数", "到期日", "本金", "利息", "费用", "合计", "剩余本金"),
    "en": ("No.", "Due on", "Principal", "Interest", "Fees", "Total", "Balance"),
}
KEYS = ("number", "due_on", "principal", "interest", "fees", "total", "balance")


def render(offer: Offer, *, number: str, language: str, on: date) -> str:
    """The text of the contract under this number. Ends with one line feed; lines end with line feeds alone."""
    kind = "business" if _is_business(offer) else "consumer"
    template: Any = get_template(f"contracts/{kind}.{language}.txt")
    text = template.template.render(Context(_context(offer, number, language, on), autoescape=False))
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n")]
    return "\n".join(lines) + "\n"


def _is_business(offer: Offer) -> bool:
    application = offer.application
    return application.customer.kind == Customer.Kind.ORGANISATION or is_business(application.purpose)


def _context(offer: Offer, number: str, language: str, on: date) -> dict[str, Any]:
    terms = Terms.from_json(offer.terms)
    sheet: Mapping[str, Any] = offer.disclosure
    purpose = PURPOSES.get(offer.application.purpose)

    def money(text: str) -> str:
        return money_text(_minor(text, terms), offer.currency, language, decimals=terms.decimals)

    def day(text: str) -> str:
        return date_text(date.fromisoformat(text), language)

    return {
        "number": number,
        "lender": settings.LENDER_NAME,
        "contact": f"{settings.DEFAULT_FROM_EMAIL}  {settings.PUBLIC_URL}",
        "borrower": _borrower(offer.application.customer, language),
        "amount": money(sheet["amount"]),
        "purpose": {"zh": purpose.name_zh, "en": purpose.name_en} if purpose else {"zh": "—", "en": "—"},
        "method": _pick(METHODS[terms.repayment.method], language),
        "installments": str(len(offer.schedule)),
        "starts_on": date_text(terms.starts_on, language),
        "first_due_on": day(sheet["first_due_on"]),
        "last_due_on": day(sheet["last_due_on"]),
        "yearly_rate": sheet["yearly_rate_nominal_percent"],
        "periods_per_year": plain(periods_per_year(terms)),
        "irr_nominal": sheet["irr_nominal_percent"],
        "irr_effective": sheet["irr_effective_percent"],
        "flat_rate": sheet["flat_rate_percent"] or "",
        "total_interest": money(sheet["total_interest"]),
        "total_cost": money(sheet["total_cost"]),
        "total_repayable": money(sheet["total_repayable"]),
        "fees": [_fee(fee, offer.currency, terms.decimals, language) for fee in sheet["fees"]],
        "table_head": _line(COLUMNS["en" if language != CHINESE else CHINESE]),
        "schedule": [_line([_cell(key, row[key]) for key in KEYS]) for row in offer.schedule],
        "place_and_day": date_text(on, language),
        **_clauses(terms, language),
        **_rules(offer, on),
    }


def _clauses(terms: Terms, language: str) -> dict[str, str]:
    """Penalty interest, order of payments and prepayment, from the frozen terms."""
    multiple = terms.penalty.multiple if terms.penalty and terms.penalty.multiple is not None else Decimal(0)
    prepayment = terms.prepayment
    fee = prepayment.fee_percent if prepayment else Decimal(0)
    start = prepayment.allowed_after_installments if prepayment else 0
    return {
        "penalty_multiple": plain(multiple),
        "penalty_rate": plain(terms.rate.percent * multiple),
        "allocation": _allocation(terms, language),
        "prepayment_fee": plain(fee) if fee else "",
        "prepayment_from": str(start) if start else "",
    }


def _allocation(terms: Terms, language: str) -> str:
    """The order within what is past due, in words, and whether installments or components go first."""
    order = [item.removeprefix("past_due_") for item in terms.allocation.default.order if item.startswith("past_due_")]
    names = [_pick(COMPONENTS[component], language) for component in order]
    by_installment = terms.allocation.direction == "horizontal"
    if language == CHINESE:
        first = "先到期的分期先受偿，同一期内依次为" if by_installment else "各期依次为"
        return first + "、".join(names)
    first = "The oldest installment first, and within it " if by_installment else "Of all installments in this order: "
    return first + ", then ".join(names)


def _rules(offer: Offer, on: date) -> dict[str, str]:
    version = offer.product_version
    book = rulebook(version, on=on)
    cooling_off = book.get("cooling_off_days")
    return {
        "penalty_citation": book["penalty_multiple"].citation if "penalty_multiple" in book else "—",
        "retention_years": str(book["retention_years"].value) if "retention_years" in book else "—",
        "retention_citation": book["retention_years"].citation if "retention_years" in book else "—",
        "complaint_days": str(book["complaint_clock_days"].value["simple"]) if "complaint_clock_days" in book else "15",
        "cooling_off_days": str(cooling_off.value) if cooling_off and cooling_off.value else "",
    }


def _borrower(customer: Customer, language: str) -> dict[str, str]:
    """The name in full, the number masked: enough to know who signed, too little to misuse."""
    person, organisation = getattr(customer, "person", None), getattr(customer, "organisation", None)
    if person is not None:
        kind = _pick(("居民身份证号", "resident ID number"), language)
        return {"name": person.name, "id_kind": kind, "id_number": mask(person.id_number), "representative": ""}
    if organisation is not None:
        kind = _pick(("统一社会信用代码", "unified social credit code"), language)
        return {
            "name": organisation.name,
            "id_kind": kind,
            "id_number": organisation.credit_code,
            "representative": organisation.representative_name,
        }
    kind = _pick(("客户编号", "customer number"), language)
    return {"name": kind, "id_kind": "", "id_number": str(customer.public_id), "representative": ""}


def _fee(fee: Mapping[str, Any], currency: str, decimals: int, language: str) -> dict[str, Any]:
    recipient = RECIPIENTS.get(fee["recipient"])
    return {
        "zh": fee["name_zh"],
        "en": fee["name_en"],
        "total": money_text(fee["total_minor"], currency, language, decimals=decimals),
        "each": money_text(fee["amount_minor"], currency, language, decimals=decimals),
        "per_installment": fee["charged"] == "per_installment",
        "recipient": _pick(recipient, language) if recipient else fee["recipient"],
    }


def _minor(text: str, terms: Terms) -> int:
    return int(Decimal(text).scaleb(terms.decimals))


def _cell(key: str, value: Any) -> str:
    return str(value) if key in ("number", "due_on") else f"{Decimal(value):,}"


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return "  ".join(f"{cell:>12}" if place > 1 else f"{cell:<10}" for place, cell in enumerate(cells))


def _pick(pair: tuple[str, str], language: str) -> str:
    return pair[0] if language == CHINESE else pair[1]
