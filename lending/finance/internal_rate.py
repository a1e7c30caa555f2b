"""Internal rates of return, and the two simple quotients that look like rates.

IRR x 12 and the effective rate come from the same rate per period i: 12 i and (1 + i)^12 - 1. For i = 1.439 % they are
17.27 and 18.71 %. The XIRR takes days instead of periods and is effective. The textbook and the table are in
`annual_rate`.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

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
    return nominal_of(periodic_force(flows, times), periods_per_year)


def nominal_of(force: float, periods_per_year: Decimal | int) -> AnnualRate:
    """The nominal rate of a `periodic_force`."""
    _check_periods(periods_per_year)
    rate = math.expm1(force) * float(periods_per_year)
    return annual_rate(RateKind.IRR_NOMINAL, rate, f"internal rate of return per period x {periods_per_year}")


def irr_effective(
    flows: Sequence[Decimal], periods_per_year: Decimal | int, times: Sequence[float] | None = None
) -> AnnualRate:
    """The same internal rate of return compounded over the periods of a year. Raises `RateUndefined`."""
    _check_periods(periods_per_year)
    return effective_of(periodic_force(flows, times), periods_per_year)


def effective_of(force: float, periods_per_year: Decimal | int) -> AnnualRate:
    """The effective rate of a `periodic_force`; too high a one is refused as `RateUndefined`."""
    _check_periods(periods_per_year)
    rate = _grown(force * float(periods_per_year))
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
