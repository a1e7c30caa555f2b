"""Seeing personal data in plain is itself a fact. The pages that show it send `seen`; compliance keeps the rows."""

from django.dispatch import Signal
from django.http import HttpRequest

from customers.encryption import mask
from customers.models import Customer

#: Sent with `by` (User), `customer` (Customer) and `page` (the path of the page, without its query).
seen = Signal()


def note_view(request: HttpRequest, customer: Customer) -> None:
    """Say that this member of the staff saw this customer's data on this page. Raises what the receivers raise:
    data that cannot be logged is not shown."""
    seen.send(sender=Customer, by=request.user, customer=customer, page=request.path)


def masked_name(customer: Customer) -> str:
    """A person's family name alone (`王**`); an organisation's name is public."""
    if customer.kind == Customer.Kind.PERSON:
        person = getattr(customer, "person", None)
        return mask(person.name, head=1, tail=0) if person else "—"
    organisation = getattr(customer, "organisation", None)
    return organisation.name if organisation else "—"
