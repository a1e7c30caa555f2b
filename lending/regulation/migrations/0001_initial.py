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
            name="RuleParameter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=60, verbose_name="code")),
                ("jurisdiction", models.CharField(default="CN", max_length=10, verbose_name="jurisdiction")),
                ("licence", models.CharField(default="*", max_length=30, verbose_name="licence")),
                ("product", models.CharField(default="*", max_length=30, verbose_name="product")),
                ("effective_on", models.DateField(verbose_name="effective on")),
                ("value", models.JSONField(verbose_name="value")),
                ("unit", models.CharField(blank=True, max_length=80, verbose_name="unit")),
                ("citation", models.CharField(max_length=300, verbose_name="citation")),
                ("note", models.TextField(blank=True, verbose_name="note")),
            ],
            options={
                "verbose_name": "rule parameter",
                "verbose_name_plural": "rule parameters",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code", "jurisdiction", "licence", "product", "effective_on"),
                        name="one_rule_value_per_day",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalRuleParameter",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("code", models.CharField(max_length=60, verbose_name="code")),
                ("jurisdiction", models.CharField(default="CN", max_length=10, verbose_name="jurisdiction")),
                ("licence", models.CharField(default="*", max_length=30, verbose_name="licence")),
                ("product", models.CharField(default="*", max_length=30, verbose_name="product")),
                ("effective_on", models.DateField(verbose_name="effective on")),
                ("value", models.JSONField(verbose_name="value")),
                ("unit", models.CharField(blank=True, max_length=80, verbose_name="unit")),
                ("citation", models.CharField(max_length=300, verbose_name="citation")),
                ("note", models.TextField(blank=True, verbose_name="note")),
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
                "verbose_name": "historical rule parameter",
                "verbose_name_plural": "historical rule parameters",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["history_date", "id"], name="regulation__history_771461_idx")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ]
