import datetime

from django.conf import settings
from django.db import migrations, models

#: What the rule `plan_offer_days` was for every offer made so far.
DAYS = 10


def open_offers_have_their_day(apps, schema_editor):
    rows = apps.get_model("servicing", "PlanChange").objects.filter(status="offered")
    for change in rows:
        change.offered_on = change.accept_by - datetime.timedelta(days=DAYS)
        change.save(update_fields=["offered_on"])


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0003_transaction_signals"),
        ("loans", "0102_restructured_on"),
        ("servicing", "0003_care"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalplanchange",
            name="offered_on",
            field=models.DateField(blank=True, null=True, verbose_name="offered on"),
        ),
        migrations.AddField(
            model_name="planchange",
            name="offered_on",
            field=models.DateField(blank=True, null=True, verbose_name="offered on"),
        ),
        migrations.RunPython(open_offers_have_their_day, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="planchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "offered"), _negated=True),
                    models.Q(("accept_by__isnull", False), ("offered_on__isnull", False)),
                    _connector="OR",
                ),
                name="plan_offer_has_its_days",
            ),
        ),
    ]
