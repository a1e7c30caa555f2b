"""Fraud on the desk: signals and what became of them, the blacklist, the links between subjects."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from scoring import blacklist, fraud_cases, fraud_pages
from scoring.desk import DeskAdmin, HistoryDeskAdmin, PageAdmin, require, show
from scoring.desk_forms import BlacklistForm, CheckForm, DispositionForm, WithdrawalForm
from scoring.models import BlacklistEntry, FraudSignal, Link
from scoring.telling import fraud_rule_told


@admin.register(FraudSignal)
class FraudSignalAdmin(PageAdmin, HistoryDeskAdmin):
    sent_with = "dispose"
    beside = ("disposed_by",)
    list_display = ("rule_label", "severity", "raised_on", "component", "disposition", "disposed_by")
    list_filter = ("disposition", "severity", "rule")
    list_select_related = ("disposed_by",)
    search_fields = ("subject_reference__exact", "customer_reference__exact", "component__exact")
    ordering = ("-id",)

    @display(description=_("rule"), ordering="rule")
    def rule_label(self, signal: FraudSignal) -> str:
        return fraud_rule_told(signal.rule)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [path("queue/", wrap(self.queue), name="scoring_fraudsignal_queue"), *super().get_urls()]

    def queue(self, request: HttpRequest) -> HttpResponse:
        """The open cases, those of one component together."""
        require(request, "scoring.view_fraudsignal")
        asked = request.GET.get("page", "1")
        page = max(1, int(asked)) if asked.isdigit() and len(asked) < 6 else 1
        groups, more = fraud_pages.open_groups(page)
        context: dict[str, Any] = {
            "groups": groups,
            "page_number": page,
            "next": page + 1 if more else None,
            "previous": page - 1,
        }
        return self.page(request, "admin/scoring/fraudsignal/queue.html", str(_("Fraud cases")), **context)

    def opened(self, request: HttpRequest, signal: FraudSignal) -> HttpResponse:
        form = DispositionForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                closed = fraud_cases.dispose(signal, **form.cleaned_data, by=request.user, on=timezone.localdate())
            except ValidationError as refusal:
                show(refusal, form)
            else:
                told = {"rule": fraud_rule_told(closed.rule), "disposition": closed.get_disposition_display()}
                messages.success(request, _("%(rule)s: the case is closed, %(disposition)s.") % told)
                return HttpResponseRedirect(reverse("admin:scoring_fraudsignal_queue"))
        may = signal.disposition == "open" and request.user.has_perm("scoring.dispose_fraudsignal")
        others = FraudSignal.objects.filter(customer_reference=signal.customer_reference).exclude(pk=signal.pk)[:20]
        context: dict[str, Any] = {
            "signal": signal,
            "original": signal,
            "form": form,
            "may_dispose": may,
            "others": [(fraud_rule_told(other.rule), other) for other in others],
            "evidence": fraud_pages.evidence_lines(signal),
            "facts": fraud_pages.fact_lines(signal),
            **fraud_pages.component_page(signal, timezone.localdate()),
        }
        title = fraud_rule_told(signal.rule)
        return self.page(request, "admin/scoring/fraudsignal/desk.html", title, refused=bool(form.errors), **context)


@admin.register(BlacklistEntry)
class BlacklistEntryAdmin(PageAdmin, HistoryDeskAdmin):
    beside = ("entered_by", "checked_by", "withdrawal_by", "withdrawn_by")
    list_display = (
        "__str__",
        "status_label",
        "reason",
        "source",
        "expires_on",
        "withdrawn_on",
        "entered_by",
        "checked_by",
    )
    list_filter = ("status", "kind", ("withdrawal_by", admin.EmptyFieldListFilter))
    list_select_related = ("entered_by", "checked_by")
    ordering = ("-id",)

    @display(
        description=_("status"),
        label={"proposed": "warning", "confirmed": "danger", "refused": "info"},
        ordering="status",
    )
    def status_label(self, entry: BlacklistEntry) -> tuple[str, str]:
        return entry.status, entry.get_status_display()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("scoring.add_blacklistentry")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/check/", wrap(self.check_entry), name="scoring_blacklistentry_check"),
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
                blacklist.enter(**form.cleaned_data, by=request.user, on=timezone.localdate())
            except ValidationError as refusal:
                show(refusal, form)
            else:
                return HttpResponseRedirect(reverse("admin:scoring_blacklistentry_changelist"))
        title = str(_("New entry"))
        return self.page(request, "admin/scoring/blacklistentry/desk.html", title, refused=bool(form.errors), form=form)

    def opened(self, request: HttpRequest, entry: BlacklistEntry) -> HttpResponse:
        return self._shown(request, entry)

    def check_entry(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A second person's answer to what waits for one: the listing, or the withdrawal."""
        require(request, "scoring.view_blacklistentry", "scoring.confirm_blacklistentry")
        return self._acted(request, pk, blacklist.check, CheckForm(request.POST), "check")

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Propose that an entry ends before its day."""
        require(request, "scoring.view_blacklistentry", "scoring.change_blacklistentry")
        return self._acted(request, pk, blacklist.propose_withdrawal, WithdrawalForm(request.POST), "withdrawal")

    def _acted(self, request: HttpRequest, pk: int, act: Any, form: Form, name: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        entry = self.row(pk)
        if form.is_valid():
            try:
                act(entry, **form.cleaned_data, by=request.user, on=timezone.localdate())
            except ValidationError as refusal:
                show(refusal, form)
            else:
                return HttpResponseRedirect(reverse("admin:scoring_blacklistentry_change", args=[pk]))
        return self._shown(request, entry, **{name: form})

    def _shown(self, request: HttpRequest, entry: BlacklistEntry, **sent: Form) -> HttpResponse:
        waits = blacklist.waits_for(entry, timezone.localdate())
        user: Any = request.user
        context: dict[str, Any] = {
            "entry": entry,
            "original": entry,
            "waits": waits,
            "ended": entry.expires_on < timezone.localdate(),
            "own": waits and blacklist.proposer_of(entry, waits) == user.pk,
            "may_check": waits and user.has_perm("scoring.confirm_blacklistentry"),
            "may_withdraw": blacklist.may_be_withdrawn(entry, timezone.localdate())
            and user.has_perm("scoring.change_blacklistentry"),
            "check": CheckForm(),
            "withdrawal": WithdrawalForm(),
            **sent,
        }
        refused = any(form.errors for form in sent.values())
        return self.page(request, "admin/scoring/blacklistentry/entry.html", str(entry), refused=refused, **context)


@admin.register(Link)
class LinkAdmin(DeskAdmin):
    list_display = ("kind", "seen_on", "subject_reference")
    list_filter = ("kind",)
    exclude = ("value_hash",)
