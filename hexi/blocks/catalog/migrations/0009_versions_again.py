"""Withheld versions opened again by two; sealed numbers of who was not registered, so that hashes can be made anew."""

from django.db import migrations, models

import hexi.blocks.forms.models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0008_mirrors")]

    operations = [
        migrations.AddField(
            model_name="version",
            name="withheld_at",
            field=models.DateTimeField(help_text="it was open, and somebody stopped that", null=True),
        ),
        migrations.AddField(
            model_name="version",
            name="asked_why",
            field=models.CharField(blank=True, help_text="why somebody wants it open again", max_length=300),
        ),
        migrations.AddField(model_name="version", name="asked_key", field=models.CharField(blank=True, max_length=80)),
        migrations.AddField(
            model_name="version", name="asked_name", field=models.CharField(blank=True, max_length=200)
        ),
        migrations.AddField(model_name="version", name="asked_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="access",
            name="number",
            field=hexi.blocks.forms.models.SealedJSON(
                default=None, help_text="of who is not registered here: sealed, to hash it anew", null=True
            ),
        ),
    ]
