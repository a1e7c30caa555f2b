"""From here on the database itself refuses a journal entry that does not balance."""

from django.db import migrations

from lending.ledger import balance_rule


def install(apps, schema_editor):
    balance_rule.install(using=schema_editor.connection.alias)


def uninstall(apps, schema_editor):
    balance_rule.uninstall(using=schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(install, uninstall)]
