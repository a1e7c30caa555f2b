from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalreviewtask",
            name="disposition",
            field=models.CharField(
                blank=True,
                choices=[
                    ("accept", "accept: the model stays as it is"),
                    ("recalibrate", "recalibrate the model"),
                    ("retrain", "train a new model"),
                ],
                default="",
                max_length=12,
                verbose_name="what follows",
            ),
        ),
        migrations.AddField(
            model_name="reviewtask",
            name="disposition",
            field=models.CharField(
                blank=True,
                choices=[
                    ("accept", "accept: the model stays as it is"),
                    ("recalibrate", "recalibrate the model"),
                    ("retrain", "train a new model"),
                ],
                default="",
                max_length=12,
                verbose_name="what follows",
            ),
        ),
    ]
