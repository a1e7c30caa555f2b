"""Who applies at the demo lender: honest people who share things honestly, and a few who do not.

`population` gives applicants in the order of their days. What each one did is known here and nowhere else: `kind` is the
ground truth that no rule, model or page of the lender ever sees; tests and benchmarks hold the rules against it.

    honest      plain        lives, works and banks by herself
                family       2 to 4 people with one address; some with one phone or one account
                dormitory    12 workers with one address and one employer, within a month
                helped       4 neighbours who apply on the device of the one who helps them
                corrected    states lower expenses after a decline: the first time they were the household's
    fraud       ring         4 invented people: two phones, one device where they consent to say so, one account for two,
                             a shell company as employer, all within a week
                reused       the name, birthday and home of an earlier customer under another ID number
                velocity     applies, withdraws and applies again, five times in a week
                fabricated   states 5 to 9 times her income; half with their own phone as the employer's, some with
                             somebody else's account or a disposable e-mail
                restated     declined, comes back within two weeks with 40 to 120 percent more income

About three in a hundred are fraud, four of each kind in turn. One in two consents to device
signals, two in five to transaction signals. All of it is drawn from a seed; nobody here exists.
"""

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from lending.demo import bureau, people

DAY = datetime.timedelta(days=1)
HONEST = frozenset({"plain", "family", "dormitory", "helped", "corrected"})
FRAUD = ("ring", "reused", "velocity", "fabricated", "restated")
FRAUD_SHARE = 0.03
RING, DORMITORY, HELPED = 4, 12, 4
CITIES = (
    "北京市朝阳区",
    "上海市浦东新区",
    "广东省深圳市南山区",
    "四川省成都市武侯区",
    "河南省郑州市金水区",
    "湖北省武汉市洪山区",
)
ROADS = ("建设路", "人民路", "解放路", "中山路", "新华路", "和平路", "文化路", "朝阳路")
TRADES = ("电子", "餐饮", "物流", "纺织", "机械", "商贸", "建筑", "食品")
BIG_EMPLOYER = "华光电子有限公司"
DISPOSABLE = ("mailinator.com", "yopmail.com", "guerrillamail.com")


@dataclass(frozen=True)
class Attempt:
    """One application: what is stated on which day; `withdrawn` takes it back at once."""

    on: datetime.date
    facts: dict[str, Any]
    withdrawn: bool = False


@dataclass(frozen=True)
class Applicant:
    """Somebody who applies, with the papers she shows; `phone` is where she is called, `identity.phone` her sign-in."""

    identity: people.Identity
    kind: str
    phone: str
    email: str
    papers: dict[str, str]
    attempts: tuple[Attempt, ...]
    device_consent: bool
    transaction_consent: bool
    form_seconds: int
    group: str = ""
    defaults: bool = field(default=False)

    @property
    def is_fraud(self) -> bool:
        return self.kind in FRAUD

    @property
    def began(self) -> datetime.date:
        return self.attempts[0].on


def population(count: int, *, seed: int, today: datetime.date, days: int = 540) -> list[Applicant]:
    """`count` applicants of the last `days` days, oldest first."""
    draw = random.Random(f"loanbook-population:{seed}")
    identities = people.identities(seed=seed, today=today)
    frauds = round(count * FRAUD_SHARE)
    made: list[Applicant] = []
    honest = count - frauds
    while len(made) < honest:
        group = _honest_group(draw, identities, today, days, len(made))
        made += group[: honest - len(made)]
    made += _frauds(draw, identities, today, days, frauds, made)
    return sorted(made, key=lambda one: (one.began, one.identity.id_number))


def _honest_group(
    draw: random.Random, identities: Iterator[people.Identity], today: datetime.date, days: int, number: int
) -> list[Applicant]:
    kind = draw.choices(("plain", "family", "dormitory", "helped", "corrected"), (900, 90, 2, 4, 8))[0]
    first = today - draw.randrange(20, days) * DAY
    size = {"family": draw.randint(2, 4), "dormitory": DORMITORY, "helped": HELPED}.get(kind, 1)
    members = [_person(draw, next(identities), kind, first, f"{kind}-{number}") for _ in range(size)]
    if kind == "family":
        return _family(draw, members)
    if kind == "dormitory":
        shared = {name: members[0].papers[name] for name in ("home_address", "employer", "employer_phone")}
        moved = [_moved(one, draw.randrange(0, 19) * DAY) for one in members]
        return [replace(one, papers={**one.papers, **shared}) for one in moved]
    if kind == "helped":
        device = members[0].papers["device_id"]
        return [replace(one, papers={**one.papers, "device_id": device}, device_consent=True) for one in members]
    if kind == "corrected":
        return [_restated(draw, members[0], "expenses_monthly", draw.uniform(0.55, 0.9))]
    return members


def _family(draw: random.Random, members: list[Applicant]) -> list[Applicant]:
    home, phone, account = members[0].papers["home_address"], members[0].phone, members[0].papers["account"]
    one_phone, one_account = draw.random() < 0.08, draw.random() < 0.06
    found = []
    for one in members:
        papers = {**one.papers, "home_address": home}
        if one_account:
            papers |= {"account": account, "account_holder": members[0].identity.name}
        moved = _moved(one, draw.randrange(0, 19) * DAY)
        found.append(replace(moved, papers=papers, phone=phone if one_phone else one.phone))
    return found


def _frauds(
    draw: random.Random,
    identities: Iterator[people.Identity],
    today: datetime.date,
    days: int,
    count: int,
    honest: list[Applicant],
) -> list[Applicant]:
    """Four of each kind in turn, until there are so many."""
    made: list[Applicant] = []
    for turn in range(count):
        kind = FRAUD[turn % len(FRAUD)]
        # The first ring is a fresh one: work for whoever opens the desk today.
        group_began = today - (7 if turn == 0 else draw.randrange(8, days)) * DAY
        members = []
        for _ in range(RING):
            first = group_began if kind == "ring" else today - draw.randrange(8, days) * DAY
            members.append(_person(draw, next(identities), kind, first, f"{kind}-{turn}"))
        if kind == "ring":
            made += _ring(draw, members)
        else:
            made += [_fraud_of(draw, kind, one, honest, today) for one in members]
        if len(made) >= count:
            break
    made = made[:count]
    return [replace(one, defaults=True) for one in made]


def _fraud_of(
    draw: random.Random, kind: str, one: Applicant, honest: list[Applicant], today: datetime.date
) -> Applicant:
    if kind == "reused":
        victim = draw.choice([other for other in honest if other.began < today - 40 * DAY] or honest)
        identity = replace(one.identity, name=victim.identity.name, birth_date=victim.identity.birth_date)
        serial = draw.randrange(500, 998)
        identity = replace(identity, id_number=people.resident_id(identity.birth_date, serial))
        papers = {**one.papers, "home_address": _written_otherwise(victim.papers["home_address"])}
        papers["account_holder"] = identity.name
        later = Attempt(min(victim.began + draw.randrange(5, 60) * DAY, today - DAY), one.attempts[0].facts)
        return replace(one, identity=identity, papers=papers, attempts=(later,))
    if kind == "velocity":
        last = one.attempts[0]
        tries = [Attempt(last.on + number * DAY, last.facts, withdrawn=number < 4) for number in range(5)]
        return replace(one, attempts=tuple(tries))
    if kind == "fabricated":
        return _fabricated(draw, one)
    return _restated(draw, one, "income_monthly", draw.uniform(1.4, 2.2))


def _ring(draw: random.Random, members: list[Applicant]) -> list[Applicant]:
    device = f"farm-{draw.randrange(10**9)}"
    shell = f"{draw.choice('鑫盛恒泰隆瑞')}{draw.choice('源达丰通茂和')}{draw.choice(TRADES)}有限公司"
    found = []
    for number, one in enumerate(members):
        pair = members[number // 2 * 2]
        papers = {
            **one.papers, "device_id": device, "employer": shell, "employer_phone": members[0].phone,
            "account": pair.papers["account"],
        }  # fmt: skip
        moved = _moved(one, draw.randrange(0, 6) * DAY)
        consents = draw.random() < 0.4
        found.append(
            replace(moved, papers=papers, phone=pair.phone, form_seconds=draw.randrange(8, 90), device_consent=consents)
        )
    return found


def _fabricated(draw: random.Random, one: Applicant) -> Applicant:
    first = one.attempts[0]
    facts = {**first.facts, "income_monthly": round(first.facts["income_monthly"] * draw.uniform(5, 9), -2)}
    papers, email = dict(one.papers), one.email
    if draw.random() < 0.5:
        papers["employer_phone"] = one.phone
    if draw.random() < 0.3:
        papers["account_holder"] = draw.choice(people.SURNAMES) + draw.choice(people.GIVEN)
    if draw.random() < 0.3:
        email = f"u{draw.randrange(10**6)}@{draw.choice(DISPOSABLE)}"
    return replace(one, papers=papers, email=email, attempts=(replace(first, facts=facts),))


def _restated(draw: random.Random, one: Applicant, name: str, times: float) -> Applicant:
    """Too poor for what she asks, and again a few days later with one figure changed."""
    first = one.attempts[0]
    poor = {**first.facts, "income_monthly": 3600, "expenses_monthly": 3300, "requested_amount": 60_000}
    again = {**poor, name: round(poor[name] * times, -1)}
    second = first.on + draw.randrange(1, 14) * DAY
    return replace(one, attempts=(Attempt(first.on, poor), Attempt(second, again)))


def _person(draw: random.Random, identity: people.Identity, kind: str, first: datetime.date, group: str) -> Applicant:
    street = f"{draw.choice(CITIES)}{draw.choice(ROADS)}{draw.randrange(1, 400)}号"
    address = f"{street}{draw.randrange(1, 30)}栋{draw.randrange(101, 3200)}室"
    big = draw.random() < 0.05
    employer = (
        BIG_EMPLOYER if big else f"{draw.choice(people.SURNAMES)}氏{draw.randrange(10**5)}{draw.choice(TRADES)}有限公司"
    )
    papers = {
        "home_address": address,
        "employer": employer,
        "employer_phone": f"0{draw.randrange(10, 99)}{draw.randrange(10**7, 10**8)}",
        "account": f"62220{draw.randrange(10**13, 10**14)}",
        "account_holder": identity.name,
        "device_id": f"dev-{draw.randrange(10**12)}",
        "id_card_expires_on": str(first + draw.randrange(-20 if draw.random() < 0.01 else 40, 3650) * DAY),
    }
    if draw.random() < 0.015:  # the account of a spouse or a parent
        papers["account_holder"] = identity.name[0] + draw.choice(people.GIVEN)
    facts = bureau.person_of(identity.id_number).facts
    return Applicant(
        identity=identity,
        kind=kind,
        phone=identity.phone,
        email=f"{identity.phone}@example.com" if draw.random() < 0.6 else "",
        papers=papers,
        attempts=(Attempt(first, facts),),
        device_consent=draw.random() < 0.5,
        transaction_consent=draw.random() < 0.4,
        form_seconds=draw.randrange(15, 900),
        group=group,
    )


def honest(identity: people.Identity, *, began: datetime.date) -> Applicant:
    """One honest applicant by herself."""
    return _person(random.Random(f"loanbook-honest:{identity.id_number}"), identity, "plain", began, "plain")


def _moved(one: Applicant, later: datetime.timedelta) -> Applicant:
    return replace(one, attempts=tuple(replace(attempt, on=attempt.on + later) for attempt in one.attempts))


def _written_otherwise(address: str) -> str:
    """The same home as another hand writes it."""
    return address.replace("省", "").replace("市", "").replace("号", "-").replace("栋", "-").replace("室", "")
