"""Act on what the bank tells us: verify, keep and settle. This is what the callback's door calls."""

import datetime as dt

from lending.loans import disbursement
from lending.loans.callbacks import BankMessage, receive
from lending.repayments import ordering


def handle(body: bytes, signature: str, *, on: dt.date) -> BankMessage:
    """Receive one callback and settle the order it is about. Delivered twice, it acts once.

    The message is kept before it is acted on: should settling fail, the bank delivers it again and it acts then.
    Raises InvalidSignature (403), InvalidMessage (400), UnknownPayment (404), ContradictoryBankMessage (409).
    """
    message = receive(body, signature)
    settle = disbursement.settle if message.kind == "payout" else ordering.settle
    settle(
        key=message.key,
        succeeded=message.succeeded,
        bank_reference=message.bank_reference,
        reason=message.reason,
        on=on,
    )
    return message
