"""What the monitored figures are called, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from scoring.features import REGISTRY

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


def feature_name(feature: str) -> str:
    """What a figure is of: a factor by its label, a kind of decision by its name, anything else as it stands."""
    if feature in KINDS:
        return str(KINDS[feature])
    declared = REGISTRY.get(feature)
    if declared is None:
        return feature
    return declared.label.zh if (get_language() or "").startswith("zh") else declared.label.en
