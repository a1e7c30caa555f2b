"""Customers in difficulty on the officers' desk: their wishes for another plan, and the early warnings to act upon."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F, Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from customers.desk import ReadOnlyHistoryAdmin, require, require_post
from customers.personal_data import masked_name, note_view
from customers.refusals import Refusal
from customers.showing_refusals import show
from lending.clock import business_date
from lending.servicing import plan_asking, plan_deciding, warning_tasks
from lending.servicing.models import PlanChange, WarningTask

PLAN_COLOURS = {
    "asked": "warning", "proposed": "info", "offered": "info", "accepted": "success", "refused": "danger",
    "declined": "danger", "lapsed": "danger",
}  # fmt: skip
TASK_COLOURS = {"open": "warning", "contacted": "info", "resolved": "success"}
FEW_ROWS = {"rows": 3}


class ProposalForm(forms.Form):
    way = forms.ChoiceField(label=_("Way"), choices=PlanChange.Way.choices, widget=UnfoldAdminSelectWidget)
    installments = forms.IntegerField(
        label=_("Installments"),
        required=False,
        min_value=1,
        max_value=1200,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Not needed for interest only."),
    )
    note = forms.CharField(label=_("Why, for the file"), max_length=2000, widget=UnfoldAdminTextareaWidget(FEW_ROWS))


class ApprovalForm(forms.Form):
    note = forms.CharField(label=_("Why, for the file"), max_length=2000, widget=UnfoldAdminTextareaWidget(FEW_ROWS))


class RefusalForm(forms.Form):
    answer = forms.CharField(
        label=_("What the customer will read"), max_length=5000, widget=UnfoldAdminTextareaWidget(FEW_ROWS)
    )


class ContactedForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("What came of it"), choices=WarningTask.Outcome.choices, widget=UnfoldAdminSelectWidget
    )
    note = forms.CharField(label=_("Note"), max_length=2000, widget=UnfoldAdminTextareaWidget(FEW_ROWS))


class ResolvedForm(forms.Form):
    note = forms.CharField(label=_("Note"), max_length=2000, widget=UnfoldAdminTextareaWidget(FEW_ROWS))


class _Acting(ReadOnlyHistoryAdmin):
    """A page of one row with forms, each of which is one act."""

    #: Name of the act -> (form, permission).
    acts: dict[str, tuple[type[forms.Form], str]] = {}
    view_permission = ""

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        acts = [
            path(f"<int:pk>/{act}/", self.admin_site.admin_view(self._door(act)), name=f"{name}_{act}")
            for act in self.acts
        ]
        return [*acts, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        require(request, self.view_permission)
        if request.method != "GET":
            require(request, f"{self.opts.app_label}.change_{self.opts.model_name}")
        return self.shown(request, self.row(object_id), {})

    def row(self, pk: int | str) -> Any:
        return get_object_or_404(self.model._default_manager.select_related(*self.list_select_related), pk=pk)

    def shown(self, request: HttpRequest, row: Any, filled: dict[str, forms.Form]) -> HttpResponse:
        raise NotImplementedError

    def forms_of(self, request: HttpRequest, names: tuple[str, ...], filled: dict[str, forms.Form]) -> dict[str, Any]:
        """The forms of these acts that this member of the staff may send."""
        return {
            f"{name}_form": filled.get(name) or self.empty(name)
            for name in names
            if request.user.has_perm(self.acts[name][1])
        }

    def empty(self, name: str) -> forms.Form:
        return self.acts[name][0]()

    def act(self, name: str, row: Any, said: dict[str, Any], by: Any) -> Model:
        raise NotImplementedError

    def _door(self, name: str) -> Callable[[HttpRequest, int], HttpResponse]:
        def door(request: HttpRequest, pk: int) -> HttpResponse:
            form_class, permission = self.acts[name]
            require(request, self.view_permission, permission)
            if refused := require_post(request):
                return refused
            row, form = self.row(pk), form_class(request.POST)
            if form.is_valid():
                try:
                    self.act(name, row, form.cleaned_data, request.user)
                except Refusal as refusal:
                    show(refusal, form)
                else:
                    messages.success(request, _("It is done."))
                    address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[pk])
                    return HttpResponseRedirect(address)
            response = self.shown(request, self.row(pk), {name: form})
            for text in form.non_field_errors():
                messages.error(request, str(text))
            response.status_code = 422
            return response

        return door


@admin.register(PlanChange)
class PlanChangeAdmin(_Acting):
    """Wishes for another plan, those that wait for us on top."""

    list_display = ("number", "loan", "who", "state", "reason", "wished", "way", "asked_on", "accept_by")
    list_display_links = ("number", "loan")
    list_filter = ("status", "reason", "way")
    list_select_related = (
        "loan__application",
        "customer__person",
        "customer__organisation",
        "case",
        "maker",
        "checker",
    )
    search_fields = ("loan__number__exact",)
    search_help_text = _("Loan number")
    ordering = ("-id",)
    view_permission = "servicing.view_planchange"
    acts = {
        "propose": (ProposalForm, "servicing.propose_planchange"),
        "approve": (ApprovalForm, "servicing.approve_planchange"),
        "refuse": (RefusalForm, "servicing.propose_planchange"),
    }

    @display(description=_("request"), ordering="id")
    def number(self, change: PlanChange) -> str:
        return str(change)

    @display(description=_("customer"))
    def who(self, change: PlanChange) -> str:
        return masked_name(change.customer)

    @display(description=_("status"), label=PLAN_COLOURS)
    def state(self, change: PlanChange) -> tuple[str, str]:
        return change.status, change.get_status_display()

    def shown(self, request: HttpRequest, row: PlanChange, filled: dict[str, forms.Form]) -> HttpResponse:
        note_view(request, row.customer)
        today = business_date()
        asked, proposed = row.status == PlanChange.Status.ASKED, row.status == PlanChange.Status.PROPOSED
        names: tuple[str, ...] = ("propose", "refuse") if asked else ("approve", "refuse") if proposed else ()
        if proposed and row.maker_id == request.user.pk:
            names = ("refuse",)
        told = plan_asking.Told.from_json(row.told)
        found = plan_asking.ways_for(row.loan, told, on=today) if asked else None
        chosen = {"propose": self._proposal(row, found)} if asked else {}
        context = {
            "change": row,
            "original": row,
            "case": row.case,
            "left": row.case.days_left(today) if row.case.status == "open" else None,
            "told": told,
            "found": found,
            "ways": [(PlanChange.Way(way.code).label, way) for way in found.ways] if found else [],
            "who": masked_name(row.customer),
            "late_days": row.loan.days_past_due(today),
            **self.forms_of(request, names, {**chosen, **filled}),
        }
        return self.page(request, "admin/servicing/planchange/desk.html", str(row), **context)

    def _proposal(self, row: PlanChange, found: Any) -> ProposalForm:
        """The way she wished for, with the installments it has today."""
        ways = {way.code: way for way in found.ways}
        wished = ways.get(row.wished)
        return ProposalForm(initial={"way": row.wished, "installments": wished.installments if wished else None})

    def act(self, name: str, row: Any, said: dict[str, Any], by: Any) -> Model:
        act: Callable[..., PlanChange] = getattr(plan_deciding, name)
        return act(row, **said, by=by, on=business_date())


@admin.register(WarningTask)
class WarningTaskAdmin(_Acting):
    """What early warning asks officers to do, the oldest open task on top."""

    list_display = ("number", "loan", "who", "told", "state", "outcome", "opened_on", "contacted_on", "by")
    list_display_links = ("number", "loan")
    list_filter = ("status", "signal", "outcome")
    list_select_related = ("loan", "customer__person", "customer__organisation", "by", "warning")
    search_fields = ("loan__number__exact",)
    search_help_text = _("Loan number")
    ordering = (F("resolved_on").asc(nulls_first=True), "-status", "opened_on", "id")
    view_permission = "servicing.view_warningtask"
    acts = {
        "contacted": (ContactedForm, "servicing.change_warningtask"),
        "resolved": (ResolvedForm, "servicing.change_warningtask"),
    }

    @display(description=_("task"), ordering="id")
    def number(self, task: WarningTask) -> str:
        return str(task)

    @display(description=_("customer"))
    def who(self, task: WarningTask) -> str:
        return masked_name(task.customer)

    @display(description=_("signal"))
    def told(self, task: WarningTask) -> str:
        return task.text_zh if (get_language() or "").startswith("zh") else task.text_en

    @display(description=_("status"), label=TASK_COLOURS)
    def state(self, task: WarningTask) -> tuple[str, str]:
        return task.status, task.get_status_display()

    def shown(self, request: HttpRequest, row: WarningTask, filled: dict[str, forms.Form]) -> HttpResponse:
        note_view(request, row.customer)
        names = () if row.status == WarningTask.Status.RESOLVED else ("contacted", "resolved")
        context = {
            "task": row,
            "original": row,
            "told": self.told(row),
            "who": masked_name(row.customer),
            "before": row.history.select_related("by").order_by("-history_id")[1:11],
            **self.forms_of(request, names, filled),
        }
        return self.page(request, "admin/servicing/warningtask/desk.html", str(row), **context)

    def act(self, name: str, row: Any, said: dict[str, Any], by: Any) -> Model:
        if name == "contacted":
            return warning_tasks.mark_contacted(row, **said, by=by, on=business_date())
        return warning_tasks.resolve(row, **said, by=by, on=business_date())
