"""How money received is spread over installments and their components.

An ``order`` names due kinds and components: past due (due before the day of payment), due (that day), in
advance. Horizontally the due kinds are taken in turn and in each the oldest installment first, its
components in order. Vertically every entry of the order is taken in turn, over all installments oldest
first. 50.00 on two overdue installments of 20.00 interest and 60.00 principal each, interest first:

==========  ==================  ==================
direction   first installment   second installment
==========  ==================  ==================
horizontal  20.00 and 30.00     nothing
vertical    20.00 and 10.00     20.00 and nothing
==========  ==================  ==================

Money in advance goes to the ``next`` installment, the ``last``, ``next_then_last`` (the running one, then
from the end) or is shared evenly by all to come (``reamortize``). What is left over is returned: credit.
"""

import datetime as dt
import functools
import itertools
from collections.abc import Callable, Sequence

from lending.finance.money import round_half_even
from lending.finance.rows import Row
from lending.finance.terms import AllocationRule

#: Pays a component of a row and returns what was taken; the flag says whether it is paid in advance.
Pay = Callable[[Row, str, int, bool], int]
Asks = Callable[[Row], bool]


#: Paying one component may make room in another (early interest becomes principal); so it is walked again.
MOST_PASSES = 4


def in_advance_rows(rows: Sequence[Row], day: dt.date, rule: str, unpaid: Asks, asks: Asks) -> list[Row]:
    """The installments to come that money in advance goes to now, by the rule."""
    if rule == "last":
        return [row for row in rows if row.due > day and asks(row)][-1:]
    ahead = [row for row in rows if row.due > day and unpaid(row)]
    if rule == "reamortize":
        return ahead
    if rule == "next":
        return ahead[:1]
    running = [row for row in ahead if row.start <= day]
    return running or [row for row in rows if row.due > day and asks(row)][-1:]


@functools.cache
def by_due_kind(order: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The order's due kinds as they first stand there, each with its components."""
    kinds: dict[str, list[str]] = {}
    for item in order:
        kind, _, component = item.rpartition("_")
        kinds.setdefault(kind, []).append(component)
    return tuple((kind, tuple(components)) for kind, components in kinds.items())


def even_parts(amount: int, count: int) -> tuple[int, int]:
    """An even part and what the last one gets on top; never more than the amount in all."""
    part = round_half_even(amount, count)
    rest = amount - part * count
    if part + rest < 0:
        part = amount // count
        rest = amount - part * count
    return part, rest


def allocate(
    rows: Sequence[Row],
    day: dt.date,
    amount: int,
    rule: AllocationRule,
    direction: str,
    pay: Pay,
    asks: Asks,
) -> int:
    """Spread an amount over the rows (in order of their numbers); returns what is left over.

    ``asks`` says whether a row to come still asks for money when it is reached from the end; a loan that
    recalculates may find that such a row asks for less, or more, on the day of payment.
    """
    for _ in range(MOST_PASSES):
        before = amount
        if direction == "vertical":
            amount = _vertically(rows, day, amount, rule, pay)
        else:
            amount = _horizontally(rows, day, amount, rule, pay, asks)
        if amount <= 0 or amount == before or not any(row.outstanding > 0 for row in rows):
            break
    return amount


def _horizontally(rows: Sequence[Row], day: dt.date, amount: int, rule: AllocationRule, pay: Pay, asks: Asks) -> int:
    for kind, components in by_due_kind(rule.order):
        if amount <= 0:
            break
        if kind == "in_advance":
            amount = _in_advance(rows, day, amount, rule.in_advance, components, pay, asks)
            continue
        for row in rows:
            if row.settled_on is not None:
                continue
            if row.due > day and row.kind != "additional":
                break
            if row.due >= day if kind == "past_due" else row.due != day:
                continue
            if row.outstanding > 0:
                for component in components:
                    amount -= pay(row, component, amount, False)
                    if amount <= 0:
                        break
                if amount <= 0:
                    break
    return amount


def _in_advance(
    rows: Sequence[Row],
    day: dt.date,
    amount: int,
    rule: str,
    components: Sequence[str],
    pay: Pay,
    asks: Asks,
) -> int:
    refused: set[int] = set()

    def unpaid(row: Row) -> bool:
        return row.outstanding > 0 and id(row) not in refused

    def still_asks(row: Row) -> bool:
        return asks(row) and id(row) not in refused

    for _ in range(len(rows) * 4):
        if amount <= 0 or not any(row.outstanding > 0 for row in rows):
            break
        targets = in_advance_rows(rows, day, rule, unpaid, still_asks)
        if not targets:
            break
        taken_in_all = 0
        for component in components:
            part, rest = even_parts(amount, len(targets))
            for place, row in enumerate(targets):
                offered = part + rest if place == len(targets) - 1 else part
                taken = pay(row, component, min(offered, amount), True) if offered > 0 else 0
                amount -= taken
                taken_in_all += taken
        if not taken_in_all and len(targets) > 1:  # so little that the even parts come to nothing
            for row, component in itertools.product(targets, components):
                taken_in_all += pay(row, component, amount - taken_in_all, True) if amount > taken_in_all else 0
            amount -= taken_in_all
        if not taken_in_all:
            refused.update(id(row) for row in targets)
    return amount


def _vertically(rows: Sequence[Row], day: dt.date, amount: int, rule: AllocationRule, pay: Pay) -> int:
    for item in rule.order:
        kind, _, component = item.rpartition("_")
        if amount <= 0:
            break
        if kind != "in_advance":
            for row in rows:
                if (row.due < day if kind == "past_due" else row.due == day) and row.outstanding_of(component) > 0:
                    amount -= pay(row, component, amount, False)
                    if amount <= 0:
                        break
            continue

        refused: set[int] = set()

        def wants(row: Row, component: str = component, refused: set[int] = refused) -> bool:
            return row.outstanding_of(component) > 0 and id(row) not in refused

        for _ in range(len(rows) * 4):
            targets = in_advance_rows(rows, day, rule.in_advance, wants, wants)
            if amount <= 0 or not targets:
                break
            part, rest = even_parts(amount, len(targets))
            taken_in_all = 0
            for place, row in enumerate(targets):
                offered = part + rest if place == len(targets) - 1 else part
                taken = pay(row, component, offered, True) if offered > 0 else 0
                taken_in_all += taken
                if offered > 0 and not taken:
                    refused.add(id(row))
            if not taken_in_all and len(targets) > 1:  # so little that the even parts come to nothing
                for row in targets:
                    taken_in_all += pay(row, component, amount - taken_in_all, True) if amount > taken_in_all else 0
            if not taken_in_all:
                refused.update(id(row) for row in targets)
            amount -= taken_in_all
    return amount
