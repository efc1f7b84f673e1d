"""Joint review: several departments at once; the state, the clock and the tasks that go with it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0005_promises"),
        ("regions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="JointReview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField()),
                ("amount", models.PositiveIntegerField()),
                ("unit", models.CharField(default="working_days", max_length=16)),
                ("due", models.DateTimeField(help_text="empty while a pause is open", null=True)),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[("agree", "同意"), ("conditions", "有条件同意"), ("disagree", "不同意")],
                        max_length=12,
                    ),
                ),
                ("opinion", models.TextField(blank=True)),
                (
                    "conditions",
                    models.TextField(blank=True, help_text="what the applicant must keep to; told in the decision"),
                ),
                ("given_at", models.DateTimeField(null=True)),
                ("given_name", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="task",
            name="cases_task_one_open",
        ),
        migrations.AlterField(
            model_name="case",
            name="state",
            field=models.CharField(
                choices=[
                    ("submitted", "已收件"),
                    ("returned", "预审退回"),
                    ("correcting", "待补正"),
                    ("lower", "下级初审中"),
                    ("examining", "审查中"),
                    ("joint", "并联审查中"),
                    ("reviewing", "审核中"),
                    ("deciding", "待决定"),
                    ("certifying", "制证中"),
                    ("delivering", "待送达"),
                    ("closed", "办结"),
                    ("not_needed", "不受理"),
                    ("rejected", "不予受理"),
                    ("withdrawn", "已撤回"),
                    ("terminated", "已终止"),
                ],
                default="submitted",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="clock",
            name="kind",
            field=models.CharField(
                choices=[
                    ("notice", "Notice"),
                    ("lower", "Lower"),
                    ("legal", "Legal"),
                    ("promised", "Promised"),
                    ("delivery", "Delivery"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                condition=models.Q(("done_at", None), models.Q(("stage", "joint"), _negated=True)),
                fields=("case",),
                name="cases_task_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                condition=models.Q(("done_at", None), ("stage", "joint")),
                fields=("case", "department"),
                name="cases_task_joint_once",
            ),
        ),
        migrations.AddField(
            model_name="jointreview",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="reviews", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="jointreview",
            name="department",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="regions.department"
            ),
        ),
        migrations.AddConstraint(
            model_name="jointreview",
            constraint=models.UniqueConstraint(fields=("case", "department"), name="cases_review_once"),
        ),
        migrations.AddConstraint(
            model_name="jointreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("given_at", None), ("result", "")),
                    models.Q(("given_at__isnull", False), models.Q(("result", ""), _negated=True)),
                    _connector="OR",
                ),
                name="cases_review_given",
            ),
        ),
    ]
