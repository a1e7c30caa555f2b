from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApplicationsConfig(AppConfig):
    name = "lending.applications"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Applications")
