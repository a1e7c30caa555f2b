"""What the papers of an application say against each other: facts for the fraud rules, never for a model.

    fact                      made of
    id_number_valid           the resident ID number on file, by GB 11643 (numbers that came by import may fail)
    stated_age_differs_years  the age a channel told, less the card's
    address_province_differs  the province the address begins with, and the first two digits of the ID number
    id_card_days_left         the card's last day (none for a card that does not end)
    account_holder_differs    the name on the bank account, and the identified name
    employer_phone_is_own     the employer's phone, and the applicant's
    email_disposable          the domain of the e-mail, and the list of `disposable_domains`
    income_to_usual           stated income as a multiple of what is usual for the work and the region (CNY only)
    income_to_inflow          stated income as a multiple of what reaches the account, where that is known
    form_seconds              from the first question to the last, where the portal measured it under the device consent
    days_since_decline, income_up_percent, expenses_down_percent, employer_changed
                              against the last application that was declined within 30 days

No name, number or address is among them. Which of them is an alarm is said in `scoring.fraud_rules`.
"""

import datetime
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from customers import identity
from customers.models import Customer, Person
from customers.refusals import InvalidValue
from lending.applications.answers import identifying
from lending.applications.disposable_domains import DISPOSABLE_DOMAINS
from lending.applications.models import Application
from scoring.identifier_forms import normal

DECLINE_REMEMBERED_DAYS = 30

#: Yuan a month, rounded from the yearly average wages of 2023 of the National Bureau of Statistics (urban non-private
#: units 120,698, private units 68,340); the others are set by hand as shares of these.
USUAL_INCOME: Mapping[str, int] = {
    "salaried": 8000, "public": 10000, "self_employed": 10000, "part_time": 4000, "retired": 4500, "student": 1500,
    "none": 1500, "other": 8000,
}  # fmt: skip
#: Provinces (GB/T 2260) whose wages are about twice the average of the country: Beijing and Shanghai.
DEAR_PROVINCES = frozenset({"11", "31"})
DEAR_FACTOR = 2

PROVINCES: Mapping[str, str] = {
    "北京": "11", "天津": "12", "河北": "13", "山西": "14", "内蒙古": "15", "辽宁": "21", "吉林": "22", "黑龙江": "23",
    "上海": "31", "江苏": "32", "浙江": "33", "安徽": "34", "福建": "35", "江西": "36", "山东": "37", "河南": "41",
    "湖北": "42", "湖南": "43", "广东": "44", "广西": "45", "海南": "46", "重庆": "50", "四川": "51", "贵州": "52",
    "云南": "53", "西藏": "54", "陕西": "61", "甘肃": "62", "青海": "63", "宁夏": "64", "新疆": "65", "台湾": "71",
    "香港": "81", "澳门": "82",
}  # fmt: skip


def fraud_facts(
    application: Application, known: Mapping[str, Any], *, on: datetime.date, form_seconds: int | None = None
) -> dict[str, Any]:
    """The facts above that can be known of this application; `known` are its other facts. At most one statement."""
    told = identifying(application.answers)
    customer = application.customer
    person = getattr(customer, "person", None)
    province = province_of(told.get("home_address", ""))
    found: dict[str, Any] = {
        "email_disposable": customer.email.rpartition("@")[2].lower() in DISPOSABLE_DOMAINS if customer.email else None,
        "id_card_days_left": _days_left(told.get("id_card_expires_on", ""), on),
        "account_holder_differs": _differs(told.get("account_holder", ""), customer),
        "income_to_inflow": _ratio(known.get("income_monthly"), known.get("account_inflow_monthly")),
        "form_seconds": form_seconds,
        **_since_decline(application, told, on),
    }
    if person is not None:
        found |= _of_person(application, person, told, province, on)
    if application.product_version.currency == "CNY":
        found["income_to_usual"] = _ratio(known.get("income_monthly"), usual_income(known, province))
    return {name: value for name, value in found.items() if value is not None}


def province_of(address: str) -> str | None:
    """The code of the province an address begins with, or None."""
    plain = normal("address", address).removeprefix("中国")
    return next((code for name, code in PROVINCES.items() if plain.startswith(name)), None)


def usual_income(known: Mapping[str, Any], province: str | None) -> int | None:
    """Yuan a month that are usual for the type of employment, twice as much where wages are."""
    usual = USUAL_INCOME.get(str(known.get("employment_type", "")))
    return usual * (DEAR_FACTOR if province in DEAR_PROVINCES else 1) if usual else None


def _of_person(
    application: Application, person: Person, told: Mapping[str, str], province: str | None, on: datetime.date
) -> dict[str, Any]:
    stated_age = _number(application.answers.get("age_years"))
    age = identity.age_on(person.birth_date, on)
    employer_phone = normal("phone", told.get("employer_phone", ""))
    return {
        "id_number_valid": _is_valid(person.id_number, on),
        "stated_age_differs_years": None if stated_age is None else abs(int(stated_age) - age),
        "address_province_differs": None if province is None else province != person.id_number[:2],
        "employer_phone_is_own": employer_phone == normal("phone", person.phone) if employer_phone else None,
    }


def _is_valid(number: str, on: datetime.date) -> bool:
    try:
        identity.read_resident_id(number, on=on)
    except identity.TooYoung:
        return True
    except InvalidValue:
        return False
    return True


def _differs(holder: str, customer: Customer) -> bool | None:
    """Whether the account is somebody else's, blanks and the dots of names aside."""
    if not holder:
        return None
    return _bare(holder) != _bare(customer.display_name)


def _bare(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _days_left(last_day: str, on: datetime.date) -> int | None:
    try:
        return (datetime.date.fromisoformat(last_day) - on).days
    except ValueError:
        return None


def _since_decline(application: Application, told: Mapping[str, str], on: datetime.date) -> dict[str, Any]:
    """What is stated otherwise than in the last declined application. Who came today has none, and is not looked up."""
    customer = application.customer
    if customer.registered_on >= on:
        return {}
    since = on - datetime.timedelta(days=DECLINE_REMEMBERED_DAYS)
    declined = Application.objects.filter(
        customer=customer, status=Application.Status.DECLINED, submitted_on__gte=since, submitted_on__lte=on
    ).exclude(pk=application.pk)
    last = declined.order_by("-submitted_on", "-pk").only("answers", "submitted_on").first()
    if last is None or last.submitted_on is None:
        return {}
    employer, before = told.get("employer", ""), identifying(last.answers).get("employer", "")
    return {
        "days_since_decline": (on - last.submitted_on).days,
        "income_up_percent": _up_percent(last.answers, application.answers, "income_monthly"),
        "expenses_down_percent": _up_percent(last.answers, application.answers, "expenses_monthly", -1),
        "employer_changed": normal("employer", employer) != normal("employer", before) if employer and before else None,
    }


def _up_percent(before: Mapping[str, Any], now: Mapping[str, Any], name: str, sign: int = 1) -> int | None:
    first, second = _number(before.get(name)), _number(now.get(name))
    if first is None or second is None or first <= 0:
        return None
    return int(sign * (second - first) * 100 / first)


def _ratio(above: Any, below: Any) -> str | None:
    top, bottom = _number(above), _number(below)
    return None if top is None or bottom is None or bottom <= 0 else str(round(top / bottom, 2))


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
