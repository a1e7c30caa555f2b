from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ComplianceConfig(AppConfig):
    """On the roof and last in INSTALLED_APPS: its receiver runs when every table of a `migrate` is there."""

    name = "compliance"
    verbose_name = _("Compliance")

    def ready(self) -> None:
        from compliance import immutability, roles, views_of_personal_data
        from customers import personal_data

        post_migrate.connect(immutability.install, sender=self)
        post_migrate.connect(roles.sync, sender=self)
        personal_data.seen.connect(views_of_personal_data.record)
