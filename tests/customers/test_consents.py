"""Consents stand for themselves, purpose by purpose, to the very words that were shown."""

import datetime

import pytest
from django.db import DatabaseError, transaction

from customers import consents, registration
from customers.models import Consent, ConsentText, Customer, Notice, Purpose
from tests.cast import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Customer:
    return registration.register(user=None, by=None, on=TODAY, language="en")


def give(customer: Customer, purpose: str, **changes: object) -> Consent:
    return consents.give(customer, **{"purpose": purpose, "channel": "portal", "by": None, "on": TODAY, **changes})


def test_the_words_of_every_purpose_are_there_after_migrate_in_both_languages():
    texts = consents.texts_in_force(TODAY)
    assert list(texts) == list(Purpose.values)
    assert all(text.text_zh and text.text_en for text in texts.values())
    assert {name for name, text in texts.items() if text.required} == {Purpose.IDENTITY, Purpose.CREDIT_REPORT}
    installed = ConsentText.objects.count()
    consents.install_texts()
    assert ConsentText.objects.count() == installed, "installing again adds nothing"


def test_nothing_stands_until_it_is_given(ada):
    assert consents.standing(ada) == dict.fromkeys(Purpose.values, False)
    with pytest.raises(consents.ConsentMissing):
        consents.require(ada, Purpose.IDENTITY)


def test_one_consent_gives_nothing_else(ada):
    give(ada, Purpose.MARKETING)
    assert [purpose for purpose, given in consents.standing(ada).items() if given] == [Purpose.MARKETING]
    assert len(consents.missing(ada)) == 2


def test_giving_twice_is_one_row(ada):
    assert give(ada, Purpose.IDENTITY).pk == give(ada, Purpose.IDENTITY).pk
    consents.require(ada, Purpose.IDENTITY)


def test_withdrawing_ends_it_and_says_so_and_can_be_undone(ada):
    give(ada, Purpose.IDENTITY)
    for _again in range(2):
        consents.withdraw(ada, purpose=Purpose.IDENTITY, channel="portal", by=None, on=TODAY)
    assert not consents.standing(ada)[Purpose.IDENTITY]
    assert Consent.objects.filter(customer=ada).count() == 2
    assert Notice.objects.get(customer=ada).kind == "consent_withdrawn"
    give(ada, Purpose.IDENTITY)
    consents.require(ada, Purpose.IDENTITY)


def test_withdrawing_what_was_never_given_writes_nothing(ada):
    assert consents.withdraw(ada, purpose=Purpose.MARKETING, channel="portal", by=None, on=TODAY) is None
    assert not Consent.objects.exists() and not Notice.objects.exists()


def test_declining_is_remembered_and_is_not_consent(ada):
    consents.refuse(ada, purpose=Purpose.MARKETING, channel="portal", by=None, on=TODAY)
    (marketing,) = [one for one in consents.overview(ada, on=TODAY) if one.text.purpose == Purpose.MARKETING]
    assert marketing.asked and not marketing.given


def test_nobody_consents_to_words_not_shown(ada):
    with pytest.raises(consents.OtherWords):
        give(ada, Purpose.IDENTITY, version=2)
    with pytest.raises(consents.UnknownPurpose):
        give(ada, "world_domination")
    assert not Consent.objects.exists()


def test_new_words_ask_again(ada):
    give(ada, Purpose.IDENTITY)
    tomorrow = TODAY + datetime.timedelta(days=1)
    ConsentText.objects.create(
        purpose=Purpose.IDENTITY, version=2, required=True, text_zh="新", text_en="New", effective_on=tomorrow
    )
    assert consents.standing(ada, on=TODAY)[Purpose.IDENTITY]
    assert not consents.standing(ada, on=tomorrow)[Purpose.IDENTITY]


def test_consents_and_their_words_cannot_be_changed(ada):
    give(ada, Purpose.IDENTITY)
    for rows in (Consent.objects.all(), ConsentText.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Consent.objects.update(given=False)
