"""Checks after a pledge, and pledges that were not kept."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0006_joint"),
        ("people", "0002_api_keys"),
        ("regions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Breach",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
                ("noted_key", models.CharField(max_length=80)),
                ("noted_name", models.CharField(max_length=200)),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="breach", to="cases.case"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="breaches", to="people.person"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("region_code", models.CharField(max_length=12)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "待核查"),
                            ("rectifying", "限期整改"),
                            ("kept", "已履行承诺"),
                            ("broken", "未履行承诺，待撤销"),
                            ("revoked", "已撤销"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("due", models.DateTimeField(help_text="by when it is to be checked")),
                ("rectify_due", models.DateTimeField(help_text="by when the holder is to put it right", null=True)),
                ("finding", models.TextField(blank=True)),
                ("checked_name", models.CharField(blank=True, max_length=200)),
                ("checked_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="verification", to="cases.case"
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="regions.department"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["department", "state", "due"], name="cases_verif_departm_58f543_idx"),
                    models.Index(fields=["region_code", "state"], name="cases_verif_region__4e0d1c_idx"),
                ],
            },
        ),
    ]
