"""The desk's test people: Ada's referred application with its score, and Bao's signed loan. Plain rows."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.models import Group
from django.utils import timezone

from customers.encryption import blind_index
from customers.models import Consent, ConsentText, Customer, Person, Purpose, User
from lending.applications.models import Application, Decision, FactsSnapshot
from lending.loans.models import Disbursement, Installment, Loan
from lending.products.models import Product, ProductVersion
from scoring.models import ModelArtifact, ModelVersion, Score
from tests.cast import ADA_ID_NUMBER, ADA_PHONE, BAO_ID_NUMBER, BAO_PHONE, PASSWORD

FACTS = {
    "income_monthly": "12500.00",
    "expenses_monthly": "4100.00",
    "employment_years": 3,
    "bureau_open_loans": 2,
    "prior_loans_with_us": 0,
    "sex": "female",
    "identifiers": {"phone": ADA_PHONE},
}
CONTRIBUTIONS = {"income_monthly": -0.42, "expense_share": 0.31, "employment_years": 0.12, "bureau_open_loans": 0.55}
REASON = {
    "code": "BUREAU_OPEN_LOANS",
    "text_zh": "您在其他机构的未结清贷款较多。",
    "text_en": "You have several open loans elsewhere.",
    "kind": "adverse",
}
FINDING = {
    "code": "NEEDS_A_PERSON",
    "severity": "refer",
    "citation": "互联网贷款办法 art. 22",
    "text_zh": "须人工复核。",
    "text_en": "A person must look at this.",
}


@dataclass
class World:
    ada: Customer
    bao: Customer
    version: ProductVersion
    proposed: ProductVersion
    application: Application
    loan: Loan
    disbursement: Disbursement


def person(name: str, id_number: str, phone: str, birth: dt.date) -> Customer:
    user = User.objects.create_user(username=f"borrower-{phone[-2:]}", password=PASSWORD)
    customer = Customer.objects.create(status="identified", user=user, registered_on=dt.date(2026, 3, 2))
    Person.objects.create(
        customer=customer,
        name=name,
        id_number=id_number,
        id_number_index=blind_index(id_number),
        birth_date=birth,
        phone=phone,
        phone_index=blind_index(phone),
    )
    return customer


def version_of(product: Product, number: int, proposer: User) -> ProductVersion:
    return ProductVersion.objects.create(
        product=product,
        version=number,
        effective_on=dt.date(2026, 1, 1),
        min_amount_minor=100_000,
        max_amount_minor=20_000_000,
        installment_choices=[6, 12, 24],
        purposes=["consumption"],
        min_yearly_rate_percent=Decimal("7.2"),
        max_yearly_rate_percent=Decimal("21.6"),
        terms={"rate": {"per": "year"}},
        second_officer_above_minor=1_000_000,
        proposed_by=proposer,
    )


def model_version() -> ModelVersion:
    artifact = ModelArtifact.objects.create(file_sha256="a" * 64, content="{}")
    return ModelVersion.objects.create(
        name="application",
        version=1,
        algorithm="scorecard",
        purpose="Applications",
        owner="Risk",
        data_name="generated",
        data_sha256="b" * 64,
        data_rows=1000,
        artifact=artifact,
    )


def referred(
    customer: Customer, version: ProductVersion, *, waited: dt.timedelta = dt.timedelta(hours=6)
) -> Application:
    application = Application.objects.create(
        customer=customer, product_version=version, amount_minor=3_000_000, installments=12, purpose="consumption"
    )
    application.status, application.submitted_on = Application.Status.REFERRED, timezone.localdate()
    application.submitted_at = timezone.now() - waited
    application.save()
    snapshot = FactsSnapshot.objects.create(
        application=application,
        facts=FACTS,
        sources=dict.fromkeys(FACTS, "stated"),
        sha256="c" * 64,
        taken_on=timezone.localdate(),
    )
    score = Score.objects.create(
        model_version=ModelVersion.objects.first() or model_version(),
        subject_reference=str(application.public_id),
        customer_reference=str(customer.public_id),
        scored_on=timezone.localdate(),
        facts=FACTS,
        facts_sha256="d" * 64,
        features={},
        probability_of_default=0.137,
        points=571,
        band="C",
        contributions=CONTRIBUTIONS,
    )
    Decision.objects.create(
        application=application,
        snapshot=snapshot,
        score=score,
        outcome="refer",
        reasons=[REASON],
        rules={"findings": [FINDING]},
        limit_minor=2_000_000,
        yearly_rate_percent=Decimal("14.4"),
        installments=12,
        decided_on=timezone.localdate(),
    )
    return application


def signed_loan(customer: Customer, version: ProductVersion, maker: User | None, number: str = "L0000000001") -> Loan:
    """A loan that awaits its disbursement, with the schedule it will have."""
    application = Application.objects.create(
        customer=customer, product_version=version, status="signed", amount_minor=1_200_000, installments=12
    )
    loan = Loan.objects.create(
        number=number,
        application=application,
        customer=customer,
        product_version=version,
        terms={},
        currency="CNY",
        decimals=2,
        approved_minor=1_200_000,
        opened_on=timezone.localdate(),
    )
    for installment in range(1, 4):
        Installment.objects.create(
            loan=loan,
            customer=customer,
            number=installment,
            starts_on=dt.date(2026, 8 + installment, 14),
            due_on=dt.date(2026, 9 + installment, 14),
            principal_minor=94_619,
            interest_minor=12_000,
            balance_minor=0,
        )
    Disbursement.objects.create(
        loan=loan,
        customer=customer,
        amount_minor=1_200_000,
        currency="CNY",
        status="requested",
        maker=maker,
        needs_checker=True,
        requested_on=timezone.localdate(),
    )
    return loan


def build(otto: User, sun: User) -> World:
    product = Product.objects.create(code="everyday", name_zh="日常分期", name_en="Everyday installments")
    version = version_of(product, 1, otto)
    version.published_by, version.published_at = sun, timezone.now()
    version.save()
    for purpose in Purpose.values[:3]:
        ConsentText.objects.create(
            purpose=purpose,
            version=99,
            required=True,
            text_zh="同意",
            text_en="I agree",
            effective_on=dt.date(2026, 1, 1),
        )
    ada = person("王小雅", ADA_ID_NUMBER, ADA_PHONE, dt.date(1990, 3, 7))
    bao = person("包大同", BAO_ID_NUMBER, BAO_PHONE, dt.date(1988, 11, 23))
    for text in ConsentText.objects.filter(version=99):
        Consent.objects.create(
            customer=ada, text=text, purpose=text.purpose, given=True, channel="portal", on=dt.date(2026, 3, 2)
        )
    application = referred(ada, version)
    loan = signed_loan(bao, version, otto)
    return World(ada, bao, version, version_of(product, 2, sun), application, loan, loan.disbursements.get())


def add_staff(name: str, role: str) -> User:
    user = User.objects.create_user(username=name, password=PASSWORD, is_staff=True, language="en")
    user.groups.add(Group.objects.get(name=role))
    return user
