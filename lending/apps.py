from django.apps import AppConfig


class LendingConfig(AppConfig):
    """The project's own app: starting it starts Celery, so that every process that has Django has the right
    broker, and lets the desk name its columns and rows in the reader's language."""

    name = "lending"

    def ready(self) -> None:
        from lending import celery  # noqa: F401
        from lending.desk.names import tell_names

        tell_names()
