from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "lending.ledger"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Ledger")

    def ready(self) -> None:
        from lending.ledger import balance_rule, chart

        post_migrate.connect(balance_rule.install, sender=self)
        post_migrate.connect(chart.install, sender=self)
