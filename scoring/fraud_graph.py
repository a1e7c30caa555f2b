"""Shared links as a graph: customers are joined when they used the same phone, device, account, identity number or
e-mail.

`components` finds every group of a window by union-find, for the book as a whole. `around` walks from one customer, hop
by hop, and stops at a hundred: what a case needs, whatever the size of the book. A component of many strangers who
appeared within days is what rings of invented people look like; its growth is the days on which its members came.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from scoring.fraud_rules import STRONG
from scoring.models import FraudSignal, Link

MOST_SHARED_BY = 50
"""An identifier with more customers than this is a shop's terminal or a helper's phone, not a ring."""
MOST_AROUND = 100
LOOK_BACK_DAYS = 365


@dataclass(frozen=True, slots=True)
class Tie:
    """One shared identifier of a component (by the start of its keyed hash) and the customers who used it."""

    kind: str
    digest: str
    customers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Component:
    """Customers joined by shared identifiers; `shared` counts the identifiers with two users or more, by kind.

    `joined` is the day on which each customer was first seen in the window: read in order, how the component grew.
    """

    customers: tuple[str, ...]
    shared: Mapping[str, int]
    first_seen_on: datetime.date
    last_seen_on: datetime.date
    confirmed: int
    ties: tuple[Tie, ...] = ()
    joined: Mapping[str, datetime.date] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.customers)

    def growth(self) -> list[tuple[datetime.date, int]]:
        """How many customers it had at the end of each day on which one came."""
        sizes: dict[datetime.date, int] = {}
        for count, day in enumerate(sorted(self.joined.values()), start=1):
            sizes[day] = count
        return sorted(sizes.items())


@dataclass
class _Links:
    """Users of each identifier and days of each customer, as links are read."""

    users: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    days: dict[str, list[datetime.date]] = field(default_factory=lambda: defaultdict(list))

    def add(self, rows: Iterable[tuple[str, str, str, datetime.date]]) -> None:
        for customer, kind, digest, day in rows:
            self.users[kind, digest].add(customer)
            self.days[customer].append(day)

    def shared(self) -> dict[tuple[str, str], set[str]]:
        return {key: found for key, found in self.users.items() if 2 <= len(found) <= MOST_SHARED_BY}


_NAMES = ("customer_reference", "kind", "value_hash", "seen_on")


def components(since: datetime.date, until: datetime.date, *, least: int = 2) -> list[Component]:
    """Components of at least `least` customers seen in the window, largest first."""
    links = _Links()
    found = Link.objects.filter(kind__in=STRONG, seen_on__gte=since, seen_on__lte=until)
    links.add(found.values_list(*_NAMES).iterator())
    shared = links.shared()
    confirmed = _confirmed()
    every = [_component(group, shared, links, confirmed) for group in _joined(shared.values()) if len(group) >= least]
    return sorted(every, key=lambda one: (-one.size, one.customers))


def around(customer: str, until: datetime.date, *, days: int = LOOK_BACK_DAYS) -> Component | None:
    """The component of one customer, or None when she shares nothing; at most about a hundred customers of it."""
    since = until - datetime.timedelta(days=days)
    window = Link.objects.filter(kind__in=STRONG, seen_on__gt=since, seen_on__lte=until)
    known, newest = {customer}, {customer}
    while newest and len(known) < MOST_AROUND:
        used = set(window.filter(customer_reference__in=newest).values_list("value_hash", flat=True))
        met = _Links()
        met.add(window.filter(value_hash__in=used).values_list(*_NAMES))
        reached = {who for users in met.shared().values() for who in users}
        newest, known = reached - known, known | reached
    if len(known) < 2:
        return None
    links = _Links()
    links.add(window.filter(customer_reference__in=known).values_list(*_NAMES))
    return _component(known, links.shared(), links, _confirmed(known))


def name_component(customer: str, on: datetime.date) -> str:
    """The name of the customer's component: that of its earlier cases, or a new one.

    Earlier cases of its members take it too: those that stood alone, and those of another component that it met.
    """
    component = around(customer, on)
    members = component.customers if component else (customer,)
    signals = list(FraudSignal.objects.filter(customer_reference__in=members).order_by("pk"))
    new = f"{on:%y%m%d}-{customer.replace('-', '')[:8]}"
    name = next((signal.component for signal in signals if signal.component), new)
    for signal in signals:
        if signal.component != name:
            signal.component = name
            signal.save(update_fields=["component"])  # one by one: each change of a case is a row of its history
    return name


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
    group: set[str], shared: Mapping[tuple[str, str], set[str]], links: _Links, confirmed: set[str]
) -> Component:
    kinds: dict[str, int] = defaultdict(int)
    ties = []
    for (kind, digest), users in sorted(shared.items()):
        if users <= group:
            kinds[kind] += 1
            ties.append(Tie(kind, digest[:8], tuple(sorted(users))))
    joined = {customer: min(links.days[customer]) for customer in sorted(group)}
    last = max(max(links.days[customer]) for customer in group)
    confirmed_here = len(group & confirmed)
    return Component(tuple(sorted(group)), dict(kinds), min(joined.values()), last, confirmed_here, tuple(ties), joined)


def _confirmed(among: Iterable[str] | None = None) -> set[str]:
    signals = FraudSignal.objects.filter(disposition=FraudSignal.Disposition.CONFIRMED)
    if among is not None:
        signals = signals.filter(customer_reference__in=set(among))
    return set(signals.values_list("customer_reference", flat=True))
