"""Pages: booking on a phone, one's own appointments, kiosk, number, screen, the clerk's window, closing a day."""

import pytest
from django.urls import reverse

from hexi.blocks.audit.models import Entry
from hexi.blocks.market import places, queueing
from hexi.blocks.market.models import Booking, Offer, Ticket
from hexi.blocks.market.tests.make import (
    BY,
    DAY,
    WINDOW,
    fresh,
    make_booking,
    make_clerk,
    make_hall,
    make_line,
    make_offer,
    make_queue,
    make_ticket,
)
from hexi.blocks.people.tests.make import make_account, make_citizen, make_department, make_official, make_person
from hexi.blocks.regions.tests.make import YUMEN, make_divisions
from hexi.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _morning():
    with clock.told_at(DAY):
        yield


@pytest.fixture
def citizen(client):
    account = make_citizen()
    client.force_login(account)
    return account.person


@pytest.fixture
def clerk(client):
    account = make_official("clerk", department=make_department())
    client.force_login(account)
    return account


def get(client, name, *args, **query):
    return client.get(reverse(f"market.{name}", args=args), query)


def post(client, name, *args, **data):
    return client.post(reverse(f"market.{name}", args=args), data, follow=True)


def text(response):
    return response.content.decode()


# --- the citizen ------------------------------------------------------------------------------------------------------
def test_from_the_halls_to_the_code(client, citizen):
    make_divisions()
    client.cookies["hexi_region"] = YUMEN
    offer = make_offer()
    page = text(get(client, "book"))
    address = reverse("market.book_time", args=["yumen", "forestry"])
    assert (f'href="{address}"' in page, "3月5日（周四） 09:00" in page, "演示数据" in page) == (True, True, True)
    page = text(client.get(address, {"day": "2026-03-06"}))
    assert ("3月6日（周五）" in page, "余 1" in page, f'value="{offer.pk}"' in page) == (True, True, False)
    answer = client.post(address, {"offer": offer.pk}, follow=True)
    booking = Booking.objects.get()
    assert (booking.person, booking.offer) == (citizen, offer)
    assert f"{booking.code[:4]} {booking.code[4:]}" in text(answer)


def test_a_stranger_sees_the_times_signs_in_to_book_and_his_choice_is_kept(client):
    offer = make_offer()
    address = reverse("market.book_time", args=["yumen", "forestry"])
    assert client.get(address).status_code == 200
    answer = client.post(address, {"offer": offer.pk})
    assert (answer.status_code, "/accounts/login/" in answer["Location"] or "next=" in answer["Location"]) == (
        302,
        True,
    )
    assert Booking.objects.count() == 0
    client.force_login(make_account())
    assert client.post(address, {"offer": offer.pk})["Location"] == reverse("people.bind")


@pytest.mark.parametrize("offer", ["", "x", "999999", "9" * 40])
def test_a_time_that_is_none_is_refused(client, citizen, offer):
    make_queue()
    answer = client.post(reverse("market.book_time", args=["yumen", "forestry"]), {"offer": offer})
    assert (answer.status_code, "请选一个时间" in text(answer)) == (422, True)


def test_a_time_just_taken_says_so_and_shows_the_others(client, citizen):
    offer = make_offer()
    make_booking(offer)
    answer = client.post(reverse("market.book_time", args=["yumen", "forestry"]), {"offer": offer.pk})
    assert (answer.status_code, "刚刚约满" in text(answer), "09:30" in text(answer)) == (422, True, True)


def test_one_s_own_list_page_calendar_file_and_cancelling(client, citizen):
    booking = make_booking(person=citizen)
    other = make_booking(make_offer(booking.offer.queue, 1))
    page = text(get(client, "mine"))
    assert (booking.code in page, other.code in page) == (True, False)
    file = get(client, "calendar_file", booking.code)
    assert (file["Content-Type"], b"DTSTART:20260305T010000Z" in file.content) == ("text/calendar; charset=utf-8", True)
    for name in ("mine_one", "calendar_file"):
        assert get(client, name, other.code).status_code == 404
    assert client.post(reverse("market.cancel", args=[other.code])).status_code == 404
    assert "已取消" in text(post(client, "cancel", booking.code))
    assert (fresh(booking).state, fresh(other).state) == ("cancelled", "booked")


def test_strangers_sign_in_first_and_citizens_have_no_window(client, citizen):
    names = ("window", "bookings", "days")
    assert [get(client, name).status_code for name in names] == [403] * 3
    client.logout()
    assert [get(client, name).status_code for name in ("mine", *names)] == [302] * 4


# --- in the hall ------------------------------------------------------------------------------------------------------
def test_the_qr_code_of_the_day_gives_a_signed_in_person_one_number(client, citizen):
    queue = make_queue()
    sign = places.here(queue.hall, clock.today())
    assert "等候 0 人" in text(get(client, "take_here", "yumen", sign))
    for _ in range(2):
        answer = post(client, "take_here", "yumen", sign, queue=queue.pk)
    assert (Ticket.objects.get().person, "B001" in text(answer), "前面 0 人" in text(answer)) == (citizen, True, True)
    assert get(client, "take_here", "yumen", places.here(queue.hall, DAY.date().replace(day=4))).status_code == 404


def test_by_the_qr_code_an_appointment_is_kept_in_one_press(client, citizen):
    booking = make_booking(person=citizen)
    sign = places.here(booking.offer.queue.hall, clock.today())
    assert "我到了，取号" in text(get(client, "take_here", "yumen", sign))
    post(client, "take_here", "yumen", sign, code=booking.code)
    assert (Ticket.objects.get().booking, fresh(booking).state) == (booking, "arrived")


def test_the_kiosk_gives_numbers_without_a_name_and_keeps_appointments(client):
    queue = make_queue()
    sign = places.kiosk(queue.hall)
    page = text(get(client, "kiosk", "yumen", sign))
    key = page.split('name="key" value="')[1].split('"')[0]
    for _ in range(2):
        answer = post(client, "kiosk", "yumen", sign, queue=queue.pk, key=key, claim="elder")
    ticket = Ticket.objects.get()
    assert (ticket.person, ticket.priority, "B001" in text(answer)) == (None, "elder", True)
    booking = make_booking(make_offer(queue))
    assert "B002" in text(post(client, "kiosk", "yumen", sign, code=booking.code, queue=""))
    refused = client.post(reverse("market.kiosk", args=["yumen", sign]), {"code": "WRONG234"})
    assert (refused.status_code, "没有这个预约码" in text(refused)) == (422, True)
    assert get(client, "kiosk", "yumen", "guessed").status_code == 404


def test_the_screen_shows_numbers_and_windows_large_and_no_names(client):
    hall = make_hall(make_line(), make_line("second", "C"))
    first, second = hall.queues.order_by("order")
    person = make_person("李玉兰")
    make_ticket(first, person)
    make_ticket(first)
    make_ticket(second)
    queueing.next_one(first, window=WINDOW, by=make_clerk())
    page = text(get(client, "screen", "yumen"))
    assert ("B001" in page, f"请到 {WINDOW}" in page, "李玉兰" in page, "李*" in page) == (True, True, False, False)
    rows = page.split("<tbody>")[1].split("</tr>")
    assert [row.count('<td class="num">1</td>') for row in rows[:2]] == [1, 1]


def test_the_screen_and_the_lines_ask_as_often_for_three_rows_as_for_one(client, django_assert_max_num_queries):
    counts = []
    for letters in ("A", "ABC"):
        hall = make_hall(*(make_line(f"line-{letter.lower()}", letter) for letter in letters))
        for queue in hall.queues.filter(active=True):
            make_ticket(queue)
            queueing.next_one(queue, window=WINDOW, by=make_clerk("hall_clerk"))
        with django_assert_max_num_queries(50) as asked:
            get(client, "screen", "yumen")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_number_s_page_follows_it(client):
    queue = make_queue()
    first, second = make_ticket(queue), make_ticket(queue)
    assert "前面 1 人" in text(get(client, "ticket", second.key))
    by = make_clerk()
    queueing.next_one(queue, window=WINDOW, by=by)
    assert f"请到 {WINDOW}" in text(get(client, "ticket", first.key))
    queueing.pass_over(first, by=by)
    assert "接着排" in text(get(client, "ticket", first.key))


# --- the clerk --------------------------------------------------------------------------------------------------------
def test_the_clerk_sits_down_calls_serves_and_finishes(client, clerk):
    queue = make_queue()
    person = make_person("李玉兰")
    make_ticket(queue, person)
    make_ticket(queue)
    assert "先选您所在的窗口" in text(post(client, "call_next"))
    assert "B001" in text(post(client, "sit", seat=f"{queue.pk}|{WINDOW}"))
    page = text(post(client, "call_next"))
    assert ("李玉兰" in page, "来了，开始办" in page, "叫下一个" in page) == (True, True, False)
    ticket = Ticket.objects.get(number=1)
    for what, state in (("again", "called"), ("serve", "serving"), ("done", "done")):
        post(client, "step", ticket.pk, what)
        assert fresh(ticket).state == state
    post(client, "call_next")
    second = Ticket.objects.get(number=2)
    assert "先选" not in text(post(client, "step", second.pk, "pass"))
    assert "接着排" in text(get(client, "window"))
    post(client, "step", second.pk, "back")
    assert fresh(second).state == "waiting"
    assert client.post(reverse("market.step", args=[second.pk, "nonsense"])).status_code == 404


def test_a_clerk_cannot_sit_at_another_department_s_window(client):
    queue = make_queue()
    client.force_login(make_official("clerk", department=make_department("yumen-market")))
    make_ticket(queue)
    assert "没有窗口" in text(post(client, "sit", seat=f"{queue.pk}|{WINDOW}"))
    post(client, "call_next")
    assert Ticket.objects.get().state == "waiting"
    assert client.post(reverse("market.step", args=[Ticket.objects.get().pk, "done"])).status_code == 404


def test_the_appointments_of_the_day_are_masked_and_of_one_s_line_only(client, clerk):
    booking = make_booking(person=make_person("李玉兰"))
    page = text(get(client, "bookings"))
    assert ("李**" in page, "李玉兰" in page, booking.title_zh in page) == (True, False, True)
    saved = get(client, "bookings", export="csv")
    body = b"".join(saved.streaming_content) if saved.streaming else saved.content
    assert ("李玉兰".encode() in body, Entry.objects.get(verb="market.export").facts) == (False, {"count": 1})
    client.force_login(make_official("clerk", department=make_department("yumen-market")))
    assert "李**" not in text(get(client, "bookings"))


@pytest.mark.parametrize("page", ["bookings", "mine"])
def test_lists_ask_as_often_for_three_rows_as_for_one(client, django_assert_max_num_queries, page):
    queue = make_queue()
    account = make_citizen() if page == "mine" else make_official("clerk", department=make_department())
    client.force_login(account)
    counts = []
    for start, rows in ((0, 1), (1, 2)):
        for nth in range(rows):
            make_booking(make_offer(queue, start + nth), person=account.person or make_person())
        with django_assert_max_num_queries(100) as asked:
            get(client, page, view="all")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_head_closes_a_day_and_opens_it(client):
    booking = make_booking()
    client.force_login(make_official("head", department=make_department()))
    queue = booking.offer.queue
    assert reverse("market.close_day", args=[queue.pk, "2026-03-05"]) in text(get(client, "days"))
    assert "已约 1 人" in text(get(client, "close_day", queue.pk, "2026-03-05"))
    assert "取消了 1 个预约" in text(post(client, "close_day", queue.pk, "2026-03-05", reason="停电"))
    assert fresh(booking).reason == "停电"
    post(client, "open_day", queue.pk, "2026-03-05")
    assert Offer.objects.filter(closed="hand").count() == 0
    assert get(client, "close_day", queue.pk, "2026-99-05").status_code == 404
    client.force_login(make_official("head", department=make_department("yumen-market")))
    assert get(client, "close_day", queue.pk, "2026-03-05").status_code == 404


def test_who_a_number_is_and_sending_on(client, clerk):
    hall = make_hall(make_line(), make_line("second", "C"))
    first, second = hall.queues.order_by("order")
    make_ticket(first)
    post(client, "sit", seat=f"{first.pk}|{WINDOW}")
    post(client, "call_next")
    ticket = Ticket.objects.get()
    answer = client.post(reverse("market.know", args=[ticket.pk]), {"number": "629999196805120117"})
    assert (answer.status_code, "没有登记这个身份号码" in text(answer)) == (422, True)
    assert "C001" in text(post(client, "hand_on", ticket.pk, queue=second.pk))
    assert BY.may("window.call")
