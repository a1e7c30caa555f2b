"""The model inventory on the desk with the acts of a model's life, its artifacts and the scores it gave."""

import datetime
import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from scoring import certification, model_card, model_pages
from scoring.certification import SOON_DAYS
from scoring.desk import DeskAdmin, HistoryDeskAdmin, PageAdmin, require, show
from scoring.desk_forms import CertificateForm, PromotionForm, RetirementForm, VerdictForm
from scoring.features import REGISTRY
from scoring.models import ModelArtifact, ModelVersion, MonitoringReading, ReviewTask, Score
from scoring.points import points_of_part
from scoring.telling import NOTHING, label_of, percent_told, purpose_told, told

MODEL_COLOURS = dict.fromkeys(ModelVersion.Status.values, "default") | {
    "champion": "success", "challenger": "info", "shadow": "info", "certified": "primary", "rejected": "danger",
}  # fmt: skip
"""Of every status: one without a colour would be shown by its code."""


class CertificateFilter(admin.SimpleListFilter):
    """Certificates that have ended, and those that soon will."""

    title = _("certificate")
    parameter_name = "certificate"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("soon", _("Ends within 60 days")), ("expired", _("Expired")), ("none", _("Never certified"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        today = timezone.localdate()
        if self.value() == "expired":
            return queryset.filter(certificate_expires_on__lt=today)
        if self.value() == "soon":
            last = today + datetime.timedelta(days=SOON_DAYS)
            return queryset.filter(certificate_expires_on__range=(today, last))
        return queryset.filter(certificate_expires_on=None) if self.value() == "none" else queryset


@admin.register(ModelVersion)
class ModelVersionAdmin(PageAdmin, HistoryDeskAdmin):
    beside = ("developer", "validator", "certifier", "artifact")
    list_display = (
        "model_told", "owner", "tier", "status_label", "auc", "certificate", "open_tasks", "last_read",
    )  # fmt: skip
    list_filter = ("status", CertificateFilter, "tier", "algorithm")
    search_fields = ("name", "owner")
    _forms: dict[str, type[forms.Form]] = {
        "validate": VerdictForm,
        "certify": CertificateForm,
        "promote": PromotionForm,
        "retire": RetirementForm,
    }

    def get_queryset(self, request: HttpRequest) -> Any:
        tasks = ReviewTask.objects.filter(model_version=OuterRef("pk"), closed_on=None).order_by()
        readings = MonitoringReading.objects.filter(model_version=OuterRef("pk")).order_by("-on")
        counted = tasks.values("model_version").annotate(count=Count("pk")).values("count")
        found = super().get_queryset(request).defer("validation")
        return found.annotate(tasks_open=Subquery(counted), read_on=Subquery(readings.values("on")[:1]))

    @display(description=_("model and purpose"), ordering="name", header=True)
    def model_told(self, version: ModelVersion) -> list[str]:
        return [str(version), purpose_told(version.purpose)]

    @display(
        description=_("certificate ends"),
        label={"valid": "success", "soon": "warning", "expired": "danger"},
        ordering="certificate_expires_on",
    )
    def certificate(self, version: ModelVersion) -> tuple[str, str] | str:
        ends = version.certificate_expires_on
        if ends is None:
            return "—"
        days = (ends - timezone.localdate()).days
        state = "expired" if days < 0 else "soon" if days <= SOON_DAYS else "valid"
        return state, ends.isoformat()

    @display(description=_("open review tasks"), label={"open": "danger"})
    def open_tasks(self, version: Any) -> tuple[str, str] | str:
        return ("open", str(version.tasks_open)) if version.tasks_open else "0"

    @display(description=_("last monitored"))
    def last_read(self, version: Any) -> str:
        return version.read_on.isoformat() if version.read_on else "—"

    @display(description=_("status"), label=MODEL_COLOURS, ordering="status")
    def status_label(self, version: ModelVersion) -> tuple[str, str]:
        return version.status, version.get_status_display()

    @display(description="AUC")
    def auc(self, version: ModelVersion) -> str:
        found = version.metrics.get("auc")
        return NOTHING if found is None else f"{found:.4f}"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/act/<slug:act>/", wrap(self.act), name="scoring_modelversion_act"),
            path("<int:pk>/report.json", wrap(self.report), name="scoring_modelversion_report"),
            path("<int:pk>/card.<str:language>.md", wrap(self.card), name="scoring_modelversion_card"),
        ]
        return own + super().get_urls()

    def opened(self, request: HttpRequest, version: ModelVersion) -> HttpResponse:
        return self._page(request, version)

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
            refused=tried is not None,
            **model_pages.page_of(version, timezone.localdate()),
        )

    def act(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        """One step of the model's life. Only a POST, only with the step's permission."""
        if act not in ACT_WORDS:
            return HttpResponse(status=404)
        permission = model_pages.NEEDS.get(act, act)
        require(request, "scoring.view_modelversion", f"scoring.{permission}_modelversion")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        version = self.row(pk)
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
                version = self.row(pk)
                told = {"model": version, "status": version.get_status_display()}
                messages.success(request, _("%(model)s is now: %(status)s.") % told)
                return HttpResponseRedirect(reverse("admin:scoring_modelversion_change", args=[pk]))
        assert form is not None  # noqa: S101  a step without a form has been answered above
        return self._page(request, version, (act, form))

    def report(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "scoring.view_modelversion")
        version = self.row(pk)
        body = {"model": str(version), "metrics": version.metrics, "validation": version.validation}
        return HttpResponse(json.dumps(body, ensure_ascii=False, indent=2), content_type="application/json")

    def card(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        require(request, "scoring.view_modelversion")
        if language not in ("zh", "en"):
            return HttpResponse(status=404)
        return HttpResponse(model_card.card(self.row(pk), language), content_type="text/markdown; charset=utf-8")


ACT_WORDS: dict[str, Any] = {
    "take_over": _("Take over as its developer"),
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
        "take_over": lambda: certification.take_over(version, **who),
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


@admin.register(Score)
class ScoreAdmin(PageAdmin):
    beside = ("model_version",)
    list_display = ("subject_reference", "points", "band", "probability", "model_version", "role", "scored_on")
    list_filter = ("role", "band")
    list_select_related = ("model_version",)
    search_fields = ("subject_reference__exact",)
    ordering = ("-created_at",)

    @display(description=_("probability of default"), ordering="probability_of_default")
    def probability(self, score: Score) -> str:
        return percent_told(score.probability_of_default)

    def opened(self, request: HttpRequest, score: Score) -> HttpResponse:
        """The score with what moved it; the facts behind it are personal and stand with the application."""
        ranked = sorted(score.contributions.items(), key=lambda pair: -abs(pair[1]))
        shown = [(name, part) for name, part in ranked if not (name in REGISTRY and REGISTRY[name].protected)]
        widest = max((abs(part) for _name, part in shown), default=0.0) or 1.0
        rows = [
            {
                "label": label_of(name),
                "value": told(name, score.features.get(name)),
                "points": "0.0"
                if abs(points_of_part(part)) < 0.05
                else f"{points_of_part(part):+.1f}".replace("-", "−"),
                "width": round(abs(part) / widest * 100),
                "raises": part > 0,
                "silent": abs(points_of_part(part)) < 0.05,
            }
            for name, part in shown
        ]
        context: dict[str, Any] = {"score": score, "original": score, "rows": rows}
        return self.page(request, "admin/scoring/score/desk.html", str(score), **context)


@admin.register(ModelArtifact)
class ModelArtifactAdmin(DeskAdmin):
    list_display = ("file_sha256", "created_at")
    exclude = ("content",)
