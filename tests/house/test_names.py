"""Columns and rows of ours that have no name of their own are known to the desk, and told in the reader's language."""

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import override

from lending.collections.models import Case
from lending.desk.names import NAMES, OURS


def _names_of_attributes() -> set[str]:
    return {
        str(field.name).replace("_", " ")
        for model in apps.get_models()
        if model.__module__.split(".")[0] in OURS and not model.__name__.startswith("Historical")
        for field in model._meta.local_fields
        if field._verbose_name is None and not field.name.endswith("_ptr")
    }


def test_every_field_without_a_name_of_its_own_is_listed() -> None:
    assert _names_of_attributes() - NAMES == set()


def test_nothing_is_listed_that_no_field_is_called() -> None:
    assert NAMES - _names_of_attributes() == {"Task Name"}


def test_the_name_is_told_in_the_readers_language() -> None:
    field = Case._meta.get_field("assigned_to")
    assert isinstance(field.verbose_name, Promise)
    with override("zh-hans"):
        assert str(field.verbose_name) == "经办人"
    with override("en"):
        assert str(field.verbose_name) == "assigned to"
    assert field.deconstruct()[3].get("verbose_name") is None


def test_a_row_is_told_by_what_it_is_and_its_key() -> None:
    with override("zh-hans"):
        assert str(Case(pk=5)) == "催收案件 5"
    with override("en"):
        assert str(Case(pk=5)) == "collection case 5"
