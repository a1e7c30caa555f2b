"""Everything that can be wrong with a product version, by field, each with what would be right.

The version must be well formed, describe loans that the engine can plan for every number of installments offered, and
keep within the rules of its jurisdiction and licence on its first day: amounts, terms, purposes, the penalty
multiple, and the all-in rate at its dearest (highest rate, smallest amount, every fee).
"""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from lending.finance.annual_rate import RateUndefined
from lending.finance.money import from_minor
from lending.finance.terms import InvalidTerms
from lending.products.costs import Quote, quote
from lending.products.currencies import DECIMALS
from lending.products.fees import BASES, MOMENTS
from lending.products.purposes import PURPOSES, is_business
from lending.products.refusals import Message
from lending.regulation import checks, rules
from lending.regulation.checks import Credit, Finding, RuleBook, Severity

if TYPE_CHECKING:
    from lending.products.models import ProductVersion

MOST_MINOR = 10**15
MOST_INSTALLMENTS = 480
Errors = dict[str, list[Message]]


def problems(version: "ProductVersion") -> Errors:
    """What is wrong, by field; empty when the version may be published."""
    errors: Errors = defaultdict(list)
    _check_money(version, errors)
    _check_choices(version, errors)
    _check_rates(version, errors)
    for place, fee in enumerate(version.fees if isinstance(version.fees, list) else [None]):
        _check_fee(fee, place, version.decimals, errors)
    if not isinstance(version.terms, dict):
        errors["terms"].append(_("An object of terms is needed."))
    if not errors:
        _check_loans(version, errors)
    return dict(errors)


def _check_money(version: "ProductVersion", errors: Errors) -> None:
    if version.currency not in DECIMALS:
        errors["currency"].append(_("An ISO 4217 code such as CNY is needed."))
    elif version.decimals != DECIMALS[version.currency]:
        wanted = {"currency": version.currency, "decimals": DECIMALS[version.currency]}
        errors["decimals"].append(_("%(currency)s has %(decimals)s decimals.") % wanted)
    least, most = version.min_amount_minor, version.max_amount_minor
    if not _whole(least, 1, MOST_MINOR):
        errors["min_amount_minor"].append(_("A whole number of minor units from 1 to 10^15 is needed."))
    elif not _whole(most, least, MOST_MINOR):
        errors["max_amount_minor"].append(_("At least the smallest amount and at most 10^15 minor units is needed."))
    if not _whole(version.second_officer_above_minor, 0, MOST_MINOR):
        errors["second_officer_above_minor"].append(_("A whole number of minor units from 0 to 10^15 is needed."))
    if not _whole(version.offer_valid_days, 1, 365):
        errors["offer_valid_days"].append(_("A whole number of days from 1 to 365 is needed."))


def _check_choices(version: "ProductVersion", errors: Errors) -> None:
    counts = version.installment_choices
    if (
        not isinstance(counts, list)
        or not counts
        or not all(_whole(count, 1, MOST_INSTALLMENTS) for count in counts)
        or counts != sorted(set(counts))
    ):
        errors["installment_choices"].append(
            _("A rising list of whole numbers from 1 to %(most)s is needed, such as [3, 6, 12].")
            % {"most": MOST_INSTALLMENTS}
        )
    purposes = version.purposes
    if (
        not isinstance(purposes, list)
        or not purposes
        or not all(isinstance(code, str) and code in PURPOSES for code in purposes)
    ):
        errors["purposes"].append(_("A list out of %(known)s is needed.") % {"known": ", ".join(PURPOSES)})


def _check_rates(version: "ProductVersion", errors: Errors) -> None:
    least, most = _decimal(version.min_yearly_rate_percent), _decimal(version.max_yearly_rate_percent)
    if least is None or not 0 <= least <= 1000:
        errors["min_yearly_rate_percent"].append(_("A nominal yearly rate from 0 to 1000 percent is needed."))
    elif most is None or not least <= most <= 1000:
        errors["max_yearly_rate_percent"].append(_("At least the lowest rate and at most 1000 percent is needed."))
    if _decimal(version.penalty_multiple) is None:
        errors["penalty_multiple"].append(_("A number such as 1.5 is needed."))


def _check_fee(fee: Any, place: int, decimals: int, errors: Errors) -> None:
    field = f"fees[{place}]"
    if not isinstance(fee, Mapping):
        errors["fees"].append(_("A list of fees, each an object, is needed."))
        return
    for key in ("code", "name_zh", "name_en"):
        if not isinstance(fee.get(key), str) or not fee[key].strip():
            errors[f"{field}.{key}"].append(_("A text is needed."))
    for key, known in (("basis", BASES), ("charged", MOMENTS)):
        if fee.get(key) not in known:
            errors[f"{field}.{key}"].append(_("One of %(known)s is needed.") % {"known": ", ".join(known)})
    value = _decimal(fee.get("value"))
    most = Decimal(100) if fee.get("basis") == "percent_of_principal" else Decimal(10) ** 12
    if value is None or isinstance(fee.get("value"), float) or not 0 <= value <= most:
        errors[f"{field}.value"].append(
            _("A number from 0 to %(most)s, written as text, is needed.") % {"most": f"{most:f}"}
        )
    elif fee.get("basis") == "flat" and value != round(value, decimals):
        errors[f"{field}.value"].append(_("At most %(decimals)s decimals are possible.") % {"decimals": decimals})


def _check_loans(version: "ProductVersion", errors: Errors) -> None:
    """Plan the dearest loan of every number of installments, and hold it against the rules of its first day."""
    book = rules.in_force(
        jurisdiction=version.jurisdiction,
        licence=version.licence,
        product=version.product.code,
        on=version.effective_on,
    )
    _add("penalty_multiple", checks.check_penalty_multiple(Decimal(str(version.penalty_multiple)), book), errors)
    for installments in version.installment_choices:
        try:
            dearest = quote(
                version,
                amount_minor=version.min_amount_minor,
                installments=installments,
                yearly_rate_percent=Decimal(str(version.max_yearly_rate_percent)),
                starts_on=version.effective_on,
            )
        except InvalidTerms as invalid:
            errors[f"terms.{invalid.field}" if invalid.field else "terms"].append(invalid.message)
            return
        except RateUndefined as undefined:
            errors["fees"].append(str(undefined))
            return
        _add("max_yearly_rate_percent", checks.check_cost(dearest.cost.irr_nominal.rounded(), book), errors)
        _check_credit(version, dearest, book, errors)


_FIELD_OF = {"AMOUNT": "max_amount_minor", "TERM": "installment_choices", "PURPOSE": "purposes"}


def _check_credit(version: "ProductVersion", dearest: Quote, book: RuleBook, errors: Errors) -> None:
    for purpose in version.purposes:
        credit = Credit(
            amount=from_minor(version.max_amount_minor, version.decimals),
            currency=version.currency,
            term_months=dearest.term_months,
            purpose=purpose,
            business=version.product.audience == "organisation" or is_business(purpose),
            bullet=dearest.bullet,
        )
        for finding in checks.check_credit(credit, book):
            field = next(name for word, name in _FIELD_OF.items() if word in finding.code)
            _add(field, [finding], errors)


def _add(field: str, findings: list[Finding], errors: Errors) -> None:
    """Findings that refuse, once each, in the language of the moment and with the place where they are written."""
    chinese = (get_language() or "").startswith("zh")
    for finding in findings:
        text = f"{finding.text_zh if chinese else finding.text_en} ({finding.citation})"
        if finding.severity is Severity.REFUSE and text not in errors[field]:
            errors[field].append(text)
    if not errors[field]:
        del errors[field]


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _decimal(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        read = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return read if read.is_finite() else None
