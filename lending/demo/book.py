"""The book of the demo lender: a year and a half of business, made by the same acts that make it every day.

Every customer is drawn from the process of `scoring.demo_process` by her ID number: what she states, what the bureau says
of her, and whether she will pay. The acts are given the business date, so that a loan of last spring is a loan of last
spring. Nothing is written to the database but through them.
"""

import datetime
import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from rich.progress import Progress

from customers.encryption import blind_index
from customers.models import Customer, OutgoingMessage, Person, User
from customers.refusals import Refusal
from lending.applications.contracting import draw_up
from lending.applications.models import Application, Decision
from lending.applications.officers_decision import decide_by_officer
from lending.celery import app as celery_app
from lending.demo import bureau, care, cast, inventory, past, people, sources, watching
from lending.demo.applying import MAIN_PRODUCT, attempted, introduced, make_way, paid_out, pay, version_of
from lending.demo.past import Life
from lending.demo.population import Applicant, honest, population
from lending.finance.money import to_minor
from lending.loans import disbursement, opening
from lending.loans.models import Disbursement, Loan
from lending.products import standard
from lending.servicing import closing, reminders
from lending.servicing.jobs import Day
from scoring import blacklist, fraud_cases
from scoring.models import BlacklistEntry, FraudSignal

SEED = 2026
DAY = datetime.timedelta(days=1)
OLDEST_DAYS = 540
#: Identities from here on are not of the population: whoever is needed for the desk.
FIRST_OTHER = 20_000
#: Days that are closed one by one before the doors open; the first one takes in all the arrears that there are.
CLOSED_DAYS = 5
Staff = dict[str, User]


def build(*, customers: int, today: datetime.date, progress: Progress) -> None:
    """Make the whole book. Takes some seconds per hundred customers."""
    office = _hire()
    opened = today - datetime.timedelta(days=OLDEST_DAYS + 30)
    standard.install(proposed_by=office["otto"], published_by=office["sun"], on=opened)
    task = progress.add_task("Training and certifying the models", total=1)
    inventory.certified_models(office, version_of(MAIN_PRODUCT, opened), opened=opened)
    progress.advance(task)
    applicants = population(customers, seed=SEED, today=today, days=OLDEST_DAYS)
    others = islice(people.identities(seed=SEED, today=today), FIRST_OTHER, None)
    task = progress.add_task("Customers and their loans, by days", total=OLDEST_DAYS)

    def came(day: datetime.date) -> None:
        progress.update(task, completed=OLDEST_DAYS - (today - day).days)

    # An interrupted start leaves no half of a book behind.
    with bureau.answering(), sources.answering(), transaction.atomic():
        past.live(
            [
                _remind([today - number * DAY for number in range(OLDEST_DAYS, CLOSED_DAYS, -1)]),
                _close([today - number * DAY for number in range(CLOSED_DAYS, 0, -1)]),
                _dispose_of_old_cases(applicants, office, today),
                *(_Life(one, office, today).days() for one in applicants),
                *care.lives(office, today),
                *cast.lives(office, today),
                _work_for_the_desk(others, office, today),
            ],
            came=came,
        )
    care.warn(office, today)
    inventory.draft_strategy(office, on=today - datetime.timedelta(days=2))
    task = progress.add_task("Watching the models day by day", total=1)
    watching.watch(validator=office["vera"], today=today)
    progress.advance(task)
    # The letters of past days were sent on their days; only today's leave the house.
    OutgoingMessage.objects.filter(done=False, notice__on__lt=today).update(done=True)
    # What the acts queued on the way is done: the book was settled by hand, day by day.
    celery_app.control.purge()


def _hire() -> Staff:
    staff, password = (
        {},
        make_password(people.PASSWORD),
    )  # one for all: a slow hash is worth its time where it is secret
    for one in people.COLLEAGUES:
        user, created = User.objects.get_or_create(
            username=one.username, defaults={"first_name": one.first_name, "is_staff": True, "language": one.language}
        )
        if created:
            user.password = password
            user.save()
            user.groups.add(Group.objects.get(name=one.role))
        staff[one.username] = user
    return staff


class _Life:
    """One customer from registration to wherever she stands today."""

    def __init__(self, one: Applicant, office: Staff, today: datetime.date) -> None:
        self.draw = random.Random(f"loanbook-life:{one.identity.id_number}")
        self.one, self.office, self.today = one, office, today
        person = bureau.person_of(one.identity.id_number)
        self.person = replace(person, facts=one.attempts[-1].facts, defaulted=one.defaults or person.defaulted)
        # A tenth of the customers came in the last four days, so that the desk has work.
        self.recent = one.kind == "plain" and self.draw.random() < 0.1
        self.began = today - datetime.timedelta(days=self.draw.randrange(0, 4)) if self.recent else one.attempts[-1].on

    def days(self) -> Life:
        """Her acts and those of the officers about her; each is done on the day yielded before it."""
        first = self.began if self.recent else self.one.began
        yield first
        customer = introduced(self.one, on=first, language=self.draw.choice(("zh-hans", "zh-hans", "en")))
        for attempt in self.one.attempts[:-1]:
            yield attempt.on
            attempted(customer, self.one, attempt, version_of(MAIN_PRODUCT, attempt.on))
            make_way(customer, officer=self.office["otto"], on=attempt.on)
        yield self.began
        application = self.apply(customer)
        if application is not None:
            yield from self._after(application, customer)

    def _after(self, application: Application, customer: Customer) -> Life:
        on = self.began
        if application.status == Application.Status.REFERRED and not self.recent:
            on = min(on + datetime.timedelta(days=1), self.today)
            yield on
            self._officer_decides(application, on)
            application.refresh_from_db()
        if application.status == Application.Status.OFFERED and not (self.recent and self.draw.random() < 0.5):
            on = min(on + datetime.timedelta(days=self.draw.randrange(0, 3)), self.today)
            yield on
            loan = self.sign(application, customer, on)
            if loan.status == Loan.Status.ACTIVE:
                yield from self._repay(loan)

    def apply(self, customer: Customer) -> Application | None:
        version = version_of(MAIN_PRODUCT, self.began)
        submitted = not (self.recent and self.draw.random() < 0.15)  # some leave the form half filled in
        last = replace(self.one.attempts[-1], on=self.began, facts=self.person.facts)
        application = attempted(customer, self.one, last, version, submitted=submitted)
        return application if submitted else None

    def _officer_decides(self, application: Application, on: datetime.date) -> None:
        last = application.decisions.latest("pk")
        score = last.score
        good = score is not None and score.probability_of_default < 0.3
        wanted: dict[str, Any] = {"outcome": Decision.Outcome.DECLINE, "reason_code": "INCOME_INSUFFICIENT"}
        if good:
            wanted = {
                "outcome": Decision.Outcome.APPROVE,
                "reason_code": "INCOME_VERIFIED",
                "amount_minor": application.amount_minor,
                "installments": application.installments,
                "yearly_rate_percent": application.product_version.max_yearly_rate_percent,
            }
        try:
            with transaction.atomic():
                decide_by_officer(application, by=self.office["otto"], on=on, note="已查看工资单和银行流水。", **wanted)
        except Refusal:
            decide_by_officer(
                application,
                outcome=Decision.Outcome.DECLINE,
                reason_code="INCOME_INSUFFICIENT",
                by=self.office["otto"],
                on=on,
                note="每期还款超出其承受能力。",
            )

    def sign(self, application: Application, customer: Customer, on: datetime.date) -> Loan:
        contract = draw_up(application.offers.latest("pk"), language=customer.language, on=on)
        loan = opening.sign_and_open(
            contract, sha256=contract.sha256, disclosure_confirmed=True, by=customer.user, on=on
        )
        order = loan.disbursements.latest("pk")
        if order.status == Disbursement.Status.REQUESTED:
            if self.recent:
                return loan  # waits for Sun
            order = disbursement.approve(order, by=self.office["sun"], on=on)
        paid_out(order, on)
        loan.refresh_from_db()
        return loan

    def _repay(self, loan: Loan) -> Life:
        """Pay each installment that is due by today, until (if so drawn) she stops."""
        installments = list(loan.installments.order_by("number"))
        stops_after = (
            self.draw.randrange(0, max(len(installments) - 1, 1)) if self.person.defaulted else len(installments)
        )
        punctual = self.draw.random() < 0.7
        for installment in installments:
            late = 0 if punctual or self.draw.random() < 0.7 else self.draw.randrange(1, 12)
            pays_on = installment.due_on + datetime.timedelta(days=late)
            if installment.number > stops_after or pays_on > self.today:
                return
            yield pays_on
            loan.refresh_from_db()
            owed = loan.state(pays_on).summary.due_now  # with the penalty interest of the days she is late
            if owed:
                pay(loan, to_minor(owed, loan.decimals), pays_on)


def _work_for_the_desk(identities: Iterator[people.Identity], office: Staff, today: datetime.date) -> Life:
    """Applications of the last days: some in the grey zone that wait for Otto, and loans above the limit that wait for
    Sun."""
    yield today - 3 * DAY
    referred = large = 0
    for number, identity in enumerate(islice(identities, 500)):
        if referred == 5 and large == 2:
            return
        on = today - max(3 - number // 40, 0) * DAY
        life = _Life(honest(identity, began=on), office, today)
        life.recent, life.began = True, on
        risk = life.person.probability_of_default
        if referred < 5 and 0.19 < risk < 0.36:
            yield on
            application = life.apply(introduced(life.one, on=on))
            referred += application is not None and application.status == Application.Status.REFERRED
        elif large < 2 and risk < 0.04 and life.person.facts["income_monthly"] >= 15_000:
            yield on
            wanted = {**life.person.facts, "requested_amount": 150_000, "installments": 36}
            life.person = replace(life.person, facts=wanted)
            customer = introduced(life.one, on=on)
            application = life.apply(customer)
            if application is not None and application.status == Application.Status.OFFERED:
                large += life.sign(application, customer, on).status == Loan.Status.APPROVED


def _remind(days: list[datetime.date]) -> Life:
    """What was due on the days before those that are closed was reminded of in their mornings."""
    for day in days:
        yield day
        reminders.remind(Day(on=day, last=day, now=timezone.now()))


def _close(days: list[datetime.date]) -> Life:
    """The last days are closed in the morning after; the first one takes in all the arrears that there are."""
    for day in days:
        yield day + DAY
        closing.close_business_day(day)


def _dispose_of_old_cases(applicants: list[Applicant], office: Staff, today: datetime.date) -> Life:
    """Ruth looks into every case two days later and finds out the truth; the newest cases wait for her.

    What she proposes for the blacklist Cora confirms the day after; yesterday's proposal waits for her.
    """
    frauds = [blind_index(one.identity.id_number) for one in applicants if one.is_fraud]
    opened = FraudSignal.objects.filter(disposition=FraudSignal.Disposition.OPEN)
    for days in range(OLDEST_DAYS, 8, -1):
        on = today - days * DAY
        yield on
        for entry in BlacklistEntry.objects.waiting(on).order_by("pk"):
            blacklist.check(entry, agreed=True, by=office["cora"], on=on)
        for signal in opened.filter(raised_on__lte=on - 2 * DAY).order_by("raised_on", "pk"):
            confirmed = Person.objects.filter(
                customer__public_id=signal.customer_reference, id_number_index__in=frauds
            ).exists()
            fraud_cases.dispose(
                signal,
                disposition="confirmed" if confirmed else "dismissed",
                note="证件并非本人所有。" if confirmed else "已电话核实，资料一致。",
                by=office["ruth"],
                on=on,
            )
        if days in (100, 50):
            _propose(people.LISTED_PHONES[days // 50 - 1], office, on)
    yield today - DAY
    _propose(people.LISTED_PHONES[2], office, today - DAY)


def _propose(phone: str, office: Staff, on: datetime.date) -> None:
    blacklist.enter(
        kind="phone", value=phone, source="同业风险提示", reason="多次冒用他人身份证申请",
        expires_on=on + 365 * DAY, by=office["ruth"], on=on,
    )  # fmt: skip
