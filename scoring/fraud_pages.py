"""What the pages of a fraud case show: the rule and its evidence in words, and the component as a picture and a table."""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Min, Q

from scoring import fraud_graph
from scoring.features import Text
from scoring.fraud_graph import Component
from scoring.fraud_words import FIGURE_LABELS
from scoring.models import FraudSignal, IdentifierKind
from scoring.telling import chinese, fraud_rule_told, label_of, told

MOST_DRAWN = 30
ROW_HEIGHT, TOP, LEFT, RIGHT = 30, 14, 92, 270
GROUPS_PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Group:
    """The open cases of one component, or of one customer who shares nothing."""

    name: str
    signals: Sequence[FraudSignal]

    @property
    def cases(self) -> list[tuple[str, FraudSignal]]:
        return [(fraud_rule_told(signal.rule), signal) for signal in self.signals]

    @property
    def customers(self) -> int:
        return len({signal.customer_reference for signal in self.signals})

    @property
    def severe(self) -> bool:
        return any(signal.severity == FraudSignal.Severity.DECLINE for signal in self.signals)

    @property
    def raised_on(self) -> datetime.date:
        return max(signal.raised_on for signal in self.signals)

    @property
    def oldest_on(self) -> datetime.date:
        return min(signal.raised_on for signal in self.signals)

    @property
    def rules(self) -> list[str]:
        return list(dict.fromkeys(fraud_rule_told(signal.rule) for signal in self.signals))


def _in_words(text: Text) -> str:
    return text.zh if chinese() else text.en


def evidence_lines(signal: FraudSignal) -> list[tuple[str, str]]:
    """The evidence as label and value, customers and single facts aside."""
    lines = []
    for name, value in signal.evidence.items():
        if name == "noted":
            lines.append((_in_words(FIGURE_LABELS[name]), ", ".join(map(fraud_rule_told, value))))
        elif name == "kind":
            lines.append((_in_words(FIGURE_LABELS[name]), kind_told(value)))
        elif name == "entries":
            lines += [(kind_told(one["kind"]), one["source"]) for one in value]
        elif name in FIGURE_LABELS:
            lines.append((_in_words(FIGURE_LABELS[name]), str(value)))
    return lines


def kind_told(kind: str) -> str:
    return str(IdentifierKind(kind).label) if kind in IdentifierKind.values else kind


def fact_lines(signal: FraudSignal) -> list[dict[str, str]]:
    """The facts of the evidence, with how rare each is where the anomaly score said so."""
    rarity = signal.evidence.get("rarity", {})
    return [
        {
            "label": label_of(name),
            "value": told(name, value),
            "rarity": f"{rarity[name]:.2%}" if name in rarity else "",
        }
        for name, value in signal.evidence.get("facts", {}).items()
    ]


def component_page(signal: FraudSignal, on: datetime.date) -> dict[str, Any]:
    """The component of the signal's customer as of today, or nothing when she shares nothing."""
    component = fraud_graph.around(signal.customer_reference, on)
    if component is None:
        return {}
    cases: dict[str, list[FraudSignal]] = defaultdict(list)
    for one in FraudSignal.objects.filter(customer_reference__in=component.customers).order_by("-id"):
        cases[one.customer_reference].append(one)
    return {
        "component": component,
        "kinds": [(kind_told(kind), count) for kind, count in sorted(component.shared.items())],
        "members": [_member(who, component, cases[who], signal.customer_reference) for who in component.customers],
        "growth": component.growth(),
        "picture": _picture(component, cases, signal.customer_reference),
    }


def _member(who: str, component: Component, cases: list[FraudSignal], self_reference: str) -> dict[str, Any]:
    return {
        "reference": who,
        "own": who == self_reference,
        "joined": component.joined[who],
        "shares": [f"{kind_told(tie.kind)} {tie.digest}" for tie in component.ties if who in tie.customers],
        "cases": [(fraud_rule_told(case.rule), case) for case in cases],
    }


def _picture(component: Component, cases: dict[str, list[FraudSignal]], self_reference: str) -> dict[str, Any] | None:
    """Customers to the left, what they share to the right, a line for each use; None when there are too many to draw."""
    if component.size > MOST_DRAWN or len(component.ties) > MOST_DRAWN:
        return None
    rows = max(component.size, len(component.ties))
    height = rows * ROW_HEIGHT + 2 * TOP
    place = {who: _y(number, component.size, height) for number, who in enumerate(component.customers)}
    ties = [
        {
            "y": _y(number, len(component.ties), height),
            "label": f"{kind_told(tie.kind)} {tie.digest}",
        }
        for number, tie in enumerate(component.ties)
    ]
    return {
        "height": height,
        "left": LEFT,
        "right": RIGHT,
        "people": [
            {"y": y, "label": who[:8], "own": who == self_reference, "confirmed": _is_confirmed(cases[who])}
            for who, y in place.items()
        ],
        "ties": ties,
        "lines": [
            {"from": place[who], "to": drawn["y"]}
            for drawn, tie in zip(ties, component.ties, strict=True)
            for who in tie.customers
        ],
    }


def _is_confirmed(cases: list[FraudSignal]) -> bool:
    return any(case.disposition == FraudSignal.Disposition.CONFIRMED for case in cases)


def _y(number: int, count: int, height: int) -> int:
    return round(TOP + (number + 0.5) * (height - 2 * TOP) / count)


def open_groups(page: int) -> tuple[list[Group], bool]:
    """A page of the queue, newest first, and whether there is another: components, and single customers by themselves."""
    opened = FraudSignal.objects.filter(disposition=FraudSignal.Disposition.OPEN)
    start = (page - 1) * GROUPS_PER_PAGE
    keys = opened.values("component", "customer_reference")
    joined = keys.exclude(component="").values("component").annotate(newest=Max("id"), first=Min("id"))
    single = keys.filter(component="").values("customer_reference").annotate(newest=Max("id"), first=Min("id"))
    names = [
        *(
            (row["newest"], "component", row["component"])
            for row in joined.order_by("-newest")[: start + GROUPS_PER_PAGE + 1]
        ),
        *(
            (row["newest"], "customer_reference", row["customer_reference"])
            for row in single.order_by("-newest")[: start + GROUPS_PER_PAGE + 1]
        ),
    ]
    names.sort(reverse=True)
    wanted = names[start : start + GROUPS_PER_PAGE]
    return _filled(opened, wanted), len(names) > start + GROUPS_PER_PAGE


def _filled(opened: Any, wanted: list[tuple[int, str, str]]) -> list[Group]:
    components = [name for _newest, field, name in wanted if field == "component"]
    customers = [name for _newest, field, name in wanted if field != "component"]
    found: dict[str, list[FraudSignal]] = defaultdict(list)
    chosen = opened.filter(Q(component__in=components) | Q(component="", customer_reference__in=customers))
    for signal in chosen.order_by("-id"):
        found[signal.component or signal.customer_reference].append(signal)
    return [Group(name, found[name]) for _newest, _field, name in wanted]
