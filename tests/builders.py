"""Short ways to a state that a story begins with. Every one goes through the real acts; nothing is written past them.

version = product()                              a published product in force ("consumer-installment")
ada = identified_person()                        a customer with a user, identified, all consents given
asked = application(ada)                         a draft with every answer
decision = submit(asked)                         decided by the rules (referred, while no model is certified)
offer = offered(asked)                           approved by an officer, whatever the rules said
contract, signature = signed(offer)
loan = signed_loan(ada)                          the whole way, to a loan whose disbursement is requested
"""

import datetime
import io
from decimal import Decimal
from functools import lru_cache
from typing import Any

from customers import consents, identity, registration
from customers.models import Customer, Purpose, User
from lending.applications import contracting, filling, submission
from lending.applications.decision import decide_by_officer
from lending.applications.models import Application, Contract, Decision, Offer, Signature
from lending.products import standard
from lending.products.models import ProductVersion
from tests import cast
from tests.cast import TODAY

PEOPLE = {
    "Ada": ("Ada Lovelace", cast.ADA_ID_NUMBER, cast.ADA_PHONE),
    "Bao": ("包宝", cast.BAO_ID_NUMBER, cast.BAO_PHONE),
}
ANSWERS: dict[str, Any] = {
    "amount": "12000",
    "installments": 12,
    "purpose": "consumption",
    "income_monthly": "12000",
    "expenses_monthly": "4000",
    "debt_service_monthly": "0",
    "debts": "0",
    "assets": "50000",
    "employment_type": "salaried",
    "employment_years": 6,
    "home_ownership": "rent",
    "dependants": 0,
}

REPORTED: dict[str, Any] = {
    "channel": "partner:shop", "records": "no", "bureau_inquiries_6m": 0, "bureau_open_loans": 0, "bureau_max_dpd_24m": 0,
    "bureau_history_months": 120, "residence_years": "3",
}  # fmt: skip
"""What a channel passes on of a credit report: with it, nothing that decides is unknown."""


def officer(name: str = "olga") -> User:
    """A member of staff by user name, made if need be; without a role."""
    user, _created = User.objects.get_or_create(username=name, defaults={"is_staff": True})
    return user


def product(code: str = "consumer-installment", *, on: datetime.date = TODAY) -> ProductVersion:
    """The standard product of this code, published by two people on the day if it is not yet."""
    known = ProductVersion.objects.published().filter(product__code=code).select_related("product").first()
    if known is None:
        standard.install(proposed_by=officer("pia"), published_by=officer("paul"), on=on, only=[code])
        known = ProductVersion.objects.published().select_related("product").get(product__code=code)
    return known


def resident_id(number: int, *, born: datetime.date = datetime.date(1990, 3, 7)) -> str:
    """An invented resident ID number that passes every check; a different one for each number below 1000."""
    body = f"110105{born:%Y%m%d}{number % 1000:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, identity.WEIGHTS, strict=True))
    return body + identity.CHECK_CHARACTERS[total % 11]


def identified_person(
    name: str = "Ada",
    *,
    on: datetime.date = TODAY,
    without: tuple[str, ...] = (),
    language: str = "en",
    number: int | None = None,
) -> Customer:
    """A person with a user of her own, identified, who consented to everything but the purposes of `without`.

    Ada and Bao have the numbers of the cast; anybody else needs a `number` of her own (0 to 998).
    """
    if number is None:
        full_name, id_number, phone = PEOPLE[name]
    else:
        full_name, id_number, phone = name, resident_id(number), f"1370000{number:04d}"
    customer = registration.open_account(
        phone=phone, password=cast.PASSWORD, by=None, on=on, language=language, phone_verified=True
    )
    identity.identify(customer, name=full_name, id_number=id_number, phone=phone, by=customer.user, on=on)
    consent(customer, *(purpose for purpose in Purpose.values if purpose not in without), on=on)
    return Customer.objects.select_related("user", "person").get(pk=customer.pk)


def consent(customer: Customer, *purposes: str, on: datetime.date = TODAY) -> None:
    for purpose in purposes:
        consents.give(customer, purpose=purpose, channel="portal", by=customer.user, on=on)


def application(
    customer: Customer | None = None,
    *,
    code: str = "consumer-installment",
    on: datetime.date = TODAY,
    channel: str = "portal",
    **answers: Any,
) -> Application:
    """A draft with every answer; `answers` change some of them."""
    who = customer or identified_person(on=on)
    draft = filling.start(customer=who, product_version=product(code, on=on), channel=channel, by=who.user, on=on)
    return filling.answer(draft, answers={**ANSWERS, **answers}, by=who.user, on=on)


def submit(draft: Application, *, on: datetime.date = TODAY) -> Decision:
    """Decided by the rules. Without a certified model and an approved strategy this refers to an officer."""
    return submission.submit(draft, by=draft.customer.user, on=on)


def approve(
    referred: Application,
    *,
    by: User | None = None,
    on: datetime.date = TODAY,
    amount_minor: int | None = None,
    installments: int | None = None,
    yearly_rate_percent: str = "12",
) -> Decision:
    """An officer's approval of a referred application, of all that was asked for unless told otherwise."""
    return decide_by_officer(
        referred,
        outcome=Decision.Outcome.APPROVE,
        by=by or officer(),
        on=on,
        amount_minor=amount_minor or referred.amount_minor,
        installments=installments or referred.installments,
        yearly_rate_percent=Decimal(yearly_rate_percent),
        reason_code="INCOME_VERIFIED",
        note="Pay slips of three months seen.",
    )


def offered(draft: Application | None = None, *, on: datetime.date = TODAY, **approval: Any) -> Offer:
    """The standing offer of an application: submitted if need be, and approved by an officer where it was referred."""
    asked = draft or application(on=on)
    if asked.status == Application.Status.DRAFT:
        submit(asked, on=on)
        asked.refresh_from_db()
    if asked.status == Application.Status.REFERRED:
        approve(asked, on=on, **approval)
    return asked.offers.order_by("-pk")[0]


def signed(offer: Offer, *, on: datetime.date = TODAY, language: str = "en") -> tuple[Contract, Signature]:
    """The contract of an offer and its customer's signature."""
    contract = contracting.draw_up(offer, language=language, on=on)
    customer = offer.application.customer
    signature = contracting.sign(contract, sha256=contract.sha256, disclosure_confirmed=True, by=customer.user, on=on)
    return contract, signature


def signed_loan(customer: Customer | None = None, *, on: datetime.date = TODAY, **answers: Any) -> Any:
    """The loan that signing opens, its disbursement requested; `answers` and `code` as in `application`."""
    from lending.loans.opening import sign_and_open

    offer = offered(application(customer, on=on, **answers), on=on)
    contract = contracting.draw_up(offer, language="en", on=on)
    return sign_and_open(
        contract,
        sha256=contract.sha256,
        disclosure_confirmed=True,
        by=offer.application.customer.user,
        on=on,
    )


@lru_cache(maxsize=1)
def _trained() -> tuple[Any, Any]:
    """A scorecard trained on two thousand invented applicants, once a test run."""
    from scoring import demo_process
    from scoring.learning.training import train
    from scoring.training import read_table

    file = io.StringIO()
    demo_process.write_csv(file, count=2000, seed=7)
    table = read_table(file.getvalue().encode(), target="target", source="demo.csv")[0]
    return train(table, algorithm="scorecard"), table


def deciding_model(*, on: datetime.date = TODAY) -> Any:
    """A certified champion and an approved strategy, so that applications are scored and decided: the ModelVersion."""
    from scoring import certification, strategy
    from scoring.strategy_rules import STARTING_RULES
    from scoring.training import Spec, put_into_inventory

    trained, table = _trained()
    dev, vera, cert = (officer(name) for name in ("dev-of-models", "vera-of-models", "cert-of-models"))
    version = put_into_inventory(
        trained, table, dict(trained.metrics), {}, name="consumer-credit", spec=Spec(), uses_facts=True, seed=0, by=dev
    )
    version = certification.submit(version, by=dev, on=on)
    version = certification.validate(version, passed=True, note="sound", by=vera, on=on)
    expires_on = on + datetime.timedelta(days=365)
    version = certification.certify(version, expires_on=expires_on, by=cert, on=on)
    drafted = strategy.draft(rules=STARTING_RULES, note="first", effective_from=on, by=dev, on=on)
    strategy.approve(drafted, by=cert, on=on)
    return certification.promote(version, to="champion", by=cert, on=on)
