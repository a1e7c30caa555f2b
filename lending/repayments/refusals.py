"""What a repayment refuses, and what to do instead."""

from django.utils.translation import gettext_lazy as _

from customers.refusals import Refusal
from lending.loans.refusals import KeyReused

__all__ = [
    "AlreadyReversed",
    "AmountRefused",
    "BeforeDisbursement",
    "KeyReused",
    "LoanClosed",
    "NotYetDisbursed",
    "NothingOwed",
    "PaymentUnderWay",
    "ReceivedInFuture",
    "ReversalNotReversible",
    "WrongCurrency",
]


class AmountRefused(Refusal):
    code = "amount_refused"
    status = 400
    field = "amount_minor"
    text = _("Give an amount above zero, in whole minor units of the currency, with at most 15 digits.")


class WrongCurrency(Refusal):
    code = "wrong_currency"
    status = 400
    field = "currency"
    text = _("This loan is in %(currency)s. Pay it in %(currency)s.")


class ReceivedInFuture(Refusal):
    code = "received_in_future"
    status = 400
    field = "received_on"
    text = _("%(on)s is in the future. Give the day the money came in, up to %(today)s.")


class BeforeDisbursement(Refusal):
    code = "before_disbursement"
    status = 400
    field = "received_on"
    text = _("%(on)s is before the loan was paid out. Give a day from %(start)s on.")


class NotYetDisbursed(Refusal):
    code = "not_yet_disbursed"
    text = _("Loan %(number)s has not been paid out yet, so there is nothing to repay. Wait for the disbursement.")


class LoanClosed(Refusal):
    code = "loan_closed"
    text = _(
        "Loan %(number)s is closed and nothing is owed on it. Pay another loan, or ask for your credit balance back."
    )


class NothingOwed(Refusal):
    code = "nothing_owed"
    text = _("Nothing is owed on loan %(number)s on that day.")


class PaymentUnderWay(Refusal):
    code = "payment_under_way"
    text = _("A payment for this loan is with the bank already. Wait for the bank's answer before you pay again.")


class AlreadyReversed(Refusal):
    code = "already_reversed"
    text = _("This repayment was reversed before. Look at the loan's events.")


class ReversalNotReversible(Refusal):
    code = "reversal_not_reversible"
    text = _("A reversal cannot be reversed. Post the repayment again with a new key.")
