"""From here on the database itself refuses a change of a loan's terms and identity."""

from django.db import migrations

from lending.loans import frozen_terms


def install(apps, schema_editor):
    frozen_terms.install(using=schema_editor.connection.alias)


def uninstall(apps, schema_editor):
    frozen_terms.uninstall(using=schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [("loans", "0001_initial")]
    operations = [migrations.RunPython(install, uninstall)]
