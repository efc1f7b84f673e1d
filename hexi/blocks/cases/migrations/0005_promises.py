"""Materials that follow by promise."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_supervision")]

    operations = [
        migrations.CreateModel(
            name="Promise",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("deferral", "Deferral"), ("pledge", "Pledge")], max_length=8)),
                ("text", models.TextField(help_text="as it was signed")),
                ("signed_key", models.CharField(max_length=80)),
                ("signed_name", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="promises", to="cases.case"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("case", "kind"), name="cases_promise_once")],
            },
        ),
        migrations.CreateModel(
            name="Deferred",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("material", models.CharField(max_length=60)),
                ("amount", models.PositiveIntegerField()),
                ("unit", models.CharField(default="working_days", max_length=16)),
                ("start", models.DateTimeField(help_text="when the term was told; its day is day 0", null=True)),
                ("told", models.DateTimeField(help_text="the due moment as the letter told it", null=True)),
                ("due", models.DateTimeField(help_text="the same by today's calendar", null=True)),
                ("handed_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deferred", to="cases.case"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("handed_at", None)), fields=["due"], name="cases_deferred_waiting")
                ],
                "constraints": [models.UniqueConstraint(fields=("case", "material"), name="cases_deferred_once")],
            },
        ),
    ]
