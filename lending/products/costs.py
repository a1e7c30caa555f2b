"""What one loan of a product costs: terms, schedule, fees and the disclosure of all of it. Pure; writes nothing.

`quote(...)` is the only way in which an example, an offer and a publishing check come by their figures, so that what is
advertised is what is offered. 100,000 over 36 months at 10 % with a fee of 10 % at disbursement: installment 3,226.72,
IRR x 12 17.40 %, effective 18.86 %.
"""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lending.finance.annual_rate import CashFlow
from lending.finance.disclosure import Disclosure, Fee, disclosure
from lending.finance.installments import Schedule
from lending.finance.money import from_minor
from lending.finance.schedule import plan
from lending.finance.terms import Terms
from lending.products import fees as fee_rules
from lending.products.fees import FeeLine
from lending.products.terms import is_bullet, periods_per_year, plain, term_months, terms_of

if TYPE_CHECKING:
    from lending.products.models import ProductVersion


@dataclass(frozen=True, slots=True)
class Quote:
    """Everything a customer must know before she signs. Amounts of `rows` and `cost` in major units."""

    terms: Terms
    plan: Schedule
    fees: tuple[FeeLine, ...]
    cost: Disclosure

    @property
    def term_months(self) -> int:
        return term_months(self.terms)

    @property
    def bullet(self) -> bool:
        return is_bullet(self.terms)

    def schedule_json(self) -> list[dict[str, Any]]:
        """One row per installment: number, due_on, principal, interest, fees, total and balance as text."""
        return [
            {
                "number": row.number,
                "due_on": row.due_on.isoformat(),
                "principal": str(row.principal),
                "interest": str(row.interest),
                "fees": str(fee := self._fee(row.number)),
                "total": str(row.total + fee),
                "balance": str(row.balance),
            }
            for row in self.plan.installments
        ]

    def fees_json(self) -> list[dict[str, Any]]:
        return [line.as_json() for line in self.fees]

    def disclosure_json(self) -> dict[str, Any]:
        """The cost sheet: every cost, what is repaid, and the yearly rates, each of which says which it is."""
        installments = [row.total + self._fee(row.number) for row in self.plan.installments]
        return {
            "amount": str(self.cost.amount_lent),
            "currency": self.terms.currency,
            "installments": len(installments),
            "first_installment": str(installments[0]),
            "last_installment": str(installments[-1]),
            "highest_installment": str(max(installments)),
            "first_due_on": self.plan.installments[0].due_on.isoformat(),
            "last_due_on": self.plan.installments[-1].due_on.isoformat(),
            "total_interest": str(self.cost.total_interest),
            "fees": [
                {**line.as_json(), "total": str(from_minor(line.total_minor, self.terms.decimals))}
                for line in self.fees
            ],
            "total_fees": str(self.cost.total_fees),
            "total_repayable": str(self.cost.total_repayable),
            "total_cost": str(self.cost.total_cost),
            "yearly_rate_nominal_percent": plain(self.terms.rate.percent),
            "irr_nominal_percent": str(self.cost.irr_nominal.rounded()),
            "irr_effective_percent": str(self.cost.irr_effective.rounded()),
            "flat_rate_percent": str(self.cost.flat_rate.rounded()) if self.cost.flat_rate else None,
            "penalty_multiple": self._penalty_multiple(),
        }

    def _penalty_multiple(self) -> str | None:
        penalty = self.terms.penalty
        return None if penalty is None or penalty.multiple is None else plain(penalty.multiple)

    def _fee(self, number: int) -> Decimal:
        return from_minor(fee_rules.per_installment_minor(self.fees, number), self.terms.decimals)


def quote(
    version: "ProductVersion",
    *,
    amount_minor: int,
    installments: int,
    yearly_rate_percent: Decimal,
    starts_on: datetime.date,
) -> Quote:
    """Terms, plan, fees and cost of one loan, as if paid out in full on `starts_on`.

    Raises `lending.finance.terms.InvalidTerms` and `lending.finance.annual_rate.RateUndefined`.
    """
    terms = terms_of(
        version,
        amount_minor=amount_minor,
        installments=installments,
        yearly_rate_percent=yearly_rate_percent,
        starts_on=starts_on,
    )
    schedule = plan(terms)
    found = fee_rules.lines(
        version.fees, amount_minor=amount_minor, installments=len(schedule.installments), decimals=version.decimals
    )
    return Quote(terms, schedule, tuple(found), _cost(terms, schedule, found))


def _cost(terms: Terms, schedule: Schedule, found: list[FeeLine]) -> Disclosure:
    charged = []
    for line in found:
        days = [terms.starts_on] if line.charged == "at_disbursement" else [row.due_on for row in schedule.installments]
        amount = from_minor(line.amount_minor, terms.decimals)
        charged += [Fee(line.code, line.recipient, amount, day) for day in days]
    return disclosure(
        paid_out=[CashFlow(terms.starts_on, terms.principal)],
        repayments=[CashFlow(row.due_on, row.total) for row in schedule.installments],
        fees=charged,
        periods_per_year=periods_per_year(terms),
        is_flat=terms.interest.method == "flat",
    )
