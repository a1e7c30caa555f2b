"""The offer: frozen terms, schedule and whole cost, standing until a day; and a smaller one, if preferred."""

import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from customers.models import User
from lending.applications.filling import refuse_strangers
from lending.applications.models import Application, Decision, Offer
from lending.applications.refusals import AlreadySigned, NoOffer, OfferExpired, OfferSuperseded
from lending.finance.money import from_minor, to_minor
from lending.products.costs import Quote, quote
from lending.products.models import ProductVersion
from lending.products.refusals import Message, WrongFields
from scoring.affordability import affordability
from scoring.models import Strategy
from scoring.strategy_rules import STARTING_RULES


def first_offer(decision: Decision, *, on: datetime.date, quoted: Quote | None = None) -> Offer:
    """The offer of an approval that was just written: the amount asked for, or the limit where that is lower.

    `quoted` spares a second calculation where the caller has it. Raises NoOffer for a decision that approves nothing.
    """
    application = decision.application
    if decision.outcome != Decision.Outcome.APPROVE or decision.limit_minor is None:
        raise NoOffer(application=str(application))
    amount_minor = min(application.amount_minor or decision.limit_minor, decision.limit_minor)
    expires_on = on + datetime.timedelta(days=application.product_version.offer_valid_days)
    quoted = quoted or _quote(decision, amount_minor, decision.installments or 0, on)
    return _write(decision, quoted, amount_minor, decision.installments or 0, on, expires_on)


@transaction.atomic
def reduce(offer: Offer, *, amount_minor: int, installments: int, by: User | None, on: datetime.date) -> Offer:
    """An offer of less, at the same rate and until the same day: the customer takes what she needs.

    `amount_minor` up to what was approved and asked for, `installments` among those of the product up to the approved
    number; fewer of them only while the higher installment stays affordable. The same choice again: the same offer.
    Raises NotYours, NoOffer, OfferExpired, OfferSuperseded, AlreadySigned and WrongFields.
    """
    application = standing(offer, by=by, on=on)
    if offer.amount_minor == amount_minor and offer.installments == installments:
        return offer
    decision = offer.decision
    errors = _outside(application, decision, amount_minor, installments)
    if errors:
        raise WrongFields(errors)
    quoted = _quote(decision, amount_minor, installments, on)
    approved = _quote(
        decision, min(application.amount_minor or 0, decision.limit_minor or 0), decision.installments or 0, on
    )
    room = room_of(decision.snapshot.facts, on)
    if monthly_burden(quoted) > monthly_burden(approved) and (room is None or monthly_burden(quoted) > room):
        raise WrongFields(
            {
                "installments": [
                    _("The installments would be more than you can afford. Choose a longer term or a lower amount.")
                ]
            }
        )
    return _write(decision, quoted, amount_minor, installments, on, offer.expires_on)


def standing(offer: Offer, *, by: User | None, on: datetime.date) -> Application:
    """The locked application of an offer that may still be taken up by this person."""
    application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("customer", "product_version__product")
        .get(pk=offer.application_id)
    )
    refuse_strangers(application.customer, by)
    if application.status == Application.Status.SIGNED:
        raise AlreadySigned()
    if application.status == Application.Status.EXPIRED or on > offer.expires_on:
        raise OfferExpired(day=offer.expires_on.isoformat())
    if application.status != Application.Status.OFFERED:
        raise NoOffer(application=str(application))
    if application.offers.order_by("-pk").values_list("pk", flat=True).first() != offer.pk:
        raise OfferSuperseded()
    return application


def _outside(
    application: Application, decision: Decision, amount_minor: int, installments: int
) -> dict[str, list[Message]]:
    version = application.product_version
    most = min(application.amount_minor or 0, decision.limit_minor or 0)
    errors: dict[str, list[Message]] = {}
    if (
        isinstance(amount_minor, bool)
        or not isinstance(amount_minor, int)
        or not version.min_amount_minor <= amount_minor <= most
    ):
        bounds = [f"{from_minor(bound, version.decimals):,}" for bound in (version.min_amount_minor, most)]
        wanted = {"least": bounds[0], "most": bounds[1], "currency": version.currency}
        errors["amount_minor"] = [_("Enter an amount from %(least)s to %(most)s %(currency)s.") % wanted]
    allowed = [count for count in version.installment_choices if count <= (decision.installments or 0)]
    if installments not in allowed:
        errors["installments"] = [
            _("Choose a number of installments that is offered: %(offered)s.")
            % {"offered": ", ".join(map(str, allowed))}
        ]
    return errors


def _quote(decision: Decision, amount_minor: int, installments: int, on: datetime.date) -> Quote:
    return quote(
        decision.application.product_version,
        amount_minor=amount_minor,
        installments=installments,
        yearly_rate_percent=decision.yearly_rate_percent or Decimal(0),
        starts_on=on,
    )


def _write(
    decision: Decision,
    quoted: Quote,
    amount_minor: int,
    installments: int,
    on: datetime.date,
    expires_on: datetime.date,
) -> Offer:
    version = decision.application.product_version
    return Offer.objects.create(
        application=decision.application,
        decision=decision,
        product_version=version,
        currency=version.currency,
        amount_minor=amount_minor,
        installments=installments,
        yearly_rate_percent=decision.yearly_rate_percent or Decimal(0),
        terms=quoted.terms.to_json(),
        schedule=quoted.schedule_json(),
        fees=quoted.fees_json(),
        disclosure=quoted.disclosure_json(),
        made_on=on,
        expires_on=expires_on,
    )


def monthly_burden(quoted: Quote) -> Decimal:
    """What a loan takes each month on average: everything repaid over the months of its term."""
    return quoted.cost.total_repayable / quoted.term_months


def room_of(facts: dict[str, Any], on: datetime.date) -> Decimal | None:
    """What the facts leave each month for a new loan, by the strategy in force; None where that is not known."""
    strategy = Strategy.objects.in_force(on)
    rules = strategy.rules if strategy is not None else STARTING_RULES
    return affordability(facts, rules["affordability"]).room


def example(
    version: ProductVersion,
    *,
    amount_minor: int,
    installments: int,
    on: datetime.date,
    income_monthly: Decimal | None = None,
    expenses_monthly: Decimal | None = None,
    debt_service_monthly: Decimal | None = None,
) -> dict[str, Any]:
    """What a loan would cost at the product's rates, and whether it fits an income; writes nothing.

    Answers amount_minor, installments, `from` and `to` (the cost sheets at the lowest and the highest rate), schedule
    (at the highest), monthly_burden_minor, room_minor and `affordable`: None while income, expenses or debt service are
    unknown; but False where it would not fit even without debts.
    Raises WrongFields for an amount or a term that the product does not offer.
    """
    errors: dict[str, list[Message]] = {}
    if not version.min_amount_minor <= amount_minor <= version.max_amount_minor:
        bounds = [
            f"{from_minor(bound, version.decimals):,}" for bound in (version.min_amount_minor, version.max_amount_minor)
        ]
        wanted = {"least": bounds[0], "most": bounds[1], "currency": version.currency}
        errors["amount"] = [_("Enter an amount from %(least)s to %(most)s %(currency)s.") % wanted]
    if installments not in version.installment_choices:
        offered = ", ".join(map(str, version.installment_choices))
        errors["installments"] = [
            _("Choose a number of installments that is offered: %(offered)s.") % {"offered": offered}
        ]
    if errors:
        raise WrongFields(errors)
    cheapest, dearest = (
        quote(
            version,
            amount_minor=amount_minor,
            installments=installments,
            yearly_rate_percent=Decimal(rate),
            starts_on=on,
        )
        for rate in (version.min_yearly_rate_percent, version.max_yearly_rate_percent)
    )
    stated = {
        "income_monthly": income_monthly,
        "expenses_monthly": expenses_monthly,
        "debt_service_monthly": debt_service_monthly,
    }
    room = room_of(stated, on)
    most = room_of({**stated, "debt_service_monthly": debt_service_monthly or 0}, on)
    burden = monthly_burden(dearest)
    return {
        "amount_minor": amount_minor,
        "installments": installments,
        "from": cheapest.disclosure_json(),
        "to": dearest.disclosure_json(),
        "schedule": dearest.schedule_json(),
        "monthly_burden_minor": _up(burden, version.decimals),
        "room_minor": None if most is None else _up(most, version.decimals),
        "affordable": False if most is not None and burden > most else None if room is None else True,
    }


def _up(amount: Decimal, decimals: int) -> int:
    return to_minor(round(amount, decimals), decimals)
