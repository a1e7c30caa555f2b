"""Strategies on the desk: drafting, replaying against past scores, approving by a second person."""

import json
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scoring import replay, strategy
from scoring.desk import HistoryDeskAdmin, require, show
from scoring.desk_forms import StrategyForm
from scoring.models import Strategy
from scoring.strategy_rules import STARTING_RULES


@admin.register(Strategy)
class StrategyAdmin(HistoryDeskAdmin):
    list_display = ("__str__", "status", "effective_from", "maker", "checker", "note")
    list_filter = ("status", "name")
    list_select_related = ("maker", "checker")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("scoring.add_strategy")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/approve/", wrap(self.approve), name="scoring_strategy_approve"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        require(request, "scoring.add_strategy")
        today = timezone.localdate()
        in_force = Strategy.objects.in_force(today)
        rules = in_force.rules if in_force else STARTING_RULES
        start = {"rules": json.dumps(rules, ensure_ascii=False, indent=2), "effective_from": today}
        return self._written(request, None, StrategyForm(request.POST or None, initial=start))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        require(request, "scoring.view_strategy")
        if request.method == "POST":
            require(request, "scoring.change_strategy")
        found = get_object_or_404(Strategy.objects.select_related("maker", "checker"), pk=object_id)
        start = {"rules": json.dumps(found.rules, ensure_ascii=False, indent=2), "note": found.note}
        form = StrategyForm(request.POST or None, initial={**start, "effective_from": found.effective_from})
        return self._written(request, found, form)

    def _written(self, request: HttpRequest, found: Strategy | None, form: StrategyForm) -> HttpResponse:
        who: dict[str, Any] = {"by": request.user, "on": timezone.localdate()}
        if request.method == "POST" and form.is_valid():
            try:
                if found is None:
                    saved = strategy.draft(**form.cleaned_data, **who)
                else:
                    words = {key: form.cleaned_data[key] for key in ("rules", "note")}
                    saved = strategy.change(found, **words, **who)
            except ValidationError as refusal:
                show(refusal, form)
            else:
                return HttpResponseRedirect(reverse("admin:scoring_strategy_change", args=[saved.pk]))
        user: Any = request.user
        draft = found is None or found.status == Strategy.Status.DRAFT
        may_approve = (
            found is not None and draft and user.has_perm("scoring.approve_strategy") and found.maker_id != user.pk
        )
        response = self.page(
            request,
            "admin/scoring/strategy/desk.html",
            str(found or _("New strategy")),
            strategy=found,
            original=found,
            form=form,
            may_edit=draft and user.has_perm("scoring.add_strategy" if found is None else "scoring.change_strategy"),
            may_approve=may_approve,
            swaps=_swaps(found) if found and draft and "replay" in request.GET else None,
        )
        if form.errors:
            response.status_code = 422
        return response

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


def _swaps(draft: Strategy) -> dict[str, Any]:
    in_force = Strategy.objects.in_force(timezone.localdate(), draft.name)
    return replay.recent_summary(draft.rules, in_force.rules if in_force else STARTING_RULES)
