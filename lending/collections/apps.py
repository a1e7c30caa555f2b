from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CollectionsConfig(AppConfig):
    name = "lending.collections"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Collections")

    def ready(self) -> None:
        from lending.collections.cases import open_and_close_cases
        from lending.collections.warning_facts import facts_of
        from lending.servicing import early_warning, jobs

        jobs.register("collection_cases", lambda day: open_and_close_cases(day.on), place=60)
        early_warning.add_source("collections", facts_of)
