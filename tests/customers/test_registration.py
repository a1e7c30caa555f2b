"""Becoming a customer: one account a phone, one customer a user, a language that stays."""

import pytest

from customers import registration
from customers.account_adapter import AccountAdapter, attempted_name
from customers.encryption import blind_index
from customers.models import Customer, User
from tests.cast import ADA_PHONE, TODAY

pytestmark = pytest.mark.django_db


def account(**changes: object) -> Customer:
    return registration.open_account(**{"phone": ADA_PHONE, "password": "x", "by": None, "on": TODAY, **changes})


def test_an_account_is_a_user_by_phone_and_a_customer():
    ada = account(phone="+86 13800138001", language="en", phone_verified=True)
    assert ada.user.phone == ADA_PHONE and ada.user.phone_index == blind_index(ADA_PHONE)
    assert ADA_PHONE not in ada.user.username
    assert (ada.language, ada.user.language, ada.registered_on) == ("en", "en", TODAY)


def test_a_phone_has_one_account():
    account()
    with pytest.raises(registration.PhoneTaken):
        account()
    assert User.objects.count() == Customer.objects.count() == 1


def test_registering_twice_is_one_customer():
    ada = account()
    assert registration.register(user=ada.user, by=None, on=TODAY) == ada


def test_staff_cannot_borrow_and_kinds_are_two():
    with pytest.raises(registration.StaffCannotBorrow):
        registration.register(user=User.objects.create_user("otto", is_staff=True), by=None, on=TODAY)
    with pytest.raises(registration.UnknownKind):
        registration.register(user=None, by=None, on=TODAY, kind="robot")
    assert not Customer.objects.exists()


def test_a_language_is_kept_for_pages_and_notices_and_nonsense_is_not():
    ada = account(language="en")
    registration.speak(ada.user, language="zh-hans")
    registration.speak(ada.user, language="tlh")
    ada.refresh_from_db()
    assert (ada.language, User.objects.get(pk=ada.user.pk).language) == ("zh-hans", "zh-hans")


def test_a_number_that_was_never_confirmed_blocks_nobody():
    adapter = AccountAdapter()
    squatter, owner = User.objects.create(username="a"), User.objects.create(username="b")
    adapter.set_phone(squatter, ADA_PHONE, False)
    assert adapter.get_user_by_phone(ADA_PHONE) is None
    adapter.set_phone(owner, ADA_PHONE, False)
    adapter.set_phone_verified(owner, ADA_PHONE)
    squatter.refresh_from_db()
    assert (squatter.phone, squatter.phone_index) == ("", None)
    assert adapter.get_user_by_phone("+86 138 0013 8001") == owner
    with pytest.raises(registration.PhoneTaken):
        adapter.set_phone(squatter, ADA_PHONE, False)


def test_the_lockout_never_learns_a_phone(rf):
    request = rf.post("/accounts/login/", {"login": ADA_PHONE, "password": "x"})
    assert attempted_name(request, {"phone": ADA_PHONE}) == blind_index(ADA_PHONE)[:60]
    assert attempted_name(rf.post("/admin/login/", {"username": "otto"}), {"username": "otto"}) == "otto"
