"""Histories of rows, by django-simple-history, whose manager is made once for a model and not again at every write."""

import functools
from typing import Any

from simple_history import models
from simple_history.manager import HistoryManager


class KeptHistoryManager(HistoryManager):
    @classmethod
    @functools.cache
    def from_queryset(cls, queryset_class: Any, class_name: str | None = None) -> Any:
        return super().from_queryset(queryset_class, class_name)


class HistoricalRecords(models.HistoricalRecords):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **{"history_manager": KeptHistoryManager, **named})
