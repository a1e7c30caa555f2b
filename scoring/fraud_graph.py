"""Shared links as a graph: customers are joined when they used the same phone, device, account, identity number or
e-mail.

Components are found by union-find over the links of a window. A component of many strangers who appeared within days,
and a dense one, are what rings of invented people look like.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scoring.models import FraudSignal, Link

STRONG_KINDS = ("identity", "phone", "device", "account", "email")
MOST_SHARED_BY = 50
"""An identifier with more customers than this is a shop's terminal or a helper's phone, not a ring."""


@dataclass(frozen=True, slots=True)
class Component:
    """Customers joined by shared identifiers; `shared` counts the identifiers with two users or more, by kind."""

    customers: tuple[str, ...]
    shared: Mapping[str, int]
    first_seen_on: datetime.date
    last_seen_on: datetime.date
    confirmed: int

    @property
    def size(self) -> int:
        return len(self.customers)


def components(since: datetime.date, until: datetime.date, *, least: int = 2) -> list[Component]:
    """Components of at least `least` customers seen in the window, largest first."""
    links = Link.objects.filter(kind__in=STRONG_KINDS, seen_on__gte=since, seen_on__lte=until)
    rows = list(links.values_list("customer_reference", "kind", "value_hash", "seen_on"))
    users: dict[tuple[str, str], set[str]] = defaultdict(set)
    days: dict[str, list[datetime.date]] = defaultdict(list)
    for customer, kind, value, day in rows:
        users[kind, value].add(customer)
        days[customer].append(day)
    shared = {key: found for key, found in users.items() if 2 <= len(found) <= MOST_SHARED_BY}
    groups = _joined(shared.values())
    confirmed = _confirmed()
    found = [_component(group, shared, days, confirmed) for group in groups if len(group) >= least]
    return sorted(found, key=lambda one: (-one.size, one.customers))


def component_of(customer: str, since: datetime.date, until: datetime.date) -> Component | None:
    """The component this customer belongs to, or None when she shares nothing."""
    return next((one for one in components(since, until) if customer in one.customers), None)


def _joined(groups: Iterable[set[str]]) -> list[set[str]]:
    """Union-find with path halving."""
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for group in groups:
        first, *others = sorted(group)
        for other in others:
            parent[root(other)] = root(first)
    found: dict[str, set[str]] = defaultdict(set)
    for node in list(parent):
        found[root(node)].add(node)
    return list(found.values())


def _component(
    group: set[str],
    shared: Mapping[tuple[str, str], set[str]],
    days: Mapping[str, list[datetime.date]],
    confirmed: set[str],
) -> Component:
    kinds: dict[str, int] = defaultdict(int)
    for (kind, _value), users in shared.items():
        if users <= group:
            kinds[kind] += 1
    seen = [day for customer in group for day in days[customer]]
    return Component(tuple(sorted(group)), dict(kinds), min(seen), max(seen), len(group & confirmed))


def _confirmed() -> set[str]:
    signals = FraudSignal.objects.filter(disposition=FraudSignal.Disposition.CONFIRMED)
    return set(signals.values_list("customer_reference", flat=True))
