"""好差评: ratings and the orders of the bad ones."""

import django.db.models.deletion
from django.db import migrations, models

import hexi.kernel.clock


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_pledges")]

    operations = [
        migrations.CreateModel(
            name="Rating",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "number",
                    models.CharField(help_text="of the work order of a bad one", max_length=40, null=True, unique=True),
                ),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        help_text="5 very satisfied … 1 very dissatisfied; GB/T 39046 counts up"
                    ),
                ),
                ("aspects", models.JSONField(default=dict, help_text="level by indicator")),
                ("text", models.CharField(blank=True, max_length=1000)),
                (
                    "public",
                    models.BooleanField(default=False, help_text="the rater lets the words be shown, without a name"),
                ),
                ("channel", models.CharField(default="portal", max_length=12)),
                ("at", models.DateTimeField(default=hexi.kernel.clock.now)),
                (
                    "state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", ""),
                            ("open", "Open"),
                            ("contacted", "Contacted"),
                            ("mended", "Mended"),
                            ("review", "the office says it is unfair"),
                            ("closed", "Closed"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("contact_due", models.DateTimeField(null=True)),
                ("contacted_at", models.DateTimeField(null=True)),
                (
                    "contact",
                    models.CharField(
                        blank=True, help_text="what was said when the office got in touch", max_length=1000
                    ),
                ),
                ("mend_due", models.DateTimeField(null=True)),
                ("mended_at", models.DateTimeField(null=True)),
                (
                    "reply",
                    models.CharField(
                        blank=True, help_text="what was found and mended, as the rater reads it", max_length=1000
                    ),
                ),
                ("again", models.PositiveSmallIntegerField(help_text="level given after the mending", null=True)),
                ("again_at", models.DateTimeField(null=True)),
                ("plea", models.CharField(blank=True, help_text="why the office holds it unfair", max_length=1000)),
                ("annulled", models.BooleanField(default=False, help_text="does not count; stays in the log")),
                (
                    "ruling",
                    models.CharField(blank=True, help_text="what the supervisor ruled, and why", max_length=1000),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rating", to="cases.case"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "mend_due"], name="cases_rating_orders"),
                    models.Index(fields=["-at"], name="cases_rating_latest"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("level__gte", 1), ("level__lte", 5)), name="cases_rating_level"
                    )
                ],
            },
        ),
    ]
