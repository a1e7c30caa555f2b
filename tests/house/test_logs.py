"""The log names no person."""

import logging

import pytest
from django.test import Client


@pytest.mark.django_db
def test_what_is_searched_for_stands_in_no_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        client.get("/admin/customers/customer/?q=110105199003070025")
    assert "/admin/customers/customer/" in caplog.text
    assert "110105199003070025" not in caplog.text
