import django.core.validators
import django.db.models.deletion
import simple_history.models
import uuid
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
            name="ModelArtifact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("file_sha256", models.CharField(max_length=64, unique=True, verbose_name="SHA-256 of the file")),
                ("content", models.TextField(verbose_name="content")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
            ],
            options={
                "verbose_name": "model artifact",
                "verbose_name_plural": "model artifacts",
            },
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("identity", "identity number"),
                            ("phone", "phone"),
                            ("device", "device"),
                            ("account", "bank account"),
                            ("address", "address"),
                            ("employer", "employer"),
                            ("email", "e-mail"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("value_hash", models.CharField(max_length=64, verbose_name="keyed hash")),
                ("customer_reference", models.CharField(max_length=64, verbose_name="customer")),
                ("subject_reference", models.CharField(max_length=64, verbose_name="subject")),
                ("seen_on", models.DateField(verbose_name="seen on")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
            ],
            options={
                "verbose_name": "link",
                "verbose_name_plural": "links",
                "indexes": [
                    models.Index(fields=["kind", "value_hash", "seen_on"], name="scoring_link_value"),
                    models.Index(fields=["customer_reference"], name="scoring_link_customer"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("subject_reference", "kind", "value_hash"), name="scoring_link_once_per_subject"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ModelVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                (
                    "algorithm",
                    models.CharField(
                        choices=[
                            ("scorecard", "points scorecard"),
                            ("boosting", "gradient boosting with monotone constraints"),
                            ("blend", "calibrated blend"),
                            ("text", "text classifier"),
                        ],
                        max_length=20,
                        verbose_name="algorithm",
                    ),
                ),
                ("purpose", models.CharField(max_length=200, verbose_name="purpose")),
                ("owner", models.CharField(max_length=100, verbose_name="owner")),
                (
                    "tier",
                    models.CharField(
                        choices=[
                            ("high", "high: decides about people"),
                            ("medium", "medium: supports a decision"),
                            ("low", "low: for information"),
                        ],
                        default="high",
                        max_length=10,
                        verbose_name="materiality tier",
                    ),
                ),
                ("limitations", models.TextField(blank=True, verbose_name="limitations")),
                ("review_triggers", models.JSONField(blank=True, default=dict, verbose_name="review triggers")),
                (
                    "uses_facts",
                    models.BooleanField(
                        default=False,
                        help_text="Only a model trained on declared facts can decide.",
                        verbose_name="trained on facts",
                    ),
                ),
                ("data_name", models.CharField(max_length=200, verbose_name="training data")),
                ("data_sha256", models.CharField(max_length=64, verbose_name="SHA-256 of the training data")),
                ("data_rows", models.PositiveIntegerField(verbose_name="rows")),
                ("seed", models.IntegerField(default=0, verbose_name="seed")),
                ("spec", models.JSONField(default=dict, verbose_name="specification")),
                ("metrics", models.JSONField(default=dict, verbose_name="metrics")),
                ("warnings", models.JSONField(blank=True, default=list, verbose_name="warnings")),
                ("validation", models.JSONField(blank=True, default=dict, verbose_name="validation report")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted for validation"),
                            ("validated", "validated"),
                            ("certified", "certified"),
                            ("champion", "champion (decides)"),
                            ("challenger", "challenger (decides its share)"),
                            ("shadow", "shadow (scores only)"),
                            ("rejected", "rejected by validation"),
                            ("retired", "retired"),
                        ],
                        default="draft",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("validation_note", models.TextField(blank=True, verbose_name="validation note")),
                (
                    "certificate_expires_on",
                    models.DateField(blank=True, null=True, verbose_name="certificate expires on"),
                ),
                (
                    "challenger_percent",
                    models.PositiveSmallIntegerField(
                        default=0,
                        validators=[django.core.validators.MaxValueValidator(50)],
                        verbose_name="challenger share, percent",
                    ),
                ),
                ("promoted_on", models.DateField(blank=True, null=True, verbose_name="promoted on")),
                ("fallback", models.CharField(blank=True, max_length=200, verbose_name="fallback after retirement")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                (
                    "artifact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="scoring.modelartifact", verbose_name="artifact"
                    ),
                ),
                (
                    "certifier",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="certifier",
                    ),
                ),
                (
                    "developer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="developer",
                    ),
                ),
                (
                    "validator",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="validator",
                    ),
                ),
            ],
            options={
                "verbose_name": "model version",
                "verbose_name_plural": "model versions",
                "ordering": ("name", "-version"),
                "permissions": (
                    ("submit_modelversion", "Can submit a model version for validation"),
                    ("validate_modelversion", "Can validate a model version"),
                    ("certify_modelversion", "Can certify a model version"),
                    ("promote_modelversion", "Can promote, roll back and retire a model version"),
                ),
            },
        ),
        migrations.CreateModel(
            name="HistoricalReviewTask",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("metric", models.CharField(max_length=40, verbose_name="metric")),
                ("feature", models.CharField(blank=True, max_length=60, verbose_name="feature")),
                ("opened_on", models.DateField(verbose_name="opened on")),
                ("value", models.FloatField(verbose_name="value")),
                ("threshold", models.FloatField(verbose_name="threshold")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="closed by",
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
                    "model_version",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="scoring.modelversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical review task",
                "verbose_name_plural": "historical review tasks",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="MonitoringReading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField(verbose_name="on")),
                ("metric", models.CharField(max_length=40, verbose_name="metric")),
                ("feature", models.CharField(blank=True, max_length=60, verbose_name="feature")),
                ("value", models.FloatField(verbose_name="value")),
                ("threshold", models.FloatField(blank=True, null=True, verbose_name="threshold")),
                ("breached", models.BooleanField(default=False, verbose_name="breached")),
                (
                    "count",
                    models.PositiveIntegerField(
                        validators=[django.core.validators.MinValueValidator(0)], verbose_name="cases"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                (
                    "model_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="readings", to="scoring.modelversion"
                    ),
                ),
            ],
            options={
                "verbose_name": "monitoring reading",
                "verbose_name_plural": "monitoring readings",
            },
        ),
        migrations.CreateModel(
            name="ReviewTask",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("metric", models.CharField(max_length=40, verbose_name="metric")),
                ("feature", models.CharField(blank=True, max_length=60, verbose_name="feature")),
                ("opened_on", models.DateField(verbose_name="opened on")),
                ("value", models.FloatField(verbose_name="value")),
                ("threshold", models.FloatField(verbose_name="threshold")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="closed by",
                    ),
                ),
                (
                    "model_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="review_tasks",
                        to="scoring.modelversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "review task",
                "verbose_name_plural": "review tasks",
                "permissions": (("close_reviewtask", "Can close a review task"),),
            },
        ),
        migrations.CreateModel(
            name="Score",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "role",
                    models.CharField(
                        choices=[("decision", "decision"), ("shadow", "shadow"), ("rescore", "rescore of the book")],
                        default="decision",
                        max_length=10,
                        verbose_name="role",
                    ),
                ),
                ("subject_reference", models.CharField(max_length=64, verbose_name="subject")),
                ("customer_reference", models.CharField(max_length=64, verbose_name="customer")),
                ("scored_on", models.DateField(verbose_name="scored on")),
                ("facts", models.JSONField(verbose_name="facts")),
                ("facts_sha256", models.CharField(max_length=64, verbose_name="SHA-256 of the facts")),
                ("features", models.JSONField(verbose_name="features")),
                ("probability_of_default", models.FloatField(verbose_name="probability of default")),
                ("points", models.IntegerField(verbose_name="points")),
                ("band", models.CharField(max_length=2, verbose_name="band")),
                ("contributions", models.JSONField(verbose_name="contributions")),
                ("reasons", models.JSONField(default=list, verbose_name="reasons")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                (
                    "model_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="scores", to="scoring.modelversion"
                    ),
                ),
            ],
            options={
                "verbose_name": "score",
                "verbose_name_plural": "scores",
            },
        ),
        migrations.CreateModel(
            name="Strategy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(default="default", max_length=100, verbose_name="name")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("rules", models.JSONField(verbose_name="rules")),
                ("note", models.TextField(blank=True, verbose_name="why it changed")),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "draft"), ("approved", "approved")],
                        default="draft",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("effective_from", models.DateField(verbose_name="effective from")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("approved_at", models.DateTimeField(blank=True, null=True, verbose_name="approved at")),
                (
                    "checker",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="checker",
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
                        verbose_name="maker",
                    ),
                ),
            ],
            options={
                "verbose_name": "decision strategy",
                "verbose_name_plural": "decision strategies",
                "ordering": ("name", "-version"),
                "permissions": (("approve_strategy", "Can approve a decision strategy"),),
            },
        ),
        migrations.CreateModel(
            name="BlacklistEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("identity", "identity number"),
                            ("phone", "phone"),
                            ("device", "device"),
                            ("account", "bank account"),
                            ("address", "address"),
                            ("employer", "employer"),
                            ("email", "e-mail"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("value_hash", models.CharField(max_length=64, verbose_name="keyed hash")),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("expires_on", models.DateField(verbose_name="expires on")),
                ("withdrawn_on", models.DateField(blank=True, null=True, verbose_name="withdrawn on")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                (
                    "entered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="entered by",
                    ),
                ),
            ],
            options={
                "verbose_name": "blacklist entry",
                "verbose_name_plural": "blacklist entries",
                "indexes": [models.Index(fields=["kind", "value_hash"], name="scoring_blacklist_value")],
            },
        ),
        migrations.CreateModel(
            name="FraudSignal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(max_length=50, verbose_name="rule")),
                (
                    "severity",
                    models.CharField(
                        choices=[("refer", "a person must look"), ("decline", "decline")],
                        max_length=10,
                        verbose_name="severity",
                    ),
                ),
                ("subject_reference", models.CharField(max_length=64, verbose_name="subject")),
                ("customer_reference", models.CharField(max_length=64, verbose_name="customer")),
                ("evidence", models.JSONField(verbose_name="evidence")),
                ("raised_on", models.DateField(verbose_name="raised on")),
                (
                    "disposition",
                    models.CharField(
                        choices=[("open", "open"), ("confirmed", "fraud confirmed"), ("dismissed", "dismissed")],
                        default="open",
                        max_length=10,
                        verbose_name="disposition",
                    ),
                ),
                ("disposed_on", models.DateField(blank=True, null=True, verbose_name="disposed on")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                (
                    "disposed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="disposed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "fraud signal",
                "verbose_name_plural": "fraud signals",
                "permissions": (("dispose_fraudsignal", "Can dispose of a fraud signal"),),
                "indexes": [
                    models.Index(fields=["disposition", "raised_on"], name="scoring_fraud_queue"),
                    models.Index(fields=["subject_reference"], name="scoring_fraud_subject"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("subject_reference", "rule"), name="scoring_fraud_rule_once_per_subject"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("disposition", "open"),
                            models.Q(("disposed_by__isnull", False), ("disposed_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="scoring_fraud_disposed_by_someone",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalBlacklistEntry",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("identity", "identity number"),
                            ("phone", "phone"),
                            ("device", "device"),
                            ("account", "bank account"),
                            ("address", "address"),
                            ("employer", "employer"),
                            ("email", "e-mail"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("value_hash", models.CharField(max_length=64, verbose_name="keyed hash")),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("expires_on", models.DateField(verbose_name="expires on")),
                ("withdrawn_on", models.DateField(blank=True, null=True, verbose_name="withdrawn on")),
                ("created_at", models.DateTimeField(blank=True, editable=False, verbose_name="created at")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="entered by",
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
                "verbose_name": "historical blacklist entry",
                "verbose_name_plural": "historical blacklist entries",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["history_date", "id"], name="scoring_his_history_7294ff_idx")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalFraudSignal",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("rule", models.CharField(max_length=50, verbose_name="rule")),
                (
                    "severity",
                    models.CharField(
                        choices=[("refer", "a person must look"), ("decline", "decline")],
                        max_length=10,
                        verbose_name="severity",
                    ),
                ),
                ("subject_reference", models.CharField(max_length=64, verbose_name="subject")),
                ("customer_reference", models.CharField(max_length=64, verbose_name="customer")),
                ("evidence", models.JSONField(verbose_name="evidence")),
                ("raised_on", models.DateField(verbose_name="raised on")),
                (
                    "disposition",
                    models.CharField(
                        choices=[("open", "open"), ("confirmed", "fraud confirmed"), ("dismissed", "dismissed")],
                        default="open",
                        max_length=10,
                        verbose_name="disposition",
                    ),
                ),
                ("disposed_on", models.DateField(blank=True, null=True, verbose_name="disposed on")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("created_at", models.DateTimeField(blank=True, editable=False, verbose_name="created at")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "disposed_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="disposed by",
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
                "verbose_name": "historical fraud signal",
                "verbose_name_plural": "historical fraud signals",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["history_date", "id"], name="scoring_his_history_40371e_idx")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalStrategy",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("name", models.CharField(default="default", max_length=100, verbose_name="name")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("rules", models.JSONField(verbose_name="rules")),
                ("note", models.TextField(blank=True, verbose_name="why it changed")),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "draft"), ("approved", "approved")],
                        default="draft",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("effective_from", models.DateField(verbose_name="effective from")),
                ("created_at", models.DateTimeField(blank=True, editable=False, verbose_name="created at")),
                ("approved_at", models.DateTimeField(blank=True, null=True, verbose_name="approved at")),
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
                        verbose_name="checker",
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
                        verbose_name="maker",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical decision strategy",
                "verbose_name_plural": "historical decision strategies",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["history_date", "id"], name="scoring_his_history_22e9fb_idx")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalModelVersion",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                (
                    "algorithm",
                    models.CharField(
                        choices=[
                            ("scorecard", "points scorecard"),
                            ("boosting", "gradient boosting with monotone constraints"),
                            ("blend", "calibrated blend"),
                            ("text", "text classifier"),
                        ],
                        max_length=20,
                        verbose_name="algorithm",
                    ),
                ),
                ("purpose", models.CharField(max_length=200, verbose_name="purpose")),
                ("owner", models.CharField(max_length=100, verbose_name="owner")),
                (
                    "tier",
                    models.CharField(
                        choices=[
                            ("high", "high: decides about people"),
                            ("medium", "medium: supports a decision"),
                            ("low", "low: for information"),
                        ],
                        default="high",
                        max_length=10,
                        verbose_name="materiality tier",
                    ),
                ),
                ("limitations", models.TextField(blank=True, verbose_name="limitations")),
                ("review_triggers", models.JSONField(blank=True, default=dict, verbose_name="review triggers")),
                (
                    "uses_facts",
                    models.BooleanField(
                        default=False,
                        help_text="Only a model trained on declared facts can decide.",
                        verbose_name="trained on facts",
                    ),
                ),
                ("data_name", models.CharField(max_length=200, verbose_name="training data")),
                ("data_sha256", models.CharField(max_length=64, verbose_name="SHA-256 of the training data")),
                ("data_rows", models.PositiveIntegerField(verbose_name="rows")),
                ("seed", models.IntegerField(default=0, verbose_name="seed")),
                ("spec", models.JSONField(default=dict, verbose_name="specification")),
                ("metrics", models.JSONField(default=dict, verbose_name="metrics")),
                ("warnings", models.JSONField(blank=True, default=list, verbose_name="warnings")),
                ("validation", models.JSONField(blank=True, default=dict, verbose_name="validation report")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted for validation"),
                            ("validated", "validated"),
                            ("certified", "certified"),
                            ("champion", "champion (decides)"),
                            ("challenger", "challenger (decides its share)"),
                            ("shadow", "shadow (scores only)"),
                            ("rejected", "rejected by validation"),
                            ("retired", "retired"),
                        ],
                        default="draft",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("validation_note", models.TextField(blank=True, verbose_name="validation note")),
                (
                    "certificate_expires_on",
                    models.DateField(blank=True, null=True, verbose_name="certificate expires on"),
                ),
                (
                    "challenger_percent",
                    models.PositiveSmallIntegerField(
                        default=0,
                        validators=[django.core.validators.MaxValueValidator(50)],
                        verbose_name="challenger share, percent",
                    ),
                ),
                ("promoted_on", models.DateField(blank=True, null=True, verbose_name="promoted on")),
                ("fallback", models.CharField(blank=True, max_length=200, verbose_name="fallback after retirement")),
                ("created_at", models.DateTimeField(blank=True, editable=False, verbose_name="created at")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "certifier",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="certifier",
                    ),
                ),
                (
                    "developer",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="developer",
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
                    "validator",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="validator",
                    ),
                ),
                (
                    "artifact",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="scoring.modelartifact",
                        verbose_name="artifact",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical model version",
                "verbose_name_plural": "historical model versions",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["history_date", "id"], name="scoring_his_history_4d1f6c_idx")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.UniqueConstraint(fields=("name", "version"), name="scoring_model_name_version"),
        ),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "champion")), fields=("name",), name="scoring_one_champion_per_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("validator__isnull", True),
                    models.Q(
                        ("developer__isnull", False), models.Q(("validator", models.F("developer")), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="scoring_validator_is_not_developer",
            ),
        ),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("certifier__isnull", True),
                    models.Q(
                        ("validator__isnull", False),
                        models.Q(("certifier", models.F("developer")), _negated=True),
                        models.Q(("certifier", models.F("validator")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="scoring_certifier_is_a_third_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ("certified", "champion", "challenger", "shadow")), _negated=True),
                    models.Q(("certifier__isnull", False), ("certificate_expires_on__isnull", False)),
                    _connector="OR",
                ),
                name="scoring_nothing_runs_uncertified",
            ),
        ),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("challenger_percent__lte", 50)), name="scoring_challenger_at_most_half"
            ),
        ),
        migrations.AddIndex(
            model_name="historicalreviewtask",
            index=models.Index(fields=["history_date", "id"], name="scoring_his_history_993e57_idx"),
        ),
        migrations.AddConstraint(
            model_name="monitoringreading",
            constraint=models.UniqueConstraint(
                fields=("model_version", "on", "metric", "feature"), name="scoring_reading_once_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewtask",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_on__isnull", True)),
                fields=("model_version", "metric", "feature"),
                name="scoring_one_open_task_per_metric",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewtask",
            constraint=models.CheckConstraint(
                condition=models.Q(("closed_on__isnull", True), ("closed_by__isnull", False), _connector="OR"),
                name="scoring_task_closed_by_someone",
            ),
        ),
        migrations.AddIndex(
            model_name="score",
            index=models.Index(fields=["subject_reference"], name="scoring_score_subject"),
        ),
        migrations.AddIndex(
            model_name="score",
            index=models.Index(fields=["customer_reference"], name="scoring_score_customer"),
        ),
        migrations.AddIndex(
            model_name="score",
            index=models.Index(fields=["model_version", "scored_on"], name="scoring_score_model_day"),
        ),
        migrations.AddConstraint(
            model_name="score",
            constraint=models.CheckConstraint(
                condition=models.Q(("probability_of_default__gte", 0), ("probability_of_default__lte", 1)),
                name="scoring_pd_is_a_probability",
            ),
        ),
        migrations.AddConstraint(
            model_name="strategy",
            constraint=models.UniqueConstraint(fields=("name", "version"), name="scoring_strategy_name_version"),
        ),
        migrations.AddConstraint(
            model_name="strategy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("checker__isnull", True),
                    models.Q(("maker__isnull", False), models.Q(("checker", models.F("maker")), _negated=True)),
                    _connector="OR",
                ),
                name="scoring_strategy_checker_is_not_maker",
            ),
        ),
        migrations.AddConstraint(
            model_name="strategy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "approved"), _negated=True), ("checker__isnull", False), _connector="OR"
                ),
                name="scoring_strategy_approved_by_someone",
            ),
        ),
    ]
