import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("customers", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="PersonalDataView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer_reference", models.CharField(db_index=True, max_length=40, verbose_name="customer")),
                ("page", models.CharField(max_length=200, verbose_name="page")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "view of personal data",
                "verbose_name_plural": "views of personal data",
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.BigIntegerField(unique=True, verbose_name="sequence")),
                ("table", models.CharField(max_length=80, verbose_name="table")),
                ("key", models.CharField(max_length=60, verbose_name="key")),
                ("row_sha256", models.CharField(max_length=64)),
                ("previous_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64, unique=True)),
                ("sealed_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "seal",
                "verbose_name_plural": "seals",
                "constraints": [models.UniqueConstraint(fields=("table", "key"), name="one_seal_per_row")],
            },
        ),
        migrations.CreateModel(
            name="TrailExport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(max_length=60, verbose_name="subject")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("rows", models.PositiveIntegerField(verbose_name="rows")),
                ("head_hash", models.CharField(max_length=64, verbose_name="head of the chain")),
                ("file_sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
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
            ],
            options={
                "verbose_name": "trail export",
                "verbose_name_plural": "trail exports",
                "permissions": [
                    ("export_trail", "Can export the audit trail"),
                    ("verify_trail", "Can verify the audit trail"),
                ],
            },
        ),
    ]
