"""Pages of parcels: the receiver's with the code, the office's list and counter, the label, who may see what."""

import subprocess
from shutil import which

import pytest
import zxingcpp
from django.urls import reverse
from PIL import Image

from hexi.blocks.audit.models import Entry
from hexi.blocks.parcels import codes, label, operations
from hexi.blocks.parcels.models import Parcel, State, Way
from hexi.blocks.parcels.tests.make import BY, TO, courier_server, fresh, make_parcel
from hexi.blocks.people.tests.make import make_citizen, make_department, make_official, make_person
from hexi.kernel.jobs import drain

pytestmark = pytest.mark.django_db


def get(client, name, *args, **query):
    return client.get(reverse(f"parcels.{name}", args=args), query)


def post(client, name, *args, **data):
    return client.post(reverse(f"parcels.{name}", args=args), data)


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def receiver(client):
    account = make_citizen()
    client.force_login(account)
    return account.person


@pytest.fixture
def clerk(client):
    account = make_official("clerk", department=make_department())
    client.force_login(account)
    return account


# --- the receiver -----------------------------------------------------------------------------------------------------
def test_the_receiver_sees_where_it_is_and_the_code(client, receiver):
    parcel, other = make_parcel(receiver=receiver), make_parcel()
    page = text(get(client, "mine"))
    assert (parcel.number in page, other.number in page, codes.code_of(parcel) in page) == (True, False, False)
    answer = get(client, "mine_one", parcel.number)
    code = codes.code_of(parcel)
    assert (f"{code[:3]} {code[3:]}" in text(answer), "3 号窗口" in text(answer)) == (True, True)
    assert "no-store" in answer["Cache-Control"]
    assert get(client, "mine_one", other.number).status_code == 404
    assert post(client, "new_code", other.number).status_code == 404


def test_a_locked_code_is_not_shown_and_one_press_brings_another(client, receiver):
    parcel = make_parcel(receiver=receiver)
    Parcel.objects.filter(pk=parcel.pk).update(wrong=3)
    old = codes.code_of(parcel)
    page = text(get(client, "mine_one", parcel.number))
    assert (f"{old[:3]} {old[3:]}" in page, "已锁或已过期" in page) == (False, True)
    assert post(client, "new_code", parcel.number).status_code == 302
    new = codes.code_of(fresh(parcel))
    assert f"{new[:3]} {new[3:]}" in text(get(client, "mine_one", parcel.number))


def test_strangers_sign_in_first_and_citizens_have_no_counter(client, receiver):
    parcel = make_parcel()
    assert [get(client, name).status_code for name in ("parcels", "hand")] == [403, 403]
    places = ("parcel", "label_of", "cancel", "again", "hand_known")
    assert [get(client, name, parcel.number).status_code for name in places] == [403] * 5
    client.logout()
    assert [get(client, name).status_code for name in ("mine", "parcels", "hand")] == [302] * 3


# --- the office -------------------------------------------------------------------------------------------------------
def test_the_list_masks_and_the_page_shows_whole_and_is_logged(client, clerk):
    parcel = make_parcel(Way.COURIER, receiver=make_person("李玉兰"))
    page = text(get(client, "parcels", view="all"))
    assert parcel.number in page
    for hidden in ("李玉兰", TO["phone"], TO["address"], TO["name"]):
        assert hidden not in page
    for shown in ("李**", "石**", "100****1234", "甘肃省玉门市"):
        assert shown in page
    whole = text(get(client, "parcel", parcel.number))
    assert all(part in whole for part in ("李玉兰", *TO.values()))
    look = Entry.objects.get(verb="look", about_person=parcel.receiver_id)
    assert look.facts == {"purpose": "送达 林木采伐许可证"}


def test_another_office_sees_nothing(client):
    parcel = make_parcel()
    client.force_login(make_official("clerk", department=make_department("yumen-market")))
    assert parcel.number not in text(get(client, "parcels", view="all"))
    assert get(client, "parcel", parcel.number).status_code == 404
    assert post(client, "send", parcel.number).status_code == 404
    answer = post(client, "hand", number=parcel.number, code=codes.code_of(parcel))
    assert (answer.status_code, "没有这个编号" in text(answer), fresh(parcel).state) == (422, True, State.PICKUP)


def test_the_counter_takes_the_right_code_and_tells_the_tries_left(client, clerk):
    parcel = make_parcel()
    bad = f"{(int(codes.code_of(parcel)) + 7) % 1_000_000:06d}"
    answer = post(client, "hand", number=parcel.number, code=bad)
    assert (answer.status_code, "还可以试 2 次" in text(answer), f'value="{bad}"' in text(answer)) == (422, True, True)
    answer = post(client, "hand", number=f" {parcel.number.lower()} ", code=codes.code_of(parcel))
    assert (answer.status_code, fresh(parcel).state) == (302, State.DELIVERED)
    assert parcel.receiver_name in text(client.get(answer["Location"]))


def test_handing_over_by_an_identity_paper(client, clerk):
    parcel = make_parcel()
    assert reverse("parcels.hand_known", args=[parcel.number]) in text(get(client, "parcel", parcel.number))
    assert post(client, "hand_known", parcel.number, checked="").status_code == 422
    assert post(client, "hand_known", parcel.number, checked="居民身份证原件", taken_by="石小红").status_code == 302
    assert (fresh(parcel).state, fresh(parcel).signed_by) == (State.DELIVERED, "石小红")


def test_searching_filtering_tabs_and_saving(client, clerk):
    first, second = (
        make_parcel(receiver=make_person("李玉兰")),
        make_parcel(Way.COURIER, receiver=make_person("马得才")),
    )
    shown = {
        "q": text(get(client, "parcels", view="all", q="马得")),
        "way": text(get(client, "parcels", view="all", way="courier")),
        "send": text(get(client, "parcels")),
        "pickup": text(get(client, "parcels", view="pickup")),
    }
    found = {name: (first.number in page, second.number in page) for name, page in shown.items()}
    assert found == {"q": (False, True), "way": (False, True), "send": (False, True), "pickup": (True, False)}
    saved = get(client, "parcels", view="all", export="csv")
    body = b"".join(saved.streaming_content) if saved.streaming else saved.content
    assert (first.number.encode() in body, "李玉兰".encode() in body, TO["phone"].encode() in body) == (
        True, False, False,
    )  # fmt: skip
    assert Entry.objects.get(verb="parcels.export").facts == {"count": 2}


@pytest.mark.parametrize("page", ["parcels", "mine"])
def test_lists_ask_as_often_for_three_rows_as_for_one(client, django_assert_max_num_queries, page):
    account = make_citizen() if page == "mine" else make_official("clerk", department=make_department())
    client.force_login(account)
    counts = []
    for rows in (1, 2):
        for _ in range(rows):
            make_parcel(receiver=account.person or make_person())
        with django_assert_max_num_queries(100) as asked:
            get(client, page, view="all")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_sending_several_at_once_and_printing_the_label(client, clerk):
    with courier_server() as server:
        parcels = [make_parcel(Way.COURIER) for _ in range(3)]
        rows = {"action": "send", "row": [one.pk for one in parcels]}
        answer = client.post(reverse("parcels.parcels"), rows, follow=True)
        assert "已下单 3 件" in text(answer)
        assert get(client, "label_of", parcels[0].number).status_code == 404
        drain()
        assert sorted(one.tracking for one in Parcel.objects.all()) == ["SF000001", "SF000002", "SF000003"]
        assert len(server.asked) == 3
        answer = get(client, "label_of", parcels[0].number)
        assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (200, "application/pdf", b"%PDF-")


def test_without_a_courier_the_page_says_what_to_do(client, clerk):
    parcel = make_parcel(Way.COURIER)
    answer = client.post(reverse("parcels.send", args=[parcel.number]), follow=True)
    assert "parcels.courier_url" in text(answer)


def test_calling_off_and_arranging_anew(client, clerk):
    parcel = make_parcel()
    assert post(client, "cancel", parcel.number, reason="").status_code == 422
    assert post(client, "cancel", parcel.number, reason="要寄到家里").status_code == 302
    assert (fresh(parcel).state, fresh(parcel).trouble) == (State.CANCELLED, None)
    address = reverse("parcels.again", args=[parcel.number])
    assert address in text(get(client, "parcel", parcel.number))
    given = {"way": "courier", **{f"to_{name}": value for name, value in TO.items()}}
    answer = client.post(address, given | {"to_address": "玉门"})
    assert (answer.status_code, "写到门牌号" in text(answer)) == (422, True)
    assert client.post(address, given).status_code == 302
    assert Parcel.objects.latest("pk").to == TO
    assert address not in text(get(client, "parcel", parcel.number))


@pytest.mark.skipif(not which("pdftoppm"), reason="no pdftoppm on this machine (Debian: apt install poppler-utils)")
def test_both_codes_of_the_printed_label_are_read(tmp_path, settings):
    settings.DEMO = True
    parcel = operations.send(make_parcel(Way.COURIER), by=BY)
    drain()
    parcel = fresh(parcel)
    (tmp_path / "label.pdf").write_bytes(label.make(parcel))
    subprocess.run(
        ["pdftoppm", "-r", "203", "-png", "-singlefile", str(tmp_path / "label.pdf"), str(tmp_path / "label")],
        check=True,
    )
    found = zxingcpp.read_barcodes(Image.open(tmp_path / "label.png"))
    assert {one.text for one in found} == {parcel.number, parcel.tracking}
    assert label.make(parcel) == label.make(parcel)
