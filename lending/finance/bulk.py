"""Plans by the hundred thousand: the same terms for many principals and rates, the same cents as `schedule.plan`.

Quotes, stress tests and imports ask for one product over many loans. `plan_many` walks all loans through a period at
once in 64-bit integers, in blocks that fit a processor's cache:

    interest = (2 x balance x N + D) div 2D      N / D = the rate times the period's share of a year, exact
    principal = min(level - interest, balance)
    balance = balance - principal

That rounds halves upward. A half is met exactly where 2 x balance x N + D is a multiple of 2D; under `half_even` those
few entries are sent to the even neighbour.

The level installment is first found in binary floating point. Where its fraction lies so near to a half that 15 digits
cannot tell, it is computed again with the exact integers of `amortization.level_installment`.

Loans that this arithmetic cannot hold (products beyond 62 bits) and terms it does not know (custom steps, changing
rates, rounding to multiples of several minor units) are planned one by one with `plan`: slower, never different.

    many = plan_many(terms, [10_000_000, 20_000_000], [10_000_000, 12_500_000])
    many.principals[0]         first installments of 100,000.00 at 10 % and 200,000.00 at 12.5 %, in minor units
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from lending.finance.terms import Terms

if TYPE_CHECKING:
    from numpy import int64
    from numpy.typing import NDArray

    Amounts = NDArray[int64]
else:
    Amounts = Any

MICROS_PER_PERCENT = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class ManyPlans:
    """Regular installments of many loans, in minor units: one row a period, one column a loan.

    `down_payments` are due on `starts_on`, one a loan, and are not part of the rows.
    """

    starts_on: date
    due_on: tuple[date, ...]
    down_payments: Amounts
    principals: Amounts
    interests: Amounts

    def totals(self) -> Amounts:
        """What falls due at each date."""
        return self.principals + self.interests

    def balances(self) -> Amounts:
        """Principal still out after each date."""
        repaid: Amounts = self.principals.cumsum(axis=0)
        left: Amounts = repaid[-1] - repaid
        return left

    def total_interest(self) -> Amounts:
        """Interest of each loan over its whole life."""
        interest: Amounts = self.interests.sum(axis=0)
        return interest


def plan_many(
    terms: Terms,
    principals_minor: "Sequence[int] | Amounts",
    percent_micros: "Sequence[int] | Amounts | None" = None,
) -> ManyPlans:
    """Plan one loan for each principal (minor units) and rate (millionths of a percent), otherwise on `terms`.

    The rates are those of the terms where `percent_micros` is None. Raises ValueError for principals that are not above
    zero, negative rates, or lists of different lengths.
    """
    from lending.finance.bulk_walk import walk_all

    return walk_all(terms, principals_minor, percent_micros)
