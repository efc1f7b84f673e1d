"""Packs: kinds, the region's articles with their sources; taken in once, never over what was written here."""

from pathlib import Path

import pytest
from django.conf import settings

from hexi.blocks.articles import operations, shipped, synthetic
from hexi.blocks.articles.definitions import Articles, check, kinds
from hexi.blocks.articles.models import Article, Feedback, Version
from hexi.blocks.articles.tests.make import BY, fresh, make_office, make_rules, make_writer
from hexi.blocks.people.tests.make import make_citizen
from hexi.kernel import packs
from hexi.kernel.packs import PackError

FOLDER = Path(settings.HEXI_PACKS) / "gansu" / "articles"
ENTRY = """
articles:
  - key: water-cut
    kind: question
    department: yumen-water
    title: {zh: 停水要通知吗, en: Water cut}
    body: {zh: 要。, en: "Yes."}
    source: 《城市供水条例》第二十二条
    valid_from: 2026-01-01
"""


def parsed(text=ENTRY):
    return packs.parse(text, Articles, Path("x.yaml"))


def test_four_kinds_each_with_an_interval():
    assert {key: kind.review_months for key, kind in kinds().items()} == {
        "policy": 12, "guide": 6, "question": 12, "news": 3,
    }  # fmt: skip


def test_the_region_has_at_least_twenty_with_their_sources():
    laws, demo = (packs.read(FOLDER / name, Articles) for name in ("laws.yaml", "yumen.yaml"))
    assert len(laws.articles) >= 20
    assert all(
        "第" in one.source and one.title.en and one.body.en and one.reply
        for one in laws.articles
        if one.key != "public-holidays"
    )
    assert (laws.demo, demo.demo) == (False, True)
    assert all(one.synthetic for one in demo.articles)
    assert check(FOLDER, laws) == check(FOLDER, demo) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("    source: 《城市供水条例》第二十二条\n", ""), "source"),
        (("source: 《城市供水条例》第二十二条", "synthetic: true"), "演示"),
        (("valid_from: 2026-01-01", "valid_from: 2026-01-01\n    valid_to: 2026-01-01"), "valid_to"),
        (("key: water-cut", "key: Water"), "key"),
        (("kind: question", "kind: question\n    source_url: 'javascript:alert(1)'"), "source_url"),
    ],
)
def test_a_bad_entry_is_refused(change, sentence):
    with pytest.raises(PackError, match=sentence):
        parsed(ENTRY.replace(*change))


def test_a_key_twice_and_an_unknown_kind_are_faults():
    double = parsed(ENTRY + ENTRY.partition("articles:\n")[2].replace("question", "poem"))
    assert len(check(Path("x.yaml"), double)) == 2


@pytest.mark.django_db
def test_taken_in_once_anew_when_the_pack_changes_and_never_over_what_was_written_here():
    office = make_office()
    for _twice in range(2):
        shipped.load(Path("x.yaml"), parsed())
    article = Article.objects.get()
    assert (article.origin, article.current.number, article.department) == ("water-cut", 1, office)
    changed = parsed(ENTRY.replace("要。", "要，提前 24 小时。"))
    shipped.load(Path("x.yaml"), changed)
    article = fresh(article)
    assert (article.current.number, article.current.body) == (2, "要，提前 24 小时。")
    assert list(article.versions.order_by("number").values_list("state", flat=True)) == ["replaced", "published"]
    writer = make_writer(office)
    operations.revise(article, body="我们自己写的。", by=writer)
    operations.submit(article, by=writer)
    operations.approve(article, by=BY)
    shipped.load(Path("x.yaml"), parsed())
    assert fresh(article).current.body == "我们自己写的。"


@pytest.mark.django_db
def test_what_is_made_up_stays_out_of_a_real_installation(settings):
    make_office("yumen-housing", name="住建")
    demo = packs.read(FOLDER / "yumen.yaml", Articles)
    settings.DEMO = False
    shipped.load(FOLDER, demo)
    assert Article.objects.count() == 0
    settings.DEMO = True
    shipped.load(FOLDER, demo)
    assert set(Article.objects.values_list("origin", flat=True)) == {"yumen-heating", "yumen-rubbish"}


@pytest.mark.django_db
def test_the_demo_tells_feedback_and_a_waiting_version_once(settings):
    settings.DEMO = True
    make_rules()
    make_office("yumen-housing", name="住建")
    hotline = make_office("yumen-hotline", name="热线")
    for name in ("shi", "wang", "li"):
        make_citizen(name)
    from hexi.blocks.people.tests.make import make_official

    make_official("article_writer", department=make_office("yumen-housing"), username="housing")
    make_official("article_writer", department=hotline, username="dispatcher")
    shipped.load(FOLDER, packs.read(FOLDER / "yumen.yaml", Articles))
    assert synthetic.tell() == 3
    assert synthetic.tell() == 0
    assert sorted(Feedback.objects.values_list("open", flat=True)) == [False, True]
    assert Version.objects.filter(state="waiting").count() == 1
