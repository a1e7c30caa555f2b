"""How the accounts library meets our users: they sign in by phone, which is kept encrypted and found by blind index.

A phone belongs to an account once its owner has typed the code sent to it. Until then nobody holds it: whoever signs
up next with the same number simply gets a code of her own, and the account that never proved it loses the claim.
"""

import uuid
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers import registration, sms
from customers.encryption import blind_index
from customers.identity import ImpossiblePhone, read_phone
from customers.models import Language, User

logger = structlog.get_logger(__name__)


class PhoneField(forms.CharField):
    """A mobile number of the mainland, in the form that is kept."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["label"] = _("Mobile number")
        kwargs.setdefault("widget", forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}))
        super().__init__(max_length=20, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return read_phone(text) if text else ""


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "phone_password_mismatch": _(
            "The phone number or the password is not right. You can also sign in with a code by SMS."
        ),
        "incorrect_code": _("This is not the code we sent. Look at the latest message, or ask for a new code."),
        "too_many_login_attempts": _("Too many attempts. Wait a few minutes and try again."),
    }

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        return PhoneField(**kwargs)

    def clean_phone(self, phone: str) -> str:
        return read_phone(phone)

    def populate_username(self, request: HttpRequest, user: User) -> None:
        user.username = user.username or uuid.uuid4().hex

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """A new account and the customer behind it, in one go and in the language of the page."""
        language = translation.get_language() or Language.CHINESE
        with transaction.atomic():
            user.language = language if language in Language.values else Language.CHINESE
            saved = super().save_user(request, user, form, commit)
            kind = request.session.pop("account_kind", "person")
            registration.register(user=saved, by=saved, on=timezone.localdate(), kind=kind, language=saved.language)
        return saved

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        number = read_phone(phone)
        index = blind_index(number)
        with transaction.atomic():
            for other in User.objects.select_for_update().filter(phone_index=index).exclude(pk=user.pk):
                if other.phone_verified:
                    raise registration.PhoneTaken
                other.phone, other.phone_index = "", None
                other.save(update_fields=["phone", "phone_index"])
            user.phone, user.phone_index, user.phone_verified = number, index, verified
            user.save(update_fields=["phone", "phone_index", "phone_verified"])

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified) if user.phone else None

    def set_phone_verified(self, user: User, phone: str) -> None:
        self.set_phone(user, phone, True)

    def get_user_by_phone(self, phone: str) -> User | None:
        try:
            index = blind_index(read_phone(phone))
        except ImpossiblePhone:
            return None
        return User.objects.filter(phone_index=index, phone_verified=True).first()

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:
        self._send(
            phone, gettext("%(code)s is your Loanbook code. We never ask for it: tell it to nobody.") % {"code": code}
        )

    def send_account_already_exists_sms(self, phone: str) -> None:
        self._send(phone, gettext("You already have a Loanbook account with this number: sign in with it."))

    def _send(self, phone: str, text: str) -> None:
        """Hand the words to the carrier. A carrier that fails neither breaks the page nor shows who has an account."""
        try:
            sms.send(phone, text)
        except sms.SmsFailed as failure:
            logger.warning("sms_not_sent", reason=type(failure).__name__)
            messages.error(
                context.request, gettext("The message could not be sent just now. Ask for a new code in a few minutes.")
            )


def attempted_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Whom a failed sign-in was for, as the lockout counts it: staff by user name, customers by blind index."""
    said = credentials or {}
    name = said.get("username") or request.POST.get("username") if request else said.get("username")
    phone = said.get("phone") or (request.POST.get("login", "") if request else "")
    return str(name) if name else blind_index(str(phone))[:60]
