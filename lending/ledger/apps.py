from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "lending.ledger"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Ledger")
