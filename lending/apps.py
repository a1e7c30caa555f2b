from django.apps import AppConfig


class LendingConfig(AppConfig):
    """The project's own app: starting it starts Celery, so that every process that has Django has the right broker."""

    name = "lending"

    def ready(self) -> None:
        from lending import celery  # noqa: F401
