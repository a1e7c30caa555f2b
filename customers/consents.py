"""Consents, purpose by purpose: given, withdrawn, asked for, and never assumed.

The latest row of (customer, purpose) says what holds. A consent is to the words of one version; when new words come
into force, the old consent no longer stands and the customer is asked again. Withdrawing is as easy as giving (PIPL
art. 15) and does not undo what was lawfully done before.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction
from django.utils.translation import gettext_lazy as _

from customers import notices
from customers.consent_texts import TEXTS
from customers.models import Consent, ConsentText, Customer, Purpose, User
from customers.refusals import InvalidValue, Refusal
from customers.wording import in_both


class ConsentMissing(Refusal):
    code = "consent_missing"
    field = "consents"
    status = 403
    text = _(
        "This needs your consent, which is missing or was withdrawn: %(purposes)s. You can give it under “My consents”."
    )


class UnknownPurpose(InvalidValue):
    code = "unknown_purpose"
    field = "purpose"
    text = _("There is no such purpose to consent to.")


class OtherWords(Refusal):
    code = "consent_text_changed"
    field = "purpose"
    text = _("These words have changed since you opened the page. Please read the new ones and decide again.")


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for one purpose: the words in force, the last answer, and whether it stands for these words."""

    text: ConsentText
    last: Consent | None

    @property
    def given(self) -> bool:
        return self.last is not None and self.last.given and self.last.text_id == self.text.pk

    @property
    def asked(self) -> bool:
        """Whether these words were answered at all, with yes or with no."""
        return self.last is not None and self.last.text_id == self.text.pk


def install_texts(sender: Any = None, using: str = "default", **kwargs: Any) -> None:
    """Publish the versions that are not there yet. Receiver of post_migrate."""
    if ConsentText._meta.db_table not in _tables(using):
        return
    for words in TEXTS:
        ConsentText.objects.using(using).get_or_create(
            purpose=words.purpose,
            version=words.version,
            defaults={
                "required": words.required,
                "text_zh": words.zh,
                "text_en": words.en,
                "effective_on": words.effective_on,
            },
        )


def texts_in_force(on: datetime.date) -> dict[str, ConsentText]:
    """The latest words of each purpose that are in force on a day, in the order in which they are asked."""
    latest = {text.purpose: text for text in ConsentText.objects.filter(effective_on__lte=on).order_by("version")}
    return {purpose: latest[purpose] for purpose in Purpose.values if purpose in latest}


def overview(customer: Customer, *, on: datetime.date) -> list[Standing]:
    """Every purpose with its words and the customer's last answer: two queries."""
    last: dict[str, Consent] = {}
    for consent in Consent.objects.filter(customer=customer).order_by("id"):
        last[consent.purpose] = consent
    return [Standing(text, last.get(purpose)) for purpose, text in texts_in_force(on).items()]


def standing(customer: Customer, *, on: datetime.date | None = None) -> dict[str, bool]:
    """Purpose -> whether consent stands now (or for the words in force on `on`)."""
    when = on or datetime.date.max
    return {one.text.purpose: one.given for one in overview(customer, on=when)}


def missing(customer: Customer, *, on: datetime.date | None = None) -> list[ConsentText]:
    """The required consents that do not stand."""
    return [one.text for one in overview(customer, on=on or datetime.date.max) if one.text.required and not one.given]


def require(customer: Customer, purpose: str, *, on: datetime.date | None = None) -> None:
    """Raises ConsentMissing unless consent for this purpose stands."""
    _known(purpose)
    if not standing(customer, on=on).get(purpose, False):
        raise ConsentMissing(purposes=Purpose(purpose).label)


def require_to_apply(customer: Customer, *, on: datetime.date | None = None) -> None:
    """Raises ConsentMissing, naming every required purpose that does not stand."""
    lacking = missing(customer, on=on)
    if lacking:
        raise ConsentMissing(purposes=", ".join(str(Purpose(text.purpose).label) for text in lacking))


def give(
    customer: Customer, *, purpose: str, channel: str, by: User | None, on: datetime.date, version: int | None = None
) -> Consent:
    """Consent to the words in force. `version`, where given, must be theirs: nobody consents to words not shown."""
    return _answer(customer, purpose, True, channel, on, version)


def first_consents(
    customer: Customer,
    *,
    purposes: Iterable[str],
    channel: str,
    on: datetime.date,
    texts: Mapping[str, ConsentText] | None = None,
) -> list[Consent]:
    """The consents, not saved, of a customer who is being registered: to the words in force, each purpose once.

    Nobody else can answer for her yet, so nothing is locked. Who has read the `texts` in force hands them in. Raises
    UnknownPurpose and OtherWords.
    """
    wanted = dict.fromkeys(purposes)
    for purpose in wanted:
        _known(purpose)
    texts = texts_in_force(on) if texts is None else texts
    if wanted.keys() - texts.keys():
        raise OtherWords
    return [
        Consent(customer=customer, text=texts[purpose], purpose=purpose, given=True, channel=channel, on=on)
        for purpose in wanted
    ]


def refuse(
    customer: Customer, *, purpose: str, channel: str, by: User | None, on: datetime.date, version: int | None = None
) -> Consent:
    """Say no to words that were shown. Kept, so that she is not asked again for what she may decline."""
    return _answer(customer, purpose, False, channel, on, version)


def withdraw(customer: Customer, *, purpose: str, channel: str, by: User | None, on: datetime.date) -> Consent | None:
    """Take a consent back and say so in a notice. Nothing given: nothing written, and None."""
    _known(purpose)
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        last = Consent.objects.filter(customer=customer, purpose=purpose).order_by("-id").first()
        if last is None or not last.given:
            return last
        consent = Consent.objects.create(
            customer=customer, text=last.text, purpose=purpose, given=False, channel=channel, on=on
        )
        with_labels = in_both("purpose", Purpose(purpose).label)
        notices.notify(
            customer,
            kind="consent_withdrawn",
            key=f"consent_withdrawn:{consent.pk}",
            context={**with_labels, "withdrawn_on": on},
            on=on,
            subject_type="consent",
            subject_id=str(consent.pk),
            channels=(notices.INBOX,),
        )
        return consent


def _answer(
    customer: Customer, purpose: str, given: bool, channel: str, on: datetime.date, version: int | None
) -> Consent:
    _known(purpose)
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        text = texts_in_force(on).get(purpose)
        if text is None or (version is not None and version != text.version):
            raise OtherWords
        last = Consent.objects.filter(customer=customer, purpose=purpose).order_by("-id").first()
        if last is not None and last.given == given and last.text_id == text.pk:
            return last
        return Consent.objects.create(
            customer=customer, text=text, purpose=purpose, given=given, channel=channel, on=on
        )


def _known(purpose: str) -> None:
    if purpose not in Purpose.values:
        raise UnknownPurpose


def _tables(using: str) -> set[str]:
    return set(connections[using].introspection.table_names())
