"""A decision in tables a banker reads: who decided what, why, on which figures. Reads only; nothing is written.

Everything comes from rows that were kept with the decision: the snapshot of facts, the score with its contributions,
the strategy and the findings. Protected characteristics and identifiers are left out: people decide without them too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import log
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from lending.applications.facts import PROTECTED
from lending.applications.models import Application, Decision
from lending.finance.money import from_minor
from lending.money_display import money
from lending.products.purposes import PURPOSES
from scoring.affordability import annuity_factor, burden
from scoring.conditions import is_unknown
from scoring.features import REGISTRY
from scoring.models import Score, Strategy
from scoring.points import points_of, points_of_part
from scoring.telling import NOTHING, label_of, percent_told, told

FAMILIES = {
    "identity_income": _("Identity and income"),
    "credit_history": _("Credit history"),
    "behaviour": _("Behaviour with us"),
    "device_transaction": _("Device and transactions"),
    "other": _("Other facts"),
}
SOURCES = {
    "applicant": _("stated by the applicant"),
    "request": _("the application itself"),
    "identity": _("checked ID"),
    "our book": _("our own book"),
    "bureau": _("credit bureau"),
    "papers": _("compared by us"),
}
SIGNALS = {
    "device": _("device signals of %(on)s"),
    "phone": _("phone signals of %(on)s"),
    "transactions": _("account movements of %(on)s"),
}
"""A source of signals is kept with the day that it answered on: "device signals of 2026-11-24"."""
HIDDEN = frozenset({"identifiers", "failed_sources", "name", "id_number", "phone", "email", "address"})
MOST_BARS = 12


@dataclass(frozen=True, slots=True)
class Fact:
    """`source` is the code kept with the snapshot; a channel's name is a name."""

    label: str
    value: str
    source: str

    @property
    def source_told(self) -> str:
        kind, _between, on = self.source.partition(" signals of ")
        if on and kind in SIGNALS:
            return str(SIGNALS[kind] % {"on": on})
        return str(SOURCES.get(self.source, self.source))


@dataclass(frozen=True, slots=True)
class Bar:
    """One contribution to the score, in points: below zero it took away. `width` is a whole percentage of half."""

    label: str
    value: str
    points: str
    width: int
    adverse: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """One row of the comparison: what was asked for, recommended, decided."""

    what: Any
    amount: str
    installments: str
    rate: str


@dataclass(frozen=True, slots=True)
class Strain:
    """One row of the affordability table; a bound that is broken is marked.

    While it is not known what her other debts take, today's row says so and the others tell what is certain."""

    what: Any
    installment: str
    debt_to_income: str
    residual: str
    too_much: bool = False
    too_little: bool = False


def facts_by_family(
    facts: Mapping[str, Any], sources: Mapping[str, Any], currency: str = "CNY"
) -> list[tuple[str, list[Fact]]]:
    """(family, facts with value, unit and source) in the order of the families."""
    families: dict[str, list[Fact]] = {family: [] for family in FAMILIES}
    for name, value in sorted(facts.items()):
        feature = REGISTRY.get(name)
        if name in HIDDEN or isinstance(value, dict | list) or (feature is not None and feature.protected):
            continue
        family = str(feature.family) if feature else "other"
        source = str(sources.get(name, "")).removesuffix(PROTECTED)
        families[family].append(Fact(label_of(name), _told(name, value, currency), source))
    return [(str(FAMILIES[family]), rows) for family, rows in families.items() if rows]


def _told(name: str, value: Any, currency: str) -> str:
    """A value in words; purposes are named by the products that lend for them."""
    if name == "purpose" and value in PURPOSES:
        return PURPOSES[value].name(get_language() or "en")
    return told(name, value, currency)


def bars(score: Score, currency: str) -> list[Bar]:
    """The contributions of a score, the heaviest first; those beyond a dozen together in one row."""
    ranked = sorted(score.contributions.items(), key=lambda pair: -abs(float(pair[1])))
    widest = max((abs(float(value)) for _name, value in ranked), default=0.0) or 1.0
    rows = [
        _bar(label_of(name), _told(name, _known(score, name), currency), float(value), widest)
        for name, value in ranked[:MOST_BARS]
        if value
    ]
    rest = sum(float(value) for _name, value in ranked[MOST_BARS:])
    return [*rows, _bar(str(_("All other factors together")), "", rest, widest)] if rest else rows


def _known(score: Score, name: str) -> Any:
    return score.features.get(name, score.facts.get(name))


def _bar(label: str, value: str, part: float, widest: float) -> Bar:
    width = min(100, round(abs(part) * 100 / widest))
    return Bar(label, value, f"{points_of_part(part):+.1f}".replace("-", "−"), width, part > 0)


def starting_points(score: Score) -> int:
    """The points of the average applicant of the training data: these and the contributions make the score."""
    probability = min(max(score.probability_of_default, 1e-12), 1 - 1e-12)
    total = sum(float(value) for value in score.contributions.values())
    return points_of(log(probability / (1 - probability)) - total)


def troubles(decision: Decision | None) -> list[Mapping[str, Any]]:
    """What did not work when it was decided: no model, a source that failed, no consent to automated decisions."""
    return [reason for reason in decision.reasons if reason.get("kind") == "system"] if decision else []


def strategy_of(decision: Decision | None) -> Strategy | None:
    """The strategy version a decision rests on."""
    name, _sign, number = str((decision.rules.get("strategy") if decision else "") or "").rpartition(" v")
    return Strategy.objects.filter(name=name, version=int(number)).first() if name and number.isdigit() else None


def terms(application: Application, automatic: Decision | None, shown: Decision | None) -> list[Terms]:
    """Amount, term and rate: asked for, recommended by the strategy, decided."""
    rows = [_terms(application, _("Asked for"), application.amount_minor, application.installments, None)]
    if automatic is not None:
        kept = (automatic.limit_minor, automatic.installments, automatic.yearly_rate_percent)
        advice = automatic.rules.get("recommendation")
        advised = (advice["limit_minor"], advice["max_installments"], advice["yearly_rate_percent"]) if advice else kept
        if any(advised):
            rows.append(_terms(application, _("Recommended at most"), *advised))
    for decision in dict.fromkeys((automatic, shown)):
        if decision is not None and decision.outcome == Decision.Outcome.APPROVE:
            who = _("Approved by an officer") if decision.by_id else _("Approved by the rules")
            figures = (decision.limit_minor, decision.installments, decision.yearly_rate_percent)
            rows.append(_terms(application, who, *figures))
    return rows


def _terms(application: Application, what: Any, amount: int | None, count: int | None, rate: Any) -> Terms:
    version = application.product_version
    amount_text = money(amount or None, version.currency, version.decimals)
    rate_text = NOTHING if rate in (None, "") else percent_told(Decimal(str(rate)) / 100, 4)
    return Terms(what, amount_text, str(count or NOTHING), rate_text)


def strains(application: Application, automatic: Decision | None, strategy: Strategy | None) -> list[Strain]:
    """Debt-to-income and residual income: now, with what was asked for, with what was recommended."""
    if automatic is None or strategy is None:
        return []
    rules, facts = strategy.rules["affordability"], automatic.snapshot.facts
    advice = automatic.rules.get("recommendation") or {}
    if burden(_at_least(facts), rules) is None or advice.get("yearly_rate_percent") is None:
        return []
    rate = Decimal(advice["yearly_rate_percent"])
    asked = (application.amount_minor or 0, application.installments or 0)
    advised = (min(advice["limit_minor"] or 0, asked[0]), min(advice["max_installments"] or 0, asked[1]))
    loans: list[tuple[Any, tuple[int, int]]] = [(_("Today"), (0, 1)), (_("With what was asked for"), asked)]
    if all(advised) and advised != asked:
        loans.append((_("With what was recommended"), advised))
    return [_strain(application, rules, facts, what, loan, rate) for what, loan in loans]


def _at_least(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts with no debt service where it is not known: what debts take at least."""
    return {**facts, "debt_service_monthly": 0} if is_unknown(facts.get("debt_service_monthly")) else facts


def _strain(
    application: Application,
    rules: Mapping[str, Any],
    facts: Mapping[str, Any],
    what: Any,
    loan: tuple[int, int],
    rate: Decimal,
) -> Strain:
    version, (amount_minor, count) = application.product_version, loan
    installment = from_minor(amount_minor, version.decimals) / annuity_factor(count or 1, rate)
    known = not is_unknown(facts.get("debt_service_monthly"))
    found = burden(_at_least(facts), rules, installment)
    assert found is not None  # noqa: S101 - the caller has seen that income and expenses are known
    share = found.debt_to_income
    share_told = NOTHING if share is None else percent_told(share)
    residual_told = told("residual_income", found.residual, version.currency)
    if not known:
        share_told = str(_("at least %(share)s") % {"share": share_told} if amount_minor else _("not known"))
        residual_told = str(_("at most %(amount)s") % {"amount": residual_told} if amount_minor else _("not known"))
    return Strain(
        what,
        told("debt_service_monthly", installment, version.currency) if amount_minor else NOTHING,
        share_told,
        residual_told,
        share is None or share > Decimal(str(rules["most_debt_to_income"])),
        found.residual < Decimal(str(rules["least_residual"])),
    )


def bounds(application: Application, strategy: Strategy | None) -> Mapping[str, str]:
    """What the strategy allows: the highest debt-to-income and the least residual income."""
    if strategy is None:
        return {}
    rules = strategy.rules["affordability"]
    return {
        "debt_to_income": percent_told(Decimal(str(rules["most_debt_to_income"]))),
        "residual": told("residual_income", rules["least_residual"], application.product_version.currency),
    }


def other_scores(application: Application, deciding: Score | None) -> QuerySet[Score]:
    """What challengers and shadows said of the same application, besides the score that decided."""
    found = Score.objects.filter(subject_reference=str(application.public_id)).select_related("model_version")
    others = found.exclude(pk=deciding.pk) if deciding else found
    return others.order_by("created_at")[:20]
