import customers.encryption
import django.db.models.deletion
import simple_history.models
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("applications", "0001_initial"),
        ("customers", "0001_initial"),
        ("customers", "__first__"),
        ("products", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BankCallback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_id", models.CharField(max_length=80)),
                ("accepted", models.BooleanField(verbose_name="signature held")),
                ("body", models.TextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "bank callback",
                "verbose_name_plural": "bank callbacks",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("accepted", True)),
                        fields=("event_id",),
                        name="one_accepted_callback_per_event",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Loan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=30, unique=True, verbose_name="number")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("terms", models.JSONField(verbose_name="terms")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("decimals", models.PositiveSmallIntegerField(verbose_name="decimals of the currency")),
                ("approved_minor", models.BigIntegerField(verbose_name="approved amount (minor units)")),
                ("opened_on", models.DateField(verbose_name="opened on")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("approved", "Awaiting disbursement"),
                            ("active", "Active"),
                            ("paid_off", "Paid off"),
                            ("charged_off", "Charged off"),
                            ("cancelled", "Cancelled"),
                        ],
                        db_index=True,
                        default="approved",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("disbursed_on", models.DateField(blank=True, null=True, verbose_name="disbursed on")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                ("disbursed_minor", models.BigIntegerField(default=0, verbose_name="disbursed (minor units)")),
                (
                    "outstanding_principal_minor",
                    models.BigIntegerField(default=0, verbose_name="outstanding principal (minor units)"),
                ),
                (
                    "outstanding_interest_minor",
                    models.BigIntegerField(default=0, verbose_name="outstanding interest (minor units)"),
                ),
                (
                    "outstanding_fees_minor",
                    models.BigIntegerField(default=0, verbose_name="outstanding fees (minor units)"),
                ),
                (
                    "outstanding_penalties_minor",
                    models.BigIntegerField(default=0, verbose_name="outstanding penalties (minor units)"),
                ),
                (
                    "credit_balance_minor",
                    models.BigIntegerField(default=0, verbose_name="credit balance of the customer (minor units)"),
                ),
                ("oldest_due_on", models.DateField(blank=True, null=True, verbose_name="oldest unpaid due date")),
                ("next_due_on", models.DateField(blank=True, null=True, verbose_name="next due date")),
                ("events_count", models.PositiveIntegerField(default=0)),
                ("replayed_on", models.DateField(blank=True, null=True, verbose_name="projected as of")),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="loan", to="applications.application"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="loans", to="customers.customer"
                    ),
                ),
                (
                    "product_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="products.productversion"
                    ),
                ),
            ],
            options={
                "verbose_name": "loan",
                "verbose_name_plural": "loans",
                "permissions": [("approve_disbursement", "Can approve a disbursement as the second officer")],
            },
        ),
        migrations.CreateModel(
            name="Installment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                ("starts_on", models.DateField(verbose_name="starts on")),
                ("due_on", models.DateField(verbose_name="due on")),
                ("principal_minor", models.BigIntegerField(verbose_name="principal (minor units)")),
                ("interest_minor", models.BigIntegerField(verbose_name="interest (minor units)")),
                ("fees_minor", models.BigIntegerField(default=0, verbose_name="fees (minor units)")),
                ("penalties_minor", models.BigIntegerField(default=0, verbose_name="penalties (minor units)")),
                (
                    "paid_principal_minor",
                    models.BigIntegerField(default=0, verbose_name="principal paid (minor units)"),
                ),
                ("paid_interest_minor", models.BigIntegerField(default=0, verbose_name="interest paid (minor units)")),
                ("paid_fees_minor", models.BigIntegerField(default=0, verbose_name="fees paid (minor units)")),
                (
                    "paid_penalties_minor",
                    models.BigIntegerField(default=0, verbose_name="penalties paid (minor units)"),
                ),
                ("waived_minor", models.BigIntegerField(default=0, verbose_name="forgiven (minor units)")),
                ("balance_minor", models.BigIntegerField(verbose_name="principal left after it (minor units)")),
                ("settled_on", models.DateField(blank=True, null=True, verbose_name="settled on")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("regular", "Regular"),
                            ("down_payment", "Down payment"),
                            ("additional", "After maturity"),
                            ("repaid_early", "Repaid early"),
                            ("brought_forward", "Brought forward"),
                        ],
                        default="regular",
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "loan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="installments", to="loans.loan"
                    ),
                ),
            ],
            options={
                "verbose_name": "installment",
                "verbose_name_plural": "installments",
                "ordering": ["loan_id", "number"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalDisbursement",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount (minor units)")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "account",
                    customers.encryption.EncryptedTextField(blank=True, editable=False, verbose_name="account"),
                ),
                ("account_number", models.CharField(blank=True, max_length=40, verbose_name="account (masked)")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("requested", "Awaiting the second officer"),
                            ("approved", "Approved"),
                            ("submitted", "With the bank"),
                            ("succeeded", "Paid out"),
                            ("failed", "Refused by the bank"),
                            ("rejected", "Rejected by the second officer"),
                        ],
                        db_index=True,
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "key",
                    models.UUIDField(db_index=True, default=uuid.uuid4, editable=False, verbose_name="idempotency key"),
                ),
                ("bank_reference", models.CharField(blank=True, max_length=80, verbose_name="bank's reference")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                ("needs_checker", models.BooleanField(verbose_name="needs a second officer")),
                ("requested_on", models.DateField(verbose_name="requested on")),
                ("settled_on", models.DateField(blank=True, null=True, verbose_name="settled on")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "checker",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "maker",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "loan",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="loans.loan",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical disbursement",
                "verbose_name_plural": "historical disbursements",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Disbursement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount (minor units)")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "account",
                    customers.encryption.EncryptedTextField(blank=True, editable=False, verbose_name="account"),
                ),
                ("account_number", models.CharField(blank=True, max_length=40, verbose_name="account (masked)")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("requested", "Awaiting the second officer"),
                            ("approved", "Approved"),
                            ("submitted", "With the bank"),
                            ("succeeded", "Paid out"),
                            ("failed", "Refused by the bank"),
                            ("rejected", "Rejected by the second officer"),
                        ],
                        db_index=True,
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "key",
                    models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name="idempotency key"),
                ),
                ("bank_reference", models.CharField(blank=True, max_length=80, verbose_name="bank's reference")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                ("needs_checker", models.BooleanField(verbose_name="needs a second officer")),
                ("requested_on", models.DateField(verbose_name="requested on")),
                ("settled_on", models.DateField(blank=True, null=True, verbose_name="settled on")),
                (
                    "checker",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "maker",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "loan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="disbursements", to="loans.loan"
                    ),
                ),
            ],
            options={
                "verbose_name": "disbursement",
                "verbose_name_plural": "disbursements",
            },
        ),
        migrations.CreateModel(
            name="LoanEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.PositiveIntegerField(verbose_name="sequence")),
                ("on", models.DateField(verbose_name="value date")),
                ("entered_on", models.DateField(verbose_name="entered on")),
                ("type", models.CharField(max_length=40, verbose_name="type")),
                ("payload", models.JSONField(verbose_name="event")),
                ("key", models.CharField(max_length=120, unique=True, verbose_name="key")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "loan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="loans.loan"
                    ),
                ),
            ],
            options={
                "verbose_name": "loan event",
                "verbose_name_plural": "loan events",
            },
        ),
        migrations.CreateModel(
            name="Allocation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "installment_number",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="installment"),
                ),
                (
                    "component",
                    models.CharField(
                        choices=[
                            ("principal", "Principal"),
                            ("interest", "Interest"),
                            ("fee", "Fee"),
                            ("penalty", "Penalty"),
                            ("credit", "Credit balance"),
                        ],
                        max_length=10,
                        verbose_name="component",
                    ),
                ),
                ("amount_minor", models.BigIntegerField(verbose_name="amount (minor units)")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "loan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="allocations", to="loans.loan"
                    ),
                ),
                (
                    "caused_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="loans.loanevent"
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="allocations", to="loans.loanevent"
                    ),
                ),
            ],
            options={
                "verbose_name": "allocation",
                "verbose_name_plural": "allocations",
            },
        ),
        migrations.AddIndex(
            model_name="loan",
            index=models.Index(fields=["status", "oldest_due_on"], name="loans_by_oldest_due"),
        ),
        migrations.AddIndex(
            model_name="loan",
            index=models.Index(fields=["status", "next_due_on"], name="loans_by_next_due"),
        ),
        migrations.AddConstraint(
            model_name="loan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outstanding_principal_minor__gte", 0),
                    ("outstanding_interest_minor__gte", 0),
                    ("outstanding_fees_minor__gte", 0),
                    ("outstanding_penalties_minor__gte", 0),
                    ("credit_balance_minor__gte", 0),
                ),
                name="balances_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="loan",
            constraint=models.CheckConstraint(condition=models.Q(("approved_minor__gt", 0)), name="approved_positive"),
        ),
        migrations.AddIndex(
            model_name="installment",
            index=models.Index(fields=["due_on", "settled_on"], name="installments_by_due_date"),
        ),
        migrations.AddConstraint(
            model_name="installment",
            constraint=models.UniqueConstraint(fields=("loan", "number"), name="one_row_per_installment"),
        ),
        migrations.AddIndex(
            model_name="historicaldisbursement",
            index=models.Index(fields=["history_date", "id"], name="loans_histo_history_11e862_idx"),
        ),
        migrations.AddConstraint(
            model_name="disbursement",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="disbursement_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="disbursement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("checker__isnull", True),
                    ("maker__isnull", True),
                    models.Q(("checker", models.F("maker")), _negated=True),
                    _connector="OR",
                ),
                name="disbursement_checker_is_not_maker",
            ),
        ),
        migrations.AddConstraint(
            model_name="disbursement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("needs_checker", False), ("checker__isnull", False), ("status", "requested"), _connector="OR"
                ),
                name="large_disbursement_has_checker",
            ),
        ),
        migrations.AddConstraint(
            model_name="disbursement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["requested", "approved", "submitted"])),
                fields=("loan",),
                name="one_disbursement_under_way_per_loan",
            ),
        ),
        migrations.AddConstraint(
            model_name="loanevent",
            constraint=models.UniqueConstraint(fields=("loan", "sequence"), name="one_event_per_sequence"),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor", 0), _negated=True), name="allocation_not_zero"
            ),
        ),
    ]
