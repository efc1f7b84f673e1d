"""Whether a special procedure ended as planned stays with its pause; the clock is that of the last one only."""

from django.db import migrations, models


def forwards(apps, editor):
    """What the clocks still know of procedures that are over."""
    pauses = apps.get_model("cases", "Pause").objects
    clocks = apps.get_model("cases", "Clock").objects.filter(kind="special", met__isnull=False)
    for one in clocks.iterator():
        pauses.filter(case_id=one.case_id, start=one.start, end__isnull=False).update(met=one.met)


class Migration(migrations.Migration):
    new = False  # an empty database has no procedures (hexi/site/tables.py)
    dependencies = [
        ("cases", "0022_planned_ends"),
    ]

    operations = [
        migrations.AddField(
            model_name="pause",
            name="met",
            field=models.BooleanField(
                help_text="whether it ended as planned; null: it runs, or the law times it", null=True
            ),
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
