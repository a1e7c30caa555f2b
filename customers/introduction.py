"""Somebody whom a channel introduces: registered, identified and with the consents it collected, in one go.

`introduce` and `introduce_unnamed` check what is stated and write nothing, so that what is wrong is refused before
anything is locked or anybody else is asked; `admit` writes it, in the caller's transaction. Nobody else knows a customer
who is being admitted, so nothing of hers is locked or read again.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from customers import consents, identity
from customers.models import Consent, ConsentText, Customer, IdentityCheck, Person, User


@dataclass(frozen=True, slots=True)
class Introduction:
    """A customer with her identity check and consents, and the person she is where the channel says so: not saved."""

    customer: Customer
    person: Person | None
    check: IdentityCheck
    consents: tuple[Consent, ...]

    @property
    def given(self) -> dict[str, bool]:
        """Purpose -> whether consent will stand."""
        return {consent.purpose: True for consent in self.consents}


def introduce(
    *,
    name: str,
    id_number: str,
    phone: str,
    purposes: Iterable[str],
    channel: str,
    by: User | None,
    on: datetime.date,
    texts: Mapping[str, ConsentText] | None = None,
) -> Introduction:
    """A person by name and resident ID, and the words in force where they have been read. Raises the refusals of `identity`
    and `consents`.
    """
    person = identity.read_person(name=name, id_number=id_number, phone=phone, on=on)
    evidence = {**identity.EVIDENCE_OF_PERSON, "birth_date_confirmed": False}
    return _introduced(person, "resident_id", evidence, purposes, channel, by, on, texts)


def introduce_unnamed(
    *,
    evidence: Mapping[str, Any],
    purposes: Iterable[str],
    channel: str,
    by: User | None,
    on: datetime.date,
    texts: Mapping[str, ConsentText] | None = None,
) -> Introduction:
    """Somebody whom the channel identified and does not name; `evidence` says what that rests on."""
    return _introduced(None, "attested_by_channel", evidence, purposes, channel, by, on, texts)


def _introduced(
    person: Person | None,
    kind: str,
    evidence: Mapping[str, Any],
    purposes: Iterable[str],
    channel: str,
    by: User | None,
    on: datetime.date,
    texts: Mapping[str, ConsentText] | None,
) -> Introduction:
    customer = Customer(status=Customer.Status.IDENTIFIED, registered_on=on)
    if person is not None:
        person.customer = customer
    check = IdentityCheck(customer=customer, kind=kind, passed=True, evidence=dict(evidence), made_on=on, by=by)
    given = consents.first_consents(customer, purposes=purposes, channel=channel, on=on, texts=texts)
    return Introduction(customer, person, check, tuple(given))


def admit(introduction: Introduction) -> Customer:
    """Write the customer down, in the caller's transaction.

    The unique index decides, so that two at once cannot both win: after an IntegrityError nothing of it may stand, and
    `refuse_known` says whether it was for the person.
    """
    customer, person = introduction.customer, introduction.person
    customer.save(force_insert=True)
    if person is not None:
        person.save(force_insert=True)
    introduction.check.save(force_insert=True)
    Consent.objects.bulk_create(introduction.consents)
    return customer


def refuse_known(introduction: Introduction) -> None:
    """Raises IdentityAlreadyKnown where the number of the person who is introduced is a customer's."""
    person = introduction.person
    if person is not None and Person.objects.filter(id_number_index=person.id_number_index).exists():
        raise identity.IdentityAlreadyKnown
