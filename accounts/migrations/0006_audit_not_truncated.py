from django.db import migrations

# TRUNCATE fires no trigger of rows.
GUARD = """
CREATE TRIGGER audit_not_truncated BEFORE TRUNCATE ON accounts_auditentry
FOR EACH STATEMENT EXECUTE FUNCTION accounts_audit_guard();
"""


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == 'postgresql':
        schema_editor.execute(GUARD, params=None)


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == 'postgresql':
        schema_editor.execute('DROP TRIGGER audit_not_truncated ON accounts_auditentry;', params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_name_keys'),
    ]

    operations = [
        migrations.RunPython(guard, unguard),
    ]
