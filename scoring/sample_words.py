"""How the sample of a model trained on our own book is told: definition, period, every step with its count, inference."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from scoring.outcomes import Definition

STEPS: Mapping[str, Any] = {
    "decided": _("Decided with a score"),
    "excluded": _("Left out"),
    "not_taken_up": _("Not taken up"),
    "declined": _("Declined: no outcome can be seen"),
    "immature": _("Too young to judge"),
    "indeterminate": _("Neither good nor bad"),
}
EXCLUSIONS: Mapping[str, Any] = {
    "fraud": _("confirmed fraud"),
    "policy": _("declined by a rule, whatever the score"),
    "staff": _("members of staff"),
}


@dataclass(frozen=True, slots=True)
class SampleTold:
    """`steps` are (name, count, share of all in percent, whether it is taken away), from everybody to those used."""

    period: str
    definition: str
    steps: tuple[tuple[str, int, int, bool], ...]
    left_out: tuple[tuple[str, int], ...]
    inference: str


def sample_told(made: Mapping[str, Any] | None) -> SampleTold | None:
    """What a model version keeps of its sample, in the reader's language; None for one trained on a file."""
    if not made:
        return None
    counts = made["counts"]
    used = counts["good"] + counts["bad"]
    steps = [(str(label), counts[name], name != "decided") for name, label in STEPS.items()]
    steps.append((str(_("Used, of these %(bad)s bad") % {"bad": f"{counts['bad']:,}"}), used, False))
    whole = max(counts["decided"], 1)
    return SampleTold(
        period=str(_("Decided from %(since)s to %(until)s, as known on %(as_of)s.") % made),
        definition=bad_told(made["months"], made["bad_days"], made["indeterminate_from"]),
        steps=tuple((label, count, round(100 * count / whole), taken) for label, count, taken in steps),
        left_out=tuple((_exclusion(code), count) for code, count in made["excluded"].items()),
        inference=_inference(made),
    )


def bad_told(months: int, bad_days: int, indeterminate_from: int) -> str:
    """What bad means by these figures, in a sentence or two."""
    made = {"months": months, "bad_days": bad_days, "indeterminate_from": indeterminate_from}
    bad = _(
        "Bad: %(bad_days)s or more days past due within %(months)s months of disbursement, charged off, or restructured "
        "while past due."
    )
    neither = _("Neither good nor bad: at least %(indeterminate_from)s days past due, but not bad.")
    return " ".join((str(bad % made), *((str(neither % made),) if indeterminate_from < bad_days else ())))


def definition_told(definition: Definition) -> str:
    """The same of a definition."""
    return bad_told(definition.months, definition.bad_days, definition.indeterminate_from)


def book_bad_told() -> str:
    """What bad means where past applications are judged by the book, and which of them count."""
    counted = _(
        "Counted are applications whose loan is known to be good or bad: its window has passed, or it went bad or was "
        "paid off before."
    )
    return f"{definition_told(Definition())} {counted}"


def bad_in_training_told(spec: Mapping[str, Any]) -> str:
    """What bad means in the figures of a model's training; empty where nobody said."""
    if made := spec.get("sample"):
        return bad_told(made["months"], made["bad_days"], made["indeterminate_from"])
    if target := spec.get("target"):
        return str(_("Bad: a row of the training file whose column “%(column)s” says so.") % {"column": target})
    return ""


def _exclusion(code: str) -> str:
    if code.startswith("channel:"):
        return str(_("channel %(name)s") % {"name": code.removeprefix("channel:")})
    return str(EXCLUSIONS.get(code, code))


def _inference(made: Mapping[str, Any]) -> str:
    if not made["inferred"]:
        return str(_("Nothing was guessed about the declined: the model knows accepted applicants alone."))
    return str(
        _(
            "%(inferred)s declined applicants were given outcomes by parcelling, taken for %(factor)s times as often bad "
            "as accepted ones of the same score (%(inferred_bad)s bad). They were fitted on and never measured on."
        )
        % {**made, "factor": f"{made['factor']:g}"}
    )
