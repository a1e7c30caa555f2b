import django.db.models.deletion
import simple_history.models
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
            name="JobRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("job", models.CharField(max_length=40, verbose_name="job")),
                ("business_date", models.DateField(verbose_name="business date")),
                (
                    "status",
                    models.CharField(
                        choices=[("running", "Running"), ("done", "Done"), ("failed", "Failed")],
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("counts", models.JSONField(blank=True, default=dict, verbose_name="counts")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished at")),
            ],
            options={
                "verbose_name": "job run",
                "verbose_name_plural": "job runs",
                "constraints": [
                    models.UniqueConstraint(fields=("job", "business_date"), name="one_run_per_job_and_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="ArrearsMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("business_date", models.DateField(verbose_name="business date")),
                ("days_past_due", models.PositiveIntegerField(verbose_name="days past due")),
                ("bucket", models.CharField(max_length=10, verbose_name="bucket")),
                ("previous_bucket", models.CharField(max_length=10, verbose_name="previous bucket")),
                (
                    "classification",
                    models.CharField(
                        choices=[
                            ("pass", "Pass"),
                            ("special_mention", "Special mention"),
                            ("substandard", "Substandard"),
                            ("doubtful", "Doubtful"),
                            ("loss", "Loss"),
                        ],
                        max_length=16,
                        verbose_name="classification",
                    ),
                ),
                (
                    "previous_classification",
                    models.CharField(
                        choices=[
                            ("pass", "Pass"),
                            ("special_mention", "Special mention"),
                            ("substandard", "Substandard"),
                            ("doubtful", "Doubtful"),
                            ("loss", "Loss"),
                        ],
                        max_length=16,
                        verbose_name="previous classification",
                    ),
                ),
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="arrears_moves", to="loans.loan"
                    ),
                ),
            ],
            options={
                "verbose_name": "arrears move",
                "verbose_name_plural": "arrears moves",
                "indexes": [models.Index(fields=["loan", "-business_date"], name="latest_arrears_move")],
                "constraints": [
                    models.UniqueConstraint(fields=("loan", "business_date"), name="one_arrears_move_per_day"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("bucket", models.F("previous_bucket")), _negated=True),
                            models.Q(("classification", models.F("previous_classification")), _negated=True),
                            _connector="OR",
                        ),
                        name="a_move_changes_bucket_or_class",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalJobRun",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("job", models.CharField(max_length=40, verbose_name="job")),
                ("business_date", models.DateField(verbose_name="business date")),
                (
                    "status",
                    models.CharField(
                        choices=[("running", "Running"), ("done", "Done"), ("failed", "Failed")],
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("counts", models.JSONField(blank=True, default=dict, verbose_name="counts")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished at")),
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
                "verbose_name": "historical job run",
                "verbose_name_plural": "historical job runs",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["history_date", "id"], name="servicing_h_history_0aaacc_idx")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ]
