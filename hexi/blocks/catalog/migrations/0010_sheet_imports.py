"""Large files of entries are taken in by a job; their reports stay for who brought them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import hexi.kernel.clock


class Migration(migrations.Migration):
    dependencies = [("catalog", "0009_versions_again"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="SheetImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        help_text="stands in the address, and names the file", max_length=32, unique=True
                    ),
                ),
                ("name", models.CharField(help_text="of the file", max_length=200)),
                ("language", models.CharField(help_text="of the report", max_length=10)),
                ("total", models.PositiveIntegerField(help_text="entries in the file")),
                (
                    "done",
                    models.PositiveIntegerField(
                        default=0, help_text="of them, counted in the transaction of their batch"
                    ),
                ),
                (
                    "outcomes",
                    models.JSONField(default=list, help_text="line, name, what became of it, sentences, entry"),
                ),
                ("at", models.DateTimeField(default=hexi.kernel.clock.now)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["account", "-at"], name="catalog_she_account_ed6647_idx")],
            },
        ),
    ]
