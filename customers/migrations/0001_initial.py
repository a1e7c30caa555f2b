import customers.encryption
import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Customer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("person", "Person"), ("organisation", "Organisation")],
                        default="person",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("registered", "Registered"), ("identified", "Identified"), ("blocked", "Blocked")],
                        default="registered",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("zh-hans", "Simplified Chinese"), ("en", "English")],
                        default="zh-hans",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("registered_on", models.DateField(verbose_name="registered on")),
            ],
            options={
                "verbose_name": "customer",
                "verbose_name_plural": "customers",
                "permissions": [("reveal_personal_data", "Can see personal data in plain, on the record")],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                (
                    "language",
                    models.CharField(
                        choices=[("zh-hans", "Simplified Chinese"), ("en", "English")],
                        default="zh-hans",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                ("phone", customers.encryption.EncryptedTextField(blank=True, default="", verbose_name="phone")),
                ("phone_index", models.CharField(blank=True, editable=False, max_length=64, null=True, unique=True)),
                ("phone_verified", models.BooleanField(default=False, verbose_name="phone verified")),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="ConsentText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("identity", "Verify who I am"),
                            ("credit_report", "Query my credit report"),
                            ("automated_decision", "Decide automatically on my application"),
                            ("device_signals", "Use signals of my device against fraud"),
                            ("partner_sharing", "Share with funding partners"),
                            ("marketing", "Tell me about offers"),
                        ],
                        max_length=30,
                        verbose_name="purpose",
                    ),
                ),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("required", models.BooleanField(verbose_name="required to apply")),
                ("text_zh", models.TextField(verbose_name="text (Chinese)")),
                ("text_en", models.TextField(verbose_name="text (English)")),
                ("effective_on", models.DateField(verbose_name="effective on")),
            ],
            options={
                "verbose_name": "consent text",
                "verbose_name_plural": "consent texts",
                "constraints": [
                    models.UniqueConstraint(fields=("purpose", "version"), name="one_consent_text_per_version")
                ],
            },
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="organisation",
                        serialize=False,
                        to="customers.customer",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "credit_code",
                    models.CharField(max_length=18, unique=True, verbose_name="unified social credit code"),
                ),
                ("established_on", models.DateField(blank=True, null=True, verbose_name="established on")),
                ("representative_name", customers.encryption.EncryptedTextField(verbose_name="legal representative")),
                (
                    "representative_id_number",
                    customers.encryption.EncryptedTextField(verbose_name="representative's resident ID number"),
                ),
                ("representative_id_number_index", models.CharField(db_index=True, editable=False, max_length=64)),
                ("phone", customers.encryption.EncryptedTextField(verbose_name="phone")),
                ("phone_index", models.CharField(db_index=True, editable=False, max_length=64)),
            ],
            options={
                "verbose_name": "organisation",
                "verbose_name_plural": "organisations",
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="person",
                        serialize=False,
                        to="customers.customer",
                    ),
                ),
                ("name", customers.encryption.EncryptedTextField(verbose_name="name")),
                ("id_number", customers.encryption.EncryptedTextField(verbose_name="resident ID number")),
                ("id_number_index", models.CharField(editable=False, max_length=64, unique=True)),
                ("birth_date", models.DateField(verbose_name="date of birth")),
                ("phone", customers.encryption.EncryptedTextField(verbose_name="phone")),
                ("phone_index", models.CharField(db_index=True, editable=False, max_length=64)),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "persons",
            },
        ),
        migrations.AddField(
            model_name="customer",
            name="user",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="customer",
                to=settings.AUTH_USER_MODEL,
                verbose_name="user",
            ),
        ),
        migrations.CreateModel(
            name="IdentityCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=30, verbose_name="kind")),
                ("passed", models.BooleanField(verbose_name="passed")),
                ("evidence", models.JSONField(blank=True, default=dict, verbose_name="evidence")),
                ("made_on", models.DateField(verbose_name="made on")),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="identity_checks",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "identity check",
                "verbose_name_plural": "identity checks",
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=120, unique=True, verbose_name="key")),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                ("subject_type", models.CharField(blank=True, max_length=30, verbose_name="about")),
                ("subject_id", models.CharField(blank=True, db_index=True, max_length=40, verbose_name="about number")),
                (
                    "language",
                    models.CharField(
                        choices=[("zh-hans", "Simplified Chinese"), ("en", "English")],
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("body", models.TextField(verbose_name="body")),
                ("on", models.DateField(verbose_name="business date")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="customers.customer"
                    ),
                ),
            ],
            options={
                "verbose_name": "notice",
                "verbose_name_plural": "notices",
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[("inbox", "Inbox"), ("email", "E-mail"), ("sms", "SMS")],
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        choices=[("sent", "Sent"), ("failed", "Failed"), ("read", "Read")],
                        max_length=10,
                        verbose_name="result",
                    ),
                ),
                ("reference", models.CharField(blank=True, max_length=100, verbose_name="reference of the carrier")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="customers.notice"
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
            },
        ),
        migrations.CreateModel(
            name="OutgoingMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[("inbox", "Inbox"), ("email", "E-mail"), ("sms", "SMS")],
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
                ("not_before", models.DateTimeField(verbose_name="not before")),
                ("allowed_from", models.TimeField(blank=True, null=True, verbose_name="allowed from (local time)")),
                ("allowed_until", models.TimeField(blank=True, null=True, verbose_name="allowed until (local time)")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                ("done", models.BooleanField(default=False, verbose_name="done")),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="outgoing", to="customers.notice"
                    ),
                ),
            ],
            options={
                "verbose_name": "outgoing message",
                "verbose_name_plural": "outgoing messages",
            },
        ),
        migrations.CreateModel(
            name="ServiceCase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("explanation", "Explain a decision"),
                            ("review", "Have a person review a decision"),
                            ("complaint", "Complaint"),
                            ("correction", "Correct my data"),
                            ("erasure", "Erase my data"),
                            ("question", "Question"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("subject_type", models.CharField(blank=True, max_length=30, verbose_name="about")),
                ("subject_id", models.CharField(blank=True, max_length=40, verbose_name="about number")),
                ("text", models.TextField(blank=True, verbose_name="what the customer wrote")),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("answered", "Answered")],
                        db_index=True,
                        default="open",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("answer", models.TextField(blank=True, verbose_name="our answer")),
                ("opened_on", models.DateField(verbose_name="opened on")),
                ("due_on", models.DateField(verbose_name="answer due on")),
                ("answered_on", models.DateField(blank=True, null=True, verbose_name="answered on")),
                (
                    "key",
                    models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name="idempotency key"),
                ),
                (
                    "answered_by",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_cases",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "service case",
                "verbose_name_plural": "service cases",
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("identity", "Verify who I am"),
                            ("credit_report", "Query my credit report"),
                            ("automated_decision", "Decide automatically on my application"),
                            ("device_signals", "Use signals of my device against fraud"),
                            ("partner_sharing", "Share with funding partners"),
                            ("marketing", "Tell me about offers"),
                        ],
                        max_length=30,
                        verbose_name="purpose",
                    ),
                ),
                ("given", models.BooleanField(help_text="No means withdrawn.", verbose_name="given")),
                ("channel", models.CharField(max_length=20, verbose_name="channel")),
                ("on", models.DateField(verbose_name="on")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "text",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.consenttext"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="customers.customer"
                    ),
                ),
            ],
            options={
                "verbose_name": "consent",
                "verbose_name_plural": "consents",
                "indexes": [models.Index(fields=["customer", "purpose", "-id"], name="latest_consent")],
            },
        ),
        migrations.CreateModel(
            name="HistoricalCustomer",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("public_id", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("person", "Person"), ("organisation", "Organisation")],
                        default="person",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("registered", "Registered"), ("identified", "Identified"), ("blocked", "Blocked")],
                        default="registered",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("zh-hans", "Simplified Chinese"), ("en", "English")],
                        default="zh-hans",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("registered_on", models.DateField(verbose_name="registered on")),
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
                    "user",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical customer",
                "verbose_name_plural": "historical customers",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["history_date", "id"], name="customers_h_history_489321_idx")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalOrganisation",
            fields=[
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "credit_code",
                    models.CharField(db_index=True, max_length=18, verbose_name="unified social credit code"),
                ),
                ("established_on", models.DateField(blank=True, null=True, verbose_name="established on")),
                ("representative_name", customers.encryption.EncryptedTextField(verbose_name="legal representative")),
                (
                    "representative_id_number",
                    customers.encryption.EncryptedTextField(verbose_name="representative's resident ID number"),
                ),
                ("representative_id_number_index", models.CharField(db_index=True, editable=False, max_length=64)),
                ("phone", customers.encryption.EncryptedTextField(verbose_name="phone")),
                ("phone_index", models.CharField(db_index=True, editable=False, max_length=64)),
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
            ],
            options={
                "verbose_name": "historical organisation",
                "verbose_name_plural": "historical organisations",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["history_date", "customer_id"], name="customers_h_history_8482f8_idx")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPerson",
            fields=[
                ("name", customers.encryption.EncryptedTextField(verbose_name="name")),
                ("id_number", customers.encryption.EncryptedTextField(verbose_name="resident ID number")),
                ("id_number_index", models.CharField(db_index=True, editable=False, max_length=64)),
                ("birth_date", models.DateField(verbose_name="date of birth")),
                ("phone", customers.encryption.EncryptedTextField(verbose_name="phone")),
                ("phone_index", models.CharField(db_index=True, editable=False, max_length=64)),
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
            ],
            options={
                "verbose_name": "historical person",
                "verbose_name_plural": "historical persons",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["history_date", "customer_id"], name="customers_h_history_39f6d8_idx")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalServiceCase",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("explanation", "Explain a decision"),
                            ("review", "Have a person review a decision"),
                            ("complaint", "Complaint"),
                            ("correction", "Correct my data"),
                            ("erasure", "Erase my data"),
                            ("question", "Question"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("subject_type", models.CharField(blank=True, max_length=30, verbose_name="about")),
                ("subject_id", models.CharField(blank=True, max_length=40, verbose_name="about number")),
                ("text", models.TextField(blank=True, verbose_name="what the customer wrote")),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("answered", "Answered")],
                        db_index=True,
                        default="open",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("answer", models.TextField(blank=True, verbose_name="our answer")),
                ("opened_on", models.DateField(verbose_name="opened on")),
                ("due_on", models.DateField(verbose_name="answer due on")),
                ("answered_on", models.DateField(blank=True, null=True, verbose_name="answered on")),
                (
                    "key",
                    models.UUIDField(db_index=True, default=uuid.uuid4, editable=False, verbose_name="idempotency key"),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "answered_by",
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
            ],
            options={
                "verbose_name": "historical service case",
                "verbose_name_plural": "historical service cases",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["history_date", "id"], name="customers_h_history_295668_idx")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalUser",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        db_index=True,
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                (
                    "language",
                    models.CharField(
                        choices=[("zh-hans", "Simplified Chinese"), ("en", "English")],
                        default="zh-hans",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                ("phone", customers.encryption.EncryptedTextField(blank=True, default="", verbose_name="phone")),
                ("phone_index", models.CharField(blank=True, db_index=True, editable=False, max_length=64, null=True)),
                ("phone_verified", models.BooleanField(default=False, verbose_name="phone verified")),
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
                "verbose_name": "historical user",
                "verbose_name_plural": "historical users",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["history_date", "id"], name="customers_h_history_a2fe7c_idx")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["customer", "-id"], name="customers_latest_notices"),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("result__in", ["sent", "read"])),
                fields=("notice", "channel", "result"),
                name="sent_once_per_channel",
            ),
        ),
        migrations.AddIndex(
            model_name="outgoingmessage",
            index=models.Index(
                condition=models.Q(("done", False)), fields=["not_before"], name="outgoing_messages_to_send"
            ),
        ),
        migrations.AddConstraint(
            model_name="outgoingmessage",
            constraint=models.UniqueConstraint(fields=("notice", "channel"), name="one_outgoing_message_per_channel"),
        ),
        migrations.AddConstraint(
            model_name="outgoingmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("allowed_from__isnull", True), ("allowed_until__isnull", True)),
                    models.Q(("allowed_from__isnull", False), ("allowed_until__gt", models.F("allowed_from"))),
                    _connector="OR",
                ),
                name="allowed_hours_in_order",
            ),
        ),
        migrations.AddIndex(
            model_name="servicecase",
            index=models.Index(fields=["status", "due_on"], name="service_cases_by_due_date"),
        ),
        migrations.AddConstraint(
            model_name="servicecase",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ["explanation", "review", "erasure"]), ("status", "open")),
                fields=("customer", "kind", "subject_type", "subject_id"),
                name="one_open_case_of_a_kind_per_subject",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicecase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_on__isnull", True), ("status", "open")),
                    models.Q(("answered_on__isnull", False), ("status", "answered")),
                    _connector="OR",
                ),
                name="an_answered_case_has_its_day",
            ),
        ),
    ]
