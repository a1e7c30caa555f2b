"""The cast of the tests: who does what in every story.

Ada borrows. Bao borrows too, and must never see Ada's loan. Otto decides, Sun approves, Cora audits, Vera validates
models. Mallory is signed in and may do nothing: 403, and nothing changed.
"""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import Group

from customers.models import User

#: The day most stories begin on: a Monday, an ordinary working day in China.
TODAY = date(2026, 9, 14)
PASSWORD = "correct-horse-battery-7"

#: Valid by checksum, invented, and of the address code for tests.
ADA_ID_NUMBER = "110105199003070025"
BAO_ID_NUMBER = "440301198811230012"
ADA_PHONE = "13800138001"
BAO_PHONE = "13900139002"


@dataclass(frozen=True)
class Staff:
    otto: User
    sun: User
    cora: User
    vera: User
    mallory: User


def hire() -> Staff:
    """The staff with their roles (groups are made by the project itself after migrate)."""
    roles = {"otto": "loan officer", "sun": "senior officer", "cora": "compliance", "vera": "model validator"}

    def person(name: str) -> User:
        user = User.objects.create_user(username=name, password=PASSWORD, is_staff=True, first_name=name.title())
        if name in roles:
            user.groups.add(Group.objects.get(name=roles[name]))
        return user

    return Staff(**{name: person(name) for name in ("otto", "sun", "cora", "vera", "mallory")})
