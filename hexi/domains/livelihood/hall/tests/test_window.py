"""The hall at the window: booking from the guide, and beside a number the person's cases and the guide."""

import pytest
from django.conf import settings
from django.urls import reverse

from hexi.blocks.cases import operations
from hexi.blocks.cases.items import ServiceFile
from hexi.blocks.cases.tests.make import HALL, make_case, make_item
from hexi.blocks.market.matters import title_of
from hexi.blocks.market.models import Booking, Ticket
from hexi.blocks.market.tests.make import BY, WINDOW, make_booking, make_offer, make_queue, make_ticket
from hexi.blocks.people.tests.make import make_citizen, make_department, make_enterprise, make_official, make_person
from hexi.blocks.regions.tests.make import YUMEN
from hexi.kernel import packs

pytestmark = pytest.mark.django_db
MATTER = "item:tree-felling"


def make_item_without():
    """An item of Yumen that takes no appointments."""
    make_item("disability-card")
    national, local = (
        packs.read(path / "services" / "disability-card.yaml", ServiceFile).root
        for path in (HALL, settings.HEXI_PACKS / "gansu")
    )
    operations.publish(national, local.model_copy(update={"appointment": False}), by=BY)


def called(client, *, person=None, office="yumen-forestry", booking=None):
    """The page of a clerk who has called a number of this person."""
    queue = booking.offer.queue if booking else make_queue()
    make_ticket(queue, person)
    if booking:
        Ticket.objects.update(booking=booking)
    client.force_login(make_official("hall_clerk", department=make_department(office)))
    client.post(reverse("market.sit"), {"seat": f"{queue.pk}|{WINDOW}"})
    return client.post(reverse("market.call_next"), follow=True).content.decode()


def test_an_item_that_takes_appointments_is_named_and_no_other():
    make_item()
    make_item_without()
    assert str(title_of(MATTER, YUMEN)) == "林木采伐许可证核发"
    assert [title_of(one, YUMEN) for one in ("item:disability-card", "item:nothing", "law:1", "")] == [None] * 4


def test_the_guide_leads_to_booking_with_the_item_chosen(client):
    make_item()
    make_item_without()
    queue = make_queue(serves=[MATTER])
    page = client.get(reverse("hall.guide", args=["tree-felling"])).content.decode()
    href = f"{reverse('market.book')}?for=item%3Atree-felling"
    assert (f'href="{href}"' in page, "预约到窗口办" in page) == (True, True)
    assert "预约到窗口办" not in client.get(reverse("hall.guide", args=["disability-card"])).content.decode()
    client.cookies["hexi_region"] = YUMEN
    assert f"{reverse('market.book_time', args=['yumen', 'forestry'])}?for=item%3Atree-felling" in client.get(href).text
    account = make_citizen()
    client.force_login(account)
    address = f"{reverse('market.book_time', args=['yumen', 'forestry'])}?for={MATTER}"
    client.post(address, {"offer": make_offer(queue).pk})
    booking = Booking.objects.get()
    title = title_of(MATTER, YUMEN)
    assert (booking.person, booking.matter, booking.title_zh, booking.title_en) == (
        account.person, MATTER, title.zh, title.en,
    )  # fmt: skip


def test_the_clerk_sees_the_cases_the_person_sees(client):
    item = make_item()
    person = make_person("李玉兰")
    own = make_case(item, applicant=person)
    bodys = make_case(item, applicant=make_enterprise(representative=person))
    strangers = make_case(item)
    page = called(client, person=person)
    found = {one.number: reverse("cases.case", args=[one.number]) in page for one in (own, bodys, strangers)}
    assert found == {own.number: True, bodys.number: True, strangers.number: False}
    assert client.get(reverse("cases.case", args=[own.number])).status_code == 200


def test_the_guide_of_what_was_booked_is_at_hand(client):
    make_item()
    person = make_person()
    booking = make_booking(make_offer(make_queue(serves=[MATTER])), person=person, matter=MATTER, by=BY)
    page = called(client, person=person, booking=booking)
    assert f'href="{reverse("hall.guide", args=["tree-felling"])}"' in page


def test_a_number_without_a_name_shows_no_cases(client):
    make_case(make_item())
    assert "先核对是谁" in called(client)
