"""Money as people read it. Integers of minor units come in, text goes out; no float on the way."""

from lending.finance.money import from_minor

#: Currencies of ISO 4217 that do not have two decimals.
_NO_DECIMALS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "PYG", "UGX", "RWF", "XAF", "XOF", "XPF"})
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_SIGNS = {"CNY": "¥", "EUR": "€", "GBP": "£", "INR": "₹", "USD": "US$"}


def decimals_of(currency: str) -> int:
    """Decimals of an ISO 4217 currency."""
    return 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2


def money(minor: int | None, currency: str = "CNY", decimals: int | None = None) -> str:
    """`money(123456, "CNY")` is `¥1,234.56`; `-` stands before the sign; nothing known is a dash.

    Currencies without a sign of their own are named by their code: `KES 1,234.56`.
    """
    if minor is None:
        return "—"
    places = decimals_of(currency) if decimals is None else decimals
    sign = _SIGNS.get(currency, f"{currency} ")
    return f"{'-' if minor < 0 else ''}{sign}{from_minor(abs(minor), places):,}"
