"""The officers' queue, the page of one application with its decision form, and the rows behind them."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from customers.desk import ReadOnlyAdmin, ReadOnlyHistoryAdmin, require, require_post
from customers.personal_data import masked_name, note_view
from customers.refusals import Refusal
from customers.showing_refusals import show
from lending.applications import assignment, desk
from lending.applications.decision import decide_by_officer
from lending.applications.desk_forms import FIELD_OF, DecisionForm
from lending.applications.models import (
    Application,
    BureauInquiry,
    Contract,
    Decision,
    FactsSnapshot,
    Offer,
    SignalInquiry,
    Signature,
)
from lending.applications.presenting import facts_by_family
from lending.clock import business_date
from lending.money_display import money
from lending.templatetags.desk import percent, spoken

#: House policy for the queue: an application should be looked at within the first, and decided within the second.
SOON, LATE = timedelta(hours=4), timedelta(hours=24)
STATUS_COLOURS = {
    "referred": "warning",
    "declined": "danger",
    "offered": "info",
    "signed": "success",
}
OUTCOME_COLOURS = {"approve": "success", "refer": "warning", "decline": "danger"}


class QueueFilter(admin.SimpleListFilter):
    """Which applications the list shows; without a choice, those that wait for an officer."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("Taken by me")), ("free", _("Not taken yet")), ("all", _("All applications"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": _("With an officer")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Application]) -> QuerySet[Application]:
        if self.value() == "all" or any(name.startswith("status") for name in request.GET) or request.GET.get("q"):
            return queryset
        waiting = queryset.filter(status=Application.Status.REFERRED)
        if self.value() == "mine":
            return waiting.filter(assigned_to=request.user.pk)
        return waiting.filter(assigned_to=None) if self.value() == "free" else waiting


@admin.register(Application)
class ApplicationAdmin(ReadOnlyHistoryAdmin):
    list_display = ("number", "who", "product", "asked", "status_label", "age", "assigned_to", "channel_label")
    list_display_links = ("number", "who")
    list_filter = (QueueFilter, "status", "channel")
    list_select_related = ("customer__person", "customer__organisation", "product_version__product", "assigned_to")
    search_fields = ("public_id", "external_reference")
    search_help_text = _("Application number or reference of the channel")
    ordering = ("id",)

    @display(description=_("application"), ordering="id")
    def number(self, application: Application) -> str:
        return str(application)

    @display(description=_("customer"))
    def who(self, application: Application) -> str:
        return masked_name(application.customer)

    @display(description=_("channel"), ordering="channel")
    def channel_label(self, application: Application) -> str:
        return desk.channel_of(application)

    @display(description=_("product"))
    def product(self, application: Application) -> str:
        version = application.product_version
        return f"{spoken(version.product, 'name')} v{version.version}"

    @display(description=_("asked for"), ordering="amount_minor")
    def asked(self, application: Application) -> str:
        version = application.product_version
        return (
            f"{money(application.amount_minor, version.currency, version.decimals)} × {application.installments or '—'}"
        )

    @display(description=_("status"), label=STATUS_COLOURS, ordering="status")
    def status_label(self, application: Application) -> tuple[str, str]:
        return application.status, application.get_status_display()

    @display(
        description=_("waiting"), label={"soon": "success", "due": "warning", "late": "danger"}, ordering="submitted_at"
    )
    def age(self, application: Application) -> tuple[str, str] | str:
        if application.submitted_at is None or application.status != Application.Status.REFERRED:
            return "—"
        return age_of(application)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Application], search_term: str
    ) -> tuple[QuerySet[Application], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if term[:1] in "Aa" and term[1:].isdigit():
            return queryset.filter(pk=int(term[1:])), False
        if len(term) == 36 and term.count("-") == 4:
            return super().get_search_results(request, queryset, term)
        return queryset.filter(external_reference=term), False

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        return [
            path("<int:pk>/take/", site(self.take), name="applications_application_take"),
            path("<int:pk>/decide/", site(self.decide), name="applications_application_decide"),
            *super().get_urls(),
        ]

    def _application(self, pk: int | str) -> Application:
        related = ("customer__person", "customer__organisation", "product_version__product", "assigned_to")
        return get_object_or_404(Application.objects.select_related(*related), pk=pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        require(request, "applications.view_application")
        if request.method != "GET":
            require(request, "applications.change_application")
        return self._desk(request, self._application(object_id))

    def _desk(
        self, request: HttpRequest, application: Application, form: DecisionForm | None = None
    ) -> TemplateResponse:
        note_view(request, application.customer)
        page = desk.page_of(application)
        waits = application.status == Application.Status.REFERRED
        may_decide = request.user.has_perm("applications.add_decision") and waits
        if may_decide and form is None:
            form = DecisionForm(application=application, recommended=page["automatic"])
        response = self.page(
            request,
            "admin/applications/application/desk.html",
            str(application),
            **page,
            original=application,
            who=masked_name(application.customer),
            age=age_of(application) if waits and application.submitted_at else None,
            form=form if may_decide else None,
            may_take=may_decide and application.assigned_to_id is None,
            show_history=True,
        )
        return response

    def take(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "applications.view_application", "applications.add_decision")
        if refused := require_post(request):
            return refused
        application = self._application(pk)
        try:
            assignment.take(application, by=request.user)  # type: ignore[arg-type]
        except Refusal as refusal:
            messages.error(request, " ".join(refusal.messages))
        return HttpResponseRedirect(reverse("admin:applications_application_change", args=[pk]))

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "applications.view_application", "applications.add_decision")
        if refused := require_post(request):
            return refused
        application = self._application(pk)
        page = desk.page_of(application)
        form = DecisionForm(request.POST, application=application, recommended=page["automatic"])
        if form.is_valid():
            try:
                decision = decide_by_officer(application, by=request.user, on=business_date(), **form.arguments())  # type: ignore[arg-type]
            except Refusal as refusal:
                if application.status != Application.Status.REFERRED:
                    messages.error(request, " ".join(refusal.messages))
                    return HttpResponseRedirect(reverse("admin:applications_application_change", args=[pk]))
                show(refusal, form, FIELD_OF)
            else:
                messages.success(
                    request,
                    _("%(application)s: %(outcome)s.")
                    % {"application": application, "outcome": decision.get_outcome_display()},
                )
                return HttpResponseRedirect(reverse("admin:applications_application_changelist"))
        response = self._desk(request, application, form)
        response.status_code = 422
        return response


def age_of(application: Application) -> tuple[str, str]:
    """(colour of the promise, hours or days since it was submitted)."""
    waited = timezone.now() - application.submitted_at  # type: ignore[operator]
    state = "soon" if waited < SOON else "due" if waited < LATE else "late"
    hours = int(waited.total_seconds() // 3600)
    if hours < 48:
        return state, str(_("%(hours)s h") % {"hours": hours})
    return state, str(_("%(days)s d") % {"days": hours // 24})


class _OfApplication(ReadOnlyAdmin):
    list_select_related: Any = ("application",)
    ordering = ("-id",)


@admin.register(FactsSnapshot)
class FactsSnapshotAdmin(_OfApplication):
    list_display = ("id", "application", "taken_on", "sha256")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        require(request, "applications.view_factssnapshot")
        related = FactsSnapshot.objects.select_related("application__product_version", "application__customer")
        snapshot = get_object_or_404(related, pk=object_id)
        note_view(request, snapshot.application.customer)
        currency = snapshot.application.product_version.currency
        return self.page(
            request,
            "admin/applications/factssnapshot/desk.html",
            str(_("Facts of %(application)s") % {"application": snapshot.application}),
            original=snapshot,
            snapshot=snapshot,
            families=facts_by_family(snapshot.facts, snapshot.sources, currency),
        )


@admin.register(Decision)
class DecisionAdmin(_OfApplication):
    list_display = (
        "id",
        "application",
        "outcome_label",
        "limit",
        "rate",
        "decided_by",
        "override",
        "decided_on",
        "took",
    )
    list_filter = ("outcome", "override")
    list_select_related = ("application__product_version", "by")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        require(request, "applications.view_decision")
        related = ("application__customer", "application__product_version__product", "by", "snapshot")
        decision = get_object_or_404(Decision.objects.select_related(*related), pk=object_id)
        note_view(request, decision.application.customer)
        title = _("Decision on %(application)s") % {"application": decision.application}
        context = desk.page_of_decision(decision)
        return self.page(request, "admin/applications/decision/desk.html", str(title), original=decision, **context)

    @display(description=_("nominal yearly rate"), ordering="yearly_rate_percent")
    def rate(self, decision: Decision) -> str:
        return percent(decision.yearly_rate_percent)

    @display(description=_("decided by"), ordering="by")
    def decided_by(self, decision: Decision) -> str:
        return decision.by.username if decision.by else str(_("Rules"))

    @display(description=_("took"), ordering="took_ms")
    def took(self, decision: Decision) -> str:
        return "—" if decision.took_ms is None else f"{decision.took_ms} ms"

    @display(description=_("outcome"), label=OUTCOME_COLOURS)
    def outcome_label(self, decision: Decision) -> tuple[str, str]:
        return decision.outcome, decision.get_outcome_display()

    @display(description=_("limit"))
    def limit(self, decision: Decision) -> str:
        version = decision.application.product_version
        return money(decision.limit_minor, version.currency, version.decimals)


@admin.register(Offer)
class OfferAdmin(_OfApplication):
    list_display = ("id", "application", "amount", "installments", "yearly_rate_percent", "made_on", "expires_on")

    @display(description=_("amount"))
    def amount(self, offer: Offer) -> str:
        return money(offer.amount_minor, offer.currency)


@admin.register(Contract)
class ContractAdmin(ReadOnlyAdmin):
    list_display = ("number", "language", "rendered_on", "sha256")
    search_fields = ("number__exact",)
    ordering = ("-id",)


@admin.register(Signature)
class SignatureAdmin(ReadOnlyAdmin):
    list_display = ("contract_number", "method", "disclosure_confirmed", "signed_on", "sha256")
    list_select_related = ("contract",)
    ordering = ("-id",)

    @display(description=_("contract"))
    def contract_number(self, signature: Signature) -> str:
        return signature.contract.number


@admin.register(BureauInquiry)
class BureauInquiryAdmin(_OfApplication):
    list_display = ("id", "application", "answered", "found", "asked_on", "reason")
    list_filter = ("answered", "found")


@admin.register(SignalInquiry)
class SignalInquiryAdmin(_OfApplication):
    list_display = ("id", "application", "source", "purpose", "answered", "asked_on", "reason")
    list_filter = ("source", "answered")
