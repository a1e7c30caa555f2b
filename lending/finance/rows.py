"""The installments as they are paid: what each asks for, what it received, and when it was settled."""

import datetime as dt

from lending.finance.periods import Period

COMPONENTS = ("penalty", "fee", "interest", "principal")


class Row:
    """One installment while events are replayed; amounts are minor units.

    ``period`` is its period in the interest model, None for down payments and additional installments.
    """

    __slots__ = (
        "due",
        "fees",
        "installment_fees",
        "installment_penalties",
        "interest",
        "interest_offset",
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
        "principal_offset",
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
        self.principal_offset = 0
        self.interest_offset = 0
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

    @property
    def is_open(self) -> bool:
        """Not settled, or settled only because it asked for nothing."""
        return self.settled_on is None or not (self.paid or self.waived)

    @property
    def asked_by_model(self) -> tuple[int, int]:
        """Principal and interest by the interest model, with what was asked beyond it."""
        period = self.period
        if period is None:
            return self.principal, self.interest
        return period.due_principal + self.principal_offset, max(0, period.due_interest + self.interest_offset)

    @property
    def differs(self) -> bool:
        period = self.period
        return period is not None and (
            self.principal != period.due_principal + self.principal_offset
            or self.interest != period.due_interest + self.interest_offset
        )

    def follow(self, on: dt.date) -> bool:
        """Take principal and interest from the period in the interest model; True where that changed something."""
        if not self.differs:
            return False
        self.principal, self.interest = self.asked_by_model
        self.settle(on)
        return True

    def ask_principal(self, amount: int) -> None:
        """Ask for more principal (or less) than the interest model knows of."""
        self.principal += amount
        self.principal_offset += amount

    def ask_less_principal(self, amount: int, most: int) -> int:
        """Ask for so much less principal, at most ``most``; returns what is no longer asked for."""
        less = min(amount, most)
        if less <= 0:
            return 0
        self.ask_principal(-less)
        return less

    def ask_interest(self, amount: int) -> None:
        """Ask for more interest (or less) than the interest model knows of."""
        self.interest += amount
        self.interest_offset += amount

    def give_up_waivers(self) -> None:
        """A waiver is no larger than what is still asked for."""
        self.waived_principal = min(self.waived_principal, max(0, self.principal - self.paid_principal))
        self.waived_interest = min(self.waived_interest, max(0, self.interest - self.paid_interest))
        self.waived_fees = min(self.waived_fees, max(0, self.fees - self.paid_fees))
        self.waived_penalties = min(self.waived_penalties, max(0, self.penalties - self.paid_penalties))

    def take_back(self, component: str, amount: int) -> None:
        """Money received for a component is no longer for it."""
        if component == "principal":
            self.paid_principal -= amount
        elif component == "interest":
            self.paid_interest -= amount
        elif component == "fee":
            self.paid_fees -= amount
        else:
            self.paid_penalties -= amount
