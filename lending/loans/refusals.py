"""What a loan refuses, and what to do instead."""

from django.utils.translation import gettext_lazy as _

from customers.refusals import Refusal


class KeyReused(Refusal):
    """Same idempotency key, other content."""

    code = "key_reused"
    field = "key"
    text = _("This key was used for something else before. Send a new key with a new request.")


class EventRefused(Refusal):
    """The engine says that this cannot have happened to this loan."""

    code = "event_refused"
    status = 400
    text = _("The loan does not allow this. %(reason)s")


class LoanCancelled(Refusal):
    code = "loan_cancelled"
    text = _("Loan %(number)s was called off before it was paid out. Nothing happens to it any more.")


class DateInFuture(Refusal):
    code = "date_in_future"
    status = 400
    field = "on"
    text = _("%(on)s is in the future; today is %(today)s. Give a day up to today.")


class DateBeforeLoan(Refusal):
    code = "date_before_loan"
    status = 400
    field = "on"
    text = _("%(on)s is before the loan began on %(start)s. Give a day from then on.")


class LoanNotAwaitingDisbursement(Refusal):
    code = "loan_not_awaiting_disbursement"
    text = _("Loan %(number)s is not awaiting disbursement, so no money is paid out. Look at its events.")


class PayoutUnderWay(Refusal):
    code = "payout_under_way"
    text = _(
        "A payout of loan %(number)s is under way. Wait for the bank's word, or have the second officer reject it, and "
        "try again."
    )


class NotAllowedToCancel(Refusal):
    code = "not_allowed_to_cancel"
    status = 403
    text = _("You may not call off this loan. Ask a loan officer.")


class DisbursementNotWaiting(Refusal):
    code = "disbursement_not_waiting"
    text = _("This disbursement is not waiting for a second officer any more. Reload the page to see where it stands.")


class MakerCannotCheck(Refusal):
    code = "maker_cannot_check"
    status = 403
    text = _("You took part in this loan yourself. Another officer must approve its disbursement.")


class NotAllowedToApprove(Refusal):
    code = "not_allowed_to_approve"
    status = 403
    text = _("You may not approve disbursements. Ask a senior officer.")


class ReasonMissing(Refusal):
    code = "reason_missing"
    status = 400
    field = "reason"
    text = _("Say why, in a few words.")


class InvalidAccount(Refusal):
    code = "invalid_account"
    status = 400
    field = "account_number"
    text = _("A bank account number has 8 to 30 digits. Check the number and enter it again.")


class UnknownPayment(Refusal):
    code = "unknown_payment"
    status = 404
    field = "key"
    text = _("There is no payment order with this key. Check the key.")


class ContradictoryBankMessage(Refusal):
    code = "contradictory_bank_message"
    text = _("The bank said otherwise of this payment before. Clear it up with the bank by its reference.")


class InvalidSignature(Refusal):
    code = "invalid_signature"
    status = 403
    text = _("The signature does not hold. Sign the body with the shared secret (hex HMAC-SHA256, X-Signature).")


class InvalidMessage(Refusal):
    code = "invalid_message"
    status = 400
    text = _("%(reason)s")


class LoanNotRunning(Refusal):
    code = "loan_not_running"
    text = _("Loan %(number)s is not running, so its plan is not changed.")
