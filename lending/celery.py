"""The worker's door: `celery -A lending.celery worker -B`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lending.settings")

app = Celery("loanbook")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
