"""Put on record that somebody of the staff saw a customer's personal data."""

from typing import Any

from compliance.models import PersonalDataView
from customers.models import Customer, User


def record(sender: Any, *, by: User, customer: Customer, page: str, **kwargs: Any) -> PersonalDataView:
    """Receiver of `customers.personal_data.seen`."""
    return PersonalDataView.objects.create(by=by, customer_reference=str(customer.public_id), page=page[:200])
