from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ApplicationsConfig(AppConfig):
    name = "lending.applications"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Applications")

    def ready(self) -> None:
        from customers import case_subjects
        from lending.applications import stamps
        from lending.applications.case_subject import decision_of
        from lending.applications.purpose_text import labelled
        from scoring import text_training

        post_migrate.connect(stamps.install, sender=self)
        case_subjects.add("decision", decision_of)
        text_training.add_provider("purposes", labelled)
