"""The loan while its events are replayed: rows, interest model, credit and the transactions so far.

Every event of money goes through ``receive``, ``disburse`` or one of the functions in ``book_credits``,
``book_changes`` and ``prepayment``. All amounts are minor units. The book is private to ``replay``, which
makes one, feeds it and turns it into an immutable ``LoanState``.
"""

import datetime as dt
from typing import Any

from lending.finance.allocation import allocate
from lending.finance.day_count import rate_of
from lending.finance.due_dates import due_plan
from lending.finance.entries import Entry, InstallmentFee
from lending.finance.interest_model import InterestModel
from lending.finance.interest_payments import carry_overdue, pay_interest, pay_principal
from lending.finance.interest_views import due_amounts
from lending.finance.money import EXACT
from lending.finance.rows import COMPONENTS, Row
from lending.finance.schedule import down_payment, rules_of
from lending.finance.terms import AllocationRule, Terms

#: Receipts that bring no money in.
CREDITS_OF_THE_LENDER = ("goodwill_credit", "interest_payment_waiver")
ROW_ORDER = {"regular": 0, "repaid_early": 0, "down_payment": 1, "brought_forward": 1, "additional": 2}


class LoanBook:
    """Rows and model of one loan; see the module."""

    __slots__ = (
        "capitalized",
        "capped",
        "credit",
        "disbursed",
        "disbursements",
        "entries",
        "installment_fees",
        "is_charged_off",
        "is_restructured",
        "is_written_off",
        "model",
        "model_rows",
        "quoted",
        "recovered",
        "rows",
        "rules",
        "skipped",
        "terms",
        "was_re_amortized",
        "written_off",
    )

    def __init__(self, terms: Terms, moves: tuple[tuple[dt.date, dt.date], ...] = ()) -> None:
        self.terms = terms
        self.rules = rules_of(terms)
        dates = due_plan(terms.repayment, terms.starts_on, moves)
        rate = rate_of(terms.rate.percent, terms.rate.per, terms.repayment)
        self.model = InterestModel(terms, self.rules, dates, rate)
        self.model_rows = [Row(period.start, period.due, "regular", period) for period in self.model.periods]
        self.rows = list(self.model_rows)
        self.entries: list[Entry] = []
        self.installment_fees: list[InstallmentFee] = []
        self.disbursements: list[tuple[dt.date, int]] = []
        self.credit = 0
        self.disbursed = 0
        self.written_off = 0
        self.recovered = 0
        self.capitalized = 0
        self.capped = 0
        self.is_charged_off = False
        self.is_written_off = False
        self.is_restructured = False
        self.was_re_amortized = False
        self.quoted: list[Any] = []
        self.skipped: set[int] = set()

    # -- rows and model --------------------------------------------------------------------------------

    @property
    def recalculates(self) -> bool:
        """Do payments change interest (still)?"""
        interest = self.terms.interest
        return (
            interest.recalculates_on_payment
            and self.model.bears_interest
            and interest.method != "flat"  # flat interest does not depend on when it is paid
            and not self.is_charged_off
            and not self.is_written_off
        )

    def sort_rows(self) -> None:
        self.rows.sort(key=lambda row: (row.due, ROW_ORDER[row.kind]))

    def sync(self, day: dt.date, unsettled_from: dt.date | None = None) -> None:
        """Let rows follow their changed periods (only those unsettled and due from a day on, where given)."""
        model = self.model
        changed: list[Row] = []
        left_alone: list[Row] = []
        for place in range(model.changed_from, min(model.changed_to, len(self.model_rows))):
            row = self.model_rows[place]
            if unsettled_from is None or (row.due >= unsettled_from and row.is_open):
                if row.follow(day):
                    changed.append(row)
            elif row.differs:
                left_alone.append(row)
        model.changed_from, model.changed_to = len(model.periods), 0
        shift = self._left_alone(left_alone) if left_alone else 0
        for row in changed:
            if row.principal < 0:
                shift += row.principal
                row.ask_principal(-row.principal)
        if shift:
            changed = self._shift(shift, changed, left_alone)
        for row in changed:
            self.mend(row, day)

    def _left_alone(self, rows: list[Row]) -> int:
        """Settled installments stay settled; returns the principal they should ask for now beyond their own."""
        shift = 0
        for row in rows:
            principal, interest = row.asked_by_model
            shift += principal - row.principal
            row.principal_offset -= principal - row.principal
            row.interest_offset -= interest - row.interest
        return shift

    def _shift(self, amount: int, changed: list[Row], left_alone: list[Row]) -> list[Row]:
        """Let the installments still open ask for more principal or less, the last one first.

        Each asks for less down to what was paid on it; only where that is not enough below it, and at the very
        end from installments settled before. Returns the rows that may ask for something else than before.
        """
        followed, kept = set(map(id, changed)), set(map(id, left_alone))
        backwards = self.model_rows[::-1]
        takers = [row for row in backwards if id(row) in followed or (row.is_open and id(row) not in kept)]
        if amount > 0 and takers:
            takers[0].ask_principal(amount)
            return takers
        for row in takers:
            amount += row.ask_less_principal(-amount, row.outstanding_principal)
        for row in [*takers, *backwards]:
            amount += row.ask_less_principal(-amount, row.principal)
        return takers + [row for row in backwards if row.outstanding_principal < 0]

    def mend(self, row: Row, day: dt.date) -> None:
        """An installment that asks for less than was paid for a component: the excess pays its other components.

        What it has no use for at all is credit. The receipts show where their money is now.
        """
        if not row.paid and not row.waived:
            return
        row.give_up_waivers()
        for component in COMPONENTS:
            excess = -row.outstanding_of(component)
            if excess <= 0:
                continue
            row.take_back(component, excess)
            self._reassign(row, component, excess, day)
        row.settle(day)

    def _reassign(self, row: Row, component: str, excess: int, day: dt.date) -> None:
        """Find the receipts behind the excess, the newest first; what came out of credit returns to it."""
        for entry in reversed(self.entries):
            known = entry.allocations.get((id(row), component))
            if known is None or excess <= 0:
                continue
            moved = min(excess, known[1])
            entry.took(row, component, -moved)
            excess -= moved
            for other in COMPONENTS:
                taken = row.pay(other, moved, day)
                if taken:
                    entry.took(row, other, taken)
                    moved -= taken
            entry.overpayment += moved
            self.credit += moved
        self.credit += excess

    def catch_up(self, day: dt.date) -> None:
        """Before money moves: overdue principal has borne interest up to the day."""
        if self.recalculates and self.terms.interest.accrues_on_overdue_principal and carry_overdue(self.model, day):
            self.sync(day)

    # -- money out -------------------------------------------------------------------------------------

    def disburse(self, index: int, day: dt.date, amount: int) -> Entry:
        """Pay out; the down payment becomes an installment of its own, the rest is amortized."""
        entry = self.enter(index, day, "disburse", amount)
        if self.disbursed:
            self.catch_up(day)
        at_once = down_payment(self.terms, self.rules, amount)
        self.disbursed += amount
        self.disbursements.append((day, amount))
        if at_once:
            row = Row(day, day, "down_payment")
            row.principal = at_once
            self.rows.append(row)
            self.sort_rows()
        self.add_principal(day, amount - at_once, capitalized=False)
        self.use_credit(entry)
        if at_once and self.terms.repayment.down_payment_paid_automatically:
            self.receive(index, day, "down_payment", at_once)
        return entry

    def add_principal(self, day: dt.date, amount: int, capitalized: bool) -> None:
        """More principal: over the installments to come, or due at once after maturity."""
        if amount <= 0:
            return
        if self.model.disburse(day, amount, capitalized) is None:
            row = self.additional_row(day)
            row.ask_principal(amount)
            row.settle(day)
        else:
            self.sync(day)
        self.refresh_fees()

    def additional_row(self, day: dt.date) -> Row:
        """The installment after maturity, due on the day or later."""
        last = self.rows[-1]
        if last.kind == "additional":
            last.due = max(last.due, day)
            return last
        row = Row(last.due, day, "additional")
        self.rows.append(row)
        return row

    # -- money in --------------------------------------------------------------------------------------

    def enter(self, index: int, day: dt.date, kind: str, amount: int) -> Entry:
        entry = Entry(index, day, kind, amount)
        self.entries.append(entry)
        return entry

    def receive(self, index: int, day: dt.date, kind: str, amount: int) -> Entry:
        """Allocate money received by the rule for its kind; what is left over is credit."""
        entry = self.enter(index, day, kind, amount)
        if self.is_written_off:
            if kind not in CREDITS_OF_THE_LENDER:
                entry.type = "recovery"  # nothing is owed any more: whatever it was meant for, it comes back
                self.recovered += amount
            return entry
        self.catch_up(day)
        left = self.spread(entry, amount, self.terms.allocation.rule_for(kind))
        entry.overpayment += left  # what spreading itself set free is there already
        self.credit += left
        return entry

    def spread(self, entry: Entry, amount: int, rule: AllocationRule, on: dt.date | None = None) -> int:
        """Allocate on the entry's day (or a later one); returns what is left over."""
        day = on or entry.on
        self.skipped = set()
        if self.recalculates:

            def pay(row: Row, component: str, offered: int, in_advance: bool) -> int:
                taken = self._pay_recalculated(row, component, offered, in_advance, day)
                if taken:
                    entry.took(row, component, taken)
                return taken

            def asks(row: Row) -> bool:
                return row.outstanding > 0 or (row.total == 0 and id(row) not in self.skipped)
        else:

            def pay(row: Row, component: str, offered: int, in_advance: bool) -> int:
                taken = row.pay(component, offered, day)
                if taken:
                    entry.took(row, component, taken)
                return taken

            def asks(row: Row) -> bool:
                return row.outstanding > 0

        return allocate(self.rows, day, amount, rule, self.terms.allocation.direction, pay, asks)

    def _pay_recalculated(self, row: Row, component: str, offered: int, in_advance: bool, day: dt.date) -> int:
        """Pay a component of a loan whose interest depends on when it is paid."""
        model = self.model
        period = row.period
        if period is None or row.due > model.maturity:
            self.skipped.add(id(row))
            return row.pay(component, offered, day)
        if component in ("fee", "penalty"):
            return row.pay(component, offered, day)
        place = model.periods.index(period)
        if in_advance:
            principal, interest = due_amounts(model, place, day)
            if not principal + row.principal_offset and not interest:
                self.skipped.add(id(row))
            if component == "interest":
                row.interest = max(interest + row.interest_offset, row.paid_interest)
            else:
                row.principal = max(principal + row.principal_offset, row.paid_principal)
        taken = row.pay(component, offered, day)
        if component == "principal":
            pay_principal(model, place, day, taken)
        else:
            pay_interest(model, place, day, taken)
        self.sync(day)
        row.follow(day)
        row.settle(day)
        return taken

    def use_credit(self, entry: Entry) -> None:
        """Credit that is there pays what has newly become due or outstanding, by the default rule."""
        if self.credit <= 0:
            return
        before, self.credit = self.credit, 0
        money = Entry(entry.event_index, entry.on, "credit", before)
        left = self.spread(money, before, self.terms.allocation.default)
        self.credit += left

    def use_credit_of_receipts(self, on: dt.date | None = None) -> None:
        """After a new charge: each receipt that left credit pays it, by its own rule and day (or on a later one)."""
        for entry in self.entries:
            amount = min(self.credit, entry.overpayment)
            if amount <= 0 or entry.type in ("disburse", "credit_balance_refund", "chargeback"):
                continue
            self.credit -= amount
            entry.overpayment -= amount
            left = self.spread(entry, amount, self.terms.allocation.rule_for(entry.type), on)
            self.credit += left
            entry.overpayment += left

    def keep_as_credit(self, index: int, day: dt.date, kind: str, amount: int) -> None:
        """Money received for a loan that is not paid out."""
        entry = self.enter(index, day, kind, amount)
        entry.overpayment = amount
        self.credit += amount

    def note_reversed(self, index: int, day: dt.date, kind: str, amount: int) -> None:
        """Reversed money stays visible, with nothing allocated."""
        entry = self.enter(index, day, kind, amount)
        entry.is_reversed = True

    # -- charges ---------------------------------------------------------------------------------------

    def row_for_charge(self, due: dt.date) -> Row:
        """The installment with from < due <= due date, the first one with from included; else one after maturity."""
        first = True
        for row in self.rows:
            if row.kind == "down_payment":
                continue
            if row.start < due <= row.due or (first and due <= row.due):
                return row
            first = False
        return self.additional_row(due)

    def charge(self, index: int, day: dt.date, component: str, amount: int, due: dt.date) -> Entry:
        """A fee or penalty, with the installment its due date falls into."""
        entry = self.enter(index, day, "charge", amount)
        row = self.row_for_charge(due)
        if component == "penalty":
            row.penalties += amount
            entry.penalties = amount
        else:
            row.fees += amount
            entry.fees = amount
        row.settle(day)
        self.use_credit_of_receipts()
        return entry

    def refresh_fees(self) -> None:
        """Installment fees follow the principal and interest they are a percent of."""
        if not self.installment_fees:
            return
        for row in self.model_rows:
            if row.settled_on is not None and row.total:
                continue
            fees = sum(self._installment_fee(row, fee) for fee in self.installment_fees if fee.component == "fee")
            penalties = sum(
                self._installment_fee(row, fee) for fee in self.installment_fees if fee.component == "penalty"
            )
            row.fees += fees - row.installment_fees
            row.penalties += penalties - row.installment_penalties
            row.installment_fees, row.installment_penalties = fees, penalties
            self.mend(row, row.settled_on or self.terms.starts_on)

    def _installment_fee(self, row: Row, fee: InstallmentFee) -> int:
        if fee.basis == "flat":
            numerator, denominator = EXACT.scaleb(fee.value, self.terms.decimals).as_integer_ratio()
            return self.rules.rounder(numerator, denominator)
        basis = 0
        if fee.basis != "interest":
            basis += row.principal
        if fee.basis != "amount":
            basis += row.interest
        numerator, denominator = EXACT.divide(fee.value, 100).as_integer_ratio()
        return self.rules.rounder(basis * numerator, denominator)
