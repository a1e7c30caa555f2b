"""Customers on the officers' desk: found by exact number, masked everywhere, revealed on request and on the record."""

import re
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from customers import case_desk  # noqa: F401 - registers the page of service cases
from customers.desk import ReadOnlyAdmin, ReadOnlyHistoryAdmin, ReadOnlyInline, _Desk, require, require_post
from customers.encryption import blind_index, mask
from customers.models import (
    Consent,
    ConsentText,
    Customer,
    Delivery,
    IdentityCheck,
    Notice,
    OutgoingMessage,
    User,
)
from customers.personal_data import masked_name, note_view

INDEXED = "ix:"
STATUS_COLOURS = {"registered": "info", "identified": "success", "blocked": "danger"}


def indexes_of(term: str) -> list[str]:
    """The blind indexes a typed number may have: as typed, and a mobile without its country code."""
    term = "".join(term.split()).replace("-", "")
    spellings = {term, re.sub(r"^(\+86|0086|86)(?=1\d{10}$)", "", term)}
    spellings |= {f"+86{spelling}" for spelling in spellings if re.fullmatch(r"1\d{10}", spelling)}
    return [blind_index(spelling) for spelling in sorted(spellings) if spelling]


def by_indexes(indexes: list[str]) -> Q:
    return (
        Q(person__id_number_index__in=indexes)
        | Q(person__phone_index__in=indexes)
        | Q(organisation__phone_index__in=indexes)
        | Q(organisation__representative_id_number_index__in=indexes)
        | Q(user__phone_index__in=indexes)
    )


class ConsentInline(ReadOnlyInline):
    model = Consent
    fields = readonly_fields = ("purpose", "given", "channel", "on")
    ordering = ("-id",)


class IdentityCheckInline(ReadOnlyInline):
    model = IdentityCheck
    fields = readonly_fields = ("kind", "passed", "made_on", "by")
    ordering = ("-id",)


class NoticeInline(ReadOnlyInline):
    model = Notice
    fields = readonly_fields = ("kind", "title", "language", "on")
    ordering = ("-id",)


@admin.register(Customer)
class CustomerAdmin(ReadOnlyHistoryAdmin):
    list_display = ("reference", "masked", "kind", "status_label", "language", "registered_on")
    list_display_links = ("reference", "masked")
    list_filter = ("kind", "status")
    list_select_related = ("person", "organisation")
    ordering = ("-id",)
    search_fields = ("public_id",)
    search_help_text = _("Whole ID number, phone or reference")
    readonly_fields = ("reference", "masked", "masked_id_number", "masked_phone", "birth_year")
    fieldsets = (
        (None, {"fields": ("reference", "kind", "status", "language", "registered_on")}),
        (_("Identity"), {"fields": ("masked", "masked_id_number", "masked_phone", "birth_year")}),
    )
    inlines = (ConsentInline, IdentityCheckInline, NoticeInline)
    change_form_outer_before_template = "admin/customers/customer/before.html"

    @display(description=_("reference"), ordering="id")
    def reference(self, customer: Customer) -> str:
        return str(customer.public_id)[:8]

    @display(description=_("name"))
    def masked(self, customer: Customer) -> str:
        return masked_name(customer)

    @display(description=_("status"), label=STATUS_COLOURS, ordering="status")
    def status_label(self, customer: Customer) -> tuple[str, str]:
        return customer.status, customer.get_status_display()

    @display(description=_("identity number"))
    def masked_id_number(self, customer: Customer) -> str:
        identity = _identity(customer)
        number: str = getattr(identity, "id_number", "") or getattr(identity, "credit_code", "")
        return mask(number) if number else "—"

    @display(description=_("phone"))
    def masked_phone(self, customer: Customer) -> str:
        identity = _identity(customer) or customer.user
        return mask(identity.phone) if identity and identity.phone else "—"

    @display(description=_("year of birth"))
    def birth_year(self, customer: Customer) -> str:
        person = getattr(customer, "person", None)
        return str(person.birth_date.year) if person else "—"

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        return [
            path("find/", site(self.find), name="customers_customer_find"),
            path("<int:pk>/reveal/", site(self.reveal), name="customers_customer_reveal"),
            *super().get_urls(),
        ]

    def find(self, request: HttpRequest) -> HttpResponse:
        """Turn what was typed into blind indexes before it can stand in an address, a log or a browser's history."""
        require(request, "customers.view_customer")
        if refused := require_post(request):
            return refused
        term = request.POST.get("term", "").strip()
        looks_like_reference = re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F-]{27})?", term)
        query = term if looks_like_reference else INDEXED + ",".join(indexes_of(term)) if term else ""
        return HttpResponseRedirect(f"{reverse('admin:customers_customer_changelist')}?q={query}")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if term.startswith(INDEXED):
            return queryset.filter(by_indexes(term.removeprefix(INDEXED).split(","))), False
        if re.fullmatch(r"[0-9a-fA-F]{8}", term):
            # A UUID's first eight digits as a range, which the unique index answers.
            low, high = f"{term}-0000-0000-0000-000000000000", f"{term}-ffff-ffff-ffff-ffffffffffff"
            return queryset.filter(public_id__gte=low, public_id__lte=high), False
        if re.fullmatch(r"[0-9a-fA-F-]{36}", term):
            return queryset.filter(public_id=term), False
        return queryset.filter(by_indexes(indexes_of(term)) | Q(organisation__credit_code=term.upper())), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"may_reveal": request.user.has_perm("customers.reveal_personal_data"), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def reveal(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the identity in plain, once, and put on record who saw it."""
        require(request, "customers.view_customer", "customers.reveal_personal_data")
        if refused := require_post(request):
            return refused
        customer = get_object_or_404(Customer.objects.select_related("person", "organisation", "user"), pk=pk)
        note_view(request, customer)
        response: TemplateResponse = self.page(
            request,
            "admin/customers/customer/revealed.html",
            str(_("Personal data")),
            customer=customer,
            identity=_identity(customer),
        )
        return response


def _identity(customer: Customer) -> Any:
    return getattr(customer, "person", None) or getattr(customer, "organisation", None)


@admin.register(ConsentText)
class ConsentTextAdmin(ReadOnlyAdmin):
    list_display = ("purpose", "version", "required", "effective_on")
    list_filter = ("purpose",)


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    list_display = ("id", "customer", "purpose", "given", "channel", "on")
    list_filter = ("purpose", "given")
    list_select_related = ("customer",)


@admin.register(IdentityCheck)
class IdentityCheckAdmin(ReadOnlyAdmin):
    list_display = ("id", "customer", "kind", "passed", "made_on", "by")
    list_filter = ("kind", "passed")
    list_select_related = ("customer", "by")


class DeliveryInline(ReadOnlyInline):
    model = Delivery
    fields = readonly_fields = ("channel", "result", "reason", "created_at")
    ordering = ("id",)
    tab = False


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("id", "title", "customer", "kind", "language", "on")
    list_filter = ("kind", "language")
    list_select_related = ("customer",)
    search_fields = ("subject_id__exact",)
    search_help_text = _("Loan or application number")
    inlines = (DeliveryInline,)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("id", "notice_key", "channel", "result", "reason", "created_at")
    list_filter = ("channel", "result")
    list_select_related = ("notice",)

    @display(description=_("notice"))
    def notice_key(self, delivery: Delivery) -> str:
        return delivery.notice.title


@admin.register(OutgoingMessage)
class OutgoingMessageAdmin(ReadOnlyAdmin):
    list_display = ("id", "notice_title", "channel", "not_before", "tries", "done")
    list_filter = ("channel", "done")
    list_select_related = ("notice",)

    @display(description=_("notice"))
    def notice_title(self, message: OutgoingMessage) -> str:
        return message.notice.title


@admin.register(User)
class UserAdmin(DjangoUserAdmin, _Desk):  # type: ignore[misc]
    """Staff and their roles. Customers' accounts are not listed: a customer is found among the customers."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "roles", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    search_fields = ("username",)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "language")}),
        (_("Roles"), {"fields": ("is_active", "is_staff", "groups")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).filter(is_staff=True).prefetch_related("groups")

    @display(description=_("roles"))
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ReadOnlyAdmin):  # type: ignore[misc]
    """Roles are data of the release (`compliance.roles`): shown here, changed there."""

    list_display = ("name",)
    filter_horizontal = ()
