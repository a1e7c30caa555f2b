"""Someone becomes a customer: with an account of her own, or (a branch, a partner's file) without one."""

import datetime
import uuid

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from customers.encryption import blind_index
from customers.identity import read_phone
from customers.models import Customer, Language, User
from customers.refusals import InvalidValue, Refusal


class StaffCannotBorrow(Refusal):
    code = "staff_cannot_borrow"
    text = _("This is an account of the staff. Use an account of your own to borrow.")


class UnknownKind(InvalidValue):
    code = "unknown_kind"
    field = "kind"
    text = _("Choose person or organisation.")


class PhoneTaken(Refusal):
    code = "phone_taken"
    field = "phone"
    text = _("This phone number already has an account. Sign in with it instead.")


def register(
    *,
    user: User | None,
    by: User | None,
    on: datetime.date,
    kind: str = Customer.Kind.PERSON,
    language: str = Language.CHINESE,
    email: str = "",
) -> Customer:
    """A new customer, or the one this user already is. Raises UnknownKind, StaffCannotBorrow."""
    if kind not in Customer.Kind.values:
        raise UnknownKind
    with transaction.atomic():
        if user is not None:
            locked = User.objects.select_for_update().get(pk=user.pk)
            if locked.is_staff:
                raise StaffCannotBorrow
            known = Customer.objects.filter(user=locked).first()
            if known is not None:
                return known
        return Customer.objects.create(user=user, kind=kind, language=_spoken(language), email=email, registered_on=on)


def open_account(
    *,
    phone: str,
    password: str | None,
    by: User | None,
    on: datetime.date,
    kind: str = Customer.Kind.PERSON,
    language: str = Language.CHINESE,
    phone_verified: bool = False,
) -> Customer:
    """A user who signs in by `phone`, and the customer she is: what signing up does, for branches and demonstrations.

    `phone_verified` says that somebody saw the phone ring; without it the first sign-in asks for the code by SMS.
    Raises ImpossiblePhone, PhoneTaken.
    """
    number = read_phone(phone)
    index = blind_index(number)
    with transaction.atomic():
        if User.objects.filter(phone_index=index).exists():
            raise PhoneTaken
        user = User(
            username=uuid.uuid4().hex,
            phone=number,
            phone_index=index,
            phone_verified=phone_verified,
            language=_spoken(language),
        )
        user.set_password(password)
        user.save()
        return register(user=user, by=by, on=on, kind=kind, language=language)


def speak(user: User, *, language: str) -> None:
    """Keep the language a user chose, for her pages and for what we write to her. Others are ignored."""
    if language not in Language.values:
        return
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        if locked.language != language:
            locked.language = language
            locked.save(update_fields=["language"])
        customer = Customer.objects.select_for_update().filter(user=locked).first()
        if customer is not None and customer.language != language:
            customer.language = language
            customer.save(update_fields=["language"])


def reach(customer: Customer, *, email: str) -> None:
    """Keep (or, empty, forget) the e-mail address for notices."""
    with transaction.atomic():
        locked = Customer.objects.select_for_update().get(pk=customer.pk)
        if locked.email != email:
            locked.email = email
            locked.save(update_fields=["email"])


def _spoken(language: str) -> str:
    return language if language in Language.values else str(Language.CHINESE)
