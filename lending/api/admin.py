"""What clients asked under an idempotency key, to be looked at when they and we disagree."""

from django.contrib import admin

from customers.desk import ReadOnlyAdmin
from lending.api.models import IdempotentAnswer


@admin.register(IdempotentAnswer)
class IdempotentAnswerAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "key", "status", "created_at")
    list_select_related = ("user",)
    search_fields = ("key__exact",)
    exclude = ("body",)
