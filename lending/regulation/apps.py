from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class RegulationConfig(AppConfig):
    name = "lending.regulation"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Regulation")

    def ready(self) -> None:
        from lending.regulation import shipped

        post_migrate.connect(shipped.load_after_migrate, sender=self)
