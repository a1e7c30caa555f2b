"""The book of the demo lender: a year and a half of business, made by the same acts that make it every day.

Every customer is drawn from the process of `scoring.demo_process` by her ID number: what she states, what the bureau says
of her, and whether she will pay. The acts are given the business date, so that a loan of last spring is a loan of last
spring. Nothing is written to the database but through them.
"""

import datetime
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from rich.progress import Progress

from customers import consents, registration
from customers import identity as identity_acts
from customers.encryption import blind_index
from customers.models import Customer, OutgoingMessage, Person, Purpose, User
from customers.refusals import Refusal
from lending.applications import filling, submission
from lending.applications.contracting import draw_up
from lending.applications.models import Application, Decision
from lending.applications.officers_decision import decide_by_officer
from lending.celery import app as celery_app
from lending.demo import bureau, people, sources, watching
from lending.demo.applying import attempted, introduced, make_way
from lending.demo.population import Applicant, honest, population
from lending.finance.money import to_minor
from lending.loans import disbursement, opening
from lending.loans.models import Disbursement, Loan
from lending.products import standard
from lending.products.models import ProductVersion
from lending.repayments.posting import post_repayment
from lending.servicing import closing
from scoring import certification, demo_process, fraud_cases, strategy
from scoring.models import FraudSignal, ModelVersion
from scoring.outlier_training import train_outliers
from scoring.strategy_rules import STARTING_RULES
from scoring.training import train_model

SEED = 2026
TRAINING_ROWS = 6000
OLDEST_DAYS = 540
#: Identities from here on are not of the population: whoever is needed for the desk.
FIRST_OTHER = 20_000
#: Days that are closed one by one before the doors open; the first one takes in all the arrears that there are.
CLOSED_DAYS = 5
MAIN_PRODUCT = "consumer-installment"


@dataclass(frozen=True)
class Office:
    """The colleagues by user name."""

    staff: dict[str, User]

    def __getitem__(self, name: str) -> User:
        return self.staff[name]


def build(*, customers: int, today: datetime.date, progress: Progress) -> None:
    """Make the whole book. Takes some seconds per hundred customers."""
    office = _hire()
    opened = today - datetime.timedelta(days=OLDEST_DAYS + 30)
    standard.install(proposed_by=office["otto"], published_by=office["sun"], on=opened)
    task = progress.add_task("Training and certifying the scorecard", total=1)
    _certified_scorecard(office, opened, today)
    _certified_outliers(office, opened)
    progress.advance(task)
    task = progress.add_task("Customers and their loans", total=customers)
    applicants = population(customers, seed=SEED, today=today, days=OLDEST_DAYS)
    others = islice(people.identities(seed=SEED, today=today), FIRST_OTHER, None)
    # An interrupted start leaves no half of a book behind.
    with bureau.answering(), sources.answering(), transaction.atomic():
        for one in applicants:
            _Life(one, office, today).live()
            progress.advance(task)
        _work_for_the_desk(others, office, today)
        _dispose_of_old_cases(applicants, office, today)
        _ada_and_bao(office, today)
    task = progress.add_task("Closing business days", total=CLOSED_DAYS)
    for days in range(CLOSED_DAYS, 0, -1):
        closing.close_business_day(today - datetime.timedelta(days=days))
        progress.advance(task)
    task = progress.add_task("Watching the model day by day", total=1)
    watching.watch(validator=office["vera"], today=today)
    progress.advance(task)
    # The letters of past days were sent on their days; only today's leave the house.
    OutgoingMessage.objects.filter(done=False, notice__on__lt=today).update(done=True)
    # What the acts queued on the way is done: the book was settled by hand, day by day.
    celery_app.control.purge()


def _hire() -> Office:
    staff = {}
    for one in people.COLLEAGUES:
        user, created = User.objects.get_or_create(
            username=one.username, defaults={"first_name": one.first_name, "is_staff": True, "language": one.language}
        )
        if created:
            user.set_password(people.PASSWORD)
            user.save()
            user.groups.add(Group.objects.get(name=one.role))
        staff[one.username] = user
    return Office(staff)


def _certified_scorecard(office: Office, opened: datetime.date, today: datetime.date) -> None:
    """Train on people of the process, validate, certify and promote; approve the strategy that uses it."""
    if ModelVersion.objects.deciding(today).exists():
        return
    file = io.StringIO()
    demo_process.write_csv(file, count=TRAINING_ROWS, seed=SEED)
    version, _trained = train_model(
        file.getvalue().encode(),
        target="target",
        by=office["dora"],
        source="people of the demo process",
        name="consumer-credit",
        algorithm="scorecard",
    )
    version = certification.submit(version, by=office["dora"], on=opened)
    note = f"AUC {version.metrics.get('auc')} in cross-validation on people of the demo process."
    version = certification.validate(version, passed=True, note=note, by=office["vera"], on=opened)
    expires_on = opened + datetime.timedelta(days=730)
    version = certification.certify(version, expires_on=expires_on, by=office["chen"], on=opened)
    certification.promote(version, to=ModelVersion.Status.CHAMPION, by=office["chen"], on=opened)
    draft = strategy.draft(
        rules=STARTING_RULES, note="The starting strategy", effective_from=opened, by=office["dora"], on=opened
    )
    strategy.approve(draft, by=office["ruth"], on=opened)


def _certified_outliers(office: Office, opened: datetime.date) -> None:
    """The anomaly score, learned of the same people; three colleagues carry it to its certificate."""
    if ModelVersion.objects.filter(algorithm=ModelVersion.Algorithm.OUTLIERS).exists():
        return
    facts = [person.facts for person in demo_process.people(TRAINING_ROWS, seed=SEED)]
    source = "people of the demo process"
    version, _model = train_outliers(facts, share=0.01, source=source, by=office["dora"])
    version = certification.submit(version, by=office["dora"], on=opened)
    note = f"Calls {version.metrics['held_out_share']:.2%} of people it had not seen unusual."
    version = certification.validate(version, passed=True, note=note, by=office["vera"], on=opened)
    expires_on = opened + datetime.timedelta(days=730)
    certification.certify(version, expires_on=expires_on, by=office["chen"], on=opened)


class _Life:
    """One customer from registration to wherever she stands today."""

    def __init__(self, one: Applicant, office: Office, today: datetime.date) -> None:
        self.draw = random.Random(f"loanbook-life:{one.identity.id_number}")
        self.one, self.office, self.today = one, office, today
        person = bureau.person_of(one.identity.id_number)
        self.person = replace(person, facts=one.attempts[-1].facts, defaulted=one.defaults or person.defaulted)
        # A tenth of the customers came in the last four days, so that the desk has work.
        self.recent = one.kind == "plain" and self.draw.random() < 0.1
        self.began = today - datetime.timedelta(days=self.draw.randrange(0, 4)) if self.recent else one.attempts[-1].on

    def live(self) -> None:
        first = self.began if self.recent else self.one.began
        customer = introduced(self.one, on=first, language=self.draw.choice(("zh-hans", "zh-hans", "en")))
        for attempt in self.one.attempts[:-1]:
            attempted(customer, self.one, attempt, _version(MAIN_PRODUCT, attempt.on))
            make_way(customer, officer=self.office["otto"], on=attempt.on)
        application = self.apply(customer)
        if application is None:
            return
        if application.status == Application.Status.REFERRED and not self.recent:
            self._officer_decides(application)
            application.refresh_from_db()
        if application.status == Application.Status.OFFERED and not (self.recent and self.draw.random() < 0.5):
            loan = self.sign(application, customer)
            if loan is not None and loan.status == Loan.Status.ACTIVE:
                self._repay(loan)

    def apply(self, customer: Customer) -> Application | None:
        version = _version(MAIN_PRODUCT, self.began)
        submitted = not (self.recent and self.draw.random() < 0.15)  # some leave the form half filled in
        last = replace(self.one.attempts[-1], on=self.began, facts=self.person.facts)
        application = attempted(customer, self.one, last, version, submitted=submitted)
        return application if submitted else None

    def _officer_decides(self, application: Application) -> None:
        on = self.began + datetime.timedelta(days=1)
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
                decide_by_officer(
                    application, by=self.office["otto"], on=on, note="Payslips and statements were seen.", **wanted
                )
        except Refusal:
            decide_by_officer(
                application,
                outcome=Decision.Outcome.DECLINE,
                reason_code="INCOME_INSUFFICIENT",
                by=self.office["otto"],
                on=on,
                note="The installments are not affordable.",
            )

    def sign(self, application: Application, customer: Customer) -> Loan | None:
        on = min(self.began + datetime.timedelta(days=self.draw.randrange(0, 3)), self.today)
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

    def _repay(self, loan: Loan) -> None:
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
            owed = loan.state(pays_on).summary.due_now  # with the penalty interest of the days she is late
            if owed:
                pay(loan, to_minor(owed, loan.decimals), pays_on)


def registered(identity: people.Identity, *, on: datetime.date, language: str, password: str | None = None) -> Customer:
    """A customer of the portal: signed up, identified, the required consents given."""
    customer = registration.open_account(
        phone=identity.phone, password=None, by=None, on=on, language=language, phone_verified=True
    )
    user = customer.user
    if password and user is not None:
        user.set_password(password)
        user.save()
    identity_acts.identify(
        customer, name=identity.name, id_number=identity.id_number, phone=identity.phone, by=user, on=on
    )
    for purpose in (Purpose.IDENTITY, Purpose.CREDIT_REPORT, Purpose.AUTOMATED_DECISION):
        consents.give(customer, purpose=purpose, channel="portal", by=customer.user, on=on)
    return customer


def _work_for_the_desk(identities: Iterator[people.Identity], office: Office, today: datetime.date) -> None:
    """Applications in the grey zone that wait for Otto, and loans above the limit that wait for Sun."""
    referred = large = 0
    for identity in islice(identities, 500):
        one = honest(
            identity, began=today - datetime.timedelta(days=random.Random(identity.id_number).randrange(10, 400))
        )
        life = _Life(one, office, today)
        risk = life.person.probability_of_default
        if referred < 5 and 0.19 < risk < 0.36:
            application = life.apply(introduced(one, on=life.began))
            referred += application is not None and application.status == Application.Status.REFERRED
        elif large < 2 and risk < 0.04 and life.person.facts["income_monthly"] >= 15_000:
            wanted = {**life.person.facts, "requested_amount": 150_000, "installments": 36}
            life.person = replace(life.person, facts=wanted)
            customer = introduced(one, on=life.began)
            application = life.apply(customer)
            if application is not None and application.status == Application.Status.OFFERED:
                loan = life.sign(application, customer)
                large += loan is not None and loan.status == Loan.Status.APPROVED
        if referred == 5 and large == 2:
            return


def _dispose_of_old_cases(applicants: list[Applicant], office: Office, today: datetime.date) -> None:
    """Ruth has looked into everything older than ten days and found out the truth; the newest cases wait for her."""
    frauds = {
        person.customer.public_id
        for person in Person.objects.filter(
            id_number_index__in=[blind_index(one.identity.id_number) for one in applicants if one.is_fraud]
        ).select_related("customer")
    }
    known = {str(reference) for reference in frauds}
    opened = FraudSignal.objects.filter(disposition=FraudSignal.Disposition.OPEN)
    for signal in opened.filter(raised_on__lt=today - datetime.timedelta(days=10)).order_by("raised_on", "pk"):
        confirmed = signal.customer_reference in known
        fraud_cases.dispose(
            signal,
            disposition="confirmed" if confirmed else "dismissed",
            note="The papers are not hers." if confirmed else "She was called; the papers agree.",
            by=office["ruth"],
            on=signal.raised_on + datetime.timedelta(days=2),
        )


def paid_out(order: Disbursement, on: datetime.date) -> None:
    """The bank's word, as its callback brings it."""
    disbursement.settle(key=str(order.key), succeeded=True, bank_reference=f"OPENING-{order.pk:08d}", reason="", on=on)


def pay(loan: Loan, amount_minor: int, on: datetime.date) -> None:
    post_repayment(
        loan,
        amount_minor=amount_minor,
        currency=loan.currency,
        received_on=on,
        channel="bank",
        key=f"book:{loan.number}:{on}",
        by=None,
        on=on,
    )


def _version(code: str, on: datetime.date) -> ProductVersion:
    return ProductVersion.objects.in_force(on).get(product__code=code)


def _ada_and_bao(office: Office, today: datetime.date) -> None:
    """The two customers who may sign in: Ada in the middle of a loan, Bao before his first one."""
    began = today - datetime.timedelta(days=130)
    ada = registered(
        named("Ada", people.ADA_PHONE, datetime.date(1990, 3, 7), 2),
        on=began,
        language="zh-hans",
        password=people.PASSWORD,
    )
    version = _version(MAIN_PRODUCT, began)
    application = filling.start(customer=ada, product_version=version, channel="portal", by=ada.user, on=began)
    answers = {
        "income_monthly": "18000", "expenses_monthly": "6000", "assets": "200000", "debts": "0",
        "employment_type": "public", "employment_years": "9", "home_ownership": "owner", "residence_years": "6",
        "dependants": "1", "amount_minor": 3_000_000, "installments": 12, "purpose": "consumption",
    }  # fmt: skip
    filling.answer(application, answers=answers, by=ada.user, on=began)
    submission.submit(application, by=ada.user, on=began)
    application.refresh_from_db()
    if application.status == Application.Status.REFERRED:
        decide_by_officer(
            application,
            outcome=Decision.Outcome.APPROVE,
            reason_code="INCOME_VERIFIED",
            amount_minor=3_000_000,
            installments=12,
            yearly_rate_percent=version.min_yearly_rate_percent,
            by=office["otto"],
            on=began,
            note="Payslips were seen.",
        )
    contract = draw_up(application.offers.latest("pk"), language="zh-hans", on=began)
    loan = opening.sign_and_open(contract, sha256=contract.sha256, disclosure_confirmed=True, by=ada.user, on=began)
    order = loan.disbursements.latest("pk")
    if order.status == Disbursement.Status.REQUESTED:
        order = disbursement.approve(order, by=office["sun"], on=began)
    paid_out(order, began)
    for installment in loan.installments.filter(due_on__lte=today).order_by("number"):
        pay(loan, installment.outstanding_minor, installment.due_on)
    registered(
        named("Bao", people.BAO_PHONE, datetime.date(1988, 11, 23), 1),
        on=today,
        language="zh-hans",
        password=people.PASSWORD,
    )


def named(name: str, phone: str, born: datetime.date, serial: int) -> people.Identity:
    return people.Identity(name=name, id_number=people.resident_id(born, serial), birth_date=born, phone=phone)
