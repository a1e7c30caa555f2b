"""What a loan costs altogether, as it is put before the customer.

    net amount received  = money paid out - fees withheld or due on the day of the first payment out
    total interest       = repayments of the plan - money paid out
    total fees           = every fee, whoever receives it (lender, guarantor, insurer, platform)
    total repayable      = repayments + fees
    total cost           = total repayable - money paid out = interest + fees

The rates are taken over all of it, the fees on their own days. Example: 100,000 over 36 months at 10 % with 10,000
taken at disbursement: 36 x 3,226.72, interest 16,161.92, fees 10,000; contract 10 %, IRR x 12 17.40 %, effective
18.86 %. A flat plan shows its flat rate beside the IRR and never alone.

Source: State Council and financial regulators' rule that installment costs are shown as one yearly all-in rate
(People's Bank of China, Announcement [2021] No. 3); Regulation Z, 12 CFR 1026.18; Directive 2008/48/EC, Article 10.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from lending.finance.appendix_j import UnitPeriod, apr_appendix_j, series_day, unit_periods_between
from lending.finance.aprc import aprc_eu
from lending.finance.internal_rate import (
    effective_of,
    flat_rate,
    net_by_day,
    nominal_of,
    periodic_force,
    simple_rate,
    xirr,
)
from lending.finance.rate_solving import AnnualRate, CashFlow, RateKind, RateUndefined

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Fee:
    """A cost of the credit beside interest: what for, who receives it, how much in currency units, and when."""

    name: str
    recipient: str
    amount: Decimal
    on: date


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The all-in cost. Amounts in currency units; rates name themselves; `others` holds the rates asked for besides."""

    amount_lent: Decimal
    net_amount_received: Decimal
    total_interest: Decimal
    total_fees: Decimal
    total_repayable: Decimal
    total_cost: Decimal
    fees_by_recipient: dict[str, Decimal]
    irr_nominal: AnnualRate
    irr_effective: AnnualRate
    simple_rate: AnnualRate
    flat_rate: AnnualRate | None = None
    others: dict[RateKind, AnnualRate] = field(default_factory=dict)


def disclosure(
    *,
    paid_out: Sequence[CashFlow],
    repayments: Sequence[CashFlow],
    fees: Sequence[Fee] = (),
    periods_per_year: Decimal | int = 12,
    effective_from: Literal["periods", "dates"] = "periods",
    is_flat: bool = False,
    also: Collection[RateKind] = (),
) -> Disclosure:
    """The all-in cost of a plan.

    `paid_out` and `repayments` are positive amounts (their direction is their name); repayments are the installments
    without the `fees`, one for each due date, zero allowed. `effective_from` says whether the effective rate compounds
    the periodic one or is the XIRR of the dates. `also` asks for RateKind.XIRR, APR_US and APRC_EU.
    Raises `RateUndefined`.
    """
    if not paid_out or not repayments:
        raise RateUndefined("no_flows", "A disclosure needs money paid out and repayments.")
    if any(flow.amount < 0 for flow in (*paid_out, *repayments)) or any(fee.amount < 0 for fee in fees):
        raise RateUndefined("one_direction", "Amounts paid out, repaid and charged are given as positive numbers.")
    starts_on = min(flow.on for flow in paid_out)
    ends_on = max(flow.on for flow in repayments)
    lent = sum((flow.amount for flow in paid_out), ZERO)
    repaid = sum((flow.amount for flow in repayments), ZERO)
    total_fees = sum((fee.amount for fee in fees), ZERO)
    at_start = sum((fee.amount for fee in fees if fee.on <= starts_on), ZERO)
    flows = signed_flows(paid_out, repayments, fees)
    times = period_positions(starts_on, [flow.on for flow in flows], periods_per_year)
    amounts = [flow.amount for flow in flows]
    years = Decimal((ends_on - starts_on).days) / 365
    by_dates = effective_from == "dates"
    force = periodic_force(amounts, times)
    return Disclosure(
        amount_lent=lent,
        net_amount_received=lent - at_start,
        total_interest=repaid - lent,
        total_fees=total_fees,
        total_repayable=repaid + total_fees,
        total_cost=repaid + total_fees - lent,
        fees_by_recipient=_by_recipient(fees),
        irr_nominal=nominal_of(force, periods_per_year),
        irr_effective=xirr(flows) if by_dates else effective_of(force, periods_per_year),
        simple_rate=simple_rate(repaid + total_fees - lent, lent, years),
        flat_rate=_flat(repaid - lent, lent, repayments, starts_on, periods_per_year) if is_flat else None,
        others={kind: _other(kind, flows) for kind in also},
    )


def signed_flows(
    paid_out: Sequence[CashFlow], repayments: Sequence[CashFlow], fees: Sequence[Fee] = ()
) -> list[CashFlow]:
    """Everything as the customer sees it: received positive, paid negative, in order of date."""
    costs = [CashFlow(fee.on, -fee.amount) for fee in fees]
    paid = [CashFlow(flow.on, -flow.amount) for flow in repayments]
    return sorted([*paid_out, *paid, *costs], key=lambda flow: flow.on)


def period_positions(starts_on: date, dates: Sequence[date], periods_per_year: Decimal | int) -> list[float]:
    """How many periods after the start each date lies, whole ones counted back from it and the rest by days.

    The counting is that of Regulation Z (`appendix_j.unit_periods_between`): with 12 periods a year from 2026-02-01,
    2026-04-01 lies at 2 and 2026-03-16 at 1.5. A long first period thus counts for its length. Raises `RateUndefined`.
    """
    unit = _unit_of(periods_per_year)
    later = [day for day in dates if day > starts_on]
    anchor = series_day(starts_on, later) if later else starts_on.day
    counted = [unit_periods_between(starts_on, max(day, starts_on), unit, anchor_day=anchor) for day in dates]
    return [full + float(odd) for full, odd in counted]


def _unit_of(periods_per_year: Decimal | int) -> UnitPeriod:
    if not periods_per_year > 0:
        raise RateUndefined("bad_period", "The number of periods in a year must be above zero.")
    for unit, per_year in (("month", 12), ("semimonth", 24), ("week", 52)):
        count = Fraction(per_year) / Fraction(periods_per_year).limit_denominator(10_000)
        if count.denominator == 1:
            return UnitPeriod(unit, count.numerator)  # type: ignore[arg-type]
    return UnitPeriod("day", max(1, round(365 / periods_per_year)))


def _by_recipient(fees: Sequence[Fee]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for fee in fees:
        totals[fee.recipient] = totals.get(fee.recipient, ZERO) + fee.amount
    return totals


def _flat(
    interest: Decimal, lent: Decimal, repayments: Sequence[CashFlow], starts_on: date, periods_per_year: Decimal | int
) -> AnnualRate:
    """A flat plan counts its term in periods, not days: 12 months are one year whatever their length."""
    periods = len({flow.on for flow in repayments if flow.on > starts_on})
    return flat_rate(interest, lent, Decimal(periods) / Decimal(periods_per_year))


def _other(kind: RateKind, flows: Sequence[CashFlow]) -> AnnualRate:
    if kind is RateKind.XIRR:
        return xirr(flows)
    if kind is RateKind.APR_US:
        # The amount financed: a fee withheld on the day of an advance lowers that advance.
        return apr_appendix_j(net_by_day(flows))
    if kind is RateKind.APRC_EU:
        return aprc_eu(flows)
    raise ValueError(f"{kind} is always part of a disclosure or cannot be derived from its flows.")
