"""What decisions go by on a day: products, the words of consents, the rules of law, the strategy and the models.

These seldom change and every decision needs them all. They are kept in the process for as long as the database says that
none of their tables has changed (see `stamps`): one short statement in the place of five, and a change counts from the
next decision on, in every process.
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from customers import consents
from customers.models import ConsentText
from lending.applications import stamps
from lending.products.models import ProductVersion
from lending.regulation import rules
from lending.regulation.checks import RuleBook
from scoring import assessment

Read = TypeVar("Read")
MOST_KEPT = 4
"""Days and stamps kept at once: today, and tomorrow at midnight."""
_kept: dict[tuple[Any, datetime.date], "InForce"] = {}


@dataclass(frozen=True)
class InForce:
    """What is in force on a day, each read when it is first asked for. Shared by all: nobody changes what it gives."""

    on: datetime.date
    _read: dict[Any, Any] = field(default_factory=dict)

    def product(self, code: str) -> ProductVersion | None:
        """The version in force of a product by its code."""
        return self._once(("product", code), lambda: ProductVersion.objects.newest_of(code, self.on))

    def rules(self, version: ProductVersion) -> RuleBook:
        """Every rule in force for a product, by code."""
        where = {"jurisdiction": version.jurisdiction, "licence": version.licence, "product": version.product.code}
        return self._once(("rules", *where.values()), lambda: rules.in_force(**where, on=self.on))

    @property
    def consent_texts(self) -> Mapping[str, ConsentText]:
        return self._once("consent texts", lambda: consents.texts_in_force(self.on))

    @property
    def scoring(self) -> assessment.InForce:
        return self._once("scoring", lambda: assessment.in_force(self.on))

    def _once(self, key: Any, read: Callable[[], Read]) -> Read:
        found: Read = self._read.get(key) or read()
        if found:
            self._read[key] = found
        return found


def in_force(on: datetime.date) -> InForce:
    """What decides on this day, as the last change left it. Ask again after a change of your own."""
    stamp = stamps.read()
    if stamp is None:
        return InForce(on)
    found = _kept.get((stamp, on))
    if found is None:
        while len(_kept) >= MOST_KEPT:
            _kept.pop(next(iter(_kept)), None)
        found = _kept[stamp, on] = InForce(on)
    return found
