from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LoansConfig(AppConfig):
    name = "lending.loans"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Loans")
