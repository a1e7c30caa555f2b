"""What the model room waits for, on the first page of the desk: models, strategies, tasks, blacklist and certificates.

A list stands there for who may do its act, without what this person may not act upon (four eyes); the certificates that
end soon for everybody who may see the models.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from scoring.certification import SOON_DAYS
from scoring.models import BlacklistEntry, ModelVersion, ReviewTask, Strategy
from scoring.monitoring_words import feature_name, figure_told, metric_name
from scoring.telling import purpose_told

MOST = 6
_Status = ModelVersion.Status
_CERTIFIED = (_Status.CERTIFIED, _Status.CHAMPION, _Status.CHALLENGER, _Status.SHADOW)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to do: its name with a link, what is known of it, and what presses."""

    name: str
    link: str
    note: str
    presses: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    title: str
    count: int
    lines: tuple[Line, ...]
    link: str
    empty: str


def model_work(user: Any, on: date) -> list[Work]:
    """The lists of this person, in the order of a model's life."""
    may = user.has_perm
    found: list[Work] = []
    if may("scoring.view_modelversion"):
        found += [
            _models(*wanted) for permission, *wanted in _stages(user) if may(f"scoring.{permission}_modelversion")
        ]
    if may("scoring.view_strategy"):
        found += _strategies(user)
    if may("scoring.view_reviewtask") and may("scoring.close_reviewtask"):
        found.append(_tasks())
    if may("scoring.view_blacklistentry") and may("scoring.confirm_blacklistentry"):
        found.append(_blacklist(user, on))
    if may("scoring.view_modelversion"):
        found.append(_certificates(on))
    return found


def _stages(user: Any) -> Iterable[tuple[Any, ...]]:
    """(act, title, status, condition on people, words where nothing waits) of each step that a person takes."""
    others = ~Q(developer=user)
    mine = Q(developer=user) | Q(developer=None)
    unused = Q(promoted_on=None) & (Q(uses_facts=True) | Q(algorithm=ModelVersion.Algorithm.TEXT))
    yield "submit", _("Drafts to submit for validation"), _Status.DRAFT, mine, _("You have no draft to submit.")
    yield (
        "validate", _("Models awaiting your validation"), _Status.SUBMITTED, others, _("No model waits for your validation."),
    )  # fmt: skip
    yield (
        "certify", _("Models awaiting your certification"), _Status.VALIDATED, others & ~Q(validator=user),
        _("No model waits for your certification."),
    )  # fmt: skip
    yield (
        "promote", _("Certified models not in use yet"), _Status.CERTIFIED, unused,
        _("No certified model waits to be put to use."),
    )  # fmt: skip


def _models(title: str, status: str, whose: Q, empty: str) -> Work:
    waiting = ModelVersion.objects.filter(whose, status=status).defer("validation").select_related("developer")
    lines = tuple(
        Line(str(one), _page("modelversion", one.pk), f"{purpose_told(one.purpose)} · {one.developer or '—'}")
        for one in waiting.order_by("pk")[:MOST]
    )
    return Work(title, waiting.count(), lines, _list("modelversion", f"status__exact={status}"), empty)


def _strategies(user: Any) -> list[Work]:
    drafts = Strategy.objects.filter(status=Strategy.Status.DRAFT).select_related("maker").order_by("pk")
    found = []
    if user.has_perm("scoring.approve_strategy"):
        title, empty = _("Strategies awaiting your approval"), _("No strategy waits for your approval.")
        found.append(_drafts(title, drafts.exclude(maker=user), empty))
    if user.has_perm("scoring.add_strategy"):
        title, empty = _("Your draft strategies, to be approved by a colleague"), _("You have no draft strategy.")
        found.append(_drafts(title, drafts.filter(maker=user), empty))
    return found


def _drafts(title: str, waiting: "QuerySet[Strategy]", empty: str) -> Work:
    lines = tuple(
        Line(
            str(one),
            _page("strategy", one.pk),
            " · ".join(filter(None, (one.note, str(one.maker or ""), _("from %(on)s") % {"on": one.effective_from}))),
        )
        for one in waiting[:MOST]
    )
    return Work(title, waiting.count(), lines, _list("strategy", "status__exact=draft"), empty)


def _tasks() -> Work:
    waiting = ReviewTask.objects.filter(closed_on=None).select_related("model_version").order_by("opened_on", "pk")
    lines = tuple(
        Line(
            " · ".join(filter(None, (metric_name(one.metric), feature_name(one.feature)))),
            _page("reviewtask", one.pk),
            f"{one.model_version} · {one.opened_on} · {_against_threshold(one)}",
        )
        for one in waiting[:MOST]
    )
    empty = _("No review task is open.")
    return Work(_("Review tasks open"), waiting.count(), lines, _list("reviewtask", "closed_on__isempty=1"), empty)


def _blacklist(user: Any, on: date) -> Work:
    """What colleagues proposed for the blacklist, or for the end of a listing."""
    others = Q(status=BlacklistEntry.Status.PROPOSED) & ~Q(entered_by=user) | Q(
        status=BlacklistEntry.Status.CONFIRMED
    ) & ~Q(withdrawal_by=user)
    waiting = BlacklistEntry.objects.waiting(on).filter(others)
    lines = tuple(
        Line(str(one), _page("blacklistentry", one.pk), f"{one.reason} · {one.source}", _proposal(one))
        for one in waiting.order_by("pk")[:MOST]
    )
    empty = _("No blacklist entry waits for your answer.")
    link = _list("blacklistentry", "status__exact=proposed")
    return Work(_("Blacklist entries awaiting your answer"), waiting.count(), lines, link, empty)


def _proposal(entry: BlacklistEntry) -> str:
    return _("to be withdrawn") if entry.status == BlacklistEntry.Status.CONFIRMED else ""


def _against_threshold(task: ReviewTask) -> str:
    told = {"value": figure_told(task.metric, task.value), "threshold": figure_told(task.metric, task.threshold)}
    return _("%(value)s, threshold %(threshold)s") % told


def _certificates(on: date) -> Work:
    last = on + timedelta(days=SOON_DAYS)
    ending = ModelVersion.objects.filter(status__in=_CERTIFIED, certificate_expires_on__lte=last).defer("validation")
    lines = tuple(
        Line(str(one), _page("modelversion", one.pk), one.get_status_display(), _ends(one, on))
        for one in ending.order_by("certificate_expires_on", "pk")[:MOST]
    )
    return Work(
        _("Certificates that end within 60 days"),
        ending.count(),
        lines,
        _list("modelversion", "certificate=soon"),
        _("No certificate ends within 60 days."),
    )


def _ends(version: ModelVersion, on: date) -> str:
    ends = version.certificate_expires_on
    ended = ends is not None and ends < on
    return (_("certificate ended on %(on)s") if ended else _("certificate ends on %(on)s")) % {"on": ends}


def _page(model: str, pk: int) -> str:
    return reverse(f"admin:scoring_{model}_change", args=[pk])


def _list(model: str, which: str) -> str:
    return f"{reverse(f'admin:scoring_{model}_changelist')}?{which}"
