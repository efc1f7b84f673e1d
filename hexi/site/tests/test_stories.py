"""The demo's story: told once and whole, from the past to today; a story about strangers is a fault of its file."""

import io
from collections import Counter
from datetime import date

import pytest
import yaml
from PIL import Image

from hexi.blocks.audit import queries as audit
from hexi.blocks.cases import queries
from hexi.blocks.cases.models import Bundle, Case, Rating
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.forms.models import Draft
from hexi.blocks.market.models import Booking
from hexi.blocks.money.models import Charge, Payment
from hexi.blocks.notices.models import Line
from hexi.blocks.parcels.models import Parcel
from hexi.blocks.people.models import Identifier
from hexi.blocks.people.queries import RESIDENT
from hexi.blocks.people.vault import ring
from hexi.kernel import clock, packs
from hexi.site import prepare, stories

FILES = packs.files("stories")


def all_stories():
    return [one for path in FILES for one in packs.read(path, stories.StoryFile).stories]


@pytest.mark.django_db
def test_every_story_is_told_once_in_the_past_and_leaves_everything_whole(settings):
    settings.DEMO = True
    prepare.load_shipped()
    assert stories.tell() == len(all_stories())
    assert Counter(Case.objects.values_list("state", flat=True)) == {
        "submitted": 4, "returned": 1, "correcting": 1, "examining": 4, "deciding": 1, "certifying": 1, "delivering": 2,
        "closed": 5, "withdrawn": 1,
    }  # fmt: skip
    assert set(Case.objects.values_list("outcome", flat=True)) == {"", "granted", "refused"}
    assert (Certificate.objects.count(), Line.objects.count()) == (6, 2)
    assert list(Parcel.objects.order_by("pk").values_list("way", "state")) == [
        ("window", "pickup"), ("courier", "to_send"),
    ]  # fmt: skip
    assert Draft.objects.filter(submitted_at=None).count() == 1

    assert sorted(Rating.objects.values_list("level", "state")) == [(1, "open"), (2, "mended"), (4, ""), (5, "")]
    assert list(Charge.objects.order_by("pk").values_list("fen", "state")) == [(3000, "paid"), (1500, "open")]
    assert Payment.objects.get().applied == 3000
    joint = Case.objects.get(item__key="construction-permit")
    assert Counter(joint.reviews.values_list("result", flat=True)) == {"": 2, "agree": 1, "conditions": 1}
    parts = Bundle.objects.get().parts.values_list("item", "state")
    assert dict(parts) == {
        "birth-registration": "done", "newborn-insurance": "running", "social-security-card": "running"
    }  # fmt: skip
    assert sorted(Booking.objects.values_list("state", "offer__queue__key")) == [
        ("booked", "enterprise"), ("booked", "forestry"), ("booked", "general"),
    ]  # fmt: skip
    held = Identifier.objects.filter(type=RESIDENT)
    assert {ring().open(one.number, RESIDENT)[:6] for one in held} == {"629999"}

    moments = sorted(Case.objects.values_list("submitted_at", flat=True))
    assert moments[-1] <= clock.now()
    assert (clock.today() - clock.local_day(moments[0])).days >= max(one.days_ago for one in all_stories())

    span = ("", date(2000, 1, 1), date(2199, 12, 31))
    assert queries.figures(*span) == queries.recounted(*span)
    assert list(audit.verify()) == []
    assert (stories.tell(), Case.objects.count()) == (0, len(moments))


def test_a_stranger_in_a_story_and_an_unknown_item_are_faults_with_their_line(tmp_path):
    path = tmp_path / "one.yaml"
    story = {"key": "x", "by": "nobody", "item": "no-such", "days_ago": 1, "at": "09:00"}
    path.write_text(yaml.safe_dump({"stories": [story]}, sort_keys=False))
    faults = stories.check(path, packs.read(path, stories.StoryFile))
    assert [(one.line, one.sentence.partition(" ")[0]) for one in faults] == [(2, "没有用户"), (4, "没有事项")]


def test_the_picture_of_a_material_is_a_page():
    page = Image.open(io.BytesIO(stories.picture("采伐地点照片", "石建国")))
    assert (page.format, page.size) == ("JPEG", (900, 1240))
