"""How the sample of a model trained on our own book is told: definition, period, every step with its count, inference."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

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
        definition=" ".join(_definition(made)),
        steps=tuple((label, count, round(100 * count / whole), taken) for label, count, taken in steps),
        left_out=tuple((_exclusion(code), count) for code, count in made["excluded"].items()),
        inference=_inference(made),
    )


def _definition(made: Mapping[str, Any]) -> list[str]:
    bad = _(
        "Bad: %(bad_days)s or more days past due within %(months)s months of disbursement, charged off, or restructured "
        "while past due."
    )
    neither = _("Neither good nor bad: at least %(indeterminate_from)s days past due, but not bad.")
    return [str(bad % made), *([str(neither % made)] if made["indeterminate_from"] < made["bad_days"] else [])]


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
