"""Scoring on the desk: the model inventory with its acts, strategies, fraud signals, the blacklist, scores and
readings.
"""

import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from scoring import certification, fraud_cases, model_card, model_pages, monitoring, replay, strategy
from scoring.desk import DeskAdmin, HistoryDeskAdmin, require, show
from scoring.desk_forms import (
    BlacklistForm,
    CertificateForm,
    DispositionForm,
    PromotionForm,
    RetirementForm,
    StrategyForm,
    TaskForm,
    VerdictForm,
)
from scoring.models import (
    BlacklistEntry,
    FraudSignal,
    Link,
    ModelArtifact,
    ModelVersion,
    MonitoringReading,
    ReviewTask,
    Score,
    Strategy,
)
from scoring.strategy_rules import STARTING_RULES

MODEL_COLOURS = {
    "champion": "success", "challenger": "info", "shadow": "info", "certified": "primary", "rejected": "danger",
}  # fmt: skip


@admin.register(ModelVersion)
class ModelVersionAdmin(HistoryDeskAdmin):
    list_display = ("__str__", "algorithm", "status_label", "auc", "data_rows", "developer", "certificate_expires_on")
    list_filter = ("status", "algorithm")
    list_select_related = ("developer",)
    search_fields = ("name",)
    _forms: dict[str, type[forms.Form]] = {
        "validate": VerdictForm,
        "certify": CertificateForm,
        "promote": PromotionForm,
        "retire": RetirementForm,
    }

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("validation")

    @display(description=_("status"), label=MODEL_COLOURS, ordering="status")
    def status_label(self, version: ModelVersion) -> tuple[str, str]:
        return version.status, version.get_status_display()

    @display(description="AUC")
    def auc(self, version: ModelVersion) -> str:
        return f"{version.metrics.get('auc', 0):.4f}"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/act/<slug:act>/", wrap(self.act), name="scoring_modelversion_act"),
            path("<int:pk>/report.json", wrap(self.report), name="scoring_modelversion_report"),
            path("<int:pk>/card.<str:language>.md", wrap(self.card), name="scoring_modelversion_card"),
        ]
        return own + super().get_urls()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        require(request, "scoring.view_modelversion")
        if request.method != "GET":
            require(request, "scoring.change_modelversion")
        return self._page(request, self._version(object_id))

    def _version(self, pk: int | str) -> ModelVersion:
        people = ("developer", "validator", "certifier", "artifact")
        return get_object_or_404(ModelVersion.objects.select_related(*people).defer("artifact__content"), pk=pk)

    def _page(
        self, request: HttpRequest, version: ModelVersion, tried: tuple[str, forms.Form] | None = None
    ) -> HttpResponse:
        acts = model_pages.acts_open_to(version, request.user)
        shown = {act: self._forms[act]() if act in self._forms else None for act in acts}
        if tried:
            shown[tried[0]] = tried[1]
        return self.page(
            request,
            "admin/scoring/modelversion/desk.html",
            str(version),
            version=version,
            original=version,
            acts=[(act, ACT_WORDS[act], form) for act, form in shown.items()],
            **model_pages.page_of(version),
        )

    def act(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        """One step of the model's life. Only a POST, only with the step's permission."""
        if act not in ACT_WORDS:
            return HttpResponse(status=404)
        permission = "promote" if act in ("roll_back", "retire") else act
        require(request, "scoring.view_modelversion", f"scoring.{permission}_modelversion")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        version = self._version(pk)
        form = self._forms[act](request.POST) if act in self._forms else None
        if form is None or form.is_valid():
            try:
                _take(act, version, form.cleaned_data if form else {}, request)
            except ValidationError as refusal:
                if form is None:
                    messages.error(request, " ".join(refusal.messages))
                    return HttpResponseRedirect(reverse("admin:scoring_modelversion_change", args=[pk]))
                show(refusal, form)
            else:
                messages.success(request, _("%(model)s: done.") % {"model": version})
                return HttpResponseRedirect(reverse("admin:scoring_modelversion_change", args=[pk]))
        assert form is not None  # noqa: S101  a step without a form has been answered above
        response = self._page(request, version, (act, form))
        response.status_code = 422
        return response

    def report(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "scoring.view_modelversion")
        version = self._version(pk)
        body = {"model": str(version), "metrics": version.metrics, "validation": version.validation}
        return HttpResponse(json.dumps(body, ensure_ascii=False, indent=2), content_type="application/json")

    def card(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        require(request, "scoring.view_modelversion")
        if language not in ("zh", "en"):
            return HttpResponse(status=404)
        return HttpResponse(model_card.card(self._version(pk), language), content_type="text/markdown; charset=utf-8")


ACT_WORDS: dict[str, Any] = {
    "submit": _("Submit for validation"),
    "validate": _("Validate"),
    "certify": _("Certify"),
    "promote": _("Promote"),
    "roll_back": _("Roll back to the champion before it"),
    "retire": _("Retire"),
}


def _take(act: str, version: ModelVersion, answers: dict[str, Any], request: HttpRequest) -> None:
    who: dict[str, Any] = {"by": request.user, "on": timezone.localdate()}
    steps: dict[str, Callable[[], Any]] = {
        "submit": lambda: certification.submit(version, **who),
        "validate": lambda: certification.validate(version, **answers, **who),
        "certify": lambda: certification.certify(version, expires_on=answers["certificate_expires_on"], **who),
        "promote": lambda: certification.promote(
            version, to=answers["to"], challenger_percent=answers.get("challenger_percent") or 0, **who
        ),
        "roll_back": lambda: certification.roll_back(version.name, **who),
        "retire": lambda: certification.retire(version, fallback=answers["fallback"], **who),
    }
    steps[act]()


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


@admin.register(FraudSignal)
class FraudSignalAdmin(HistoryDeskAdmin):
    list_display = ("rule", "severity", "raised_on", "disposition", "disposed_by", "subject_reference")
    list_filter = ("disposition", "severity", "rule")
    list_select_related = ("disposed_by",)
    search_fields = ("subject_reference__exact", "customer_reference__exact")
    ordering = ("-id",)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        require(request, "scoring.view_fraudsignal")
        signal = get_object_or_404(FraudSignal.objects.select_related("disposed_by"), pk=object_id)
        form = DispositionForm(request.POST or None)
        if request.method == "POST":
            require(request, "scoring.dispose_fraudsignal")
            if form.is_valid():
                try:
                    fraud_cases.dispose(signal, **form.cleaned_data, by=request.user, on=timezone.localdate())
                except ValidationError as refusal:
                    show(refusal, form)
                else:
                    return HttpResponseRedirect(reverse("admin:scoring_fraudsignal_changelist"))
        may = signal.disposition == "open" and request.user.has_perm("scoring.dispose_fraudsignal")
        others = FraudSignal.objects.filter(customer_reference=signal.customer_reference).exclude(pk=signal.pk)[:20]
        context = {"signal": signal, "original": signal, "form": form, "may_dispose": may, "others": others}
        response = self.page(request, "admin/scoring/fraudsignal/desk.html", signal.rule, **context)
        if form.errors:
            response.status_code = 422
        return response


@admin.register(BlacklistEntry)
class BlacklistEntryAdmin(HistoryDeskAdmin):
    list_display = ("kind", "reason", "source", "expires_on", "withdrawn_on", "entered_by")
    list_filter = ("kind",)
    list_select_related = ("entered_by",)
    exclude = ("value_hash",)
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("scoring.add_blacklistentry")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/withdraw/", wrap(self.withdraw), name="scoring_blacklistentry_withdraw"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        require(request, "scoring.add_blacklistentry")
        form = BlacklistForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                fraud_cases.enter(**form.cleaned_data, by=request.user, on=timezone.localdate())
            except ValidationError as refusal:
                show(refusal, form)
            else:
                return HttpResponseRedirect(reverse("admin:scoring_blacklistentry_changelist"))
        response = self.page(request, "admin/scoring/blacklistentry/desk.html", str(_("New entry")), form=form)
        if form.errors:
            response.status_code = 422
        return response

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "scoring.change_blacklistentry")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        fraud_cases.withdraw(get_object_or_404(BlacklistEntry, pk=pk), by=request.user, on=timezone.localdate())
        return HttpResponseRedirect(reverse("admin:scoring_blacklistentry_changelist"))


@admin.register(Score)
class ScoreAdmin(DeskAdmin):
    list_display = (
        "subject_reference",
        "points",
        "band",
        "probability_of_default",
        "model_version",
        "role",
        "scored_on",
    )
    list_filter = ("role", "band")
    list_select_related = ("model_version",)
    search_fields = ("subject_reference__exact",)
    exclude = ("facts", "customer_reference")
    ordering = ("-created_at",)


@admin.register(MonitoringReading)
class MonitoringReadingAdmin(DeskAdmin):
    list_display = ("on", "model_version", "metric", "feature", "value", "threshold", "breached", "count")
    list_filter = ("breached", "metric")
    list_select_related = ("model_version",)
    ordering = ("-on", "-id")


@admin.register(ReviewTask)
class ReviewTaskAdmin(HistoryDeskAdmin):
    list_display = ("metric", "feature", "model_version", "opened_on", "value", "threshold", "closed_on", "closed_by")
    list_filter = (("closed_on", admin.EmptyFieldListFilter), "metric")
    list_select_related = ("model_version", "closed_by")
    ordering = ("-id",)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [path("<int:pk>/close/", wrap(self.close), name="scoring_reviewtask_close"), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        require(request, "scoring.view_reviewtask")
        if request.method != "GET":
            require(request, "scoring.change_reviewtask")
        return self._page(request, get_object_or_404(ReviewTask, pk=object_id), TaskForm())

    def _page(self, request: HttpRequest, task: ReviewTask, form: TaskForm) -> HttpResponse:
        may = task.closed_on is None and request.user.has_perm("scoring.close_reviewtask")
        context = {"task": task, "original": task, "form": form, "may_close": may}
        return self.page(request, "admin/scoring/reviewtask/desk.html", str(task), **context)

    def close(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "scoring.view_reviewtask", "scoring.close_reviewtask")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        task, form = get_object_or_404(ReviewTask, pk=pk), TaskForm(request.POST)
        if form.is_valid():
            monitoring.close_task(task, note=form.cleaned_data["note"], by=request.user, on=timezone.localdate())
            return HttpResponseRedirect(reverse("admin:scoring_reviewtask_changelist"))
        response = self._page(request, task, form)
        response.status_code = 422
        return response


@admin.register(Link)
class LinkAdmin(DeskAdmin):
    list_display = ("kind", "seen_on", "subject_reference")
    list_filter = ("kind",)
    exclude = ("value_hash",)


@admin.register(ModelArtifact)
class ModelArtifactAdmin(DeskAdmin):
    list_display = ("file_sha256", "created_at")
    exclude = ("content",)
