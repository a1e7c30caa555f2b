"""What became of the applications that were scored: the seam through which a book of loans teaches and judges models.

Scoring knows no loan. A room above registers one provider, which walks its book and says of every decided application
that has a deciding score what was recommended, what came of it, and whether the loan went bad within a performance
window after its disbursement.

    for outcome in outcomes(since=date(2025, 1, 1), until=date(2025, 6, 30), definition=Definition(), as_of=today):
        outcome.subject, outcome.place      # "2f0c…", "good"

`as_of` is the day whose knowledge counts: what happened later is not seen, so a question asked again about the same day
gets the same answer as long as nobody enters a fact of before that day. Rows come one by one, in the order of their
decisions; a book of millions is never held in memory.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from scoring.refusals import DefinitionInvalid, NoBook

EXCLUSIONS = ("fraud", "policy", "staff")
"""What a book may leave out; beside these `channel:NAME` leaves out everything that came in through one channel."""
PLACES = ("excluded", "no_loan", "immature", "indeterminate", "bad", "good")
_LONGEST_MONTHS = 120
_MOST_DAYS = 720


@dataclass(frozen=True, slots=True)
class Definition:
    """What bad means, and who is left out.

    A loan is bad when, within `months` after its disbursement, it was ever `bad_days` or more days past due, was
    charged off, or was restructured while it was past due; a later cure does not unmake that. One that was at its
    worst `indeterminate_from` or more days late, but not bad, is neither good nor bad. Raises DefinitionInvalid.
    """

    months: int = 12
    bad_days: int = 90
    indeterminate_from: int = 30
    exclusions: tuple[str, ...] = EXCLUSIONS

    def __post_init__(self) -> None:
        if not 1 <= self.months <= _LONGEST_MONTHS:
            raise DefinitionInvalid(field="months", problem=f"the window is 1 to {_LONGEST_MONTHS} months long")
        if not 1 <= self.bad_days <= _MOST_DAYS:
            raise DefinitionInvalid(field="bad_days", problem=f"bad begins at 1 to {_MOST_DAYS} days past due")
        if not 1 <= self.indeterminate_from <= self.bad_days:
            problem = f"indeterminate begins at 1 to {self.bad_days} days past due, where bad begins"
            raise DefinitionInvalid(field="indeterminate_from", problem=problem)
        for code in self.exclusions:
            if code not in EXCLUSIONS and not (code.startswith("channel:") and code.removeprefix("channel:")):
                problem = f"“{code}” cannot be left out; {', '.join(EXCLUSIONS)} and channel:NAME can"
                raise DefinitionInvalid(field="exclude", problem=problem)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one application.

    `decision` is the machine's ("approve", "refer", "decline"); `final` is where it stands: "approved", "declined",
    "referred", "withdrawn" or "expired". `overridden`: an officer decided against the recommendation, for
    `officer_reason`. `opened_on` is the day the loan was paid out. `bad` is None without a loan, before the window has
    passed, and for an indeterminate loan. `excluded` names why it does not count, or is empty.

    `matured`: the whole window has passed since the loan was paid out. A loan that went bad or was paid off sooner has
    its outcome before that, but it does not stand for those of its age: a rate is counted over matured loans only.
    """

    subject: str
    customer: str
    decided_on: datetime.date
    decision: str
    final: str
    overridden: bool = False
    officer_reason: str = ""
    opened_on: datetime.date | None = None
    bad: bool | None = None
    indeterminate: bool = False
    excluded: str = ""
    matured: bool = False
    worst_days_past_due: int | None = None
    written_off: bool = False

    @property
    def place(self) -> str:
        """Where it falls among `PLACES`: each outcome in exactly one."""
        if self.excluded:
            return "excluded"
        if self.opened_on is None:
            return "no_loan"
        if self.bad is None:
            return "indeterminate" if self.indeterminate else "immature"
        return "bad" if self.bad else "good"


class Provider(Protocol):
    """Walks a book: the outcomes of applications decided from `since` to `until`, both included, as known `as_of`."""

    def __call__(
        self, *, since: datetime.date, until: datetime.date, definition: Definition, as_of: datetime.date
    ) -> Iterator[Outcome]: ...


_PROVIDERS: list[Provider] = []


def register(provider: Provider) -> None:
    """Make this the book that is asked. There is one book: a second provider replaces the first."""
    _PROVIDERS[:] = [provider]


def outcomes(
    *, since: datetime.date, until: datetime.date, definition: Definition, as_of: datetime.date
) -> Iterator[Outcome]:
    """The book's outcomes, streamed. Raises NoBook where nobody keeps one, and DefinitionInvalid for dates reversed."""
    if not _PROVIDERS:
        raise NoBook()
    if until < since:
        raise DefinitionInvalid(field="until", problem=f"{until} is before {since}")
    return _PROVIDERS[0](since=since, until=until, definition=definition, as_of=as_of)
