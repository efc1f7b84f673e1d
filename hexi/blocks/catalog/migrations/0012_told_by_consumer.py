"""Figures of persons are remembered by the consumer they were told to, not by the grant; a grant may name its law."""

import hashlib

from django.db import migrations, models


def asker(name):
    """As `queries.loads.asker`."""
    return hashlib.sha256(f"catalog:{name}".encode()).hexdigest()


def by_consumer(apps, editor):
    """What each grant was told, its consumer was told; of the rows of its region."""
    asked = apps.get_model("catalog", "Asked")
    for grant in apps.get_model("catalog", "Grant").objects.select_related("subsystem__member").iterator():
        member = grant.subsystem.member if grant.subsystem_id else None
        office = grant.department_id or (member.department_id if member else None)
        who = asker(f"office:{office}" if office else f"member:{member.pk}")
        region = {"region": grant.region, "region_field": grant.region_field} if grant.region else {}
        for one in asked.objects.filter(asker=asker(f"grant:{grant.pk}")):
            one.asker, one.question = who, one.question | region
            one.save(update_fields=["asker", "question"])


class Migration(migrations.Migration):
    new = False  # nobody was told anything there

    dependencies = [
        ('catalog', '0011_sheet_tries'),
    ]

    operations = [
        migrations.AddField(
            model_name='grant',
            name='law',
            field=models.CharField(blank=True, help_text='law and article by which the consumer may have it', max_length=300),
        ),
        migrations.RunPython(by_consumer, migrations.RunPython.noop, elidable=True),
    ]
