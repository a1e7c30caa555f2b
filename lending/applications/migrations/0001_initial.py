import customers.encryption
import django.db.models.deletion
import simple_history.models
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("customers", "0001_initial"),
        ("customers", "__first__"),
        ("products", "0001_initial"),
        ("scoring", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Application",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Being filled in"),
                            ("submitted", "Submitted"),
                            ("referred", "With an officer"),
                            ("declined", "Declined"),
                            ("offered", "Offer made"),
                            ("signed", "Signed"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Offer expired"),
                        ],
                        db_index=True,
                        default="draft",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("channel", models.CharField(default="portal", max_length=40, verbose_name="channel")),
                (
                    "external_reference",
                    models.CharField(blank=True, max_length=80, null=True, verbose_name="reference of the channel"),
                ),
                (
                    "amount_minor",
                    models.BigIntegerField(blank=True, null=True, verbose_name="amount asked for (minor units)"),
                ),
                (
                    "installments",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="installments asked for"),
                ),
                ("purpose", models.CharField(blank=True, max_length=30, verbose_name="purpose")),
                ("answers", models.JSONField(blank=True, default=dict, verbose_name="answers")),
                ("submitted_on", models.DateField(blank=True, null=True, verbose_name="submitted on")),
                ("submitted_at", models.DateTimeField(blank=True, null=True, verbose_name="submitted at")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "assigned_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assigned to",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="customers.customer",
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
                "verbose_name": "application",
                "verbose_name_plural": "applications",
            },
        ),
        migrations.CreateModel(
            name="BureauInquiry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("purpose", models.CharField(default="loan_application", max_length=30, verbose_name="purpose")),
                ("answered", models.BooleanField(verbose_name="answered")),
                ("found", models.BooleanField(default=False, verbose_name="known to the bureau")),
                ("facts", models.JSONField(default=dict, verbose_name="facts")),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="SHA-256 of the answer")),
                ("reason", models.CharField(blank=True, max_length=100, verbose_name="reason")),
                ("asked_on", models.DateField(verbose_name="asked on")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bureau_inquiries",
                        to="applications.application",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bureau_inquiries",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "bureau inquiry",
                "verbose_name_plural": "bureau inquiries",
            },
        ),
        migrations.CreateModel(
            name="FactsSnapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("facts", models.JSONField(verbose_name="facts")),
                ("sources", models.JSONField(verbose_name="sources")),
                ("sha256", models.CharField(max_length=64)),
                ("taken_on", models.DateField(verbose_name="taken on")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="snapshots",
                        to="applications.application",
                    ),
                ),
            ],
            options={
                "verbose_name": "facts snapshot",
                "verbose_name_plural": "facts snapshots",
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outcome",
                    models.CharField(
                        choices=[("approve", "Approved"), ("refer", "Referred to an officer"), ("decline", "Declined")],
                        max_length=8,
                        verbose_name="outcome",
                    ),
                ),
                ("reasons", models.JSONField(verbose_name="reasons")),
                ("rules", models.JSONField(default=dict, verbose_name="rules applied")),
                ("limit_minor", models.BigIntegerField(blank=True, null=True, verbose_name="limit (minor units)")),
                (
                    "yearly_rate_percent",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=9, null=True, verbose_name="yearly rate (nominal, %)"
                    ),
                ),
                ("installments", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="installments")),
                ("override", models.BooleanField(default=False, verbose_name="against the recommendation")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("decided_on", models.DateField(verbose_name="decided on")),
                ("took_ms", models.PositiveIntegerField(blank=True, null=True, verbose_name="took (ms)")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="applications.application",
                    ),
                ),
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
                    "score",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scoring.score",
                    ),
                ),
                (
                    "snapshot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="applications.factssnapshot"
                    ),
                ),
            ],
            options={
                "verbose_name": "decision",
                "verbose_name_plural": "decisions",
            },
        ),
        migrations.CreateModel(
            name="HistoricalApplication",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("public_id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Being filled in"),
                            ("submitted", "Submitted"),
                            ("referred", "With an officer"),
                            ("declined", "Declined"),
                            ("offered", "Offer made"),
                            ("signed", "Signed"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Offer expired"),
                        ],
                        db_index=True,
                        default="draft",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("channel", models.CharField(default="portal", max_length=40, verbose_name="channel")),
                (
                    "external_reference",
                    models.CharField(blank=True, max_length=80, null=True, verbose_name="reference of the channel"),
                ),
                (
                    "amount_minor",
                    models.BigIntegerField(blank=True, null=True, verbose_name="amount asked for (minor units)"),
                ),
                (
                    "installments",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="installments asked for"),
                ),
                ("purpose", models.CharField(blank=True, max_length=30, verbose_name="purpose")),
                ("answers", models.JSONField(blank=True, default=dict, verbose_name="answers")),
                ("submitted_on", models.DateField(blank=True, null=True, verbose_name="submitted on")),
                ("submitted_at", models.DateTimeField(blank=True, null=True, verbose_name="submitted at")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
                ("created_at", models.DateTimeField(blank=True, editable=False)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "assigned_to",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assigned to",
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
                    "product_version",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="products.productversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical application",
                "verbose_name_plural": "historical applications",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Offer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount (minor units)")),
                ("installments", models.PositiveSmallIntegerField(verbose_name="installments")),
                (
                    "yearly_rate_percent",
                    models.DecimalField(decimal_places=4, max_digits=9, verbose_name="yearly rate (nominal, %)"),
                ),
                ("terms", models.JSONField(verbose_name="terms")),
                ("schedule", models.JSONField(verbose_name="schedule")),
                ("fees", models.JSONField(default=list, verbose_name="fees")),
                ("disclosure", models.JSONField(verbose_name="cost disclosure")),
                ("made_on", models.DateField(verbose_name="made on")),
                ("expires_on", models.DateField(verbose_name="expires on")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offers",
                        to="applications.application",
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="applications.decision"
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
                "verbose_name": "offer",
                "verbose_name_plural": "offers",
            },
        ),
        migrations.CreateModel(
            name="Contract",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=30, unique=True, verbose_name="number")),
                (
                    "language",
                    models.CharField(
                        choices=[("zh-hans", "Simplified Chinese"), ("en", "English")],
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                ("text", customers.encryption.EncryptedTextField(verbose_name="text")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("rendered_on", models.DateField(verbose_name="rendered on")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "offer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contract", to="applications.offer"
                    ),
                ),
            ],
            options={
                "verbose_name": "contract",
                "verbose_name_plural": "contracts",
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("method", models.CharField(max_length=30, verbose_name="method")),
                ("disclosure_confirmed", models.BooleanField(verbose_name="cost disclosure read and confirmed")),
                ("signed_on", models.DateField(verbose_name="signed on")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "contract",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signature",
                        to="applications.contract",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "signature",
                "verbose_name_plural": "signatures",
            },
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["draft", "submitted", "referred", "offered"])),
                fields=("customer",),
                name="one_open_application_per_customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                fields=("channel", "external_reference"), name="one_application_per_channel_reference"
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__isnull", True), ("amount_minor__gt", 0), _connector="OR"),
                name="asked_amount_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="bureauinquiry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answered", True)),
                fields=("customer", "asked_on"),
                name="one_bureau_answer_per_customer_and_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "approve"), _negated=True),
                    models.Q(
                        ("installments__isnull", False), ("limit_minor__gt", 0), ("yearly_rate_percent__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="approval_names_limit_rate_and_term",
            ),
        ),
        migrations.AddIndex(
            model_name="historicalapplication",
            index=models.Index(fields=["history_date", "id"], name="application_history_a549d1_idx"),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="offer_amount_positive"
            ),
        ),
    ]
