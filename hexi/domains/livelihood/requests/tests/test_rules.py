"""Rules of dispatch and what the classifier proposes: order, dates, trial on earlier orders, corrections, rights."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.domains.livelihood.requests import jobs, operations, options, ports, proposing, queries, synthetic
from hexi.domains.livelihood.requests.models import Classifier, Dispatch, DispatchRule, Hotline, TimeLimit
from hexi.domains.livelihood.requests.states import State
from hexi.domains.livelihood.requests.tests import make
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db
OLD = date(2020, 1, 1)
LAMPS = [f"{place}的路灯不亮，晚上看不见" for place in ("村口", "学校", "医院", "广场", "桥头", "小区", "车站", "市场")]
TAPS = [f"{place}自来水停水，没有水用" for place in ("村口", "学校", "医院", "广场", "桥头", "小区", "车站", "市场")]


@pytest.fixture(autouse=True)
def _forget():
    proposing._unpacked.clear()


def make_rule(position: int = 10, office=None, **facts) -> DispatchRule:
    """A rule in force."""
    facts = {"region_code": make.YUMEN, "duty": f"职责 {position}", "valid_from": OLD} | facts
    return DispatchRule.objects.create(position=position, office=office or make.make_office(), **facts)


def make_history() -> tuple:
    """Closed orders of two classes with two offices."""
    make.make_hotline()
    water = make.make_office("yumen-water", "玉门市水务局")
    lamps = make.make_office()
    for texts, subject, office in ((LAMPS, make.LAMP, lamps), (TAPS, make.WATER, water)):
        for text in texts * 2:
            request = make.make_request(text=text)
            operations.dispatch(request, office=office, subject=subject, by=make.BY)
            operations.reply(make.fresh(request), opinion="已处理。", by=make.BY)
            operations.rate(make.fresh(request), solved=True, satisfied=5, by=make.BY)
    return lamps, water


def offered(request) -> list[tuple[str, str, str]]:
    """What is proposed, best first."""
    return [(one.maker, one.proposal.office, one.proposal.subject) for one in ports.proposals(queries.matter(request))]


def test_the_first_rule_that_fits_counts():
    make.make_hotline()
    water = make.make_office("yumen-water", "玉门市水务局")
    make_rule(20, subject="01")
    make_rule(10, subject="0103", words=["停水", "水压"], office=water)
    make_rule(5, subject="01", place_code="620982000000", office=water)
    make_rule(6, subject="01", type="praise", office=water)
    assert offered(make.make_request(text="家里停水两天", subject=make.WATER))[0][1] == "yumen-water"
    assert offered(make.make_request(text="暖气管坏了，没热水", subject=make.WATER))[0][1] == "yumen-housing"
    assert offered(make.make_request(text="路灯不亮了", subject=make.LAMP))[0][1] == "yumen-housing"


def test_a_rule_holds_from_its_day_to_its_end():
    make.make_hotline()
    today = clock.today()
    coming = make_rule(1, valid_from=today + timedelta(days=1))
    over = make_rule(2, valid_to=today)
    held = make_rule(3, valid_to=today + timedelta(days=1))
    assert proposing.rules_on(make.YUMEN, today) == [held]
    assert proposing.rules_on(make.YUMEN, today + timedelta(days=1)) == [coming]
    assert over not in proposing.rules_on(make.YUMEN, today)


def test_a_new_rule_begins_tomorrow_at_the_earliest_and_names_its_faults():
    hotline, head = make.make_hotline(), make.make_handler(make.make_hotline().department, "hotline_head")
    facts = {"position": 1, "office": make.make_office(), "duty": "路灯", "words": ["灯"], "subject": make.LAMP}
    with pytest.raises(ValidationError) as caught:
        operations.add_rule(
            hotline, by=head, **facts | {"subject": "9", "place_code": "110000000000"}, valid_from=clock.today()
        )
    assert sorted(caught.value.message_dict) == ["place_code", "subject", "valid_from"]
    tomorrow = clock.today() + timedelta(days=1)
    rule = operations.add_rule(hotline, by=head, valid_from=tomorrow, **facts)
    with pytest.raises(ValidationError, match="同样顺序"):
        operations.add_rule(hotline, by=head, valid_from=tomorrow, **facts)
    with pytest.raises(Denied):
        operations.add_rule(hotline, by=make.make_dispatcher(), valid_from=tomorrow, **facts | {"position": 2})
    with pytest.raises(ValidationError, match="最早是明天"):
        operations.end_rule(rule, day=clock.today(), by=head)
    operations.end_rule(rule, day=tomorrow + timedelta(days=9), by=head)
    operations.end_rule(rule, day=tomorrow + timedelta(days=5), by=head)
    operations.end_rule(rule, day=tomorrow + timedelta(days=20), by=head)
    rule.refresh_from_db()
    assert rule.valid_to == tomorrow + timedelta(days=5)
    with pytest.raises(Denied):
        operations.end_rule(rule, day=tomorrow, by=make.make_dispatcher())


def test_rules_are_tried_on_earlier_orders(client):
    make.make_hotline()
    water = make.make_office("yumen-water", "玉门市水务局")
    make_rule(20, subject="01")
    for text, subject, office in (("家里停水", make.WATER, water), ("路灯不亮了", make.LAMP, make.make_office())):
        operations.dispatch(make.make_request(text=text), office=office, subject=subject, by=make.BY)
    day = clock.today() + timedelta(days=1)
    make_rule(10, subject="0103", office=water, valid_from=day, duty="城乡供水")
    head = make.make_handler(make.make_hotline().department, "hotline_head")
    rows = queries.for_officials(head).order_by("pk").prefetch_related("dispatches__office")
    trial = proposing.tried(rows, make.YUMEN, day)
    assert (trial.tried, trial.today, trial.then, trial.unmatched) == (2, 1, 2, 0)
    assert [(one.was, one.today, one.then, one.rule.duty) for one in trial.changed] == [
        (water.title, make.make_office().title, water.title, "城乡供水")
    ]
    client.force_login(head.account)
    page = client.get(f"/work/requests/rules/try/?day={day}&n=50").content.decode()
    assert "城乡供水" in page
    assert rows[0].case.title in page
    assert rows[1].case.title not in page
    assert "城乡供水" in client.get("/work/requests/rules/").content.decode()


def test_the_pages_add_and_end_a_rule(client):
    make.make_hotline()
    office = make.make_office()
    client.force_login(make.make_handler(make.make_hotline().department, "hotline_head").account)
    day = clock.today() + timedelta(days=1)
    said = {"position": 7, "office": office.pk, "duty": "照明", "words": "路灯、灯杆 灯", "valid_from": day.isoformat()}
    answer = client.post("/work/requests/rules/new/", said)
    assert (answer.status_code, answer.url) == (302, f"/work/requests/rules/try/?day={day}&hotline={make.YUMEN}")
    rule = DispatchRule.objects.get()
    assert (rule.position, rule.words, rule.region_code) == (7, ["路灯", "灯杆", "灯"], make.YUMEN)
    assert client.post(f"/work/requests/rules/{rule.pk}/end/", {"day": day.isoformat()}).status_code == 302
    rule.refresh_from_db()
    assert rule.valid_to == day
    client.force_login(make.make_dispatcher().account)
    assert client.get("/work/requests/rules/").status_code == 403
    assert client.get("/work/requests/classifiers/").status_code == 403


def test_the_classifier_learns_from_closed_orders_and_proposes(client):
    lamps, water = make_history()
    row = operations.train(make.YUMEN, by=make.BY)
    assert (row.examples, row.corrections, row.in_force) == (32, 0, True)
    request = make.make_request(text="老街的自来水停水了")
    assert offered(request) == [("分类器", water.key, make.WATER)] or offered(request)[0] == (
        "分类器",
        water.key,
        make.WATER,
    )
    make_rule(10, subject="0103", office=lamps, duty="供水")
    assert offered(request)[0] == ("规则", lamps.key, make.WATER)
    head = make.make_handler(make.make_hotline().department, "hotline_head")
    client.force_login(head.account)
    assert row.data_digest[:12] in client.get("/work/requests/classifiers/").content.decode()


def test_the_same_data_is_not_learnt_twice_and_new_data_replaces():
    make_history()
    first = operations.train(make.YUMEN, by=make.BY)
    assert operations.train(make.YUMEN, by=make.BY) == first
    make.make_closed()
    second = operations.train(make.YUMEN, by=make.BY)
    assert list(Classifier.objects.order_by("pk").values_list("pk", "in_force")) == [
        (first.pk, False),
        (second.pk, True),
    ]
    assert first.data_digest != second.data_digest


def test_a_correction_is_kept_and_teaches_before_the_order_is_closed():
    make_history()
    operations.train(make.YUMEN, by=make.BY)
    request = make.make_request(text="老街的自来水停水了")
    operations.dispatch(request, office=make.make_office(), subject=make.LAMP, by=make.BY)
    kept = Dispatch.objects.get(request=request).proposed[0]
    assert (kept["office"], kept["subject"], kept["maker"]) == ("yumen-water", make.WATER, "分类器")
    row = operations.train(make.YUMEN, by=make.BY)
    assert (row.examples, row.corrections) == (33, 1)


def test_too_little_teaches_nothing_and_only_the_head_may_train():
    make.make_hotline()
    with pytest.raises(ValidationError, match="至少要 20 件"):
        operations.train(make.YUMEN, by=make.BY)
    with pytest.raises(ValidationError, match="没有热线中心"):
        operations.train("110000000000", by=make.BY)
    with pytest.raises(Denied):
        operations.train(make.YUMEN, by=make.make_dispatcher())


def test_sentences_that_ship_start_a_classifier():
    make.make_hotline()
    row = operations.train(make.YUMEN, by=make.BY, examples=synthetic.examples(4), source="合成语句")
    assert row.source == "合成语句"
    assert proposing.guesses(queries.matter(make.make_request(text="路灯不亮")))[0][0] == make.LAMP


def test_below_the_threshold_a_person_chooses(client):
    _lamps, water = make_history()
    operations.train(make.YUMEN, by=make.BY)
    unsure = make.make_request(text="完全说不清楚的一件事情")
    sure = make.make_request(text=TAPS[0])
    assert [ports.proposals(queries.matter(one))[0].sure for one in (unsure, sure)] == [False, True]
    client.force_login(make.make_dispatcher().account)
    chosen = f'<option value="{water.pk}" selected'
    pages = [client.get(f"/work/requests/{one.case.number}/").content.decode() for one in (unsure, sure)]
    assert [chosen in page for page in pages] == [False, True]


def test_sure_orders_go_out_alone_only_if_that_is_switched_on():
    _lamps, water = make_history()
    operations.train(make.YUMEN, by=make.BY)
    sure, secret = (make.make_request(text=TAPS[0], secret=one) for one in (False, True))
    unsure = make.make_request(text="完全说不清楚的一件事情")
    jobs.send(request=sure.pk, by="")
    assert make.fresh(sure).case.state == State.NEW
    with override(options.ALONE, True):
        for one in (sure, secret, unsure, sure):
            jobs.send(request=one.pk, by="")
    assert make.fresh(sure).case.department == water
    assert Dispatch.objects.filter(request=sure).count() == 1
    assert [make.fresh(one).case.state for one in (secret, unsure)] == [State.NEW, State.NEW]


def test_who_works_for_two_hotlines_says_for_which(client):
    dunhuang = "620982000000"
    one, far = make.make_hotline(), make.people.make_department("dunhuang-hotline", dunhuang, name="敦煌市热线中心")
    Hotline.objects.create(region_code=dunhuang, department=far)
    office = make.people.make_department("dunhuang-water", dunhuang, name="敦煌市水务局")
    head = make.people.make_official("hotline_head", department=one.department)
    make.people.make_post(head, "hotline_head", department=far)
    client.force_login(head)
    for page, form in (("rules", "new_rule"), ("rules", "try_rules"), ("limits", "new_limit")):
        shown = client.get(reverse(f"requests.{page}")).content.decode()
        for code in (make.YUMEN, dunhuang):
            assert f'href="{reverse(f"requests.{form}")}?hotline={code}"' in shown
    tomorrow = clock.today() + timedelta(days=1)
    rule = {"position": 1, "office": office.pk, "duty": "供水", "valid_from": tomorrow}
    address = f"{reverse('requests.new_rule')}?hotline={dunhuang}"
    assert "敦煌市水务局" in client.get(address).content.decode()
    tried = client.post(address, rule)["Location"]
    assert DispatchRule.objects.get().region_code == dunhuang
    assert f'name="hotline" value="{dunhuang}"' in client.get(tried).content.decode()
    limit = {"first": 2, "first_unit": "hours", "handle": 3, "handle_unit": "working_days", "valid_from": tomorrow}
    assert client.post(f"{reverse('requests.new_limit')}?hotline={dunhuang}", limit).status_code == 302
    assert TimeLimit.objects.get(valid_from=tomorrow).region_code == dunhuang
