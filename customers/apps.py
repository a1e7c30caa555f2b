from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "customers"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Customers")

    def ready(self) -> None:
        from customers import consents

        post_migrate.connect(consents.install_texts, sender=self)
