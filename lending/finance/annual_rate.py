"""Yearly rates of a loan's cash flows, each of which says which rate it is.

Conventions, all for the same flows (positive: the customer receives, negative: the customer pays)

    IRR nominal     i solves sum(a_k / (1 + i)^k) = 0 over periods k; rate = i x periods per year
    IRR effective   (1 + i)^(periods per year) - 1, the same i compounded
    XIRR            X solves sum(a_k / (1 + X)^(d_k / 365)) = 0, d_k the days since the first flow; it is effective
    APR (US)        Regulation Z, Appendix J: unit-periods and odd days, nominal   -> `appendix_j`
    APRC (EU)       Directives 2008/48/EC and 2014/17/EU, Annex I, effective       -> `aprc`
    simple          cost / money lent / years: no compounding and no account of what is repaid on the way; only to be
                    shown marked as such
    flat            contract interest / money first lent / years: what a flat plan advertises

Worked table (half up to two decimals)

    loan                                                                     IRR x 12   effective
    50,000 from 2026-02-01, 5 monthly, equal principal, 0.05 % a day          17.83     19.86 (XIRR)
    12,000 in 12 monthly, flat 0.8 % a month, 1,096.00 each                   17.27     18.71
    100,000 in 36 monthly at 10 %, 3,226.72 each, 10 % fee at disbursement    17.40     18.86
    1,200 in 3 with a fee of 2.5 %, 410.00 each                               14.94
    1,200 in 12 with a fee of 8.3 %, 108.30 each                              14.98

The IRR x 12 of the flat loan is nearly twice the advertised 9.6 % a year: principal is repaid all along, interest is
charged on what was first lent. That is why a flat rate never stands alone.

Sources: Brealey, Myers and Allen, Principles of Corporate Finance, on internal rates of return; People's Bank of China,
Announcement [2021] No. 3 (every lender shows a yearly rate; IRR for installments).
"""

import math
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from lending.finance.appendix_j import UnitPeriod, apr_appendix_j
from lending.finance.aprc import aprc_eu
from lending.finance.rate_solving import (
    AnnualRate,
    CashFlow,
    RateKind,
    RateUndefined,
    TimedFlow,
    annual_rate,
    check_flows,
    force_of_interest,
)

__all__ = [
    "AnnualRate",
    "CashFlow",
    "RateKind",
    "RateUndefined",
    "UnitPeriod",
    "apr_appendix_j",
    "aprc_eu",
    "flat_rate",
    "irr_effective",
    "irr_nominal",
    "net_by_day",
    "periodic_force",
    "simple_rate",
    "xirr",
]

DAYS_PER_YEAR = 365


def periodic_force(flows: Sequence[Decimal], times: Sequence[float] | None = None) -> float:
    """ln(1 + i) per period of amounts at the periods 0, 1, 2 ... (or at `times`, counted in periods)."""
    moments = list(times) if times is not None else [float(k) for k in range(len(flows))]
    check_flows(flows, moments)
    first = min(moments)
    return force_of_interest([TimedFlow(t - first, float(a)) for a, t in zip(flows, moments, strict=True)])


def irr_nominal(
    flows: Sequence[Decimal], periods_per_year: Decimal | int, times: Sequence[float] | None = None
) -> AnnualRate:
    """Internal rate of return per period times the periods of a year (IRR x 12 for monthly flows).

    `flows` are signed amounts, one a period from period 0 on; zero where nothing moves. Raises `RateUndefined`.
    """
    _check_periods(periods_per_year)
    rate = math.expm1(periodic_force(flows, times)) * float(periods_per_year)
    return annual_rate(RateKind.IRR_NOMINAL, rate, f"internal rate of return per period x {periods_per_year}")


def irr_effective(
    flows: Sequence[Decimal], periods_per_year: Decimal | int, times: Sequence[float] | None = None
) -> AnnualRate:
    """The same internal rate of return compounded over the periods of a year. Raises `RateUndefined`."""
    _check_periods(periods_per_year)
    rate = _grown(periodic_force(flows, times) * float(periods_per_year))
    method = f"internal rate of return per period, compounded {periods_per_year} times a year"
    return annual_rate(RateKind.IRR_EFFECTIVE, rate, method)


def xirr(flows: Iterable[CashFlow]) -> AnnualRate:
    """Effective yearly rate of dated flows, actual days over 365, same-day flows added up. Raises `RateUndefined`."""
    dated = net_by_day(flows)
    first = dated[0].on if dated else date.min
    times = [(flow.on - first).days / DAYS_PER_YEAR for flow in dated]
    check_flows([flow.amount for flow in dated], times)
    force = force_of_interest([TimedFlow(t, float(f.amount)) for t, f in zip(times, dated, strict=True)])
    return annual_rate(RateKind.XIRR, _grown(force), "internal rate of return of dated flows, actual/365")


def simple_rate(cost: Decimal, lent: Decimal, years: Decimal) -> AnnualRate:
    """Cost over money lent over years: not compounded and blind to repayments on the way; show it marked as simple."""
    return _quotient(RateKind.SIMPLE, cost, lent, years, "cost / amount lent / years, not compounded")


def flat_rate(interest: Decimal, principal: Decimal, years: Decimal) -> AnnualRate:
    """Contract interest over the principal first lent over years: what a flat plan advertises."""
    return _quotient(RateKind.FLAT, interest, principal, years, "interest / original principal / years")


def net_by_day(flows: Iterable[CashFlow]) -> list[CashFlow]:
    """One flow a day in order of date: what is withheld on the day of payment out never moved."""
    totals: dict[date, Decimal] = {}
    for flow in flows:
        totals[flow.on] = totals.get(flow.on, Decimal(0)) + flow.amount
    return [CashFlow(on, totals[on]) for on in sorted(totals)]


def _quotient(kind: RateKind, cost: Decimal, lent: Decimal, years: Decimal, method: str) -> AnnualRate:
    if lent <= 0:
        raise RateUndefined("no_flows", "A rate needs an amount lent above zero.")
    if years <= 0:
        raise RateUndefined("no_time", "A rate needs a term above zero.")
    return annual_rate(kind, float(cost / lent / years), method)


def _check_periods(periods_per_year: Decimal | int) -> None:
    if not periods_per_year > 0:
        raise RateUndefined("bad_period", "The number of periods in a year must be above zero.")


def _grown(force_per_year: float) -> float:
    """exp(force) - 1; a force beyond what a float can hold is refused as too high."""
    if force_per_year > 700:
        raise RateUndefined("too_high", "The rate is too high to be shown.")
    return math.expm1(force_per_year)
