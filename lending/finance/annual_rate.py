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

from lending.finance.appendix_j import UnitPeriod, apr_appendix_j
from lending.finance.aprc import aprc_eu
from lending.finance.disclosure import Disclosure, Fee, disclosure
from lending.finance.internal_rate import flat_rate, irr_effective, irr_nominal, simple_rate, xirr
from lending.finance.rate_solving import AnnualRate, CashFlow, RateKind, RateUndefined

__all__ = [
    "AnnualRate",
    "CashFlow",
    "Disclosure",
    "Fee",
    "RateKind",
    "RateUndefined",
    "UnitPeriod",
    "apr_appendix_j",
    "aprc_eu",
    "disclosure",
    "flat_rate",
    "irr_effective",
    "irr_nominal",
    "simple_rate",
    "xirr",
]
