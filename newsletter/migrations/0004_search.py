import django.db.models.deletion
from django.db import migrations, models

from newsletter.search import index
from newsletter.search.engine import engine_of


def create(apps, schema_editor):
    engine_of(schema_editor.connection).create(schema_editor)
    index.fill(apps)


def drop(apps, schema_editor):
    engine_of(schema_editor.connection).drop(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0003_reading")]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("key", models.BigAutoField(primary_key=True, serialize=False)),
                ("source", models.CharField(blank=True, max_length=120)),
                ("article", models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="newsletter.article")),
                ("issue", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="newsletter.issue")),
                ("section", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="newsletter.section")),
            ],
            options={"verbose_name": "检索条目", "verbose_name_plural": "检索条目"},
        ),
        migrations.CreateModel(
            name="SearchText",
            fields=[
                ("entry", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="text", serialize=False, to="newsletter.searchentry")),
                ("rows", models.TextField()),
            ],
            options={"verbose_name": "检索原文", "verbose_name_plural": "检索原文"},
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(
                models.F("id"),
                condition=models.Q(("online", "full"), _negated=True) | models.Q(withdrawn_at__isnull=False),
                name="article_withheld",
            ),
        ),
        migrations.RunPython(create, drop),
    ]
