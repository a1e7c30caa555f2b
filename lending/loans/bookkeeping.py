"""What a loan's events mean in the journal: for any state of a loan, the balances its own entries must add up to.

Everything is derived from the replayed state; an event's entry is the difference between these balances after it and
what is in the journal for the loan. A reversal or a back-dated payment needs no rule of its own.

  custody bank account     minus disbursements, charge-backs and refunds of credit, plus what was received
  principal receivable     outstanding principal, nothing once charged off
  fees, penalties          outstanding fees and penalties, nothing once charged off; the income is all that was charged
  interest receivable      minus the interest paid or capitalised so far: accrual is posted in aggregate
                           (`ledger.chart`), so interest forgiven or written off simply ceases to be accrued
  credit balances          minus what the customer paid too much
  goodwill and waivers     what was credited or forgiven without money
  recoveries               minus the principal, fees and penalties that came in after the charge-off
  charge-off expense       the principal, fees and penalties taken off the books: by double entry, all that is left
A restructuring that capitalises interest, fees or penalties settles them and makes them principal.

A loan of 1,000.00 was paid out with a fee of 20.00, and 130.00 were paid: 20.00 fee, 10.00 interest, 100.00 principal.

  custody -870.00    principal 900.00    interest receivable -10.00    fee income -20.00    together 0.00
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from lending.finance.events import Event
from lending.finance.installments import LoanState, Transaction
from lending.finance.money import to_minor
from lending.ledger import chart

#: How money moved with each type of transaction: +1 came in, -1 went out.
CASH = {
    "disburse": -1,
    "chargeback": -1,
    "credit_balance_refund": -1,
    "repay": 1,
    "pay_off": 1,
    "prepay": 1,
    "down_payment": 1,
    "merchant_issued_refund": 1,
    "payout_refund": 1,
    "recovery": 1,
}
#: What is allocated like a payment, but nobody pays.
CREDITED = ("goodwill_credit", "interest_payment_waiver")
FORGIVEN = ("waive_fee", "waive_penalty")
#: What a restructuring makes principal, and the account it was settled on or stays income of.
CAPITALIZED = {"interest": chart.INTEREST_RECEIVABLE, "fees": chart.FEE_INCOME, "penalties": chart.PENALTY_INCOME}
ZERO = Decimal(0)


class BooksDoNotBalance(Exception):
    """The engine's figures contradict each other. Nothing is written; this is a fault to be mended, not a refusal."""


def balances_of(state: LoanState, events: Sequence[Event], decimals: int) -> dict[str, int]:
    """Minor units by account code, debit positive, summing to zero; accounts at nothing are left out.

    `events` are all events of the loan in the order they were entered. Raises BooksDoNotBalance.
    """
    balances: dict[str, Decimal] = defaultdict(Decimal)
    summary = state.summary
    if summary.disbursed:
        balances[chart.CREDIT_BALANCES] = -summary.overpayment
        balances[chart.INTEREST_RECEIVABLE] = -sum((row.paid_interest for row in state.installments), ZERO)
        balances[chart.FEE_INCOME] = -summary.charged_fees
        balances[chart.PENALTY_INCOME] = -summary.charged_penalties
        if not (summary.is_charged_off or summary.is_written_off):
            balances[chart.PRINCIPAL] = summary.outstanding_principal
            balances[chart.FEES_RECEIVABLE] = summary.outstanding_fees
            balances[chart.PENALTIES_RECEIVABLE] = summary.outstanding_penalties
    _add_transactions(balances, [found for found in state.transactions if not found.reversed], events)
    left = sum(balances.values(), ZERO)
    if left and not (summary.is_charged_off or summary.is_written_off):
        raise BooksDoNotBalance(f"{left} of the loan's money is unaccounted for")
    balances[chart.CHARGE_OFF_EXPENSE] = -left
    minor = {code: to_minor(amount, decimals) for code, amount in balances.items()}
    return {code: amount for code, amount in minor.items() if amount}


def _add_transactions(balances: dict[str, Decimal], transactions: list[Transaction], events: Sequence[Event]) -> None:
    charged_off = False
    for found in transactions:
        if found.type in CASH:
            balances[chart.CUSTODY] += CASH[found.type] * found.amount
        elif found.type in CREDITED:
            balances[chart.WAIVERS] += found.amount
        elif found.type in FORGIVEN:
            balances[chart.WAIVERS] += found.fees + found.penalties
        elif found.type == "capitalized_income":
            balances[chart.FEE_INCOME] -= found.amount
        elif found.type == "restructure":
            for name in events[found.event_index - 1].capitalize:
                balances[CAPITALIZED[name]] -= getattr(found, name)
        if found.type == "recovery":
            balances[chart.RECOVERIES] -= found.amount
        elif charged_off and (found.type in CREDITED or CASH.get(found.type) == 1):
            balances[chart.RECOVERIES] -= found.principal + found.fees + found.penalties
        charged_off = charged_off or found.type == "charge_off"
