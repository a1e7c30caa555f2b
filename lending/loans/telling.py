"""Tell the customer what happened to her loan. In the transaction of the act: what was not done is not told."""

import datetime as dt
from typing import Any

from customers.notices import ALL_CHANNELS, INBOX, notify
from lending.loans.models import Loan


def tell(loan: Loan, *, kind: str, key: str, on: dt.date, **facts: Any) -> None:
    """One notice about a loan, once per `key`. A customer we cannot name yet is told in the portal alone."""
    customer = loan.customer
    known = hasattr(customer, "person") or hasattr(customer, "organisation")
    notify(
        customer,
        kind=kind,
        key=key,
        context={"loan": loan.number, "currency": loan.currency, "decimals": loan.decimals, **facts},
        on=on,
        subject_type="loan",
        subject_id=loan.number,
        channels=ALL_CHANNELS if known else (INBOX,),
    )
