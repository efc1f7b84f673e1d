"""Pieces that came are kept with what they say and whose inbox they came to."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_feed_names")]

    operations = [
        migrations.AddField(
            model_name="received",
            name="what",
            field=models.CharField(blank=True, help_text="what happened, as the piece says", max_length=40),
        ),
        migrations.AddField(
            model_name="received",
            name="entry",
            field=models.CharField(
                blank=True, help_text="code of the data set there, as the piece says", max_length=60
            ),
        ),
        migrations.AddField(
            model_name="received",
            name="subsystem",
            field=models.ForeignKey(
                help_text="ours: its inbox", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to="catalog.subsystem",
            ),
        ),
    ]  # fmt: skip
