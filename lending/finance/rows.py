"""The installments as they are paid: what each asks for, what it received, and when it was settled."""

import datetime as dt

from lending.finance.due_dates import Span
from lending.finance.periods import Period

COMPONENTS = ("penalty", "fee", "interest", "principal")


class Row:
    """One installment while events are replayed; amounts are minor units.

    ``period`` is its period in the interest model, None for down payments and additional installments.
    """

    __slots__ = (
        "credited",
        "due",
        "fees",
        "installment_fees",
        "installment_penalties",
        "interest",
        "kind",
        "paid_fees",
        "paid_interest",
        "paid_penalties",
        "paid_principal",
        "penalties",
        "penalty_exact",
        "penalty_interest",
        "penalty_until",
        "period",
        "principal",
        "settled_on",
        "start",
        "waived_fees",
        "waived_interest",
        "waived_penalties",
        "waived_principal",
    )

    def __init__(self, start: dt.date, due: dt.date, kind: str, period: Period | None = None) -> None:
        self.start = start
        self.due = due
        self.kind = kind
        self.period = period
        self.principal = 0
        self.interest = 0
        self.fees = 0
        self.penalties = 0
        self.credited = 0
        self.installment_fees = 0
        self.installment_penalties = 0
        self.paid_principal = 0
        self.paid_interest = 0
        self.paid_fees = 0
        self.paid_penalties = 0
        self.waived_principal = 0
        self.waived_interest = 0
        self.waived_fees = 0
        self.waived_penalties = 0
        self.penalty_exact = 0
        self.penalty_interest = 0
        self.penalty_until: dt.date | None = None
        self.settled_on: dt.date | None = None

    @property
    def span(self) -> Span:
        return Span(self.start, self.due, (1, 1))

    @property
    def total(self) -> int:
        return self.principal + self.interest + self.fees + self.penalties

    @property
    def paid(self) -> int:
        return self.paid_principal + self.paid_interest + self.paid_fees + self.paid_penalties

    @property
    def waived(self) -> int:
        return self.waived_principal + self.waived_interest + self.waived_fees + self.waived_penalties

    @property
    def outstanding(self) -> int:
        return (
            self.principal
            + self.interest
            + self.fees
            + self.penalties
            - self.paid_principal
            - self.paid_interest
            - self.paid_fees
            - self.paid_penalties
            - self.waived_principal
            - self.waived_interest
            - self.waived_fees
            - self.waived_penalties
        )

    @property
    def outstanding_principal(self) -> int:
        return self.principal - self.paid_principal - self.waived_principal

    @property
    def outstanding_interest(self) -> int:
        return self.interest - self.paid_interest - self.waived_interest

    @property
    def outstanding_fees(self) -> int:
        return self.fees - self.paid_fees - self.waived_fees

    @property
    def outstanding_penalties(self) -> int:
        return self.penalties - self.paid_penalties - self.waived_penalties

    def outstanding_of(self, component: str) -> int:
        if component == "principal":
            return self.outstanding_principal
        if component == "interest":
            return self.outstanding_interest
        if component == "fee":
            return self.outstanding_fees
        return self.outstanding_penalties

    def pay(self, component: str, amount: int, on: dt.date) -> int:
        """Receive up to ``amount`` for a component; returns what was taken."""
        taken = min(amount, self.outstanding_of(component))
        if taken <= 0:
            return 0
        if component == "principal":
            self.paid_principal += taken
        elif component == "interest":
            self.paid_interest += taken
        elif component == "fee":
            self.paid_fees += taken
        else:
            self.paid_penalties += taken
        self.settle(on)
        return taken

    def waive(self, component: str, amount: int, on: dt.date) -> int:
        """Forgive up to ``amount`` of a component; returns what was forgiven."""
        forgiven = min(amount, self.outstanding_of(component))
        if forgiven <= 0:
            return 0
        if component == "principal":
            self.waived_principal += forgiven
        elif component == "interest":
            self.waived_interest += forgiven
        elif component == "fee":
            self.waived_fees += forgiven
        else:
            self.waived_penalties += forgiven
        self.settle(on)
        return forgiven

    def settle(self, on: dt.date) -> None:
        """Note the day the installment became settled, or that it no longer is."""
        if self.outstanding > 0:
            self.settled_on = None
        elif self.settled_on is None:
            self.settled_on = on

    def follow(self, on: dt.date) -> None:
        """Take principal and interest from the period in the interest model."""
        period = self.period
        if period is not None and (
            self.principal != period.due_principal or self.interest != period.due_interest
        ):
            self.principal = period.due_principal
            self.interest = period.due_interest
            self.settle(on)
