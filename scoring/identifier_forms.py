"""One form for one thing: how identifiers are written before they are hashed, so that near-equal ones are equal.

    kind        form                                                         example
    phone       signs, +86, 0086 and a trunk zero before it taken off        "+86 138-0013-8001"     -> 13800138001
    account     digits and letters                                           "6222 0200 1234"        -> 622202001234
    e-mail      lower case; what follows a plus in the name taken off        "Ada+loan@X.com"        -> ada@x.com
    address     administrative words, units and signs taken off, Chinese     "北京市朝阳区建国路八十八号2单元301室"
                numerals read as digits                                      -> 北京朝阳建国路88-2-301
    employer    forms of companies and signs taken off                       "华光（深圳）电子有限公司" -> 华光深圳电子
    person      as given: the caller joins name and date of birth
    others      spaces taken off, lower case

Full-width letters and digits are read as plain ones everywhere (Unicode NFKC).
"""

import re
import unicodedata
from collections.abc import Callable, Mapping

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100}
_NUMERALS = re.compile("[零〇一二两三四五六七八九十百]+(?=[号栋幢座楼单层室弄巷院组队村条])")
_BEFORE_SIGN = re.compile(r"[号栋幢座楼室弄层]|单元|[-_/#.·、,，()（）]")
_ADMINISTRATIVE = re.compile(r"(?<=[一-鿿]{2})(?:特别行政区|市辖区|自治区|自治州|自治县|省|市|区|县|镇|乡|街道)")
_COMPANY = re.compile(
    r"有限责任公司|股份有限公司|有限公司|股份公司|集团公司|集团|公司|分公司|"
    r"\b(?:co|company|ltd|limited|inc|corp|corporation|llc)\b\.?"
)


def normal(kind: str, value: str) -> str:
    """The one form of an identifier of this kind; empty when nothing is left of it."""
    plain = unicodedata.normalize("NFKC", str(value)).casefold().strip()
    return _FORMS.get(kind, _without_blanks)(plain)


def _without_blanks(text: str) -> str:
    return "".join(text.split())


def _phone(text: str) -> str:
    bare = re.sub(r"[\s()+./-]", "", text)
    return re.sub(r"^(?:0086|86|0)(?=1\d{10}$)", "", bare)


def _account(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _email(text: str) -> str:
    name, at, domain = _without_blanks(text).partition("@")
    return f"{name.split('+')[0]}{at}{domain}"


def _address(text: str) -> str:
    text = _NUMERALS.sub(lambda found: str(_number(found.group())), _without_blanks(text))
    return re.sub("-+", "-", _BEFORE_SIGN.sub("-", _ADMINISTRATIVE.sub("", text))).strip("-")


def _number(numerals: str) -> int:
    """十二 is 12, 一百零三 is 103, 三〇一 is 301 (read digit by digit)."""
    if not set(numerals) & set(_UNITS):
        return int("".join(str(_DIGITS[character]) for character in numerals))
    total, digit = 0, None
    for character in numerals:
        if character in _UNITS:
            total, digit = total + (1 if digit is None else digit) * _UNITS[character], None
        else:
            digit = _DIGITS[character] or None
    return total + (digit or 0)


def _employer(text: str) -> str:
    bare = "".join(character for character in _COMPANY.sub("", text) if character.isalnum())
    return bare or _without_blanks(text)


_FORMS: Mapping[str, Callable[[str], str]] = {
    "phone": _phone,
    "account": _account,
    "email": _email,
    "address": _address,
    "employer": _employer,
}
