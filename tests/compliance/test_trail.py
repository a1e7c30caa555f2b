"""The trail: what was sealed cannot be altered unseen."""

import json
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from compliance import immutability
from compliance.models import Seal
from compliance.sealing import seal_all
from compliance.verification import verify_chain
from customers.models import Consent, ConsentText, Customer
from tests.cast import TODAY

pytestmark = pytest.mark.django_db


def give_consent() -> Consent:
    customer = Customer.objects.create(registered_on=TODAY)
    text = ConsentText.objects.filter(purpose="credit_report").first() or ConsentText.objects.create(
        purpose="credit_report",
        version=99,
        required=True,
        text_zh="同意",
        text_en="I agree",
        effective_on=date(2026, 1, 1),
    )
    return Consent.objects.create(
        customer=customer, text=text, purpose="credit_report", given=True, channel="portal", on=TODAY
    )


def behind_the_back(sql: str) -> None:
    """What somebody with the database's password can do: take the triggers away and write."""
    immutability.uninstall()
    with connection.cursor() as cursor:
        cursor.execute(sql)
    immutability.install()


def kinds() -> set[str]:
    return {finding.kind for finding in verify_chain().findings}


def test_the_database_refuses_to_change_what_is_append_only() -> None:
    consent = give_consent()
    for sql in (
        f"UPDATE customers_consent SET given = NOT given WHERE id = {consent.pk}",
        f"DELETE FROM customers_consent WHERE id = {consent.pk}",
        "UPDATE customers_historicalcustomer SET kind = 'person'",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    consent.refresh_from_db()
    assert consent.given


def test_sealing_twice_adds_nothing_and_the_chain_holds() -> None:
    give_consent()
    assert seal_all() > 0
    assert seal_all() == 0
    give_consent()
    assert seal_all() > 0
    report = verify_chain()
    assert report.sound
    assert report.links == Seal.objects.count()


def test_a_changed_row_shows() -> None:
    consent = give_consent()
    seal_all()
    behind_the_back(f"UPDATE customers_consent SET channel = 'branch' WHERE id = {consent.pk}")
    assert kinds() == {"row changed"}


def test_a_removed_row_shows() -> None:
    consent = give_consent()
    seal_all()
    behind_the_back(f"DELETE FROM customers_consent WHERE id = {consent.pk}")
    assert kinds() == {"row missing"}


def test_a_removed_link_shows() -> None:
    give_consent()
    seal_all()
    middle = Seal.objects.order_by("sequence")[1]
    behind_the_back(f"DELETE FROM compliance_seal WHERE id = {middle.pk}")
    assert {"link missing", "chain broken"} <= kinds()


def test_a_rebuilt_chain_does_not_hold_the_head_that_was_noted() -> None:
    consent = give_consent()
    seal_all()
    head = verify_chain().head
    behind_the_back("DELETE FROM compliance_seal")
    behind_the_back(f"UPDATE customers_consent SET channel = 'branch' WHERE id = {consent.pk}")
    seal_all()
    assert verify_chain().sound
    assert {finding.kind for finding in verify_chain(known_head=head).findings} == {"head missing"}


def test_the_commands_say_what_is_wrong(tmp_path: Path) -> None:
    with translation.override("en"), pytest.raises(CommandError, match="no loan with the number"):
        call_command("export_trail", loan="L-NONE", reason="an inquiry", out=tmp_path / "x.jsonl")
    junk = tmp_path / "junk.jsonl"
    junk.write_text(json.dumps({"no": "trail"}) + "\n")
    with pytest.raises(CommandError, match="not an export"):
        call_command("verify_trail", str(junk))
    with pytest.raises(CommandError, match="is not there"):
        call_command("verify_trail", str(tmp_path / "missing"))
