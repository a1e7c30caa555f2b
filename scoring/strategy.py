"""Decision strategies: written by one person, approved by another, never changed after that."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from scoring import refusals
from scoring.history import sign
from scoring.models import Strategy
from scoring.strategy_rules import assumed_debt_service, problems_in_rules


@transaction.atomic
def draft(
    *,
    rules: Mapping[str, Any],
    note: str,
    effective_from: datetime.date,
    by: Any,
    on: datetime.date,
    name: str = "default",
) -> Strategy:
    """A new version as a draft. Raises RulesInvalid with everything that is wrong."""
    _check(rules)
    latest = Strategy.objects.select_for_update().filter(name=name).aggregate(top=Max("version"))["top"] or 0
    strategy = Strategy(
        name=name, version=latest + 1, rules=dict(rules), note=note, effective_from=max(effective_from, on), maker=by
    )
    sign(strategy, by)
    strategy.save()
    return strategy


@transaction.atomic
def change(
    strategy: Strategy,
    *,
    rules: Mapping[str, Any],
    note: str,
    by: Any,
    on: datetime.date,
    effective_from: datetime.date | None = None,
) -> Strategy:
    """Change a draft; who changes it last is its maker. Raises WrongStatus once it is approved."""
    locked = Strategy.objects.select_for_update().get(pk=strategy.pk)
    _needs_draft(locked)
    _check(rules)
    locked.rules, locked.note, locked.maker = dict(rules), note, by
    locked.effective_from = max(effective_from or locked.effective_from, on)
    sign(locked, by, f"changed on {on}")
    locked.save()
    return locked


@transaction.atomic
def approve(strategy: Strategy, *, by: Any, on: datetime.date) -> Strategy:
    """Approve a draft: from its first day on it decides. Maker and checker are two people."""
    locked = Strategy.objects.select_for_update().get(pk=strategy.pk)
    if by is None:
        raise refusals.NotSomebody()
    if locked.status == Strategy.Status.APPROVED and locked.checker_id == by.pk:
        return locked
    _needs_draft(locked)
    if locked.maker_id is None or locked.maker_id == by.pk:
        raise refusals.CheckerIsMaker()
    _check(locked.rules)
    locked.status = Strategy.Status.APPROVED
    locked.checker = by
    locked.approved_at = timezone.now()
    sign(locked, by, f"approved on {on}")
    locked.save()
    return locked


def copy_back(strategy: Strategy, *, note: str, by: Any, on: datetime.date) -> Strategy:
    """The way back: an earlier version's rules as a new draft, to be approved like any other."""
    limits = strategy.rules["affordability"]
    kept = {
        **limits,
        "assumed_debt_service": limits.get("assumed_debt_service") if assumed_debt_service(limits) else None,
    }
    rules = {**strategy.rules, "affordability": kept}
    return draft(rules=rules, note=note, effective_from=on, by=by, on=on, name=strategy.name)


def _check(rules: Mapping[str, Any]) -> None:
    problems = problems_in_rules(rules)
    if problems:
        raise refusals.RulesInvalid(problems="; ".join(problems))


def _needs_draft(strategy: Strategy) -> None:
    if strategy.status != Strategy.Status.DRAFT:
        raise refusals.WrongStatus(
            what=strategy, status=strategy.get_status_display(), needed=str(Strategy.Status.DRAFT.label)
        )
