import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("axes", "0010_accessattemptexpiration"),
        ("customers", "__first__"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("django_celery_results", "0014_alter_taskresult_status"),
        ("knox", "0009_extend_authtoken_field"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.CreateModel(
            name="Product",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=30, unique=True, verbose_name="code")),
                ("name_zh", models.CharField(max_length=80, verbose_name="name (Chinese)")),
                ("name_en", models.CharField(max_length=80, verbose_name="name (English)")),
                (
                    "audience",
                    models.CharField(
                        choices=[("person", "Persons"), ("organisation", "Organisations")],
                        default="person",
                        max_length=12,
                        verbose_name="audience",
                    ),
                ),
                ("active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "product",
                "verbose_name_plural": "products",
            },
        ),
        migrations.CreateModel(
            name="HistoricalProduct",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("code", models.SlugField(max_length=30, verbose_name="code")),
                ("name_zh", models.CharField(max_length=80, verbose_name="name (Chinese)")),
                ("name_en", models.CharField(max_length=80, verbose_name="name (English)")),
                (
                    "audience",
                    models.CharField(
                        choices=[("person", "Persons"), ("organisation", "Organisations")],
                        default="person",
                        max_length=12,
                        verbose_name="audience",
                    ),
                ),
                ("active", models.BooleanField(default=True, verbose_name="active")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
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
            ],
            options={
                "verbose_name": "historical product",
                "verbose_name_plural": "historical products",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["history_date", "id"], name="products_hi_history_02dcdf_idx")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalProductVersion",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("effective_on", models.DateField(verbose_name="effective on")),
                ("jurisdiction", models.CharField(default="CN", max_length=10, verbose_name="jurisdiction")),
                ("licence", models.CharField(default="consumer_finance", max_length=30, verbose_name="licence")),
                ("currency", models.CharField(default="CNY", max_length=3, verbose_name="currency")),
                ("decimals", models.PositiveSmallIntegerField(default=2, verbose_name="decimals of the currency")),
                ("min_amount_minor", models.BigIntegerField(verbose_name="smallest amount (minor units)")),
                ("max_amount_minor", models.BigIntegerField(verbose_name="largest amount (minor units)")),
                ("installment_choices", models.JSONField(verbose_name="numbers of installments offered")),
                ("purposes", models.JSONField(verbose_name="purposes allowed")),
                (
                    "min_yearly_rate_percent",
                    models.DecimalField(decimal_places=4, max_digits=9, verbose_name="lowest yearly rate (nominal, %)"),
                ),
                (
                    "max_yearly_rate_percent",
                    models.DecimalField(
                        decimal_places=4, max_digits=9, verbose_name="highest yearly rate (nominal, %)"
                    ),
                ),
                ("terms", models.JSONField(verbose_name="terms")),
                (
                    "fees",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="A list such as {code, name_zh, name_en, basis: percent_of_principal | flat, value, charged: at_disbursement | per_installment, recipient}.",
                        verbose_name="fees",
                    ),
                ),
                (
                    "penalty_multiple",
                    models.DecimalField(
                        decimal_places=2,
                        default="1.5",
                        max_digits=4,
                        verbose_name="penalty rate as a multiple of the contract rate",
                    ),
                ),
                (
                    "second_officer_above_minor",
                    models.BigIntegerField(verbose_name="disbursement needs a second officer above (minor units)"),
                ),
                ("offer_valid_days", models.PositiveSmallIntegerField(default=14, verbose_name="days an offer stands")),
                (
                    "published_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="published at"),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
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
                    "proposed_by",
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
                    "published_by",
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
                    "product",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="products.product",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical product version",
                "verbose_name_plural": "historical product versions",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["history_date", "id"], name="products_hi_history_6fe9d5_idx")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ProductVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("effective_on", models.DateField(verbose_name="effective on")),
                ("jurisdiction", models.CharField(default="CN", max_length=10, verbose_name="jurisdiction")),
                ("licence", models.CharField(default="consumer_finance", max_length=30, verbose_name="licence")),
                ("currency", models.CharField(default="CNY", max_length=3, verbose_name="currency")),
                ("decimals", models.PositiveSmallIntegerField(default=2, verbose_name="decimals of the currency")),
                ("min_amount_minor", models.BigIntegerField(verbose_name="smallest amount (minor units)")),
                ("max_amount_minor", models.BigIntegerField(verbose_name="largest amount (minor units)")),
                ("installment_choices", models.JSONField(verbose_name="numbers of installments offered")),
                ("purposes", models.JSONField(verbose_name="purposes allowed")),
                (
                    "min_yearly_rate_percent",
                    models.DecimalField(decimal_places=4, max_digits=9, verbose_name="lowest yearly rate (nominal, %)"),
                ),
                (
                    "max_yearly_rate_percent",
                    models.DecimalField(
                        decimal_places=4, max_digits=9, verbose_name="highest yearly rate (nominal, %)"
                    ),
                ),
                ("terms", models.JSONField(verbose_name="terms")),
                (
                    "fees",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="A list such as {code, name_zh, name_en, basis: percent_of_principal | flat, value, charged: at_disbursement | per_installment, recipient}.",
                        verbose_name="fees",
                    ),
                ),
                (
                    "penalty_multiple",
                    models.DecimalField(
                        decimal_places=2,
                        default="1.5",
                        max_digits=4,
                        verbose_name="penalty rate as a multiple of the contract rate",
                    ),
                ),
                (
                    "second_officer_above_minor",
                    models.BigIntegerField(verbose_name="disbursement needs a second officer above (minor units)"),
                ),
                ("offer_valid_days", models.PositiveSmallIntegerField(default=14, verbose_name="days an offer stands")),
                (
                    "published_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="published at"),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="products.product"
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "product version",
                "verbose_name_plural": "product versions",
                "permissions": [
                    ("publish_productversion", "Can publish a product version that somebody else proposed")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("product", "version"), name="one_row_per_product_version"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("min_amount_minor__gt", 0), ("max_amount_minor__gte", models.F("min_amount_minor"))
                        ),
                        name="amounts_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("min_yearly_rate_percent__gte", 0),
                            ("max_yearly_rate_percent__gte", models.F("min_yearly_rate_percent")),
                        ),
                        name="rates_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("published_by__isnull", True),
                            models.Q(("published_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="product_publisher_is_not_proposer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at__isnull", True), ("published_by__isnull", True)),
                            models.Q(("published_at__isnull", False), ("published_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="published_by_somebody",
                    ),
                ],
            },
        ),
    ]
