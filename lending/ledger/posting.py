"""Post a journal entry: the lines first, the entry last, and the database closes it only when it balances."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db import IntegrityError, transaction

from customers.models import Customer
from lending.ledger.models import Account, Entry, Line
from lending.ledger.refusals import EntryDiffers, UnbalancedEntry, UnknownAccount


def post(
    *,
    on: dt.date,
    kind: str,
    currency: str,
    source_type: str,
    source_id: str,
    lines: Iterable[tuple[str, int]],
    customer: Customer | None = None,
    loan_number: str = "",
) -> Entry:
    """Post one entry for the fact (source_type, source_id, kind), once, and return it.

    `lines` are (account code, minor units, debit positive); lines of one account are added up and those that come to
    nothing are left out. Posting the same fact again returns the first entry, or raises EntryDiffers when the amounts
    are not the same. Raises UnbalancedEntry and UnknownAccount; the database refuses the same on its own.
    """
    amounts = _netted(lines)
    if sum(amounts.values()) != 0 or len(amounts) < 2:
        raise UnbalancedEntry(total=sum(amounts.values()))
    fact = {"source_type": source_type, "source_id": source_id, "kind": kind}
    entry = Entry(on=on, currency=currency, customer=customer, loan_number=loan_number, **fact)
    accounts = _accounts(amounts)
    try:
        with transaction.atomic():
            Line.objects.bulk_create(
                [Line(entry=entry, account_id=accounts[code], amount_minor=amount) for code, amount in amounts.items()]
            )
            entry.save(force_insert=True)
    except IntegrityError:
        first = Entry.objects.filter(**fact).first()
        if first is None:
            raise
        if first.amounts() != amounts or first.currency != currency:
            raise EntryDiffers() from None
        return first
    return entry


def _netted(lines: Iterable[tuple[str, int]]) -> dict[str, int]:
    amounts: dict[str, int] = defaultdict(int)
    for code, amount in lines:
        amounts[code] += amount
    return {code: amount for code, amount in amounts.items() if amount}


def _accounts(codes: Iterable[str]) -> dict[str, int]:
    found = dict(Account.objects.filter(code__in=list(codes)).values_list("code", "id"))
    for code in codes:
        if code not in found:
            raise UnknownAccount(code=code)
    return found
