from django.db import migrations

from members import audit_triggers


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial")]

    operations = [migrations.RunPython(audit_triggers.create, audit_triggers.drop)]
