"""Holds that stood open before their planned ends were clocks end by themselves too, and can be made longer."""

from django.db import migrations


def forwards(apps, editor):
    """They get their clock without a due: the daily recount of clocks finds it out."""
    held = apps.get_model("cases", "Pause").objects.filter(end=None, case__kind="grid", case__ended_at=None)
    clocks = apps.get_model("cases", "Clock").objects
    for one in held.iterator():
        facts = {"start": one.start, "amount": one.planned_days, "unit": "working_days"}
        clocks.get_or_create(case_id=one.case_id, kind="special", defaults=facts)


class Migration(migrations.Migration):
    new = False  # an empty database has no holds (hexi/site/tables.py)
    dependencies = [
        ("cases", "0022_planned_ends"),
        ("grid", "0002_longer_holds"),
    ]

    operations = [
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
