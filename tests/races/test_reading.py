"""A job that reads many rows and changes each, while others write: no database refuses it."""

import pytest

from hexi.blocks.cases.models import Counter
from tests.races.together import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def test_a_row_is_changed_in_the_midst_of_a_reading_though_another_wrote_meanwhile():
    Counter.objects.bulk_create([Counter(key=f"reading:{n}", value=0) for n in range(50)])
    for row in Counter.objects.order_by("key").iterator(chunk_size=5):
        together(lambda: Counter.objects.update_or_create(key="other", defaults={"value": 1}))
        assert Counter.objects.filter(pk=row.pk).update(value=row.value + 1) == 1
    assert set(Counter.objects.filter(key__startswith="reading:").values_list("value", flat=True)) == {1}
