from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "lending.portal"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Customer portal")
