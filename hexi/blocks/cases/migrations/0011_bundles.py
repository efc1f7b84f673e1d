"""Several items asked at once (一件事): what is offered, what was handed in, its parts."""

import django.db.models.deletion
from django.db import migrations, models

import hexi.blocks.forms.models
import hexi.kernel.clock


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0010_concern"),
        ("people", "0002_api_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="BundleVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(max_length=60)),
                ("region_code", models.CharField(max_length=12)),
                ("digest", models.CharField(max_length=64)),
                ("definition", models.JSONField(help_text="BundleFile")),
                ("versions", models.JSONField(help_text="item: primary key of its ItemVersion")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("key", "region_code", "digest"), name="cases_bundle_version_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Bundle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "number",
                    models.CharField(help_text="B + yyyymmdd + serial, without gaps", max_length=40, unique=True),
                ),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("channel", models.CharField(default="portal", max_length=12)),
                (
                    "submission",
                    models.CharField(
                        help_text="what was submitted, so that it counts once", max_length=80, unique=True
                    ),
                ),
                ("delivery", models.CharField(default="online", help_text="online, window or courier", max_length=12)),
                (
                    "delivery_to",
                    hexi.blocks.forms.models.SealedJSON(help_text="courier: name, phone, address; sealed", null=True),
                ),
                ("submitted_at", models.DateTimeField(default=hexi.kernel.clock.now)),
                ("ended_at", models.DateTimeField(help_text="every part is over", null=True)),
                ("handed_at", models.DateTimeField(help_text="what was to be handed over has been", null=True)),
                (
                    "applicant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bundles", to="people.person"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bundles", to="cases.bundleversion"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BundlePart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveSmallIntegerField(help_text="order in which the parts are told")),
                ("item", models.SlugField(max_length=80)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "等前一步办完"),
                            ("running", "办理中"),
                            ("done", "已办好"),
                            ("failed", "没有办成"),
                            ("dropped", "不再办理"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                (
                    "answers",
                    hexi.blocks.forms.models.SealedJSON(
                        default=dict, help_text="what the item's own form was told, judged when it was handed in"
                    ),
                ),
                ("why", models.TextField(blank=True, help_text="why it could not go on")),
                (
                    "bundle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="cases.bundle"
                    ),
                ),
                (
                    "case",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bundle_part",
                        to="cases.case",
                    ),
                ),
                (
                    "established",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.itemversion"
                    ),
                ),
            ],
            options={
                "ordering": ["place"],
                "constraints": [
                    models.UniqueConstraint(fields=("bundle", "item"), name="cases_bundle_part_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("case__isnull", False), ("state__in", ("waiting", "failed", "dropped")), _connector="OR"
                        ),
                        name="cases_bundle_part_has_case",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="bundle",
            index=models.Index(fields=["applicant", "-id"], name="cases_bundl_applica_7f97b2_idx"),
        ),
    ]
