"""Fraud: what one application shares, how often, with whom, and which of its facts cannot be, before anything is scored.

Identifiers (identity number, phone, device, account, address, employer, e-mail, name with date of birth) arrive raw and
are kept as keyed hashes only. Each assessment leaves a link (customer, identifier, day); `fraud_rules` says what is an
alarm. Four statements whatever there is to find (three for a newcomer who shares nothing), one more (and its history) to
keep the alarms.

What a person cleared does not come back: for 180 days after a signal was dismissed the rules are silent about the same
identifier of the same pair of customers, or about the same facts. Somebody new on the identifier, or other facts, are new.
"""

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q
from simple_history.utils import bulk_create_with_history

from scoring import fraud_graph, fraud_links
from scoring.conditions import holds
from scoring.fraud_links import Seen, hash_of
from scoring.fraud_rules import (
    BLACKLISTED,
    BLACKLISTING,
    CONFIRMED_BEFORE,
    CUSTOMER_VELOCITY,
    FACTS,
    NEAR_CONFIRMED,
    NOTE,
    SHARED,
    UNUSUAL,
    VELOCITY,
    Rule,
    SharedRule,
    VelocityRule,
)
from scoring.models import BlacklistEntry, FraudSignal
from scoring.outliers import OutlierModel
from scoring.recommendation import Alarm

__all__ = ["CLEARED_DAYS", "Examination", "examine", "hash_of"]

CLEARED_DAYS = 180
MOST_NAMED = 50
MOST_NEIGHBOURS = 500
Disposition = FraudSignal.Disposition


@dataclass(frozen=True, slots=True)
class Examination:
    """The alarms of one assessment, and the counts of what is shared: facts for the anomaly score and the record."""

    alarms: tuple[Alarm, ...]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Past:
    """Signals of the customer and of those she shares something with, that people have decided or that stand."""

    signals: Sequence[tuple[str, str, str, str, Mapping[str, Any]]]

    def confirmed(self) -> set[str]:
        return {who for who, _subject, _rule, state, _evidence in self.signals if state == Disposition.CONFIRMED}

    def raised(self, subject: str) -> set[str]:
        return {rule for _who, about, rule, _state, _evidence in self.signals if about == subject}

    def cleared(self, customer: str, rule: SharedRule | VelocityRule) -> set[str]:
        """The customers who were cleared of sharing this kind of identifier with this one, from either side."""
        found: set[str] = set()
        for who, _subject, _code, state, evidence in self.signals:
            if evidence.get("kind") != rule.kind or state != Disposition.DISMISSED:
                continue
            pair = set(evidence.get("customers", ()))
            found |= pair if who == customer else ({who} if customer in pair else set())
        return found

    def same_facts_cleared(self, customer: str, code: str, facts: Mapping[str, Any]) -> bool:
        return any(
            who == customer and rule == code and state == Disposition.DISMISSED and evidence.get("facts") == facts
            for who, _subject, rule, state, evidence in self.signals
        )


def examine(
    *,
    identifiers: Mapping[str, Any],
    facts: Mapping[str, Any],
    subject: str,
    customer: str,
    on: datetime.date,
    outliers: OutlierModel | None = None,
    newcomer: bool = False,
) -> Examination:
    """The alarms of one assessment; records its links and signals. The same subject twice records nothing new.

    `newcomer`: the customer has just come to us, so that nothing can have been said of her before.
    """
    hashes = fraud_links.hashes_of(identifiers)
    fraud_links.record(hashes, subject=subject, customer=customer, on=on)
    seen = fraud_links.look(hashes, customer=customer, on=on)
    past = _Past(()) if newcomer and not seen.everybody() else _past(seen, subject)
    counts = seen.counts()
    alarms = [
        *_blacklisted(hashes, on),
        *_shared(seen, past),
        *_velocity(seen, past),
        *_confirmed(seen, past),
        *_by_facts(facts, customer, past),
        *_unusual(outliers, {**facts, **counts}, customer, past),
    ]
    noted = [rule.code for rule in FACTS if rule.severity == NOTE and holds(rule.when or {}, facts)]
    if noted:
        alarms = [replace(alarm, evidence={**alarm.evidence, "noted": noted}) for alarm in alarms]
    _record_signals([alarm for alarm in alarms if alarm.code not in past.raised(subject)], subject, customer, on)
    return Examination(tuple(alarms), counts)


def _past(seen: Seen, subject: str) -> _Past:
    near = [*sorted(seen.strongly_linked()), *sorted(seen.everybody() - seen.strongly_linked())][:MOST_NEIGHBOURS]
    cleared = Q(disposition=Disposition.DISMISSED, disposed_on__gt=seen.on - datetime.timedelta(days=CLEARED_DAYS))
    decided = Q(customer_reference__in=[seen.customer, *near]) & (Q(disposition=Disposition.CONFIRMED) | cleared)
    rows = FraudSignal.objects.filter(decided | Q(subject_reference=subject))
    names = ("customer_reference", "subject_reference", "rule", "disposition", "evidence")
    return _Past(list(rows.values_list(*names)))


def _alarm(rule: Rule, **evidence: Any) -> Alarm:
    return Alarm(rule.code, rule.severity, rule.told.zh, rule.told.en, evidence)


def _blacklisted(hashes: Mapping[str, str], on: datetime.date) -> Iterable[Alarm]:
    if not hashes:
        return
    listed = BlacklistEntry.objects.in_force(on).filter(value_hash__in=list(hashes.values()))
    found = list(listed.values_list("status", "kind", "source", "pk"))
    for rule, wanted in (
        (BLACKLISTED, BlacklistEntry.Status.CONFIRMED),
        (BLACKLISTING, BlacklistEntry.Status.PROPOSED),
    ):
        rows = [{"kind": kind, "source": source, "entry": pk} for status, kind, source, pk in found if status == wanted]
        if rows:
            yield _alarm(rule, entries=rows)


def _shared(seen: Seen, past: _Past) -> Iterable[Alarm]:
    for rule in SHARED:
        sharing = seen.others(rule.kind, rule.days)
        if rule.along_with:
            sharing &= seen.others(rule.along_with, rule.days)
        sharing -= past.cleared(seen.customer, rule)
        if len(sharing) >= rule.others:
            named = sorted(sharing)[:MOST_NAMED]
            yield _alarm(rule, kind=rule.kind, customers=named, count=len(sharing), days=rule.days)


def _velocity(seen: Seen, past: _Past) -> Iterable[Alarm]:
    own = CUSTOMER_VELOCITY
    if seen.assessments >= own.applications:
        yield _alarm(own, applications=seen.assessments, days=own.days)
    for rule in VELOCITY:
        cleared = past.cleared(seen.customer, rule)
        rows = [row for row in seen.of(rule.kind, rule.days) if row.customer not in cleared]
        others = {row.customer for row in rows} - {seen.customer}
        count = len({row.subject for row in rows})
        if others and count >= rule.applications and _is_new(rule, seen):
            named = sorted(others)[:MOST_NAMED]
            yield _alarm(rule, kind=rule.kind, applications=count, customers=named, days=rule.days)


def _is_new(rule: VelocityRule, seen: Seen) -> bool:
    """Whether the identifier is as new as the rule wants it; links are read back a year for that."""
    if not rule.new_within_days:
        return True
    first = seen.first_seen_on(rule.kind)
    return first is not None and first > seen.on - datetime.timedelta(days=rule.new_within_days)


def _confirmed(seen: Seen, past: _Past) -> Iterable[Alarm]:
    confirmed = past.confirmed()
    if seen.customer in confirmed:
        yield _alarm(CONFIRMED_BEFORE)
    near = sorted(confirmed & seen.strongly_linked())[:MOST_NAMED]
    if near:
        yield _alarm(NEAR_CONFIRMED, customers=near)


def _by_facts(facts: Mapping[str, Any], customer: str, past: _Past) -> Iterable[Alarm]:
    for rule in FACTS:
        if rule.severity == NOTE or not holds(rule.when or {}, facts):
            continue
        told = {name: facts[name] for name in rule.evidence if facts.get(name) is not None}
        if not past.same_facts_cleared(customer, rule.code, told):
            yield _alarm(rule, facts=told)


def _unusual(outliers: OutlierModel | None, facts: Mapping[str, Any], customer: str, past: _Past) -> Iterable[Alarm]:
    if outliers is None:
        return
    found = outliers.judge(facts)
    told = {one.name: one.value for one in found.rarest}
    if found.unusual and not past.same_facts_cleared(customer, UNUSUAL.code, told):
        rarity = {one.name: round(one.rarity, 5) for one in found.rarest}
        yield _alarm(UNUSUAL, facts=told, rarity=rarity, score=round(found.score, 3), threshold=outliers.threshold)


def _record_signals(alarms: Sequence[Alarm], subject: str, customer: str, on: datetime.date) -> None:
    """Keep the alarms as open cases, with history; linked ones carry the component they belong to."""
    if not alarms:
        return
    linked = any(alarm.evidence.get("customers") for alarm in alarms)
    component = fraud_graph.name_component(customer, on) if linked else ""
    signals = [
        FraudSignal(
            subject_reference=subject,
            customer_reference=customer,
            rule=alarm.code,
            severity=alarm.severity,
            evidence=json.loads(json.dumps(dict(alarm.evidence), default=str)),
            component=component,
            raised_on=on,
        )
        for alarm in alarms
    ]
    bulk_create_with_history(signals, FraudSignal)
