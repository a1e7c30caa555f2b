"""What the monitored figures are called, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from scoring.features import REGISTRY
from scoring.monitoring_figures import rounded

NOTHING = "—"
METRICS: Mapping[str, Any] = {
    "window": _("Days of the window"),
    "score_psi": _("Score drift (PSI)"),
    "feature_psi": _("Factor drift (PSI)"),
    "mean_gap": _("Mean predicted risk less bad rate in training"),
    "band_share": _("Share of a band"),
    "decided": _("Automatic decisions"),
    "approved": _("Approved in the end"),
    "overridden": _("Overridden by an officer"),
    "without_score": _("Without a score"),
    "without_facts": _("Lacking a required fact"),
    "approval_shift": _("Shift of the approval rate"),
    "override_rate": _("Override rate"),
    "without_score_rate": _("Rate of applications without a score"),
    "predicted": _("Predicted bad rate"),
    "realised": _("Realised bad rate"),
    "realised_by": _("Realised bad rate by who approved"),
    "bad_rate_gap": _("Realised less predicted bad rate"),
    "auc": _("AUC"),
    "auc_loss": _("AUC lost since training"),
    "vintage_30": _("Vintage, 30+ days past due"),
    "vintage_90": _("Vintage, 90+ days past due"),
    "migration": _("Move between bands"),
}
MEANINGS: Mapping[str, Any] = {
    "score_psi": _("The scores of recent applicants are spread otherwise than those the model was trained on."),
    "feature_psi": _(
        "This factor is spread otherwise among recent applicants than among those the model was trained on."
    ),
    "mean_gap": _("The mean predicted risk of recent applicants is far from the bad rate in training."),
    "bad_rate_gap": _("More or fewer loans went bad than the model predicted."),
    "auc_loss": _("The model tells good from bad loans worse than in training."),
    "approval_shift": _("The share of applications approved in the end moved away from that of the windows before."),
    "override_rate": _("Officers decide often against the recommendation."),
    "without_score_rate": _("Many applications could not be scored by any model."),
}
"""What a breach of each threshold says, for the person who looks at it."""
INDICES = frozenset({"score_psi", "feature_psi", "auc", "auc_loss"})
GAPS = frozenset({"mean_gap", "bad_rate_gap", "approval_shift"})
KINDS: Mapping[str, Any] = {
    "approve": _("approved"),
    "refer": _("referred"),
    "decline": _("declined"),
    "up": _("approved against the recommendation"),
    "down": _("declined against the recommendation"),
    "machine": _("approved by the machine"),
    "officer": _("approved by an officer, not against the recommendation"),
    "against": _("approved against the recommendation"),
}


def metric_name(metric: str) -> str:
    """The figure's name; one that another room keeps is shown as it calls it."""
    return str(METRICS.get(metric, metric))


def meaning(metric: str) -> str:
    """What it says that this figure passed its threshold; empty for one that another room keeps."""
    return str(MEANINGS.get(metric, ""))


def figure_told(metric: str, value: float | None) -> str:
    """A reading or threshold as a person reads it: an index with three decimals, a gap in percentage points, days as
    such, any other figure as a share in percent.
    """
    if value is None:
        return NOTHING
    if metric in INDICES:
        return rounded(value, 3)
    if metric == "window":
        return rounded(value, 0)
    if metric in GAPS:
        return str(_("%(points)s percentage points") % {"points": rounded(value * 100, 1)})
    return f"{rounded(value * 100, 1)}%"


def feature_name(feature: str) -> str:
    """What a figure is of: a factor by its label, a kind of decision by its name, anything else as it stands."""
    if feature in KINDS:
        return str(KINDS[feature])
    declared = REGISTRY.get(feature)
    if declared is None:
        return feature
    return declared.label.zh if (get_language() or "").startswith("zh") else declared.label.en
