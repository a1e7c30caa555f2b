"""Cora's desk: the trail of a loan as a file, its verification, the seals, and who saw personal data."""

import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import admin
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from compliance.export import export_trail
from compliance.models import PersonalDataView, Seal, TrailExport
from compliance.verification import verify_chain, verify_file
from customers.desk import ReadOnlyAdmin, require, require_post
from customers.refusals import Refusal
from customers.showing_refusals import show


class ExportForm(forms.Form):
    loan = forms.CharField(label=_("Loan number"), max_length=30, widget=UnfoldAdminTextInputWidget)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("It is kept with the export: who took it, of what, and why."),
    )


class VerifyForm(forms.Form):
    head = forms.RegexField(
        r"^[0-9a-f]{64}$",
        label=_("A head noted earlier"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_(
            "64 hexadecimal digits, as an export names it. Empty: heads of all exports on record are looked for."
        ),
        error_messages={"invalid": _("A head has 64 hexadecimal digits in lower case.")},
    )


class VerifyFileForm(forms.Form):
    file = forms.FileField(label=_("Exported file"), widget=UnfoldAdminFileFieldWidget)


@admin.register(TrailExport)
class TrailExportAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "subject", "by", "reason", "rows", "short_hash")
    list_select_related = ("by",)
    search_fields = ("subject__exact", "file_sha256__exact")
    search_help_text = _("Loan number, or the SHA-256 of a file")
    ordering = ("-id",)
    list_before_template = "admin/compliance/trailexport/before.html"

    @display(description="SHA-256")
    def short_hash(self, export: TrailExport) -> str:
        return f"{export.file_sha256[:16]}…"

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        return [
            path("export/", site(self.export), name="compliance_trailexport_export"),
            path("verify/", site(self.verify), name="compliance_trailexport_verify"),
            path("verify-file/", site(self.verify_file), name="compliance_trailexport_verify_file"),
            *super().get_urls(),
        ]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """The trail of one loan as a file; the export is recorded before the file leaves."""
        require(request, "compliance.export_trail")
        form = ExportForm(
            request.POST if request.method == "POST" else None, initial={"loan": request.GET.get("loan", "")}
        )
        if request.method == "POST" and form.is_valid():
            number = form.cleaned_data["loan"].strip()
            try:
                return self._file(request, number, form.cleaned_data["reason"])
            except Refusal as refusal:
                show(refusal, form)
        return self._page(request, str(_("Export the trail of a loan")), export_form=form)

    def _file(self, request: HttpRequest, number: str, reason: str) -> FileResponse:
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "trail.jsonl"
            done = export_trail(loan_number=number, to=target, by=request.user, reason=reason)  # type: ignore[arg-type]
            file = target.open("rb")
        name = f"trail-{done.subject}-{done.created_at:%Y%m%d-%H%M%S}.jsonl"
        response = FileResponse(file, as_attachment=True, filename=name, content_type="application/x-ndjson")
        response["X-Content-SHA256"] = done.file_sha256
        return response

    def verify(self, request: HttpRequest) -> HttpResponse:
        """Walk the chain and hold every sealed row against its digest."""
        require(request, "compliance.verify_trail")
        form = VerifyForm(request.POST) if request.method == "POST" else VerifyForm()
        report = None
        if form.is_bound and form.is_valid():
            report = verify_chain(known_head=form.cleaned_data["head"] or None)
        return self._page(request, str(_("Verify the trail")), verify_form=form, report=report)

    def verify_file(self, request: HttpRequest) -> HttpResponse:
        """Hold a file that was exported earlier against itself and against the chain."""
        require(request, "compliance.verify_trail")
        if refused := require_post(request):
            return refused
        form = VerifyFileForm(request.POST, request.FILES)
        report = None
        if form.is_valid():
            with tempfile.TemporaryDirectory() as folder:
                target = Path(folder) / "trail.jsonl"
                with target.open("wb") as file:
                    for chunk in form.cleaned_data["file"].chunks():
                        file.write(chunk)
                try:
                    report = verify_file(target)
                except (ValueError, KeyError, TypeError, StopIteration):
                    form.add_error(
                        "file", _("It is not an export of the trail: choose the .jsonl file as it was exported.")
                    )
        return self._page(request, str(_("Verify the trail")), file_form=form, report=report)

    def _page(self, request: HttpRequest, title: str, **context: Any) -> HttpResponse:
        may_verify = request.user.has_perm("compliance.verify_trail")
        context.setdefault("verify_form", VerifyForm() if may_verify and "export_form" not in context else None)
        context.setdefault("file_form", VerifyFileForm() if may_verify and "export_form" not in context else None)
        response = self.page(request, "admin/compliance/trailexport/trail.html", title, **context)
        forms_shown = (context.get(name) for name in ("export_form", "verify_form", "file_form"))
        if any(form is not None and form.is_bound and form.errors for form in forms_shown):
            response.status_code = 422
        return response


@admin.register(Seal)
class SealAdmin(ReadOnlyAdmin):
    list_display = ("sequence", "table", "key", "short_hash", "sealed_at")
    search_fields = ("hash__exact", "key__exact")
    search_help_text = _("Whole hash or the key of a row")
    ordering = ("-sequence",)

    @display(description="SHA-256")
    def short_hash(self, seal: Seal) -> str:
        return f"{seal.hash[:16]}…"


@admin.register(PersonalDataView)
class PersonalDataViewAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "by", "customer_reference", "page")
    list_select_related = ("by",)
    search_fields = ("customer_reference__exact", "by__username__exact")
    search_help_text = _("Customer's reference or a user name")
    ordering = ("-id",)
