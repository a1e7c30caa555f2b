"""The shape of a repayment: which installments are level and which have a principal of their own.

For ``count`` periods that are still to be repaid out of a loan (``first`` have passed) a shape says for
each: a fixed principal (interest comes on top), a fixed amount (interest inside), or level.

==================  ==========================================================
method              shape of 1,200.00 over 6
==================  ==========================================================
equal_installment   level, level, level, level, level, level
equal_principal     200.00 each
interest_only       0, 0, 0, 0, 0, 1,200.00
staged (3)          0, 0, 0, level, level, level
20 % each           240.00 x 5, and the rest (0.00) last: a balloon where it is less than 100 / n %
steps 2 x 100.00    amounts 100.00, 100.00, then level
bullet              one period of six months, 1,200.00
==================  ==========================================================

The last one always takes what remains. Grace on principal sets fixed principals of zero first.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from lending.finance.money import EXACT, to_minor
from lending.finance.repayment_terms import RepaymentTerms

Part = Callable[[Decimal, Decimal], int]


class Shape(NamedTuple):
    """For each period the fixed principal or None, the fixed amount or None; ``balloon`` is left to the last."""

    principals: list[int | None]
    amounts: list[int | None]
    balloon: int

    @property
    def level_from(self) -> int:
        """Index of the first level period; the number of periods where there is none."""
        level = len(self.principals)
        while level and self.principals[level - 1] is None and self.amounts[level - 1] is None:
            level -= 1
        return level


def shape_of(
    repayment: RepaymentTerms,
    first: int,
    count: int,
    balance: int,
    decimals: int,
    rounder: Callable[[int, int], int],
) -> Shape:
    """The shape of the ``count`` periods after the ``first`` ones, over a balance in minor units."""
    principals: list[int | None] = [None] * count
    amounts: list[int | None] = [None] * count
    grace = min(max(0, repayment.principal_grace - first), count - 1)
    for place in range(grace):
        principals[place] = 0
    balloon = 0

    def share_of_balance(share: Decimal, rest: Decimal) -> int:
        numerator, denominator = EXACT.divide(share, rest).as_integer_ratio() if rest > 0 else (0, 1)
        return min(balance, rounder(balance * numerator, denominator))

    percent = repayment.principal_percent_per_installment
    if percent is not None:
        passed = max(0, first - repayment.principal_grace)
        part = share_of_balance(percent, max(Decimal(100) - percent * passed, percent))
        principals[grace:] = [part] * (count - grace)
    elif repayment.method == "equal_principal":
        principals[grace:] = [rounder(balance, count - grace)] * (count - grace)
    elif repayment.method in ("interest_only", "bullet"):
        principals = [0] * count
    elif repayment.method == "steps":
        _set_steps(repayment, first, principals, amounts, decimals, share_of_balance)
    elif repayment.balloon_percent is not None:
        numerator, denominator = EXACT.divide(repayment.balloon_percent, 100).as_integer_ratio()
        balloon = rounder(balance * numerator, denominator)
    _limit_to(balance, principals, amounts)
    return Shape(principals, amounts, balloon)


def _limit_to(balance: int, principals: list[int | None], amounts: list[int | None]) -> None:
    """Fixed principals never repay more than there is; where all are fixed the last takes the rest."""
    left = balance
    for place, principal in enumerate(principals):
        if principal is not None:
            principals[place] = min(principal, left)
            left -= min(principal, left)
    if principals[-1] is not None and not any(amounts):
        principals[-1] += left


def _set_steps(
    repayment: RepaymentTerms,
    first: int,
    principals: list[int | None],
    amounts: list[int | None],
    decimals: int,
    share_of_balance: Part,
) -> None:
    each = [step for step in repayment.steps for _ in range(step.installments)]
    rest = Decimal(100) - sum((step.share or Decimal(0) for step in each[:first]), Decimal(0))
    for place, step in enumerate(each[first : first + len(principals)]):
        if step.share is not None:
            principals[place] = share_of_balance(step.share, rest)
        elif step.amount is not None:
            amounts[place] = to_minor(step.amount, decimals)
