from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class LoansConfig(AppConfig):
    name = "lending.loans"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Loans")

    def ready(self) -> None:
        from lending.loans import frozen_terms

        post_migrate.connect(frozen_terms.install, sender=self)
