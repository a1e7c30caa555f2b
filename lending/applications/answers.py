"""Reading what an applicant or a channel states: every value checked by itself, with what would be right.

    amount, amount_minor     what is asked for, in major or minor units of the product's currency
    currency                 only to be compared with the product's
    installments, purpose    one of those the product offers
    income_monthly, expenses_monthly, debt_service_monthly, debts, assets, price, account_inflow_monthly
                             money in major units; with the suffix _minor in minor units
    employment_type, home_ownership       one of the levels below
    employed_since, resident_since        a day in the past, kept as employment_years and residence_years
    employment_years, residence_years, dependants      numbers
    records, bureau_*, account_overdrawn_days_90d, protected characteristics       told by a channel only
    purpose_text             what the loan is for, in the applicant's own words; optional
    home_address, employer, employer_phone, account, account_holder, id_card_expires_on
                             who and what may be shared with others: sealed, never among the facts
    device_id                the same for a device, used against fraud where the customer consented to that

A value of None or "" takes an earlier answer back. Facts are stored as text, numbers and flags that JSON keeps exactly.
"""

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from customers.encryption import seal, unseal
from lending.finance.money import from_minor
from lending.products.models import ProductVersion
from lending.products.refusals import Message
from scoring.features import REGISTRY
from scoring.features.computing import flag

APPLICANT_CHANNELS = frozenset({"portal"})
"""Channels in which the applicant types herself; others pass on what they know."""

MONEY = (
    "income_monthly",
    "expenses_monthly",
    "debt_service_monthly",
    "debts",
    "assets",
    "price",
    "account_inflow_monthly",
)
LEVELS = {
    "employment_type": ("salaried", "public", "self_employed", "part_time", "student", "retired", "none", "other"),
    "home_ownership": ("owner", "mortgage", "parents", "rent", "employer", "other"),
}
NUMBERS = {"employment_years": 80, "residence_years": 120, "dependants": 30}
SINCE = {"employed_since": "employment_years", "resident_since": "residence_years"}
BY_CHANNEL = {
    "bureau_inquiries_6m": 500, "bureau_open_loans": 500, "bureau_max_dpd_24m": 5000, "bureau_history_months": 1200,
    "bureau_utilisation": 50, "account_overdrawn_days_90d": 90, "age_years": 120,
}  # fmt: skip
MOST_PURPOSE_TEXT = 300
IDENTIFYING = {
    "device_id": 100, "home_address": 200, "employer": 100, "employer_phone": 30, "account": 40, "account_holder": 50,
    "id_card_expires_on": 10,
}  # fmt: skip
"""Answers that name somebody or something, with the most characters of each."""
MOST_MONEY = Decimal(10) ** 12
FIRST_DAY = datetime.date(1900, 1, 1)
LEAST_LETTERS, LEAST_ADDRESS, LEAST_NAME = 3, 5, 2
LEAST_DIGITS, MOST_DIGITS = 5, 20
PHONE = re.compile(r"[+0-9(（][-0-9 ()（）.]*(?:(?:ext\.?|x|转|分机|#) ?[0-9]{1,6})?", re.IGNORECASE)


class Wrong(Exception):
    """One value that cannot be right."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(message)


def read(
    answers: Mapping[str, Any],
    version: ProductVersion,
    *,
    channel: str,
    forbidden: Mapping[str, str],
    on: datetime.date,
) -> tuple[dict[str, Any], dict[str, Any], dict[str, list[Message]]]:
    """(columns of the application, facts, errors by field). `forbidden`: purposes the law forbids, with why."""
    columns: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    errors: dict[str, list[Message]] = {}
    for name, value in answers.items():
        try:
            _read_one(name, value, answers, version, channel, forbidden, on, columns, facts)
        except Wrong as wrong:
            errors.setdefault(name, []).append(wrong.message)
    return columns, facts, errors


def _read_one(
    name: str,
    value: Any,
    answers: Mapping[str, Any],
    version: ProductVersion,
    channel: str,
    forbidden: Mapping[str, str],
    on: datetime.date,
    columns: dict[str, Any],
    facts: dict[str, Any],
) -> None:
    if name in ("amount", "amount_minor", "requested_amount"):
        if name != "requested_amount" or not {"amount", "amount_minor"} & set(answers):
            columns["amount_minor"] = _amount_minor(value, version, minor=name == "amount_minor")
    elif name == "currency":
        if value != version.currency:
            raise Wrong(
                _("This product lends in %(currency)s: enter the amount in it.") % {"currency": version.currency}
            )
    elif name == "installments":
        columns["installments"] = _installments(value, version)
    elif name == "purpose":
        columns["purpose"] = _purpose(value, version, forbidden)
    elif name in SINCE:
        facts[SINCE[name]] = None if _empty(value) else _years_since(value, on)
    else:
        stem = name.removesuffix("_minor")
        reader = _reader(name, stem, version, channel)
        facts[stem] = None if _empty(value) else reader(value)


def _reader(name: str, stem: str, version: ProductVersion, channel: str) -> Callable[[Any], Any]:
    if stem in MONEY and (name == stem or name == f"{stem}_minor"):
        return lambda value: _money(value, version, minor=name != stem)
    if name in LEVELS:
        return lambda value: _level(value, LEVELS[name])
    if name in NUMBERS:
        return lambda value: _number(value, NUMBERS[name])
    if name in IDENTIFYING:
        return lambda value: seal(_named(name, value, channel))
    if name == "purpose_text":
        return lambda value: _text(value, MOST_PURPOSE_TEXT)
    feature = REGISTRY.get(name)
    of_channel = name in BY_CHANNEL or name == "records" or (feature is not None and feature.protected)
    if of_channel and channel in APPLICANT_CHANNELS:
        raise Wrong(_("We do not ask you for this."))
    if name in BY_CHANNEL:
        return lambda value: _number(value, BY_CHANNEL[name])
    if name == "records":
        return _flag
    if of_channel:
        return _text
    raise Wrong(_("We do not know this question."))


def _amount_minor(value: Any, version: ProductVersion, *, minor: bool) -> int | None:
    if _empty(value):
        return None
    least, most = (
        from_minor(bound, version.decimals) for bound in (version.min_amount_minor, version.max_amount_minor)
    )
    wanted = {"least": f"{least:,}", "most": f"{most:,}", "currency": version.currency}
    amount = _decimal(value)
    if amount is None:
        raise Wrong(_("Enter an amount in figures, from %(least)s to %(most)s %(currency)s.") % wanted)
    exact = amount if minor else amount.scaleb(version.decimals)
    if not version.min_amount_minor <= exact <= version.max_amount_minor:
        raise Wrong(_("Enter an amount from %(least)s to %(most)s %(currency)s.") % wanted)
    if exact != exact.to_integral_value():
        raise Wrong(_("Enter no more than %(decimals)s decimals.") % {"decimals": version.decimals})
    return int(exact)


def _installments(value: Any, version: ProductVersion) -> int | None:
    if _empty(value):
        return None
    count = _decimal(value)
    if count is None or count not in version.installment_choices:
        offered = ", ".join(map(str, version.installment_choices))
        raise Wrong(_("Choose a number of installments that is offered: %(offered)s.") % {"offered": offered})
    return int(count)


def _purpose(value: Any, version: ProductVersion, forbidden: Mapping[str, str]) -> str:
    if _empty(value):
        return ""
    if isinstance(value, str) and value in forbidden:
        raise Wrong(forbidden[value])
    if value not in version.purposes:
        raise Wrong(_("Choose a purpose of this product: %(offered)s.") % {"offered": ", ".join(version.purposes)})
    return str(value)


def _money(value: Any, version: ProductVersion, *, minor: bool) -> str:
    """An amount as text in major units with the currency's decimals."""
    amount = _decimal(value)
    if amount is not None and minor:
        amount = amount.scaleb(-version.decimals)
    if amount is None or not 0 <= amount <= MOST_MONEY:
        raise Wrong(_("Enter an amount of %(currency)s from 0 to 1,000,000,000,000.") % {"currency": version.currency})
    if amount != round(amount, version.decimals):
        raise Wrong(_("Enter no more than %(decimals)s decimals.") % {"decimals": version.decimals})
    return str(round(amount, version.decimals))


def _level(value: Any, levels: tuple[str, ...]) -> str:
    level = str(value).strip().lower()
    if level not in levels:
        raise Wrong(_("Choose one of: %(levels)s.") % {"levels": ", ".join(levels)})
    return level


def _number(value: Any, most: int) -> int | str:
    number = _decimal(value)
    if number is None or not 0 <= number <= most:
        raise Wrong(_("Enter a number from 0 to %(most)s.") % {"most": most})
    return int(number) if number == number.to_integral_value() else str(number)


def _flag(value: Any) -> bool:
    known = flag(value)
    if known is None:
        raise Wrong(_("Answer yes or no."))
    return bool(known)


def _text(value: Any, most: int = 100) -> str:
    text = str(value).strip()
    if not isinstance(value, str | int) or len(text) > most:
        raise Wrong(_("Enter at most %(most)s characters.") % {"most": most})
    return text


def _named(name: str, value: Any, channel: str) -> str:
    """An identifying answer. What an applicant types herself must look like what it is; a channel passes on what it has."""
    if name == "id_card_expires_on":
        return _day(value)
    text = _text(value, IDENTIFYING[name])
    if channel in APPLICANT_CHANNELS and name in PLAUSIBLE:
        plausible, message = PLAUSIBLE[name]
        if not plausible(text):
            raise Wrong(message)
    return text


def _looks_like_address(text: str) -> bool:
    """Words and not figures alone, as many as name a place: 上海市静安区, 5 rue X."""
    letters = sum(letter.isalpha() for letter in text)
    return letters >= LEAST_LETTERS and len(text) >= LEAST_ADDRESS


def _looks_like_phone(text: str) -> bool:
    """At least five digits (95588), no more than a number abroad has with its extension."""
    return bool(PHONE.fullmatch(text)) and LEAST_DIGITS <= sum(sign.isdigit() for sign in text) <= MOST_DIGITS


def _looks_like_name(text: str) -> bool:
    """At least two letters and no digit: 欧阳锋, O'Neill, Ngô."""
    return sum(letter.isalpha() for letter in text) >= LEAST_NAME and not any(sign.isdigit() for sign in text)


def _looks_like_business(text: str) -> bool:
    """A letter at least: 3M and 58同城 are businesses, 12 is none."""
    return any(sign.isalpha() for sign in text)


PLAUSIBLE: dict[str, tuple[Callable[[str], bool], Message]] = {
    "home_address": (
        _looks_like_address,
        _("Enter the whole address: city, street, number and room, such as 上海市静安区南京西路1266号501室."),
    ),
    "employer": (_looks_like_business, _("Enter the name of the business, not a number.")),
    "employer_phone": (
        _looks_like_phone,
        _(
            "Enter a phone number with its area code, such as 021-62881234 or 13800138000; abroad with + and the country."
        ),
    ),
    "account_holder": (_looks_like_name, _("Enter the name of the person the account belongs to, without digits.")),
}


def _day(value: Any) -> str:
    try:
        return datetime.date.fromisoformat(str(value).strip()).isoformat()
    except ValueError:
        raise Wrong(_("Enter a day that exists, such as 2020-09-14.")) from None


def identifying(answers: Mapping[str, Any]) -> dict[str, str]:
    """The identifying answers in plain: for hashing and comparing, never for keeping."""
    return {name: unseal(str(answers[name])) for name in IDENTIFYING if answers.get(name)}


def _years_since(value: Any, on: datetime.date) -> str:
    """Years from a day until `on`, with one decimal."""
    day = value
    if isinstance(value, str):
        try:
            day = datetime.date.fromisoformat(value.strip())
        except ValueError:
            day = None
    if not isinstance(day, datetime.date) or isinstance(day, datetime.datetime):
        raise Wrong(_("Enter a day that exists, such as 2020-09-14."))
    if not FIRST_DAY <= day <= on:
        raise Wrong(_("Enter a day from %(first)s to %(last)s.") % {"first": FIRST_DAY, "last": on})
    return str(round(Decimal((on - day).days) / Decimal("365.25"), 1))


def _empty(value: Any) -> bool:
    return value is None or value == ""


def _decimal(value: Any) -> Decimal | None:
    """A finite number of at most forty digits; separators and blanks are forgiven."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    text = str(value).strip().replace(",", "")
    try:
        number = Decimal(text) if len(text) <= 40 else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None
