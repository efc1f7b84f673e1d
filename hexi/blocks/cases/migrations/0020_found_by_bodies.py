"""What search finds of a body's matters belongs to the body, not to who represented it when they came in.

Every private entry of a case (permit, request, petition) bears its number as its one alias.
"""

import re

from django.db import migrations

BATCH = 500
#: whose a private entry is, among its terms (`search.terms.of_person`)
OWNER = re.compile(r"(?<!\S)§p\d+ ?")


def forwards(apps, editor):
    """Batch by batch in the order of the rows: one pass, however many there are."""
    entries = apps.get_model("search", "Entry").objects
    private = entries.exclude(person=None, verb="").order_by("pk").only("pk", "aliases", "terms", "person_id")
    last = 0
    while batch := list(private.filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        bodies = _bodies(apps, [one.aliases[0] for one in batch if one.aliases])
        changed = [one for one in batch if one.aliases and one.aliases[0] in bodies]
        for one in changed:
            one.person_id = bodies[one.aliases[0]]
            one.terms = f"§p{one.person_id} {OWNER.sub('', one.terms)}"
        entries.bulk_update(changed, ["person", "terms"])


def _bodies(apps, numbers):
    """The applicants of these cases that are bodies, by number."""
    cases = apps.get_model("cases", "Case").objects.filter(number__in=numbers, applicant__isnull=False)
    return dict(cases.exclude(applicant__kind="1").values_list("number", "applicant_id"))


class Migration(migrations.Migration):
    new = False  # an empty database has no entries (hexi/site/tables.py)
    dependencies = [("cases", "0019_fee_waiver"), ("search", "0003_body_en")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
