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
        ("loans", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Repayment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount (minor units)")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("received_on", models.DateField(verbose_name="received on")),
                ("channel", models.CharField(max_length=20, verbose_name="channel")),
                ("key", models.CharField(max_length=100, unique=True, verbose_name="idempotency key")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
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
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="repayment", to="loans.loanevent"
                    ),
                ),
                (
                    "loan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="repayments", to="loans.loan"
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal",
                        to="repayments.repayment",
                    ),
                ),
            ],
            options={
                "verbose_name": "repayment",
                "verbose_name_plural": "repayments",
                "permissions": [("reverse_repayment", "Can reverse a repayment")],
            },
        ),
        migrations.CreateModel(
            name="PaymentOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount (minor units)")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("created", "Being sent to the bank"),
                            ("submitted", "With the bank"),
                            ("succeeded", "Received"),
                            ("failed", "Refused by the bank"),
                        ],
                        default="created",
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
                ("ordered_on", models.DateField(verbose_name="ordered on")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "loan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payment_orders", to="loans.loan"
                    ),
                ),
                (
                    "repayment",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="order",
                        to="repayments.repayment",
                    ),
                ),
            ],
            options={
                "verbose_name": "payment order",
                "verbose_name_plural": "payment orders",
            },
        ),
        migrations.CreateModel(
            name="HistoricalPaymentOrder",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount (minor units)")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("created", "Being sent to the bank"),
                            ("submitted", "With the bank"),
                            ("succeeded", "Received"),
                            ("failed", "Refused by the bank"),
                        ],
                        default="created",
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
                ("ordered_on", models.DateField(verbose_name="ordered on")),
                ("created_at", models.DateTimeField(blank=True, editable=False)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
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
                (
                    "repayment",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="repayments.repayment",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical payment order",
                "verbose_name_plural": "historical payment orders",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddConstraint(
            model_name="repayment",
            constraint=models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="repayment_positive"),
        ),
        migrations.AddConstraint(
            model_name="paymentorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="payment_order_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentorder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["created", "submitted"])),
                fields=("loan",),
                name="one_payment_order_under_way_per_loan",
            ),
        ),
        migrations.AddIndex(
            model_name="historicalpaymentorder",
            index=models.Index(fields=["history_date", "id"], name="repayments__history_4a692a_idx"),
        ),
    ]
