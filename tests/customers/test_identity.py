"""Who somebody is: numbers that cannot be are refused with the reason, one person is one customer, evidence stays."""

import datetime

import pytest
from django.utils import translation

from customers import identity, registration
from customers.encryption import blind_index
from customers.models import Customer, IdentityCheck, Organisation, Person
from tests.cast import ADA_ID_NUMBER, ADA_PHONE, BAO_ID_NUMBER, TODAY

CODE = "91350100M000100Y43"


def number(body: str) -> str:
    """A 17-digit body with the check character that belongs to it."""
    total = sum(int(digit) * weight for digit, weight in zip(body, identity.WEIGHTS, strict=True))
    return body + identity.CHECK_CHARACTERS[total % 11]


def person(on: datetime.date = TODAY) -> Customer:
    return registration.register(user=None, by=None, on=on)


def facts(**changes: object) -> dict[str, object]:
    return {"name": "Ada Lovelace", "id_number": ADA_ID_NUMBER, "phone": ADA_PHONE, "by": None, "on": TODAY, **changes}


# --- numbers --------------------------------------------------------------------------------------------------------


def test_the_standards_own_example_passes_and_gives_its_birth_date():
    assert identity.read_resident_id("11010519491231002x", on=TODAY) == identity.ResidentId(
        "11010519491231002X", datetime.date(1949, 12, 31)
    )


def test_full_width_digits_and_blanks_are_read_as_people_paste_them():
    assert identity.read_resident_id(" １１０１０５ 19491231 002Ｘ ", on=TODAY).number == "11010519491231002X"


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ("", identity.ImpossibleIdNumber),
        ("110105194912310021", identity.ImpossibleIdNumber),  # check character
        ("1101051949123100", identity.ImpossibleIdNumber),  # length
        ("A10105194912310021", identity.ImpossibleIdNumber),
        (number("99010519491231002"), identity.ImpossibleIdNumber),  # no such region
        (number("11010519900231002"), identity.ImpossibleBirthDate),  # 31 February
        (number("11010519901331002"), identity.ImpossibleBirthDate),
        (number("11010520270101002"), identity.ImpossibleBirthDate),  # not born yet
        (number("11010518990101002"), identity.ImpossibleBirthDate),  # 127 years
        (number("11010520080915002"), identity.TooYoung),  # of age tomorrow
    ],
)
def test_numbers_that_cannot_be_are_refused_on_their_field(wrong, refusal):
    with pytest.raises(refusal) as caught:
        identity.read_resident_id(wrong, on=TODAY)
    assert caught.value.about == "id_number"


def test_one_comes_of_age_on_the_birthday():
    assert identity.read_resident_id(number("11010520080914002"), on=TODAY).birth_date == datetime.date(2008, 9, 14)


def test_every_single_wrong_digit_is_noticed():
    for position in range(17):
        for digit in "0123456789":
            if digit != ADA_ID_NUMBER[position]:
                mistyped = ADA_ID_NUMBER[:position] + digit + ADA_ID_NUMBER[position + 1 :]
                with pytest.raises((identity.ImpossibleIdNumber, identity.ImpossibleBirthDate)):
                    identity.read_resident_id(mistyped, on=TODAY)


def test_credit_codes():
    assert identity.read_credit_code("91350100m000100y43") == CODE
    for wrong in ("", CODE[:-1], CODE[:-1] + "4", "91350100I000100Y43", CODE + "0"):
        with pytest.raises(identity.ImpossibleCreditCode):
            identity.read_credit_code(wrong)


@pytest.mark.parametrize("typed", ["13800138001", "+86 138 0013 8001", "0086-138-0013-8001", "１３８００１３８００１"])
def test_phones_are_kept_in_one_form(typed):
    assert identity.read_phone(typed) == ADA_PHONE


@pytest.mark.parametrize("wrong", ["", "12800138001", "1380013800", "138001380011", "+1 202 555 0143", "手机"])
def test_phones_that_cannot_be(wrong):
    with pytest.raises(identity.ImpossiblePhone):
        identity.read_phone(wrong)


@pytest.mark.parametrize("name", ["王芳", "Ada Lovelace", "买买提·艾力", "O'Neil-Li", "  Ada   Lovelace "])
def test_names_as_on_the_card(name):
    assert identity.read_name(name) == " ".join(name.split())


@pytest.mark.parametrize("name", ["", "王", "Ada1", "<b>Ada</b>", "x" * 51, "··", "123"])
def test_names_that_cannot_be(name):
    with pytest.raises(identity.ImpossibleName):
        identity.read_name(name)


def test_refusals_speak_the_readers_language_and_say_what_to_do():
    with pytest.raises(identity.ImpossibleIdNumber) as caught:
        identity.read_resident_id("110105194912310021", on=TODAY)
    with translation.override("en"):
        assert "compare it with your card" in caught.value.messages[0]
    with translation.override("zh-hans"):
        assert "请与您的身份证核对" in caught.value.messages[0]


# --- the act --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_identifying_keeps_the_person_encrypted_and_the_evidence_without_the_number():
    customer = person()
    found = identity.identify(customer, **facts(birth_date=datetime.date(1990, 3, 7)))
    assert customer.status == Customer.Status.IDENTIFIED
    assert found.birth_date == datetime.date(1990, 3, 7)
    assert found.id_number_index == blind_index(ADA_ID_NUMBER)
    check = IdentityCheck.objects.get(customer=customer)
    assert check.passed and ADA_ID_NUMBER not in str(check.evidence) and ADA_PHONE not in str(check.evidence)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT name, id_number, phone FROM customers_person")
        stored = " ".join(cursor.fetchone())
    assert "Ada Lovelace" not in stored and ADA_ID_NUMBER not in stored and ADA_PHONE not in stored


@pytest.mark.django_db
def test_identifying_twice_is_one_identification():
    customer = person()
    first = identity.identify(customer, **facts())
    assert identity.identify(customer, **facts()).pk == first.pk
    assert IdentityCheck.objects.count() == 1


@pytest.mark.django_db
def test_a_person_cannot_become_another():
    customer = person()
    identity.identify(customer, **facts())
    with pytest.raises(identity.AlreadyIdentified):
        identity.identify(customer, **facts(id_number=BAO_ID_NUMBER))
    assert Person.objects.get(customer=customer).id_number == ADA_ID_NUMBER


@pytest.mark.django_db
def test_one_number_is_one_customer_and_the_try_leaves_evidence():
    identity.identify(person(), **facts())
    other = person()
    with pytest.raises(identity.IdentityAlreadyKnown):
        identity.identify(other, **facts(name="Eve"))
    other.refresh_from_db()
    assert other.status == Customer.Status.REGISTERED
    assert Person.objects.count() == 1
    tried = IdentityCheck.objects.get(customer=other)
    assert not tried.passed and tried.evidence["failed"] == "not_known_elsewhere"


@pytest.mark.django_db
def test_a_birth_date_that_differs_writes_nothing():
    customer = person()
    with pytest.raises(identity.BirthDateDiffers):
        identity.identify(customer, **facts(birth_date=datetime.date(1990, 7, 3)))
    assert not Person.objects.exists() and not IdentityCheck.objects.exists()


@pytest.mark.django_db
def test_a_business_is_identified_by_its_code_and_its_representative():
    firm = registration.register(user=None, by=None, on=TODAY, kind=Customer.Kind.ORGANISATION)
    about = {
        "name": "北京示例科技有限公司",
        "credit_code": CODE,
        "representative_name": "Ada Lovelace",
        "representative_id_number": ADA_ID_NUMBER,
        "phone": ADA_PHONE,
        "by": None,
        "on": TODAY,
    }
    assert identity.identify_organisation(firm, **about).credit_code == CODE
    assert identity.identify_organisation(firm, **about).pk == Organisation.objects.get().pk
    twin = registration.register(user=None, by=None, on=TODAY, kind=Customer.Kind.ORGANISATION)
    with pytest.raises(identity.IdentityAlreadyKnown) as caught:
        identity.identify_organisation(twin, **about)
    assert caught.value.about == "credit_code"
    with pytest.raises(identity.WrongKindOfCustomer):
        identity.identify(twin, **facts(id_number=BAO_ID_NUMBER))
    with pytest.raises(identity.ImpossibleIdNumber) as wrong:
        identity.identify_organisation(twin, **{**about, "representative_id_number": "1"})
    assert wrong.value.about == "representative_id_number"
