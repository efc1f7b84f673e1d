"""Versions of a certificate, and what holders ask for."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0001_initial"),
        ("documents", "0001_initial"),
        ("people", "0002_api_keys"),
        ("regions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Request",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("cancel", "注销"), ("correct", "更正")], max_length=8)),
                ("reason", models.TextField()),
                ("asked_key", models.CharField(max_length=80)),
                ("asked_name", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "待处理"), ("done", "已办理"), ("refused", "未同意")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("answer", models.TextField(blank=True)),
                ("answered_name", models.CharField(blank=True, max_length=200)),
                ("answered_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="certificate",
            name="certificates_number_once",
        ),
        migrations.AddField(
            model_name="certificate",
            name="replaces",
            field=models.OneToOneField(
                help_text="the version before (延续, 变更, 更正)",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaced_by",
                to="certificates.certificate",
            ),
        ),
        migrations.AddField(
            model_name="certificate",
            name="superseded",
            field=models.BooleanField(default=False, help_text="a later version has taken its number"),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("superseded", False)),
                fields=("type", "department", "number"),
                name="certificates_number_once",
            ),
        ),
        migrations.AddField(
            model_name="request",
            name="certificate",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="requests", to="certificates.certificate"
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("certificate", "kind"), name="certificates_request_once"
            ),
        ),
    ]
