"""Certificates that cases renew or change."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_procedures"), ("certificates", "0002_reissue")]

    operations = [
        migrations.CreateModel(
            name="Concern",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("renew", "延续"), ("change", "变更")], max_length=6)),
                ("expires", models.DateField(help_text="last day of the certificate when it was asked for", null=True)),
                ("in_time", models.BooleanField(default=False, help_text="early enough for art. 50")),
                (
                    "deemed",
                    models.BooleanField(default=False, help_text="renewed by law: not decided when the old term ended"),
                ),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="concern", to="cases.case"
                    ),
                ),
                (
                    "certificate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="certificates.certificate"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("kind", "renew")), fields=["expires"], name="cases_concern_renewals"
                    )
                ],
            },
        ),
    ]
