"""What a case is about, where that stands in a room above: the desk links to it, and its own act may be the answer.

A room above names its subjects when it starts: `add("decision", subject_of_decision)`. A case about a decision that is
under review is answered by deciding, not by writing a letter; the subject says so by `answered_by`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from customers.models import ServiceCase


@dataclass(frozen=True, slots=True)
class Subject:
    """`url` is its page on the desk; `answered_by` says which act answers the case, empty where words do."""

    name: str
    url: str
    answered_by: str = ""


Finder = Callable[[ServiceCase], Subject | None]
_FINDERS: dict[str, Finder] = {}


def add(subject_type: str, finder: Finder) -> None:
    """Say how the subject of cases of this type is found. The same type replaces the finder."""
    _FINDERS[subject_type] = finder


def subject_of(case: ServiceCase) -> Subject | None:
    """The subject of a case; None for cases about nothing in particular."""
    finder = _FINDERS.get(case.subject_type)
    return finder(case) if finder else None
