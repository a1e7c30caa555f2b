"""Reasons: what is told to the applicant, from the exact contributions of the factors that were scored.

A contribution is the part of the log-odds of default that one factor added, measured against the average applicant of
the training data; all contributions and the model's base sum to the score. Reasons of refusal are the factors that
added most, one per theme, at most four; an approval names what spoke for the applicant. A score is never a reason.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scoring.features import REGISTRY, Feature

MOST_REASONS = 4
_NEGLIGIBLE = 0.02
"""Contributions below this many units of log-odds are noise, not a reason."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason in both languages. `kind`: adverse, favourable, rule (a knock-out or policy), missing, system."""

    code: str
    text_zh: str
    text_en: str
    kind: str = "adverse"
    feature: str | None = None
    contribution: float | None = None

    def text(self, language: str) -> str:
        """The sentence in the given language ("zh-hans", "en", …)."""
        return self.text_zh if language.lower().startswith("zh") else self.text_en

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "text_zh": self.text_zh,
            "text_en": self.text_en,
            "kind": self.kind,
            "feature": self.feature,
            "contribution": None if self.contribution is None else round(self.contribution, 6),
        }


def from_contributions(
    contributions: Mapping[str, float], features: Mapping[str, Any], *, adverse: bool
) -> tuple[Reason, ...]:
    """At most four reasons: the largest contributions against (or for) the applicant, one per theme."""
    towards = 1.0 if adverse else -1.0
    ranked = sorted(
        ((value * towards, name) for name, value in contributions.items()), key=lambda pair: (-pair[0], pair[1])
    )
    reasons: list[Reason] = []
    themes: set[str] = set()
    for strength, name in ranked:
        if strength < _NEGLIGIBLE or len(reasons) == MOST_REASONS:
            break
        feature = REGISTRY.get(name)
        theme = feature.reason_theme if feature else name
        if theme in themes or (feature is not None and feature.protected):
            continue
        themes.add(theme)
        reasons.append(_reason(name, feature, features.get(name), contributions[name], adverse))
    return tuple(reasons)


def _reason(name: str, feature: Feature | None, value: Any, contribution: float, adverse: bool) -> Reason:
    kind = "adverse" if adverse else "favourable"
    if feature is None:
        zh, en = (f"“{name}”的取值增加了风险。", f"The value of “{name}” raises the risk.")
        if not adverse:
            zh, en = (f"“{name}”的取值降低了风险。", f"The value of “{name}” lowers the risk.")
        return Reason(name.upper(), zh, en, kind, name, contribution)
    if value is None:
        return Reason(
            f"{name.upper()}_UNKNOWN",
            f"缺少“{feature.label.zh}”的信息。",
            f"We have no information about: {feature.label.en.lower()}.",
            kind,
            name,
            contribution,
        )
    text = feature.against if adverse else feature.in_favour
    return Reason(name.upper(), text.zh, text.en, kind, name, contribution)


def at_most_four(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The first four, each code once."""
    kept: dict[str, Reason] = {}
    for reason in reasons:
        kept.setdefault(reason.code, reason)
    return tuple(kept.values())[:MOST_REASONS]
