from django.db import migrations

# In the order in which they are printed.
SECTIONS = [
    ("finance-news", "财经新闻"),
    ("new-rules", "新规速递"),
    ("policy", "政策解读"),
    ("hot-topics", "热点问题"),
]


def create(apps, schema_editor):
    section = apps.get_model("newsletter", "Section")
    section.objects.bulk_create(
        section(slug=slug, name=name, order=order)
        for order, (slug, name) in enumerate(SECTIONS, start=1)
    )


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0001_initial")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
