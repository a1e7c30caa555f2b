"""Interest accrued to the day, in the ledger as one entry a currency.

What the interest receivable (1301) should hold at the close of `on` is a formula over the active loans:

    outstanding interest of the whole schedule  -  what of it has not accrued yet

where of an unsettled installment has not accrued: nothing once it is due, all of it before it starts, and in between
`interest - interest x (on - starts_on) / (due_on - starts_on)`, the quotient rounded down to the minor unit. The entry
posts the difference to what the account holds. Example: two installments of 3,000 and 2,000 fen interest, 400 paid, the
first running for 10 of its 30 days: 4,600 outstanding less 2,000 less 2,000 = 600; the account holds 500: 100 debit
1301, 100 credit 4001. Whatever happened in between, the account is right to the cent; a second run posts nothing.
"""

import datetime

from django.db import transaction

from lending.ledger.chart import INTEREST_INCOME, INTEREST_RECEIVABLE
from lending.ledger.models import Account, Entry, Line
from lending.ledger.posting import post
from lending.loans.models import Installment, Loan
from lending.servicing.set_sql import days_between, rows, table

SOURCE, KIND = "business_day", "interest_accrual"


def accrue_interest(on: datetime.date) -> dict[str, int]:
    """Bring the interest receivable up to the day. Returns the minor units posted, by currency."""
    posted: dict[str, int] = {}
    with transaction.atomic():
        for currency, difference in _differences(on):
            source_id = f"{on.isoformat()}:{currency}"
            posted_before = Entry.objects.filter(source_type=SOURCE, source_id=source_id, kind=KIND)
            if difference == 0 or posted_before.exists():
                continue
            lines = [(INTEREST_RECEIVABLE, difference), (INTEREST_INCOME, -difference)]
            post(on=on, kind=KIND, currency=currency, source_type=SOURCE, source_id=source_id, lines=lines)
            posted[f"{currency}_minor"] = difference
    return posted


def _differences(on: datetime.date) -> list[tuple[str, int]]:
    """Accrued and unpaid less the account's balance, by currency: one statement, so that both are of one moment."""
    elapsed, length = days_between("%(on)s", "i.starts_on"), days_between("i.due_on", "i.starts_on")
    sql = f"""
        SELECT currency, SUM(amount) FROM (
            SELECT l.currency AS currency, l.outstanding_interest_minor AS amount
            FROM {table(Loan)} l WHERE l.status = 'active'
            UNION ALL
            SELECT l.currency,
                   CASE WHEN i.starts_on >= %(on)s THEN -i.interest_minor
                        ELSE i.interest_minor * {elapsed} / {length} - i.interest_minor END
            FROM {table(Installment)} i JOIN {table(Loan)} l ON l.id = i.loan_id
            WHERE l.status = 'active' AND i.settled_on IS NULL AND i.due_on > %(on)s
            UNION ALL
            SELECT e.currency, -line.amount_minor
            FROM {table(Line)} line JOIN {table(Entry)} e ON e.id = line.entry_id
            JOIN {table(Account)} a ON a.id = line.account_id WHERE a.code = %(account)s
        ) parts GROUP BY currency ORDER BY currency
    """  # noqa: S608 - table names of ours; every value is a parameter
    found = rows(sql, {"on": on.isoformat(), "account": INTEREST_RECEIVABLE})
    return [(currency, int(amount)) for currency, amount in found]
