"""Open a loan: the customer signs, the terms freeze, the money is ordered. One transaction, safe to call twice."""

import datetime as dt

from django.db import transaction

from customers.models import User
from lending.applications import contracting
from lending.applications.models import Application, Contract
from lending.finance.events import Event
from lending.finance.money import from_minor
from lending.loans import disbursement
from lending.loans.models import Loan
from lending.loans.recording import record
from lending.loans.telling import tell


def sign_and_open(
    contract: Contract,
    *,
    sha256: str,
    disclosure_confirmed: bool,
    by: User | None,
    on: dt.date,
    account_number: str = "",
) -> Loan:
    """Sign the contract and open the loan of its offer; the loan that is open already is returned as it is.

    Raises what `contracting.sign` refuses (a digest that is not the contract's, an expired offer, …) and
    `InvalidAccount`; then nothing is signed either.
    """
    with transaction.atomic():
        application = Application.objects.select_for_update().get(pk=contract.offer.application_id)
        existing = Loan.objects.filter(application=application).first()
        if existing is not None:
            return existing
        contracting.sign(contract, sha256=sha256, disclosure_confirmed=disclosure_confirmed, by=by, on=on)
        offer = contract.offer
        version = offer.product_version
        loan = Loan.objects.create(
            number=f"L{on:%Y%m%d}-{application.pk:06d}",
            application=application,
            customer=application.customer,
            product_version=version,
            terms=offer.terms,
            currency=offer.currency,
            decimals=version.decimals,
            approved_minor=offer.amount_minor,
            opened_on=on,
        )
        amount = from_minor(offer.amount_minor, version.decimals)
        approval = Event(on=on, type="approve", amount=amount, expected_on=on)
        record(loan, approval, key=f"contract:{contract.pk}", by=by, on=on)
        tell(
            loan,
            kind="contract_signed",
            key=f"contract:{contract.pk}",
            on=on,
            contract=contract.number,
            amount_minor=offer.amount_minor,
            signed_on=on,
        )
        disbursement.request(loan, by=by, on=on, account_number=account_number)
        return loan
