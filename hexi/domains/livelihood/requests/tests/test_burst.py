"""Five hundred reports of one burst pipe within a minute: taken in, offered, one hot topic, merged in one action."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.notices.models import Notice
from hexi.domains.livelihood.requests import operations, options, queries
from hexi.domains.livelihood.requests.models import Request, Topic
from hexi.domains.livelihood.requests.operations import receive
from hexi.domains.livelihood.requests.states import State
from hexi.domains.livelihood.requests.tests import make
from hexi.kernel import clock, jobs
from hexi.kernel.actors import Denied
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db
MANY = 500
WORDS = (
    "{n}号楼前自来水管爆了，水流了一地。",
    "水管爆裂，{n}号楼门口全是水，快来修。",
    "新市路自来水管爆了，{n}号楼停水。",
)


def reports(many: int) -> list[Request]:
    """From that many phones, behind as many addresses, all within a minute by the clock they carry."""
    visitor = make.people.queries.Nobody()
    begun, found = clock.now(), []
    for n in range(many):
        with clock.told_at(begun + timedelta(seconds=50 * n / many)):
            said = make.said(
                WORDS[n % 3].format(n=n % 40), subject=make.WATER, lat=make.LAT + n % 20 / 20_000, lon=make.LON,
                phone=f"100{n:08d}",
            )  # fmt: skip
            found.append(receive(said, by=visitor, submission=f"pipe:{n}", network=f"10.1.{n // 250}.{n % 250}")[0])
    return found


@pytest.mark.long
def test_five_hundred_reports_of_one_pipe(client):
    make.make_hotline()
    rows = reports(MANY)
    assert Request.objects.count() == MANY
    assert len({one.case.number for one in rows}) == MANY
    # whoever comes next is offered what is near, in a fixed number of rows
    offered = queries.near(make.LAT, make.LON, subject=make.WATER)
    assert len(offered) == 5
    assert all(queries.metres_between(make.LAT, make.LON, one) <= options.NEAR_METRES.value for one in offered)

    operations.find_topics(make.make_hotline(), by=make.BY)
    topic = Topic.objects.get()
    assert (topic.orders, topic.callers, topic.lead) == (MANY, MANY, rows[0])

    dispatcher = make.make_dispatcher()
    client.force_login(dispatcher.account)
    here = reverse("requests.topic", args=[rows[0].case.number])
    page = client.get(here).content.decode()
    assert page.count('name="order"') == MANY
    assert page.count(" checked") == MANY
    sent = client.post(here, {"lead": rows[0].case.number, "order": [one.case.number for one in rows]})
    assert sent.status_code == 302
    merged = Request.objects.filter(case__state=State.MERGED)
    assert merged.count() == 0, "nobody waits at the button: a job does it"
    jobs.drain()
    assert merged.filter(lead=rows[0]).count() == MANY - 1
    notice = Notice.objects.get(key="requests.merged_many")
    assert str(MANY - 1) in notice.title_zh

    # one answer reaches everybody
    operations.dispatch(make.fresh(rows[0]), office=make.make_office(), subject=make.WATER, by=make.BY)
    operations.reply(make.fresh(rows[0]), opinion="水管已修好，恢复供水。", by=make.BY)
    jobs.drain()
    assert Request.objects.filter(case__state=State.ANSWERED).count() == MANY


def test_a_village_behind_one_address_is_not_shut_out():
    make.make_hotline()
    visitor = make.people.queries.Nobody()
    with override(options.PER_ADDRESS, 20):
        for n in range(20):
            receive(make.said(phone=f"1000000{n:04d}"), by=visitor, submission=f"v{n}", network="10.0.0.1")
        with pytest.raises(ValidationError, match="登录后可以马上提交"):
            receive(make.said(phone="10000009999"), by=visitor, submission="v20", network="10.0.0.1")
        # thirty villagers more, signed in, and the operator's phone: nobody is held up
        for n in range(30):
            receive(make.said(), by=make.make_citizen(), submission=f"s{n}", network="10.0.0.1")
        make.make_request(by=make.make_operator())
    assert Request.objects.count() == 51


def test_what_cannot_be_merged_is_said(client):
    make.make_hotline()
    first, second, third = (make.make_request(text="三号楼前自来水管爆了，水流了一地。") for _ in range(3))
    operations.find_topics(make.make_hotline(), by=make.BY)
    with pytest.raises(Denied):
        operations.ask_merge(first, [second], by=make.make_operator())
    with pytest.raises(ValidationError):
        operations.ask_merge(first, [first], by=make.BY)
    client.force_login(make.make_dispatcher().account)
    here = reverse("requests.topic", args=[Topic.objects.get().lead.case.number])
    assert client.post(here, {"lead": "H0", "order": [second.case.number]}).status_code == 422
    # answered meanwhile: it is left alone, the other is merged
    operations.ask_merge(first, [second, third], by=make.make_dispatcher())
    operations.reply_now(make.fresh(third), opinion="已知悉。", subject=make.WATER, by=make.BY)
    jobs.drain()
    assert (make.fresh(second).lead, make.fresh(third).lead) == (first, None)
    notice = Notice.objects.get(key="requests.merged_many")
    assert "1 件已有变化" in notice.body_zh
    operations.merge_chosen(first, [second.pk], by=make.BY)  # run again
    assert make.fresh(second).case.events.filter(action="merge").count() == 1
