from django.db import migrations

from newsletter.search import sqlite
from newsletter.search.engine import engine_of
from newsletter.search.rows import read


def write_terms(apps, schema_editor):
    """PM₂.₅ is now found by PM2.5: all terms anew, from the texts that are kept.

    What FTS5 holds cannot be taken back entry by entry: it would have to be told the old terms.
    """
    connection = schema_editor.connection
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for table in sqlite.TABLES:
                cursor.execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")  # noqa: S608  # nosec
    texts = apps.get_model("newsletter", "SearchText").objects.order_by("pk")
    for key, rows in texts.values_list("pk", "rows").iterator(50):
        engine_of(connection).add({key: read(rows)})


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0005_search_plain_runs")]

    operations = [migrations.RunPython(write_terms, migrations.RunPython.noop)]
