"""Is this person or business who they say: checks of numbers, and the act of identifying a customer.

Resident ID numbers (GB 11643-1999): 17 digits and a check character. Each digit is multiplied by its weight
7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2; the sum modulo 11 picks the check character from 1 0 X 9 8 7 6 5 4 3 2.

    11010519491231002X    digits × weights sum to 167; 167 mod 11 = 2; the third of "10X98765432" is X

Digits 7-14 are the date of birth: it must exist, lie in the past, and make the holder of age on the day of the check.
Unified social credit codes (GB 32100-2015): 18 characters without I, O, S, V, Z, check character modulo 31, such as
91350100M000100Y43. Mobile numbers of the mainland: 1, then 3-9, then nine digits; a +86 before them is taken off.

Numbers are found again by their blind index alone; the evidence kept of a check never holds the number itself.
"""

import datetime
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from customers.encryption import blind_index
from customers.models import Customer, IdentityCheck, Organisation, Person, User
from customers.refusals import InvalidValue, Refusal

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
#: First two digits: the provinces of GB/T 2260, Hong Kong, Macau and Taiwan, and 83 for residents from Taiwan.
PROVINCES = frozenset(
    str(code)
    for codes in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82, 83),
    )
    for code in codes
)
OF_AGE = 18
OLDEST = 120
#: What was looked at before a person was taken for who she says she is; kept with every such check.
EVIDENCE_OF_PERSON: dict[str, Any] = {
    "checks": ["checksum", "region", "birth_date", "of_age", "name", "phone", "not_known_elsewhere"],
    "standard": "GB 11643-1999",
}


class ImpossibleIdNumber(InvalidValue):
    code = "impossible_id_number"
    field = "id_number"
    text = _("This is not a resident ID number: %(reason)s Please compare it with your card.")


class ImpossibleBirthDate(InvalidValue):
    code = "impossible_birth_date"
    field = "id_number"
    text = _("The date of birth in this number cannot be: %(reason)s Please compare it with your card.")


class BirthDateDiffers(InvalidValue):
    code = "birth_date_differs"
    field = "birth_date"
    text = _("This date of birth is not the one in your resident ID number. Please correct whichever is wrong.")


class TooYoung(Refusal):
    code = "too_young"
    field = "id_number"
    status = 422
    text = _("We lend to people of 18 years and older only.")


class ImpossiblePhone(InvalidValue):
    code = "impossible_phone"
    field = "phone"
    text = _("Enter a mobile number of the mainland: 11 digits that begin with 13 to 19.")


class ImpossibleName(InvalidValue):
    code = "impossible_name"
    field = "name"
    text = _("Enter the name as it stands on the card: 2 to 50 letters or characters, no digits.")


class ImpossibleCreditCode(InvalidValue):
    code = "impossible_credit_code"
    field = "credit_code"
    text = _("This is not a unified social credit code: %(reason)s Please compare it with the business licence.")


class IdentityAlreadyKnown(Refusal):
    code = "identity_already_known"
    field = "id_number"
    text = _("This identity already has an account with us. Sign in to that account, or call us if it is not yours.")


class AlreadyIdentified(Refusal):
    code = "already_identified"
    text = _("You are identified already, as another person. Call us if something in your details has to be corrected.")


class WrongKindOfCustomer(Refusal):
    code = "wrong_kind_of_customer"
    text = _("This account is of another kind. Open an account of the right kind: person or organisation.")


@dataclass(frozen=True, slots=True)
class ResidentId:
    """A number that passed every check, in normal form (18 characters, X upper case), and the birth date in it."""

    number: str
    birth_date: datetime.date


def read_resident_id(value: str, *, on: datetime.date, field: str = "id_number") -> ResidentId:
    """The checked number. Raises ImpossibleIdNumber, ImpossibleBirthDate or TooYoung, on `field`."""
    number = _plain(value).upper()
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise ImpossibleIdNumber(reason=_("it has 17 digits and then a digit or X."), field=field)
    if number[:2] not in PROVINCES:
        raise ImpossibleIdNumber(reason=_("its first two digits name no region."), field=field)
    total = sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=False))
    if CHECK_CHARACTERS[total % 11] != number[17]:
        raise ImpossibleIdNumber(reason=_("its last character does not agree with the others."), field=field)
    try:
        born = datetime.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise ImpossibleBirthDate(reason=_("there is no such day."), field=field) from None
    if born > on:
        raise ImpossibleBirthDate(reason=_("it lies in the future."), field=field)
    years = age_on(born, on)
    if years > OLDEST:
        raise ImpossibleBirthDate(reason=_("it lies too far in the past."), field=field)
    if years < OF_AGE:
        raise TooYoung(field=field)
    return ResidentId(number, born)


def age_on(born: datetime.date, on: datetime.date) -> int:
    """Completed years of age."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def read_credit_code(value: str) -> str:
    """The checked unified social credit code in capitals. Raises ImpossibleCreditCode."""
    code = _plain(value).upper()
    if len(code) != 18 or any(character not in CODE_ALPHABET for character in code):
        raise ImpossibleCreditCode(reason=_("it has 18 digits and capital letters, without I, O, S, V and Z."))
    total = sum(CODE_ALPHABET.index(character) * weight for character, weight in zip(code, CODE_WEIGHTS, strict=False))
    if CODE_ALPHABET[(31 - total % 31) % 31] != code[17]:
        raise ImpossibleCreditCode(reason=_("its last character does not agree with the others."))
    return code


def read_phone(value: str) -> str:
    """Eleven digits of a mainland mobile number; spaces, hyphens and +86 are taken off. Raises ImpossiblePhone."""
    number = re.sub(r"^(\+|00)86", "", re.sub(r"[-()]", "", _plain(value)))
    if not re.fullmatch(r"1[3-9][0-9]{9}", number):
        raise ImpossiblePhone
    return number


def read_name(value: str, *, field: str = "name") -> str:
    """A name as on the card: letters of any script, with the dots, hyphens and spaces that names have."""
    name = " ".join(unicodedata.normalize("NFC", value).replace("•", "·").split())
    if (
        not 2 <= len(name) <= 50
        or not all(part.isalpha() or part in " ·.-'’" for part in name)
        or not name[0].isalpha()
    ):
        raise ImpossibleName(field=field)
    return name


def read_person(*, name: str, id_number: str, phone: str, on: datetime.date) -> Person:
    """The person these details name, checked; not saved, and of no customer yet. Raises the refusals of this module."""
    card = read_resident_id(id_number, on=on)
    facts = {"name": read_name(name), "phone": read_phone(phone)}
    return Person(
        id_number=card.number,
        id_number_index=blind_index(card.number),
        birth_date=card.birth_date,
        phone_index=blind_index(facts["phone"]),
        **facts,
    )


def identify(
    customer: Customer,
    *,
    name: str,
    id_number: str,
    phone: str,
    by: User | None,
    on: datetime.date,
    birth_date: datetime.date | None = None,
) -> Person:
    """Check who this person is, keep it encrypted, write the evidence, and mark the customer identified.

    `birth_date`, where given, must be the one in the number. The same facts twice give the same person and no second
    evidence. Raises the refusals of this module; a number that belongs to another customer leaves evidence of the try.
    """
    person = read_person(name=name, id_number=id_number, phone=phone, on=on)
    if birth_date is not None and birth_date != person.birth_date:
        raise BirthDateDiffers
    index = person.id_number_index
    try:
        with transaction.atomic():
            locked = _lock(customer, Customer.Kind.PERSON)
            known = Person.objects.filter(customer=locked).first()
            if known is not None:
                if known.id_number_index != index or known.name != person.name:
                    raise AlreadyIdentified
                return known
            # Decided by the unique index and not by a look beforehand: two at once cannot both win.
            person.customer = locked
            person.save(force_insert=True)
            _evidence(locked, "resident_id", by, on, **EVIDENCE_OF_PERSON, birth_date_confirmed=birth_date is not None)
            _mark_identified(locked)
    except IntegrityError:
        _refuse_known(customer, "resident_id", index, by, on, Person.objects.filter(id_number_index=index).exists())
        raise
    customer.refresh_from_db()
    return person


def identify_organisation(
    customer: Customer,
    *,
    name: str,
    credit_code: str,
    representative_name: str,
    representative_id_number: str,
    phone: str,
    by: User | None,
    on: datetime.date,
    established_on: datetime.date | None = None,
) -> Organisation:
    """The same for a business: its credit code, and the person who represents it. Safe to call twice."""
    code = read_credit_code(credit_code)
    card = read_resident_id(representative_id_number, on=on, field="representative_id_number")
    representative = read_name(representative_name, field="representative_name")
    number = read_phone(phone)
    title = " ".join(name.split())
    if not 2 <= len(title) <= 200:
        raise ImpossibleName(field="name")
    if established_on is not None and established_on > on:
        raise InvalidValue(reason=_("A business cannot have been founded in the future."), field="established_on")
    try:
        with transaction.atomic():
            locked = _lock(customer, Customer.Kind.ORGANISATION)
            known = Organisation.objects.filter(customer=locked).first()
            if known is not None:
                if known.credit_code != code:
                    raise AlreadyIdentified
                return known
            organisation = Organisation(
                customer=locked,
                name=title,
                credit_code=code,
                established_on=established_on,
                representative_name=representative,
                representative_id_number=card.number,
                representative_id_number_index=blind_index(card.number),
                phone=number,
                phone_index=blind_index(number),
            )
            organisation.save(force_insert=True)
            _evidence(
                locked,
                "credit_code",
                by,
                on,
                checks=["checksum", "representative_id", "representative_name", "phone", "not_known_elsewhere"],
                standard="GB 32100-2015",
            )
            _mark_identified(locked)
    except IntegrityError:
        known_elsewhere = Organisation.objects.filter(credit_code=code).exists()
        _refuse_known(customer, "credit_code", blind_index(code), by, on, known_elsewhere, field="credit_code")
        raise
    customer.refresh_from_db()
    return organisation


def _plain(value: str) -> str:
    """Without white space, and with full-width digits and letters made plain: people paste them."""
    return "".join(unicodedata.normalize("NFKC", value or "").split())


def _lock(customer: Customer, kind: str) -> Customer:
    locked = Customer.objects.select_for_update().get(pk=customer.pk)
    if locked.kind != kind:
        raise WrongKindOfCustomer
    return locked


def _mark_identified(customer: Customer) -> None:
    if customer.status == Customer.Status.REGISTERED:
        customer.status = Customer.Status.IDENTIFIED
        customer.save(update_fields=["status"])


def _evidence(
    customer: Customer, kind: str, by: User | None, on: datetime.date, *, passed: bool = True, **evidence: Any
) -> None:
    IdentityCheck.objects.create(customer=customer, kind=kind, passed=passed, evidence=evidence, made_on=on, by=by)


def _refuse_known(
    customer: Customer, kind: str, index: str, by: User | None, on: datetime.date, known: bool, field: str = "id_number"
) -> None:
    """A number that another customer has: the try is kept for the fraud desk, then refused."""
    if known:
        _evidence(customer, kind, by, on, passed=False, failed="not_known_elsewhere", number_index=index)
        raise IdentityAlreadyKnown(field=field)
