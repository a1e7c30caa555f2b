"""What could help a customer in difficulty: how much she can pay, and two or three ways to pay it, each tried out first.

Every way is one or two events of the engine; its figures are those of `lending.finance.preview`, the arithmetic that the
loan would go by if they were recorded. Nothing is written here: an officer agrees a way with her.

    capacity         what is left for this loan a month: the strategy's affordability on the facts of her application (or
                     on `facts`, what she says now), less the next installments of her other loans with us
    longer_term      all that is outstanding, interest and charges owed so far included, in half as many level
                     installments again as are left, three more at least
    interest_only    the next three installments pay interest alone; where some are past due, what is outstanding is put
                     on the installments left first
    smaller          the fewest installments of which none is more than she can pay

A way is left out when the law's longest term forbids it, when it does not lower the next installment, when it comes to the
same as one before it, or when no number of installments would fit.

Worked, on 12,000 at 12 % in 12 monthly installments of 1,066.19, two of them paid, on 2026-11-20: 15 installments of
729.77 (284.77 more to pay in all); three of 100.98 and then 1,500.87 (147.18 more); and for whoever can pay 600 a month,
19 of 587.39 (498.51 more).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

from customers.models import Language
from customers.wording import wording
from lending.finance.due_dates import step_after
from lending.finance.events import CAPITALIZED, Event
from lending.finance.installments import Installment, LoanState
from lending.finance.preview import preview
from lending.finance.repayment_terms import GraceTerms
from lending.finance.replay import replay
from lending.finance.terms import Terms
from lending.loans.models import Loan
from lending.loans.replaying import events_of, terms_of
from lending.products.purposes import is_business
from lending.products.terms import periods_per_year
from lending.regulation.rules import in_force
from scoring.affordability import affordability
from scoring.models import Strategy
from scoring.strategy_rules import STARTING_RULES

HOLIDAY = 3
LEAST_AFTER_HOLIDAY = 2
SOONEST = dt.timedelta(days=5)
MOST_INSTALLMENTS = 120


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One way. Amounts in major units; `installment` is the next one, `highest` the most that any later one asks for.

    `more_to_pay` is what the way adds to all that is still to be paid; `affordable` is None when capacity is unknown;
    `dues` is what is to be paid on each day; `changes_from` is the first due date that the way moves.
    """

    code: str
    events: tuple[Event, ...]
    installments: int
    first_due_on: dt.date
    last_due_on: dt.date
    installment: Decimal
    highest: Decimal
    more_to_pay: Decimal
    affordable: bool | None
    text_zh: str
    text_en: str
    dues: tuple[tuple[dt.date, Decimal], ...]
    changes_from: dt.date


@dataclass(frozen=True, slots=True)
class Suggestions:
    """`capacity` per month in major units, None when a figure of hers is unknown; `now` is the next installment."""

    capacity: Decimal | None
    now: Decimal
    past_due: Decimal
    ways: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class _Standing:
    """The loan as it is, and what every way needs of it."""

    loan: Loan
    terms: Terms
    events: list[Event]
    state: LoanState
    on: dt.date
    next_due_on: dt.date
    left: int
    most: int
    room: Decimal | None

    @property
    def plannable(self) -> bool:
        return self.loan.status == Loan.Status.ACTIVE and self.state.summary.outstanding_principal > 0

    @property
    def is_late(self) -> bool:
        return self.state.summary.oldest_due_on is not None


def suggest(
    loan: Loan, *, on: dt.date, facts: Mapping[str, Any] | None = None, can_pay: Decimal | None = None
) -> Suggestions:
    """The ways for a running loan; none for one that is not running or has nothing left to plan.

    `can_pay` is what she says she can pay on this loan a month: it counts where it is less than what is computed.
    """
    capacity = capacity_of(loan, on=on, facts=facts)
    if can_pay is not None:
        capacity = can_pay if capacity is None else min(capacity, can_pay)
    found = _looked_at(loan, on, capacity)
    now = _next_amount(found.state, on)
    past_due = sum((row.outstanding for row in found.state.installments if row.due_on < on), Decimal(0))
    if not found.plannable:
        return Suggestions(capacity, now, past_due, ())
    tried = (_longer(found), _interest_only(found), _smaller(found))
    ways: list[Suggestion] = []
    for way in tried:
        if way and way.installment < max(now, past_due) and all(way.last_due_on != w.last_due_on for w in ways):
            ways.append(way)
    return Suggestions(capacity, now, past_due, tuple(ways))


def way_of(loan: Loan, code: str, *, installments: int, on: dt.date) -> Suggestion | None:
    """One way again, on another day and with its number of installments; None when it can no longer be planned."""
    found = _looked_at(loan, on, None)
    if not found.plannable:
        return None
    return _interest_only(found) if code == "interest_only" else _respread(found, code, min(installments, found.most))


def _looked_at(loan: Loan, on: dt.date, capacity: Decimal | None) -> "_Standing":
    events = events_of(loan)
    terms = terms_of(loan, events)
    return _standing(loan, terms, events, replay(terms, events, on), on, capacity)


def capacity_of(loan: Loan, *, on: dt.date, facts: Mapping[str, Any] | None = None) -> Decimal | None:
    """What the customer can pay on this loan each month, never below zero; None when it cannot be said."""
    known = facts
    if known is None:
        snapshot = loan.application.snapshots.order_by("pk").last()
        known = snapshot.facts if snapshot else {}
    strategy = Strategy.objects.in_force(on)
    rules = strategy.rules if strategy else STARTING_RULES
    room = affordability(known, rules["affordability"]).room
    if room is None:
        return None
    others = Loan.objects.active().filter(customer_id=loan.customer_id, currency=loan.currency).exclude(pk=loan.pk)
    for other in others:
        events = events_of(other)
        terms = terms_of(other, events)
        room -= _next_amount(replay(terms, events, on), on) * periods_per_year(terms) / 12
    return max(room, Decimal(0))


def _standing(
    loan: Loan, terms: Terms, events: list[Event], state: LoanState, on: dt.date, capacity: Decimal | None
) -> _Standing:
    ahead = [row for row in state.installments if row.due_on >= on + SOONEST and row.outstanding > 0]
    repayment = terms.repayment
    following = step_after(on, repayment.every, repayment.unit, repayment.month_end)
    next_due_on = ahead[0].due_on if ahead else following
    per_year = periods_per_year(terms)
    room = None if capacity is None else capacity * 12 / per_year
    passed = sum(row.due_on < next_due_on for row in state.installments)
    most = min(MOST_INSTALLMENTS, _longest(loan, on, per_year) - passed)
    return _Standing(loan, terms, events, state, on, next_due_on, max(len(ahead), 1), most, room)


def _longest(loan: Loan, on: dt.date, per_year: Decimal) -> int:
    """The longest term that the rules in force allow, in installments of this loan."""
    version, application = loan.product_version, loan.application
    business = version.product.audience == "organisation" or is_business(application.purpose)
    book = in_force(jurisdiction=version.jurisdiction, licence=version.licence, product=version.product.code, on=on)
    rule = book.get("business_term_months_max" if business else "consumer_term_months_max")
    return MOST_INSTALLMENTS if rule is None else int(rule.decimal * per_year / 12)


def _longer(standing: _Standing) -> Suggestion | None:
    more = max(3, int((Decimal(standing.left) / 2).to_integral_value(ROUND_CEILING)))
    return _respread(standing, "longer_term", min(standing.left + more, standing.most))


def _smaller(standing: _Standing) -> Suggestion | None:
    """The fewest installments that fit, by halving: the highest installment falls as their number grows."""
    if not standing.room:
        return None
    low, high = 1, standing.most
    best = _respread(standing, "smaller", high)
    if best is None or not best.affordable:
        return None
    while low < high:
        middle = (low + high) // 2
        way = _respread(standing, "smaller", middle)
        if way is not None and way.affordable:
            high, best = middle, way
        else:
            low = middle + 1
    return best


def _respread(standing: _Standing, code: str, count: int) -> Suggestion | None:
    return _tried(standing, code, (_spread(standing, count),)) if count > standing.left else None


def _spread(standing: _Standing, count: int) -> Event:
    """Level installments of all that is outstanding; what interest and charges are owed so far is spread over them."""
    repayment = standing.terms.repayment
    return Event(
        on=standing.on, type="restructure", starts_on=standing.next_due_on, installments=count,
        every=repayment.every, unit=repayment.unit, capitalize=CAPITALIZED,
    )  # fmt: skip


def _interest_only(standing: _Standing) -> Suggestion | None:
    if standing.left < HOLIDAY + LEAST_AFTER_HOLIDAY:
        return None
    holiday = Event(on=standing.on, type="reschedule", since=standing.next_due_on, grace=GraceTerms(principal=HOLIDAY))
    first = (_spread(standing, standing.left),) if standing.is_late else ()
    return _tried(standing, "interest_only", (*first, holiday))


def _tried(standing: _Standing, code: str, new: tuple[Event, ...]) -> Suggestion | None:
    """A way with the figures of the engine's preview; None when it leaves nothing to plan."""
    before = standing.state.summary.total_outstanding
    shown = preview(standing.terms, [*standing.events, *new[:-1]], new[-1], standing.on)
    dues = _by_day(shown.after, standing.on)
    if not dues:
        return None
    amounts = list(dues.values())
    highest, room = max(amounts), standing.room
    more = shown.after.summary.total_outstanding - before
    bearable = amounts[:HOLIDAY] if code == "interest_only" else amounts
    affordable = None if room is None else max(bearable) <= room
    first, last = min(dues), max(dues)
    zh, en = _words(standing.loan, code, len(amounts), first, last, amounts, more)
    shape = (len(amounts), first, last, amounts[0], highest, more, affordable, zh, en)
    return Suggestion(code, new, *shape, tuple(dues.items()), standing.next_due_on)


def _by_day(state: LoanState, on: dt.date) -> dict[dt.date, Decimal]:
    """What is to be paid, by day; what is past due still stands on the day it was due."""
    found: dict[dt.date, Decimal] = {}
    for row in sorted(state.installments, key=_due):
        if row.outstanding > 0:
            found[row.due_on] = found.get(row.due_on, Decimal(0)) + row.outstanding
    return found


def _due(row: Installment) -> dt.date:
    return row.due_on


def _next_amount(state: LoanState, on: dt.date) -> Decimal:
    """The next installment that is not yet due, or nothing."""
    return next((row.outstanding for row in state.installments if row.due_on >= on and row.outstanding > 0), Decimal(0))


def _words(
    loan: Loan, code: str, count: int, first: dt.date, last: dt.date, amounts: list[Decimal], more: Decimal
) -> tuple[str, str]:
    def minor(amount: Decimal) -> int:
        return int(amount.scaleb(loan.decimals))

    facts = {
        "currency": loan.currency,
        "decimals": loan.decimals,
        "first": first,
        "last": last,
        "next_minor": minor(amounts[0]),
        "after_minor": minor(amounts[HOLIDAY] if count > HOLIDAY else amounts[-1]),
        "more_minor": minor(more),
    }
    zh, en = (wording(facts, language) for language in Language.values)
    cost_zh = f"，总还款比现在多{zh['more']}" if more > 0 else ""
    cost_en = f" In all you would pay {en['more']} more than now." if more > 0 else ""
    if code == "interest_only":
        return (
            f"自{zh['first']}起三期只还利息，每期{zh['next']}；之后每期{zh['after']}，最后一期{zh['last']}{cost_zh}。",
            f"Three installments of interest alone from {en['first']}, the first {en['next']}; then {en['after']} each,"
            f" the last on {en['last']}.{cost_en}",
        )
    return (
        f"把全部欠款改为{count}期，自{zh['first']}起每期约{zh['next']}，最后一期{zh['last']}{cost_zh}。",
        f"All that is owed in {count} installments of about {en['next']} from {en['first']},"
        f" the last on {en['last']}.{cost_en}",
    )
