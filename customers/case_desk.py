"""Service cases on the officers' desk: what customers ask, the clock of each, and the answer with its topic."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from customers import answering, topics
from customers.case_subjects import subject_of
from customers.desk import ReadOnlyHistoryAdmin, require, require_post
from customers.models import ServiceCase
from customers.personal_data import masked_name
from customers.refusals import Refusal
from customers.showing_refusals import show

SOON_DAYS = 3


class ClockFilter(admin.SimpleListFilter):
    """Open cases by their clock."""

    title = _("clock")
    parameter_name = "clock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("overdue", _("Overdue")), ("open", _("Open"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "overdue":
            return queryset.overdue(timezone.localdate())
        return queryset.open() if self.value() == "open" else queryset


class AnswerForm(forms.Form):
    """The answer, and what the case was about. A suggested topic is told, never chosen beforehand."""

    topic = forms.ChoiceField(label=_("Topic"), required=False, widget=UnfoldAdminSelectWidget)
    answer = forms.CharField(
        label=_("Our answer"), max_length=5000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 5})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topic"].choices = [("", "—"), *topics.choices()]  # type: ignore[attr-defined]


class TopicForm(forms.Form):
    """Another topic for a case that was answered, and why."""

    topic = forms.ChoiceField(label=_("Topic"), widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(
        label=_("Why it is changed"), max_length=answering.LONGEST_REASON, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topic"].choices = topics.choices()  # type: ignore[attr-defined]


@admin.register(ServiceCase)
class ServiceCaseAdmin(ReadOnlyHistoryAdmin):
    """What customers ask: the urgent ones on top, then the one that is due first."""

    list_display = ("number", "who", "kind", "topic_told", "state", "clock", "opened_on", "due_on", "answered_by")
    list_display_links = ("number", "who")
    list_filter = ("status", ClockFilter, "kind", ("topic", admin.ChoicesFieldListFilter), "suggested_topic", "urgent")
    list_select_related = ("customer__person", "customer__organisation", "answered_by")
    fields = (
        "customer", "kind", "text", "subject", "topic", "suggestion", "opened_on", "due_on", "status", "answer",
        "answered_by", "answered_on",
    )  # fmt: skip
    readonly_fields = ("subject", "suggestion")
    ordering = ("-status", "-urgent", "due_on", "id")
    change_form_outer_after_template = "admin/customers/servicecase/after.html"

    @display(description=_("case"), ordering="id")
    def number(self, case: ServiceCase) -> str:
        return str(case)

    @display(description=_("customer"))
    def who(self, case: ServiceCase) -> str:
        return masked_name(case.customer)

    @display(description=_("status"), label={"open": "warning", "answered": "success"})
    def state(self, case: ServiceCase) -> tuple[str, str]:
        return case.status, case.get_status_display()

    @display(description=_("topic"), label={"urgent": "danger", "suggested": "info", "chosen": "success"})
    def topic_told(self, case: ServiceCase) -> tuple[str, str] | str:
        """The officer's topic, or else the suggestion with a question mark."""
        if case.topic:
            return "chosen", case.get_topic_display()
        if case.suggested_topic:
            return "urgent" if case.urgent else "suggested", f"{case.get_suggested_topic_display()}?"
        return ("urgent", case.get_kind_display()) if case.urgent else "—"

    @display(description=_("suggested topic"))
    def suggestion(self, case: ServiceCase) -> str:
        if not case.suggested_topic:
            return "—"
        told = _("%(topic)s, with a probability of %(percent)s%%, by %(model)s. You decide.")
        percent = f"{case.suggested_probability * 100:.0f}" if case.suggested_probability is not None else "—"
        return told % {"topic": case.get_suggested_topic_display(), "percent": percent, "model": case.suggested_by}

    @display(description=_("clock"), label={"late": "danger", "soon": "warning", "time": "info"})
    def clock(self, case: ServiceCase) -> tuple[str, str] | str:
        if case.status != ServiceCase.Status.OPEN:
            return "—"
        left = case.days_left(timezone.localdate())
        if left < 0:
            return "late", ngettext("%(days)s day overdue", "%(days)s days overdue", -left) % {"days": -left}
        told = ngettext("%(days)s day left", "%(days)s days left", left) % {"days": left}
        return "soon" if left <= SOON_DAYS else "time", told

    @display(description=_("about"))
    def subject(self, case: ServiceCase) -> SafeString | str:
        found = subject_of(case)
        return format_html('<a href="{}">{}</a>', found.url, found.name) if found else "—"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.answer)
        topic = self.admin_site.admin_view(self.topic)
        return [
            path("<int:pk>/answer/", view, name="customers_servicecase_answer"),
            path("<int:pk>/topic/", topic, name="customers_servicecase_topic"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        case = ServiceCase.objects.filter(pk=object_id).first()
        context = dict(extra_context or {})
        if case is not None and case.status == ServiceCase.Status.ANSWERED and self._may_label(request, case):
            context.setdefault("topic_form", TopicForm(initial={"topic": case.topic}))
        elif case is not None and request.user.has_perm("customers.change_servicecase"):
            context["subject"], context["clock"] = subject_of(case), self.clock(case)
            context.setdefault("answer_form", AnswerForm(initial={"topic": case.topic}))
        return super().change_view(request, object_id, form_url, context)

    def _may_label(self, request: HttpRequest, case: ServiceCase) -> bool:
        return request.user.has_perm("customers.change_servicecase") and case.answered_by_id is not None

    def topic(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Correct the topic of an answered case: the classifier of texts learns from it."""
        require(request, "customers.view_servicecase", "customers.change_servicecase")
        if refused := require_post(request):
            return refused
        case, form = get_object_or_404(ServiceCase, pk=pk), TopicForm(request.POST)
        if form.is_valid():
            try:
                by: Any = request.user
                answering.correct_topic(case, **form.cleaned_data, by=by)
            except Refusal as refusal:
                show(refusal, form)
            else:
                messages.success(request, _("The topic is corrected; the history keeps the one before."))
                return HttpResponseRedirect(reverse("admin:customers_servicecase_change", args=[pk]))
        request.method = "GET"  # the page is shown again, with the form that was refused
        response = self.change_view(request, str(pk), extra_context={"topic_form": form})
        response.status_code = 422
        return response

    def answer(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "customers.view_servicecase", "customers.change_servicecase")
        if refused := require_post(request):
            return refused
        case, form = get_object_or_404(ServiceCase, pk=pk), AnswerForm(request.POST)
        if form.is_valid():
            said = form.cleaned_data
            try:
                by: Any = request.user
                answering.answer(case, answer=said["answer"], topic=said["topic"], by=by, on=timezone.localdate())
            except Refusal as refusal:
                show(refusal, form)
            else:
                messages.success(request, _("The answer is given, and the customer is told."))
                return HttpResponseRedirect(reverse("admin:customers_servicecase_change", args=[pk]))
        case.refresh_from_db()
        if case.status != ServiceCase.Status.OPEN:
            messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
            return HttpResponseRedirect(reverse("admin:customers_servicecase_change", args=[pk]))
        request.method = "GET"  # the page is shown again, with the form that was refused
        response = self.change_view(request, str(pk), extra_context={"answer_form": form})
        response.status_code = 422
        return response
