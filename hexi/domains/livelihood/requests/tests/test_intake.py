"""Taking in: faults named, floods held up without shutting a village out, once however often it is sent, clocks as data."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from hexi.domains.livelihood.requests import definitions, options, queries
from hexi.domains.livelihood.requests.models import Allowance, Hotline, Request, Subject
from hexi.domains.livelihood.requests.operations import receive
from hexi.domains.livelihood.requests.operations.intake import clear_reports
from hexi.domains.livelihood.requests.ports import Matter, Offered, Proposal, Propose, proposals
from hexi.domains.livelihood.requests.tests import make
from hexi.kernel import clock
from hexi.kernel.actors import Denied, System
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def hotline():
    return make.make_hotline()


def fields(**given) -> list[str]:
    """The fields a report is refused for."""
    with pytest.raises(ValidationError) as refused:
        make.make_request(**given)
    return sorted(refused.value.message_dict)


def test_faults_are_told_at_their_fields_all_at_once():
    assert fields(text="坏", type="what", phone="12", subject="99") == ["phone", "subject", "text", "type"]
    assert fields(text="字" * 10_000) == ["text"]
    assert fields(lat=40.0) == ["point"]
    assert fields(happened_at=clock.now() + timedelta(days=1)) == ["happened_at"]
    assert fields(place_code="") == ["place"]
    assert fields(place_code="620982000000") == ["place"]
    assert Request.objects.count() == 0


def test_a_point_outside_the_region_is_told():
    with pytest.raises(ValidationError, match="玉门市范围"):
        make.make_request(lat=39.9, lon=116.4)
    with pytest.raises(ValidationError, match="写反"):
        make.make_request(lat=make.LON, lon=make.LAT)
    assert make.make_request(lat=make.LAT, lon=make.LON).lat is not None


def test_control_signs_go_and_markup_stays():
    request = make.make_request(text="路灯\x00\u202e <b>不亮</b>\r\n第二行", address="门口\x07")
    assert request.text == "路灯\u202e <b>不亮</b>\n第二行"
    assert request.address == "门口"


@pytest.mark.parametrize("address", ["", "渠边第三棵树", "老街", "12"])
def test_a_place_without_a_house_number_is_taken(address):
    assert make.make_request(address=address).address == address


def test_the_same_submission_is_one_order():
    first = make.make_request(submission="mail:1")
    assert make.make_request(submission="mail:1") == first
    assert Request.objects.count() == 1


def test_other_channels_need_the_right():
    with pytest.raises(Denied):
        receive(make.said(), by=make.make_citizen(), submission="1", channel="mail")
    assert receive(make.said(), by=System("mail"), submission="1", channel="mail")[1] is True


def test_a_visitor_leaves_a_phone():
    citizen = make.make_citizen()
    visitor = make.people.queries.Nobody()
    with pytest.raises(ValidationError) as refused:
        receive(make.said(phone=""), by=visitor, submission="1")
    assert list(refused.value.message_dict) == ["phone"]
    assert receive(make.said(phone=""), by=citizen, submission="2")[1] is True


def test_floods_are_held_up_but_not_the_village():
    visitor = make.people.queries.Nobody()
    with override(options.PER_ADDRESS, 3), override(options.PER_PHONE, 2), override(options.PER_PERSON, 2):
        for place in range(3):
            receive(make.said(), by=visitor, submission=f"v{place}", network="10.0.0.1")
        with pytest.raises(ValidationError, match="登录后可以马上提交"):
            receive(make.said(), by=visitor, submission="v4", network="10.0.0.1")
        # the same again is the same order, not one more
        assert receive(make.said(), by=visitor, submission="v0", network="10.0.0.1")[1] is False
        # a neighbour behind the same address signs in and is not held up
        citizen = make.make_citizen()
        for place in range(2):
            receive(make.said(), by=citizen, submission=f"c{place}", network="10.0.0.1")
        with pytest.raises(ValidationError, match="过一会儿"):
            receive(make.said(), by=citizen, submission="c3", network="10.0.0.1")
        # one phone from many addresses
        for place in range(2):
            receive(make.said(phone="13900000000"), by=visitor, submission=f"p{place}", network=f"10.0.1.{place}")
        with pytest.raises(ValidationError, match="这个电话"):
            receive(make.said(phone="139 0000 0000"), by=visitor, submission="p3", network="10.0.1.9")
        # its owner signs in and is not held up by who keeps writing it down
        owner = make.make_citizen()
        assert receive(make.said(phone="13900000000"), by=owner, submission="own", network="10.0.1.9")[1] is True
        # operators and systems are not counted
        for _ in range(4):
            make.make_request(phone="13900000000")
    assert not any("13900000000" in row.key or "10.0" in row.key for row in Allowance.objects.all())


def test_the_most_special_limit_counts():
    day = date(2026, 11, 29)
    make.dated([{"subject": "0102", "first": 4, "handle": 3}, {"region_code": make.YUMEN, "first": 6, "handle": 4}])
    make.dated([{"region_code": make.YUMEN, "first": 7, "handle": 4, "valid_from": date(2027, 1, 1)}])

    def first(subject, type, on=day):
        return queries.limit_for(make.YUMEN, subject, type, on).first

    assert [first("010203", "help"), first("05", "help"), first("05", "ask"), first("010203", "ask")] == [4, 6, 1, 4]
    assert first("05", "help", date(2027, 1, 2)) == 7
    assert queries.limit_for("620902000000", "05", "complain", day).first == 12


def test_clocks_of_a_question_and_a_complaint():
    ask, complain = make.make_request(type="ask"), make.make_request(type="complain")
    lengths = [(one.case.clocks.get().amount, one.case.clocks.get().unit) for one in (ask, complain)]
    assert lengths == [(1, "hours"), (12, "hours")]
    row = make.make_dispatched(complain).case.clocks.get(kind="handle")
    assert (row.amount, row.unit) == (5, "working_days")


def test_emergencies_are_found_and_what_is_none_is_not():
    assert [one.call for one in definitions.named("厨房煤气味很重")] == ["119"]
    assert [one.key for one in definitions.named("有人溺水，还有车祸")] == ["traffic", "water"]
    assert definitions.named("希望检查火灾隐患，轮胎漏气") == []
    assert make.make_request(text="楼道起火了").urgent is True


def test_a_region_brings_its_own_tree():
    by = System("test")
    content = "一级,二级,三级\n城建,道路,路灯\n城建,道路,井盖\n,,\n教育,入学,\n".encode("gb18030")
    assert definitions.take_tree("t.csv", content, by=by) == 6
    codes = {one.title: one.code for one in Subject.objects.filter(active=True)}
    assert codes["路灯"].startswith(codes["道路"])
    assert definitions.take_tree("t.csv", content, by=by) == 6
    assert {one.title: one.code for one in Subject.objects.filter(active=True)} == codes
    with pytest.raises(ValidationError, match="第 2 行"):
        definitions.take_tree("t.csv", "一级,二级\n,道路\n".encode(), by=by)
    with pytest.raises(ValidationError):
        definitions.take_tree("t.csv", "一级\n".encode(), by=by)
    with pytest.raises(ValidationError):
        definitions.take_tree("t.csv", content, by=make.make_citizen())


def test_the_tree_of_all_is_replaced_only_by_who_plans_for_all():
    make.make_hotline()
    head = make.people.acting(make.people.make_official("hotline_head", department=make.make_hotline().department))
    content = "一级,二级,三级\n城乡建设与市政,道路和路灯,路灯\n城乡建设与市政,道路和路灯,井盖\n".encode()
    before = Subject.objects.get(code=make.LAMP)
    assert (before.title_en, before.words) != ("", [])
    definitions.take_tree("t.csv", content, by=head)
    kept = Subject.objects.get(code=make.LAMP)
    assert (kept.title_en, kept.words) == (before.title_en, before.words)
    far = make.people.make_department("dunhuang-hotline", "620982000000", name="敦煌市 12345 热线中心")
    Hotline.objects.create(region_code="620982000000", department=far)
    with pytest.raises(ValidationError, match="共用"):
        definitions.take_tree("t.csv", content, by=head)


def test_what_a_table_calls_a_class_survives_the_next_setup_and_the_next_table():
    lamp = Subject.objects.get(code=make.LAMP)
    leaves = Subject.objects.filter(active=True)
    above = {one.code: one for one in leaves}
    paths = [[above[one.code[:size]].title for size in range(2, len(one.code) + 1, 2)] for one in leaves]

    def table(words):
        rows = [[*path, *[""] * (3 - len(path)), words if path[-1] == lamp.title else ""] for path in paths]
        return "\n".join(",".join(row) for row in [["一级", "二级", "三级", "关键词"], *rows]).encode()

    for words in ("灯不亮、黑灯", ""):
        definitions.take_tree("t.csv", table(words), by=make.BY)
        for path, file in make.shipped("request_classes"):
            definitions.load_classes(path, file)
        lamp.refresh_from_db()
        assert (lamp.words, lamp.active) == (["灯不亮", "黑灯"], True)


def test_a_real_tree_of_three_levels():
    try:
        with open("/work/shared/data/complaints-12345/taxonomy-3level.csv", "rb") as file:
            content = file.read()
    except FileNotFoundError:
        pytest.skip("the region's tree is not here")
    lines = [line.split(",") for line in content.decode("utf-8-sig").split()[1:]]
    paths = {tuple(line[:n]) for line in lines for n in (1, 2, 3) if all(line[:n])}
    assert definitions.take_tree("t.csv", content, by=System("test")) == len(paths)
    assert Subject.objects.filter(active=True, level=1).count() == len({line[0] for line in lines})


def test_type_ahead_finds_classes_by_what_people_say():
    assert queries.subjects_like("路灯坏了")[0].code == make.LAMP
    assert queries.subjects_like("欠薪")[0].code == "030101"
    assert queries.subjects_like(" ") == queries.subjects_like("zzzz") == []


def test_earlier_answers_are_found_while_one_types():
    from hexi.domains.livelihood.requests import operations

    request = make.make_closed(text="外地看病怎么报销医保？")
    operations.publish(request, text="外地看病怎么报销医保？", answer="带发票到医保窗口。", by=make.make_dispatcher())
    assert queries.answered_like("老人在外地看病能报销吗", make.YUMEN) == [make.fresh(request)]
    assert queries.answered_like("路灯", make.YUMEN) == []


def test_who_proposes_is_asked_and_kept(monkeypatch):
    from hexi.domains.livelihood.requests import ports

    seen: list[Matter] = []

    def guess(matter):
        seen.append(matter)
        return [Proposal("yumen-housing", make.LAMP, 0.91, "路灯 → 住建局")]

    monkeypatch.setattr(ports, "added", lambda kind: (Propose("规则", guess),))
    request = make.make_request()
    assert proposals(queries.matter(request)) == [Offered("规则", guess(seen[0])[0])]
    assert not hasattr(seen[0], "phone")
    make.make_dispatched(request)
    assert request.dispatches.get().proposed[0]["confidence"] == 0.91


def test_reports_nobody_sent_are_cleared():
    from hexi.domains.livelihood.requests.models import Report
    from hexi.domains.livelihood.requests.operations import begin

    with clock.told_at(clock.now() - timedelta(days=8)):
        begin(by=make.make_citizen())
    begin(by=make.make_citizen())
    assert clear_reports() == 1
    assert Report.objects.count() == 1


def test_all_that_nobody_sent_are_cleared_not_only_the_first_few_hundred():
    from hexi.domains.livelihood.requests.jobs import clear
    from hexi.domains.livelihood.requests.models import Report

    week = clock.now() - timedelta(days=8)
    Report.objects.bulk_create([Report(key=f"old:{n}", owner_key="account:1", made_at=week) for n in range(501)])
    clear()
    assert Report.objects.count() == 0
