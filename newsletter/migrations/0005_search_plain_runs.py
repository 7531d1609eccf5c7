from django.db import migrations

from newsletter.search import postgres
from newsletter.search.rows import read


def keep_fewer_units(apps, schema_editor):
    """PostgreSQL looks for plain characters in the rows themselves, which must lie unpacked."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("ALTER TABLE newsletter_searchtext ALTER rows SET STORAGE EXTERNAL")
        cursor.execute("UPDATE newsletter_searchtext SET rows = rows || ''")
        cursor.execute("SELECT entry_id FROM newsletter_searchtext")
        for (key,) in cursor.fetchall():
            cursor.execute("SELECT rows FROM newsletter_searchtext WHERE entry_id = %s", [key])
            postgres.add({key: read(cursor.fetchone()[0])})


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0004_search")]

    operations = [migrations.RunPython(keep_fewer_units, migrations.RunPython.noop)]
