"""The named cast of the demo and the invented customers: names, numbers and phones that are valid and nobody's.

Resident IDs carry the address code 110105 and a correct check digit (GB 11643); phones are of the form 1xxxxxxxxxx.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

PASSWORD = "Demo-lender-2026"  # noqa: S105 - printed on the screen of a demo, and refused outside DEBUG

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "洋",
    "艳",
    "勇",
    "军",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "秀兰",
    "子涵",
    "雨桐",
    "浩然",
    "欣怡",
    "梓轩",
    "一诺",
)


@dataclass(frozen=True)
class Login:
    where: str
    name: str
    password: str
    who: str


@dataclass(frozen=True)
class Colleague:
    username: str
    first_name: str
    role: str
    does: str
    language: str = "zh-hans"


COLLEAGUES = (
    Colleague("otto", "Otto", "loan officer", "decides on referred applications", "en"),
    Colleague("sun", "Sun", "senior officer", "second officer for large disbursements, publishes products"),
    Colleague("cora", "Cora", "compliance", "audits: exports and verifies the trail", "en"),
    Colleague("vera", "Vera", "model validator", "validates models"),
    Colleague("dora", "Dora", "model developer", "trains models and drafts strategies"),
    Colleague("chen", "Chen", "model certifier", "certifies and promotes models"),
    Colleague("ruth", "Ruth", "risk", "approves strategies, follows fraud signals and the book"),
    Colleague("omar", "Omar", "operations", "runs the business day"),
)

ADA_PHONE = "13800138001"
BAO_PHONE = "13900139002"
ZHOU_PHONE = "13700137005"
LISTED_PHONES = ("17000170099", "17000170098", "17000170097")

LOGINS = (
    *(Login("/admin/", one.username, PASSWORD, f"{one.role}: {one.does}") for one in COLLEAGUES),
    Login("/", ADA_PHONE, PASSWORD, "Ada: borrows, has a loan under way"),
    Login("/", BAO_PHONE, PASSWORD, "Bao: identified, has not applied yet"),
    Login("/", ZHOU_PHONE, PASSWORD, "Zhou Jing: behind with her loan, an easier plan is offered to her"),
)


def check_digit(first_17: str) -> str:
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first_17, WEIGHTS, strict=True)) % 11]


def resident_id(birth_date: date, serial: int) -> str:
    """A resident ID number with the given birth date; `serial` 0 to 999."""
    first = f"110105{birth_date:%Y%m%d}{serial % 1000:03d}"
    return first + check_digit(first)


@dataclass(frozen=True)
class Identity:
    name: str
    id_number: str
    birth_date: date
    phone: str


def identities(*, seed: int, today: date) -> Iterator[Identity]:
    """Endless invented identities, all different; the same seed and day give the same ones."""
    draw = random.Random(f"loanbook-identities:{seed}")
    number = 0
    while True:
        born = today - timedelta(days=round(min(max(draw.gauss(35, 9), 21), 62) * 365.25) + draw.randrange(365))
        yield Identity(
            name=draw.choice(SURNAMES) + draw.choice(GIVEN),
            id_number=resident_id(born, number),
            birth_date=born,
            phone=f"1{draw.choice('358')}{draw.randrange(10)}{10_000_000 + number * 37 % 90_000_000:08d}",
        )
        number += 1
