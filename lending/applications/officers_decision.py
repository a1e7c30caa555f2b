"""An officer decides a referred application, inside the product's bounds and the law, with a reason and a note."""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from customers.models import User
from lending.applications.concluding import Conclusion, conclude
from lending.applications.models import Application, Decision
from lending.applications.officer_reasons import OFFICER_REASONS
from lending.applications.refusals import NotAnOfficer, NotReferred, OwnApplication, ReviewerDecidedBefore
from lending.applications.rulebook import rulebook
from lending.finance.money import from_minor
from lending.products.costs import Quote, quote
from lending.products.purposes import is_business
from lending.products.refusals import Message, WrongFields
from lending.regulation import checks
from lending.regulation.checks import Credit, Finding, Severity

MOST_NOTE = 2000


@transaction.atomic
def decide_by_officer(
    application: Application,
    *,
    outcome: str,
    by: User | None,
    on: datetime.date,
    reason_code: str,
    note: str,
    amount_minor: int | None = None,
    installments: int | None = None,
    yearly_rate_percent: Decimal | None = None,
) -> Decision:
    """Approve (with amount, term and nominal yearly rate) or decline what was referred. Again: the first.

    `override` of the decision marks one that goes against what was recommended or beyond its limit, rate or term.
    Raises NotAnOfficer, OwnApplication, NotReferred, ReviewerDecidedBefore and WrongFields.
    """
    if by is None or not by.is_staff or not by.is_active:
        raise NotAnOfficer()
    locked = (
        Application.objects.select_for_update(of=("self",))
        .select_related("customer__person", "customer__organisation", "product_version__product")
        .get(pk=application.pk)
    )
    if locked.customer.user_id == by.pk:
        raise OwnApplication()
    standing = locked.decisions.order_by("-pk").first()
    chosen = (outcome, amount_minor, installments)
    if locked.status != Application.Status.REFERRED or standing is None:
        if standing is not None and standing.by_id == by.pk and chosen == _chosen(standing):
            return standing
        raise NotReferred(application=str(locked), status=locked.get_status_display())
    if standing.by_id == by.pk:
        raise ReviewerDecidedBefore()
    errors = _wrong_words(outcome, reason_code, note)
    quoted = None
    if outcome == Decision.Outcome.APPROVE:
        errors |= _outside(locked, amount_minor, installments, yearly_rate_percent)
        quoted = None if errors else _quoted(locked, amount_minor, installments, yearly_rate_percent, on)
    if errors:
        raise WrongFields(errors)
    approve = quoted is not None
    conclusion = Conclusion(
        outcome=outcome,
        reasons=[{"code": reason_code, **_words(reason_code), "kind": "officer"}],
        rules={"recommendation": standing.rules.get("recommendation"), "findings": standing.rules.get("findings", [])},
        score=standing.score,
        limit_minor=amount_minor if approve else None,
        yearly_rate_percent=yearly_rate_percent if approve else None,
        installments=installments if approve else None,
        quoted=quoted,
    )
    override = _against(standing.rules.get("recommendation"), conclusion)
    concluded = conclude(
        locked, conclusion, snapshot=standing.snapshot, by=by, on=on, override=override, note=note.strip()
    )
    application.refresh_from_db()
    return concluded.decision


def _chosen(decision: Decision) -> tuple[str, int | None, int | None]:
    return decision.outcome, decision.limit_minor, decision.installments


def _words(reason_code: str) -> dict[str, str]:
    reason = OFFICER_REASONS[reason_code]
    return {"text_zh": reason["text_zh"], "text_en": reason["text_en"]}


def _wrong_words(outcome: str, reason_code: str, note: str) -> dict[str, list[Message]]:
    errors: dict[str, list[Message]] = {}
    if outcome not in (Decision.Outcome.APPROVE, Decision.Outcome.DECLINE):
        errors["outcome"] = [_("Approve or decline.")]
    fitting = [code for code, reason in OFFICER_REASONS.items() if reason["outcome"] == outcome]
    if reason_code not in fitting:
        errors["reason_code"] = [_("Choose a reason for this decision: %(codes)s.") % {"codes": ", ".join(fitting)}]
    if not note.strip() or len(note) > MOST_NOTE:
        errors["note"] = [
            _("Write for the file why you decide so, in at most %(most)s characters.") % {"most": MOST_NOTE}
        ]
    return errors


def _outside(
    application: Application, amount_minor: int | None, installments: int | None, rate: Decimal | None
) -> dict[str, list[Message]]:
    """Amount, term and rate against what was asked for and what the product allows."""
    version = application.product_version
    errors: dict[str, list[Message]] = {}
    most = min(version.max_amount_minor, application.amount_minor or version.max_amount_minor)
    if amount_minor is None or not version.min_amount_minor <= amount_minor <= most:
        bounds = [f"{from_minor(bound, version.decimals):,}" for bound in (version.min_amount_minor, most)]
        wanted = {"least": bounds[0], "most": bounds[1], "currency": version.currency}
        errors["amount_minor"] = [_("Enter an amount from %(least)s to %(most)s %(currency)s.") % wanted]
    if installments not in version.installment_choices:
        offered = ", ".join(map(str, version.installment_choices))
        errors["installments"] = [
            _("Choose a number of installments that is offered: %(offered)s.") % {"offered": offered}
        ]
    least_rate, most_rate = version.min_yearly_rate_percent, version.max_yearly_rate_percent
    if rate is None or not rate.is_finite() or not least_rate <= rate <= most_rate:
        wanted = {"least": f"{least_rate.normalize():f}", "most": f"{most_rate.normalize():f}"}
        errors["yearly_rate_percent"] = [_("Enter a nominal yearly rate from %(least)s to %(most)s percent.") % wanted]
    elif rate != round(rate, 4):
        errors["yearly_rate_percent"] = [_("Enter no more than %(decimals)s decimals.") % {"decimals": 4}]
    return errors


def _quoted(
    application: Application,
    amount_minor: int | None,
    installments: int | None,
    rate: Decimal | None,
    on: datetime.date,
) -> Quote:
    """The loan as approved, held against the rules in force. Raises WrongFields with their citations."""
    version = application.product_version
    assert amount_minor is not None and installments is not None and rate is not None  # noqa: S101 - seen to by _outside
    quoted = quote(
        version, amount_minor=amount_minor, installments=installments, yearly_rate_percent=rate, starts_on=on
    )
    book = rulebook(version, on=on)
    credit = Credit(
        amount=from_minor(amount_minor, version.decimals),
        currency=version.currency,
        term_months=quoted.term_months,
        purpose=application.purpose,
        business=version.product.audience == "organisation" or is_business(application.purpose),
        bullet=quoted.bullet,
    )
    errors: dict[str, list[Message]] = {}
    for finding in checks.check_cost(quoted.cost.irr_nominal.rounded(), book):
        errors.setdefault("yearly_rate_percent", []).append(_told(finding))
    for finding in checks.check_credit(credit, book):
        if finding.severity is Severity.REFUSE:
            field = "installments" if "TERM" in finding.code else "amount_minor"
            errors.setdefault(field, []).append(_told(finding))
    if errors:
        raise WrongFields(errors)
    return quoted


def _told(finding: Finding) -> str:
    chinese = (get_language() or "").startswith("zh")
    return f"{finding.text_zh if chinese else finding.text_en} ({finding.citation})"


def _against(recommended: Mapping[str, Any] | None, chosen: Conclusion) -> bool:
    """Whether the officer went against what the rules recommended, or beyond the limit, rate or term they named."""
    if not recommended:
        return False
    if chosen.outcome == Decision.Outcome.DECLINE:
        return recommended["outcome"] == Decision.Outcome.APPROVE
    if recommended["outcome"] == Decision.Outcome.DECLINE:
        return True
    rate = recommended["yearly_rate_percent"]
    return (
        (chosen.limit_minor or 0) > recommended["limit_minor"]
        or (chosen.installments or 0) > recommended["max_installments"]
        or (rate is not None and chosen.yearly_rate_percent is not None and chosen.yearly_rate_percent < Decimal(rate))
    )
