"""The shapes of what comes in and goes out. Refusals of shape are here; refusals of business are the acts'."""

import copy
from typing import Any, ClassVar, TypeVar, cast

from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from customers.models import Purpose
from lending.api.money import AmountField, money
from lending.api.standing import Standing, standing_of
from lending.applications.models import Application, Decision, Offer
from lending.loans.models import Installment, Loan
from lending.products.models import ProductVersion
from lending.repayments.models import Repayment

Row = TypeVar("Row", bound=Model)


class RowShape(serializers.ModelSerializer[Row]):
    """The shape of a row on its way out. What the model says of its fields is worked out once a process; as nobody writes
    by it, a shape has light copies of these, and what is nested in them is one for all.
    """

    _worked_out: ClassVar[dict[type, dict[str, Any]]] = {}

    def get_fields(self) -> dict[str, Any]:
        if type(self) not in self._worked_out:
            self._worked_out[type(self)] = super().get_fields()
        return {name: copy.copy(field) for name, field in self._worked_out[type(self)].items()}


class MoneyShape(serializers.Serializer[Any]):
    amount = serializers.CharField(help_text="Decimal text in major units.")
    currency = serializers.CharField(help_text="ISO 4217 code.")


class RefusalShape(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))  # type: ignore[assignment]


class SignInShape(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=200, trim_whitespace=False)


class TokenShape(serializers.Serializer[Any]):
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class ProductShape(RowShape[ProductVersion]):
    code = serializers.CharField(source="product.code")
    name_zh = serializers.CharField(source="product.name_zh")
    name_en = serializers.CharField(source="product.name_en")
    audience = serializers.CharField(source="product.audience")
    min_amount = serializers.SerializerMethodField()
    max_amount = serializers.SerializerMethodField()
    installment_choices = serializers.ListField(child=serializers.IntegerField())
    purposes = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = ProductVersion
        fields = (
            "code", "name_zh", "name_en", "audience", "version", "effective_on", "currency", "min_amount", "max_amount",
            "installment_choices", "purposes", "min_yearly_rate_percent", "max_yearly_rate_percent",
        )  # fmt: skip

    @extend_schema_field(MoneyShape)
    def get_min_amount(self, version: ProductVersion) -> Any:
        return money(version.min_amount_minor, version.currency, version.decimals)

    @extend_schema_field(MoneyShape)
    def get_max_amount(self, version: ProductVersion) -> Any:
        return money(version.max_amount_minor, version.currency, version.decimals)


class PersonShape(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    id_number = serializers.CharField(max_length=18, help_text="Resident ID number (GB 11643).")
    phone = serializers.CharField(max_length=20)
    consents = serializers.ListField(
        child=serializers.ChoiceField(choices=Purpose.choices), help_text="What the channel collected and can prove."
    )


class NewApplicationShape(serializers.Serializer[Any]):
    product = serializers.SlugField(max_length=30)
    amount = AmountField(help_text="Decimal text in major units.")
    currency = serializers.CharField(max_length=3, min_length=3)
    installments = serializers.IntegerField(min_value=1, max_value=480)
    purpose = serializers.CharField(max_length=30)
    facts = serializers.DictField(
        child=serializers.JSONField(), help_text="What the applicant states, by fact name, such as income_monthly."
    )
    person = PersonShape(required=False, help_text="For channels; a signed-in customer applies for herself.")
    reference = serializers.CharField(max_length=80, required=False, help_text="The channel's own number.")

    def validate_facts(self, facts: dict[str, Any]) -> dict[str, Any]:
        if len(facts) > 100:
            raise serializers.ValidationError(_("At most 100 facts."))
        for name, value in facts.items():
            if not isinstance(value, str | int | bool) or len(str(value)) > 200:
                raise serializers.ValidationError(
                    _("%(name)s: text, whole numbers and true or false only; decimals as text.") % {"name": name}
                )
        return facts


class ReasonShape(serializers.Serializer[Any]):
    code = serializers.CharField()
    text_zh = serializers.CharField()
    text_en = serializers.CharField()


class DecisionShape(RowShape[Decision]):
    reasons = ReasonShape(many=True)
    limit = serializers.SerializerMethodField()
    decided_by = serializers.SerializerMethodField()
    score = serializers.SerializerMethodField()

    class Meta:
        model = Decision
        fields = (
            "outcome", "reasons", "limit", "yearly_rate_percent", "installments", "decided_by", "decided_on", "took_ms", "score",
        )  # fmt: skip

    @extend_schema_field(MoneyShape)
    def get_limit(self, decision: Decision) -> Any:
        version = decision.application.product_version
        return money(decision.limit_minor, version.currency, version.decimals)

    def get_decided_by(self, decision: Decision) -> str:
        return "officer" if decision.by_id else "rules"

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_score(self, decision: Decision) -> int | None:
        """Only staff see points: a customer is given reasons."""
        staff = getattr(self.context["request"].user, "is_staff", False)
        return decision.score.points if staff and decision.score else None


class OfferShape(RowShape[Offer]):
    id = serializers.UUIDField(source="public_id")
    amount = serializers.SerializerMethodField()
    schedule = serializers.JSONField()
    fees = serializers.JSONField()
    disclosure = serializers.JSONField()

    class Meta:
        model = Offer
        fields = (
            "id", "amount", "installments", "yearly_rate_percent", "schedule", "fees", "disclosure", "made_on", "expires_on",
        )  # fmt: skip

    @extend_schema_field(MoneyShape)
    def get_amount(self, offer: Offer) -> Any:
        return money(offer.amount_minor, offer.currency, offer.product_version.decimals)


class ApplicationsShape(serializers.ListSerializer[Application]):
    """A page of applications: how they stand is read for all of them at once."""

    def to_representation(self, data: Any) -> Any:
        rows = list(data)
        cast(dict[str, Any], self.context)["standing"] = standing_of(rows)
        return super().to_representation(rows)


class ApplicationShape(RowShape[Application]):
    """`standing` of the context says how applications stand, by key; what is not there is read."""

    id = serializers.UUIDField(source="public_id")
    number = serializers.SerializerMethodField()
    product = serializers.CharField(source="product_version.product.code")
    amount = serializers.SerializerMethodField()
    decision = serializers.SerializerMethodField()
    offer = serializers.SerializerMethodField()
    loan = serializers.SerializerMethodField()

    class Meta:
        model = Application
        fields = (
            "id", "number", "status", "product", "channel", "amount", "installments", "purpose", "submitted_on", "decision",
            "offer", "loan",
        )  # fmt: skip
        list_serializer_class = ApplicationsShape

    def _standing(self, application: Application) -> Standing:
        known: dict[int, Standing] = cast(dict[str, Any], self.context).setdefault("standing", {})
        if application.pk not in known:
            known |= standing_of([application])
        return known[application.pk]

    def get_number(self, application: Application) -> str:
        return str(application)

    @extend_schema_field(MoneyShape)
    def get_amount(self, application: Application) -> Any:
        version = application.product_version
        return money(application.amount_minor, version.currency, version.decimals)

    @extend_schema_field(DecisionShape)
    def get_decision(self, application: Application) -> Any:
        decision = self._standing(application).decision
        return DecisionShape(decision, context=self.context).data if decision else None

    @extend_schema_field(OfferShape)
    def get_offer(self, application: Application) -> Any:
        offer = self._standing(application).offer
        return OfferShape(offer, context=self.context).data if offer else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_loan(self, application: Application) -> str | None:
        return self._standing(application).loan_number


class LoanShape(RowShape[Loan]):
    product = serializers.CharField(source="product_version.product.code")
    approved = serializers.SerializerMethodField()
    disbursed = serializers.SerializerMethodField()
    outstanding = serializers.SerializerMethodField()
    outstanding_principal = serializers.SerializerMethodField()
    credit_balance = serializers.SerializerMethodField()

    class Meta:
        model = Loan
        fields = (
            "number", "status", "product", "approved", "disbursed", "outstanding", "outstanding_principal", "credit_balance",
            "opened_on", "disbursed_on", "next_due_on", "oldest_due_on", "closed_on",
        )  # fmt: skip

    def _money(self, loan: Loan, minor: int) -> Any:
        return money(minor, loan.currency, loan.decimals)

    @extend_schema_field(MoneyShape)
    def get_approved(self, loan: Loan) -> Any:
        return self._money(loan, loan.approved_minor)

    @extend_schema_field(MoneyShape)
    def get_disbursed(self, loan: Loan) -> Any:
        return self._money(loan, loan.disbursed_minor)

    @extend_schema_field(MoneyShape)
    def get_outstanding(self, loan: Loan) -> Any:
        return self._money(loan, loan.outstanding_minor)

    @extend_schema_field(MoneyShape)
    def get_outstanding_principal(self, loan: Loan) -> Any:
        return self._money(loan, loan.outstanding_principal_minor)

    @extend_schema_field(MoneyShape)
    def get_credit_balance(self, loan: Loan) -> Any:
        return self._money(loan, loan.credit_balance_minor)


class InstallmentShape(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    starts_on = serializers.DateField()
    due_on = serializers.DateField()
    principal = serializers.CharField()
    interest = serializers.CharField()
    fees = serializers.CharField()
    penalties = serializers.CharField()
    total = serializers.CharField()
    paid = serializers.CharField()
    outstanding = serializers.CharField()
    balance = serializers.CharField()
    settled_on = serializers.DateField(allow_null=True)

    def to_representation(self, row: Installment) -> dict[str, Any]:
        decimals = self.context["decimals"]
        names = ("principal", "interest", "fees", "penalties", "total", "paid", "outstanding", "balance")
        amounts = {name: (money(getattr(row, f"{name}_minor"), "", decimals) or {})["amount"] for name in names}
        days = {name: getattr(row, name) for name in ("starts_on", "due_on", "settled_on")}
        return {"number": row.number, **{name: day and day.isoformat() for name, day in days.items()}, **amounts}


class ScheduleShape(serializers.Serializer[Any]):
    loan = serializers.CharField()
    currency = serializers.CharField()
    installments = InstallmentShape(many=True)


class NewRepaymentShape(serializers.Serializer[Any]):
    amount = AmountField(help_text="Decimal text in major units.")
    currency = serializers.CharField(max_length=3, min_length=3)
    received_on = serializers.DateField()


class RepaymentShape(RowShape[Repayment]):
    amount = serializers.SerializerMethodField()
    allocations = serializers.SerializerMethodField()
    reversed = serializers.SerializerMethodField()

    class Meta:
        model = Repayment
        fields = ("id", "received_on", "channel", "amount", "allocations", "reversed")

    @extend_schema_field(MoneyShape)
    def get_amount(self, repayment: Repayment) -> Any:
        return money(repayment.amount_minor, repayment.currency, repayment.loan.decimals)

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_allocations(self, repayment: Repayment) -> list[dict[str, Any]]:
        """What the money paid, as it stands now: installment (null for the credit balance), component, amount."""
        sums: dict[tuple[int | None, str], int] = {}
        for row in repayment.event.allocations.all():
            place = (row.installment_number, row.component)
            sums[place] = sums.get(place, 0) + row.amount_minor
        decimals = repayment.loan.decimals
        return [
            {"installment": number, "component": component, "amount": (money(minor, "", decimals) or {})["amount"]}
            for (number, component), minor in sorted(sums.items(), key=lambda item: (item[0][0] or 10**6, item[0][1]))
            if minor
        ]

    def get_reversed(self, repayment: Repayment) -> bool:
        return hasattr(repayment, "reversal")


class PayoffQuoteShape(serializers.Serializer[Any]):
    loan = serializers.CharField()
    on = serializers.DateField()
    currency = serializers.CharField()
    principal = serializers.CharField()
    interest = serializers.CharField()
    fees = serializers.CharField()
    penalties = serializers.CharField()
    prepayment_fee = serializers.CharField()
    credit_applied = serializers.CharField()
    total = serializers.CharField()
