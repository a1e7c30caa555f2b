import django.db.models.expressions
from django.db import migrations, models

CLASSES = [
    ("pass", "Pass"),
    ("special_mention", "Special mention"),
    ("substandard", "Substandard"),
    ("doubtful", "Doubtful"),
    ("loss", "Loss"),
]


class Migration(migrations.Migration):
    dependencies = [("servicing", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="arrearsmove", name="a_move_changes_the_bucket"),
        migrations.AddField(
            model_name="arrearsmove",
            name="previous_classification",
            field=models.CharField(
                choices=CLASSES, default="pass", max_length=16, verbose_name="previous classification"
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="arrearsmove",
            name="classification",
            field=models.CharField(choices=CLASSES, max_length=16, verbose_name="classification"),
        ),
        migrations.AddConstraint(
            model_name="arrearsmove",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("bucket", django.db.models.expressions.F("previous_bucket")), _negated=True),
                    models.Q(
                        ("classification", django.db.models.expressions.F("previous_classification")), _negated=True
                    ),
                    _connector="OR",
                ),
                name="a_move_changes_bucket_or_class",
            ),
        ),
    ]
