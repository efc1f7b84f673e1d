"""Items being edited in the workbench."""

import django.db.models.deletion
from django.db import migrations, models

import hexi.kernel.clock


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_delivery_to"), ("regions", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="ItemDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("region_code", models.CharField(max_length=12)),
                ("title", models.CharField(max_length=200)),
                ("national", models.TextField(help_text="ServiceItem as YAML")),
                ("implementing", models.TextField(help_text="ImplementingItem as YAML")),
                (
                    "revision",
                    models.PositiveIntegerField(
                        default=1, help_text="counts saves: nobody overwrites what he has not seen"
                    ),
                ),
                (
                    "publish_on",
                    models.DateField(help_text="the day it comes into force by itself", null=True),
                ),
                ("publisher", models.CharField(blank=True, help_text="who ordered that", max_length=80)),
                (
                    "refused",
                    models.TextField(blank=True, help_text="why it did not come into force on its day"),
                ),
                ("updated_at", models.DateTimeField(default=hexi.kernel.clock.now)),
                ("updated_by", models.CharField(max_length=80)),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="regions.department"
                    ),
                ),
                (
                    "item",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="draft",
                        to="cases.item",
                    ),
                ),
            ],
        ),
    ]
