"""Products and their versions: proposed by one person here, published by another, never edited."""

import json
from typing import Any

from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from customers.desk import ReadOnlyHistoryAdmin, require, require_post
from customers.refusals import Refusal
from customers.showing_refusals import show
from lending.clock import business_date
from lending.money_display import money
from lending.products import publishing
from lending.products.models import Product, ProductVersion
from lending.products.telling import rows_of

PROPOSED_FIELDS = (
    "effective_on",
    "jurisdiction",
    "licence",
    "currency",
    "decimals",
    "min_amount_minor",
    "max_amount_minor",
    "installment_choices",
    "purposes",
    "min_yearly_rate_percent",
    "max_yearly_rate_percent",
    "penalty_multiple",
    "terms",
    "fees",
    "second_officer_above_minor",
    "offer_valid_days",
)


@admin.register(Product)
class ProductAdmin(ReadOnlyHistoryAdmin):
    list_display = ("code", "name_zh", "name_en", "audience", "active")
    list_filter = ("audience", "active")
    search_fields = ("code", "name_zh", "name_en")
    ordering = ("code",)


@admin.register(ProductVersion)
class ProductVersionAdmin(ReadOnlyHistoryAdmin):
    list_display = ("__str__", "effective_on", "amounts", "rates", "proposed_by", "published_by", "state")
    list_filter = ("product", "jurisdiction", "licence")
    list_select_related = ("product", "proposed_by", "published_by")
    ordering = ("product__code", "-version")

    @display(description=_("amounts"))
    def amounts(self, version: ProductVersion) -> str:
        least, most = version.min_amount_minor, version.max_amount_minor
        return f"{money(least, version.currency, version.decimals)} – {money(most, version.currency, version.decimals)}"

    @display(description=_("nominal yearly rate, %"))
    def rates(self, version: ProductVersion) -> str:
        return f"{version.min_yearly_rate_percent.normalize():f} – {version.max_yearly_rate_percent.normalize():f}"

    @display(description=_("state"), label={"proposed": "warning", "published": "success"})
    def state(self, version: ProductVersion) -> tuple[str, Any]:
        return ("published", _("Published")) if version.published_at else ("proposed", _("Proposed"))

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        return [
            path("<int:pk>/propose/", site(self.propose), name="products_productversion_propose"),
            path("<int:pk>/publish/", site(self.publish), name="products_productversion_publish"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        require(request, "products.view_productversion")
        if request.method != "GET":
            require(request, "products.change_productversion")
        related = ProductVersion.objects.select_related("product", "proposed_by", "published_by")
        version = get_object_or_404(related, pk=object_id)
        return self.page(
            request,
            "admin/products/productversion/desk.html",
            str(version),
            original=version,
            rows=rows_of(version),
            terms_json=json.dumps({"terms": version.terms, "fees": version.fees}, ensure_ascii=False, indent=2),
            may_propose=request.user.has_perm("products.add_productversion"),
            may_publish=request.user.has_perm("products.publish_productversion"),
        )

    def propose(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A new version that starts as a copy of this one."""
        require(request, "products.view_productversion", "products.add_productversion")
        model = get_object_or_404(ProductVersion.objects.select_related("product"), pk=pk)
        form_class: type[ModelForm] = self.get_form(request, None, change=False, fields=PROPOSED_FIELDS)
        today = business_date()
        initial = {name: getattr(model, name) for name in PROPOSED_FIELDS} | {"effective_on": today}
        form = form_class(request.POST if request.method == "POST" else None, initial=initial)
        if request.method == "POST" and form.is_valid():
            try:
                version = publishing.propose(model.product, by=request.user, on=today, **form.cleaned_data)  # type: ignore[arg-type]
            except Refusal as refusal:
                show(refusal, form)
            else:
                messages.success(
                    request, _("%(version)s is proposed. Somebody else must publish it.") % {"version": version}
                )
                return HttpResponseRedirect(reverse("admin:products_productversion_change", args=[version.pk]))
        title = _("Propose a new version of %(product)s") % {"product": model.product}
        response = self.page(
            request, "admin/products/productversion/propose.html", str(title), form=form, model_version=model
        )
        response.status_code = 422 if form.is_bound else 200
        return response

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "products.view_productversion", "products.publish_productversion")
        if refused := require_post(request):
            return refused
        version = get_object_or_404(ProductVersion, pk=pk)
        try:
            publishing.publish(version, by=request.user, on=business_date())  # type: ignore[arg-type]
        except Refusal as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("%(version)s is published.") % {"version": version})
        return HttpResponseRedirect(reverse("admin:products_productversion_change", args=[pk]))
