"""What would have been approved: found by trying, so that what is told is true.

Longer terms first, then smaller amounts: the applicant's own facts stay as they are, only her request changes. Each try
scores and judges the changed request exactly as the real one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from scoring.affordability import to_major, to_minor
from scoring.recommendation import APPROVE, Recommendation, Request

_SHARES = (Decimal("0.75"), Decimal("0.5"), Decimal("0.25"))
MOST_TRIES = 8


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """A request that was tried and would be approved in full. Amount in minor units."""

    amount_minor: int
    installments: int
    text_zh: str
    text_en: str


def nearest_approved(request: Request, judge: Callable[[Request], Recommendation]) -> Counterfactual | None:
    """The request nearest to the one made that would be approved in full, or None after a few tries."""
    for tried in _tries(request)[:MOST_TRIES]:
        found = judge(tried)
        if (
            found.outcome == APPROVE
            and found.limit_minor >= tried.amount_minor
            and found.max_installments >= tried.installments
        ):
            return _told(request, tried)
    return None


def _tries(request: Request) -> list[Request]:
    longer = sorted(count for count in request.allowed_installments if count > request.installments)[:3]
    tries = [replace(request, installments=count) for count in longer]
    for share in _SHARES:
        amount = to_minor(
            (to_major(request.amount_minor, request.currency) * share).quantize(Decimal(1)), request.currency
        )
        if amount < request.min_amount_minor:
            break
        tries.append(replace(request, amount_minor=amount))
        if longer:
            tries.append(replace(request, amount_minor=amount, installments=longer[-1]))
    return tries


def _told(asked: Request, tried: Request) -> Counterfactual:
    amount = f"{to_major(tried.amount_minor, tried.currency):,}"
    yuan = tried.currency == "CNY"
    amount_zh, amount_en = (f"{amount}元", f"¥{amount}") if yuan else (f"{tried.currency} {amount}",) * 2
    if tried.amount_minor == asked.amount_minor:
        zh, en = f"若选择{tried.installments}期", f"With a term of {tried.installments} installments"
    elif tried.installments == asked.installments:
        zh, en = f"若申请{amount_zh}", f"With an amount of {amount_en}"
    else:
        zh = f"若申请{amount_zh}并选择{tried.installments}期"
        en = f"With an amount of {amount_en} over {tried.installments} installments"
    return Counterfactual(
        tried.amount_minor,
        tried.installments,
        f"{zh}，其余情况不变，则可全额批准。",
        f"{en} it would be approved in full, everything else staying as it is.",
    )
