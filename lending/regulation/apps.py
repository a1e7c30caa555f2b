from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegulationConfig(AppConfig):
    name = "lending.regulation"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Regulation")
