"""Third parties, hearings, visits on site, two levels, yearly quotas."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0008_ratings"),
        ("people", "0002_api_keys"),
        ("regions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="FirstLevel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("region_code", models.CharField(max_length=12)),
                ("passed_at", models.DateTimeField()),
                ("passed_name", models.CharField(max_length=200)),
                ("opinion", models.TextField()),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="first_level", to="cases.case"
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="regions.department"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ThirdParty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("why", models.TextField(help_text="which of their interests is concerned; told in the letter")),
                ("told_at", models.DateTimeField()),
                ("until", models.DateTimeField(help_text="no decision before it, unless the view was stated")),
                ("view", models.TextField(blank=True)),
                ("stated_at", models.DateTimeField(null=True)),
                (
                    "stated_name",
                    models.CharField(blank=True, help_text="who stated it, or wrote it down", max_length=200),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="third_parties", to="cases.case"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="letter",
            name="third_party",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="letters", to="cases.thirdparty"
            ),
        ),
        migrations.CreateModel(
            name="Hearing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("told_at", models.DateTimeField()),
                ("ask_until", models.DateTimeField(help_text="five working days from being told")),
                ("asked_at", models.DateTimeField(null=True)),
                ("asked_by", models.CharField(blank=True, max_length=200)),
                ("hold_until", models.DateTimeField(help_text="twenty working days from being asked", null=True)),
                ("called_at", models.DateTimeField(null=True)),
                (
                    "held_on",
                    models.DateTimeField(help_text="at least seven working days after the call", null=True),
                ),
                ("place", models.CharField(blank=True, max_length=200)),
                ("minutes", models.TextField(blank=True)),
                ("signed_by", models.TextField(blank=True, help_text="who confirmed the minutes by signing them")),
                ("minuted_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="hearing", to="cases.case"
                    ),
                ),
                (
                    "presider",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.account"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("minuted_at", None),
                            models.Q(("asked_at__isnull", False), ("presider__isnull", False)),
                            _connector="OR",
                        ),
                        name="cases_hearing_in_order",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="QuotaYear",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField()),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=3, help_text="the quota when the last share was taken", max_digits=14
                    ),
                ),
                ("granted", models.DecimalField(decimal_places=3, default=0, max_digits=14)),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="quota_years", to="cases.item"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("item", "year"), name="cases_quota_year_once"),
                    models.CheckConstraint(
                        condition=models.Q(("granted__lte", models.F("amount"))), name="cases_quota_kept"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SiteVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("assign_until", models.DateTimeField(help_text="five working days from acceptance")),
                ("assigned_at", models.DateTimeField(null=True)),
                ("visited_at", models.DateTimeField(null=True)),
                ("place", models.CharField(blank=True, max_length=300)),
                ("latitude", models.DecimalField(decimal_places=5, max_digits=8, null=True)),
                ("longitude", models.DecimalField(decimal_places=5, max_digits=8, null=True)),
                ("findings", models.TextField(blank=True)),
                ("passed", models.BooleanField(null=True)),
                ("confirmed_at", models.DateTimeField(help_text="by the other officer", null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="visits", to="cases.case"
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.account"
                    ),
                ),
                (
                    "found_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.account"
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.account"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("first", None), models.Q(("first", models.F("second")), _negated=True), _connector="OR"
                        ),
                        name="cases_visit_two_officers",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("confirmed_at", None)), fields=("case",), name="cases_visit_one_open"
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="thirdparty",
            constraint=models.UniqueConstraint(fields=("case", "name"), name="cases_third_party_once"),
        ),
    ]
