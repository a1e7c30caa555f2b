"""Strategies on the desk: drafting in a form, replaying against past scores, approving by a second person, going back."""

import json
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from scoring import replay, strategy
from scoring.desk import HistoryDeskAdmin, PageAdmin, require, show
from scoring.desk_forms import StrategyForm
from scoring.models import Strategy
from scoring.sample_words import book_bad_told
from scoring.strategy_form import StrategyRulesForm
from scoring.strategy_rules import STARTING_RULES
from scoring.strategy_words import differences, rules_told

SWAPS_PER_PAGE = 50


@admin.register(Strategy)
class StrategyAdmin(PageAdmin, HistoryDeskAdmin):
    beside = ("maker", "checker")
    list_display = ("__str__", "status_label", "effective_from", "maker", "checker", "note")
    list_filter = ("status", "name")
    list_select_related = ("maker", "checker")

    @display(description=_("status"), label={"draft": "warning", "approved": "success"}, ordering="status")
    def status_label(self, found: Strategy) -> tuple[str, str]:
        return found.status, found.get_status_display()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("scoring.add_strategy")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/approve/", wrap(self.approve), name="scoring_strategy_approve"),
            path("<int:pk>/copy/", wrap(self.copy), name="scoring_strategy_copy"),
            path("<int:pk>/swaps/", wrap(self.swaps), name="scoring_strategy_swaps"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        require(request, "scoring.add_strategy")
        return self._written(request, None)

    def opened(self, request: HttpRequest, found: Strategy) -> HttpResponse:
        return self._written(request, found)

    def _written(self, request: HttpRequest, found: Strategy | None) -> HttpResponse:
        """The page of a strategy; a POST saves the draft, from the form's rows or from an expert's JSON."""
        expert = "expert" in request.GET or "rules" in request.POST
        form: Any = _expert_form(request, found) if expert else _rows_form(request, found)
        if request.method == "POST" and not getattr(form, "adding", False) and form.is_valid():
            try:
                saved = _save(found, form, request)
            except ValidationError as refusal:
                if not expert:
                    form = _rows_form(request, found)
                    messages.error(request, " ".join(refusal.messages))
                else:
                    show(refusal, form)
            else:
                messages.success(request, _("%(strategy)s is saved as a draft.") % {"strategy": saved})
                return HttpResponseRedirect(reverse("admin:scoring_strategy_change", args=[saved.pk]))
        return self.page(
            request,
            "admin/scoring/strategy/desk.html",
            str(found or _("New strategy")),
            refused=request.method == "POST" and not getattr(form, "adding", False),
            form=form,
            expert=expert,
            **_shown(request, found),
        )

    def approve(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "scoring.view_strategy", "scoring.approve_strategy")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            approved = strategy.approve(get_object_or_404(Strategy, pk=pk), by=request.user, on=timezone.localdate())
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("%(strategy)s is approved.") % {"strategy": approved})
        return HttpResponseRedirect(reverse("admin:scoring_strategy_change", args=[pk]))

    def copy(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The way back: an earlier version's rules as a new draft."""
        require(request, "scoring.view_strategy", "scoring.add_strategy")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        earlier = get_object_or_404(Strategy, pk=pk)
        note = str(_("Copy of %(strategy)s") % {"strategy": earlier})
        saved = strategy.copy_back(earlier, note=note, by=request.user, on=timezone.localdate())
        messages.success(request, _("%(strategy)s is saved as a draft.") % {"strategy": saved})
        return HttpResponseRedirect(reverse("admin:scoring_strategy_change", args=[saved.pk]))

    def swaps(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Who would change sides, one row each."""
        require(request, "scoring.view_strategy", "scoring.view_score")
        found = self.row(pk)
        replayed = replay.recent(found.rules, _present(found), on=timezone.localdate())
        swapped = [one for one in replayed if one.before != one.after]
        return self.page(
            request,
            "admin/scoring/strategy/swaps.html",
            str(_("Who changes sides under %(strategy)s") % {"strategy": found}),
            strategy=found,
            original=found,
            page=Paginator(swapped, SWAPS_PER_PAGE).get_page(request.GET.get("page")),
            replayed=len(replayed),
            book_bad=book_bad_told(),
        )


def _in_force(name: str) -> Strategy | None:
    return Strategy.objects.in_force(timezone.localdate(), name)


def _present(found: Strategy) -> Any:
    """The rules that decide today, which a draft is held against."""
    in_force = _in_force(found.name)
    return in_force.rules if in_force else STARTING_RULES


def _start(found: Strategy | None) -> tuple[Any, str, Any]:
    """(rules, note, first day) the form begins with: the draft's own, or those in force."""
    if found is not None:
        return found.rules, found.note, found.effective_from
    in_force = _in_force("default")
    return (in_force.rules if in_force else STARTING_RULES), "", timezone.localdate()


def _rows_form(request: HttpRequest, found: Strategy | None) -> StrategyRulesForm:
    rules, note, effective_from = _start(found)
    data = request.POST if request.method == "POST" else None
    return StrategyRulesForm(data, start=rules, note=note, effective_from=effective_from)


def _expert_form(request: HttpRequest, found: Strategy | None) -> StrategyForm:
    rules, note, effective_from = _start(found)
    start = {"rules": json.dumps(rules, ensure_ascii=False, indent=2), "note": note, "effective_from": effective_from}
    return StrategyForm(request.POST or None, initial=start)


def _save(found: Strategy | None, form: Any, request: HttpRequest) -> Strategy:
    if isinstance(form, StrategyForm):
        words = dict(form.cleaned_data)
    else:
        words = {key: form.figures.cleaned_data[key] for key in ("note", "effective_from")} | {"rules": form.rules()}
    who: dict[str, Any] = {"by": request.user, "on": timezone.localdate()}
    return strategy.draft(**words, **who) if found is None else strategy.change(found, **words, **who)


def _shown(request: HttpRequest, found: Strategy | None) -> dict[str, Any]:
    """What the page tells beside the form: the rules in words, what they change, who may do what, the replay."""
    user: Any = request.user
    draft = found is None or found.status == Strategy.Status.DRAFT
    change = "scoring.add_strategy" if found is None else "scoring.change_strategy"
    context: dict[str, Any] = {
        "strategy": found,
        "original": found,
        "may_edit": draft and user.has_perm(change),
        "may_approve": found is not None
        and draft
        and user.has_perm("scoring.approve_strategy")
        and found.maker_id != user.pk,
        "may_copy": found is not None and user.has_perm("scoring.add_strategy"),
    }
    if found is not None:
        in_force = _in_force(found.name)
        context |= {
            "in_force": in_force,
            "told": rules_told(found.rules),
            "changes": differences(_present(found), found.rules) if in_force != found else [],
        }
        if "replay" in request.GET:
            context["book_bad"] = book_bad_told()
            context["swaps"] = replay.recent_summary(found.rules, _present(found), on=timezone.localdate())
    return context
