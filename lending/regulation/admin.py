"""Rule parameters: corrected by a new dated row, never by editing the old one."""

from django.contrib import admin
from django.http import HttpRequest

from customers.desk import DeskAdmin
from lending.regulation.models import RuleParameter


@admin.register(RuleParameter)
class RuleParameterAdmin(DeskAdmin):
    list_display = ("code", "jurisdiction", "licence", "product", "effective_on", "value", "unit", "citation")
    list_filter = ("jurisdiction", "licence", "unit")
    search_fields = ("code", "citation")
    ordering = ("code", "-effective_on")

    def has_change_permission(self, request: HttpRequest, obj: RuleParameter | None = None) -> bool:
        return False
