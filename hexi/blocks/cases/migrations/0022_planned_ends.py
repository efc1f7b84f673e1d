"""The planned end of a special procedure is a clock; what orders of offices give is kept, to follow the calendar."""

from django.db import migrations, models


def forwards(apps, editor):
    """Procedures under way get their clock without a due: the daily recount of clocks finds it out."""
    pauses = apps.get_model("cases", "Pause").objects.filter(end=None, case__kind="permit", case__ended_at=None)
    clocks = apps.get_model("cases", "Clock").objects
    # a hearing and the views of third parties have the law's own time
    for one in pauses.exclude(procedure="third_party").exclude(procedure="hearing", case__hearing__isnull=False):
        facts = {"start": one.start, "amount": one.planned_days, "unit": "working_days"}
        clocks.get_or_create(case_id=one.case_id, kind="special", defaults=facts)


class Migration(migrations.Migration):
    new = False  # an empty database has no procedures (hexi/site/tables.py)
    dependencies = [
        ("cases", "0021_checked"),
    ]

    operations = [
        migrations.AlterField(
            model_name="clock",
            name="kind",
            field=models.CharField(
                choices=[
                    ("notice", "Notice"),
                    ("lower", "Lower"),
                    ("legal", "Legal"),
                    ("promised", "Promised"),
                    ("special", "Special"),
                    ("delivery", "Delivery"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="pause",
            name="reminded_at",
            field=models.DateTimeField(
                help_text="when the office was told that its planned end had passed", null=True
            ),
        ),
        migrations.AddField(
            model_name="rating",
            name="contact_days",
            field=models.PositiveSmallIntegerField(
                help_text="working days it is; older orders do not say", null=True
            ),
        ),
        migrations.AddField(
            model_name="rating",
            name="mend_days",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="rating",
            name="mend_from",
            field=models.DateTimeField(
                help_text="from when its days run: the rating, or being sent back", null=True
            ),
        ),
        migrations.AddField(
            model_name="supervisionorder",
            name="days",
            field=models.PositiveSmallIntegerField(
                help_text="working days it gives; older orders do not say", null=True
            ),
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
