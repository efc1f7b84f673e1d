"""The shipped windows: loaded twice they are the same; faults name the line and the sentence."""

import pytest
from django.conf import settings

from hexi.blocks.market.definitions import HallPack, check, load
from hexi.blocks.market.models import Hall, Offer, Queue
from hexi.blocks.people.tests.make import make_department
from hexi.kernel.packs import PackError, parse, read

pytestmark = pytest.mark.django_db
PATH = settings.HEXI_PACKS / "gansu" / "windows" / "yumen.yaml"


def test_the_hall_of_yumen_loads_and_loading_again_changes_nothing():
    pack = read(PATH, HallPack)
    assert check(PATH, pack) == []
    for line in pack.queues:
        make_department(line.department)
    load(PATH, pack)
    first = list(Queue.objects.order_by("pk").values()), Offer.objects.count(), list(Hall.objects.values())
    load(PATH, pack)
    assert first == (list(Queue.objects.order_by("pk").values()), Offer.objects.count(), list(Hall.objects.values()))
    assert (first[1] > 0, [one.letter for one in Queue.objects.order_by("order")]) == (True, ["A", "B", "C", "D"])


def test_a_line_left_out_is_closed():
    pack = read(PATH, HallPack)
    for line in pack.queues:
        make_department(line.department)
    load(PATH, pack)
    load(PATH, pack.model_copy(update={"queues": pack.queues[:1]}))
    assert list(Queue.objects.filter(active=True).values_list("key", flat=True)) == ["general"]
    assert set(Offer.objects.filter(closed="").values_list("queue__key", flat=True)) == {"general"}


@pytest.mark.parametrize(
    ("old", "new", "line", "word"),
    [
        ("letter: B", "letter: A", 9, "letter"),
        ("minutes: 15", "minutes: 0", 17, "minutes"),
        ("letter: B", "letter: b", 22, "letter"),
    ],
)
def test_a_fault_names_the_line(old, new, line, word):
    text = PATH.read_text("utf-8").replace(old, new, 1)
    with pytest.raises(PackError) as found:
        parse(text, HallPack, PATH)
    assert (found.value.faults[0].line, word in found.value.faults[0].sentence) == (line, True)


def test_a_department_that_is_not_there_is_a_fault():
    pack = read(PATH, HallPack)
    wrong = pack.model_copy(update={"queues": (pack.queues[0].model_copy(update={"department": "nobody"}),)})
    assert [str(one.sentence) for one in check(PATH, wrong)] == ["「general」：没有部门 nobody / no such department"]
