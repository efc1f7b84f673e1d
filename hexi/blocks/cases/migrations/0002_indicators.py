"""The daily roll-up of cases moves to the block indicators, which keeps it by day and by month."""

from django.db import migrations

COUNTED = ("received", "accepted", "deemed", "granted", "refused", "ended", "in_time", "late", "days_used")


def move(apps, schema_editor):
    """Every number of a day as a fact of the day and of its month. What was not counted before: `hexi indicators rebuild`."""
    day_count, fact = apps.get_model("cases", "DayCount"), apps.get_model("indicators", "Fact")
    found = {}
    for row in day_count.objects.select_related("item").iterator():
        for name in COUNTED:
            if amount := getattr(row, name):
                for grain, day in (("d", row.day), ("m", row.day.replace(day=1))):
                    at = (f"cases.{name}", grain, day, row.region_code, row.department_id, row.item.key)
                    found[at] = found.get(at, 0) + amount
    columns = ("key", "grain", "day", "region_code", "department_id", "dimension")
    rows = [fact(**dict(zip(columns, at)), amount=amount) for at, amount in found.items()]
    fact.objects.bulk_create(rows, batch_size=500)


class Migration(migrations.Migration):
    new = False  # rows and tables of before: an empty database has none
    dependencies = [
        ('cases', '0001_initial'),
        ('indicators', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(move),
        migrations.DeleteModel(name='DayCount'),
    ]
