"""The model inventory on the desk with the acts of a model's life, its artifacts and the scores it gave."""

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

from scoring import certification, model_card, model_pages
from scoring.desk import DeskAdmin, HistoryDeskAdmin, require, show
from scoring.desk_forms import CertificateForm, PromotionForm, RetirementForm, VerdictForm
from scoring.models import ModelArtifact, ModelVersion, Score

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


@admin.register(ModelArtifact)
class ModelArtifactAdmin(DeskAdmin):
    list_display = ("file_sha256", "created_at")
    exclude = ("content",)
