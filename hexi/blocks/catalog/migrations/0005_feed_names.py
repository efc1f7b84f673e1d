"""Feeds have a name of their own: the receiver goes on counting whatever grant they are sent under."""

import uuid

from django.db import migrations, models


def name(apps, schema_editor):
    """One each: a default of the migration would be the same for all."""
    feeds = apps.get_model("catalog", "Feed").objects
    for pk in feeds.values_list("pk", flat=True):
        feeds.filter(pk=pk).update(name=uuid.uuid4())


class Migration(migrations.Migration):
    new = False  # rows and tables of before: an empty database has none
    dependencies = [("catalog", "0004_exchange")]

    operations = [
        migrations.AddField(
            model_name="feed",
            name="name",
            field=models.UUIDField(
                default=uuid.uuid4, help_text="how the receiver knows it, whatever grant it is sent under"
            ),
        ),
        migrations.RunPython(name, migrations.RunPython.noop),
    ]
