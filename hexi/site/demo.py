"""`hexi demo`: a region that looks lived in: people to sign in as, cases at every stage, a year of synthetic cases."""

import argparse

from django.conf import settings

from hexi.blocks.alerts import synthetic as alerts
from hexi.blocks.cases import queries, synthetic
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case, Item
from hexi.blocks.notices.operations import SITE_URL
from hexi.blocks.people.models import Account, Post
from hexi.blocks.people.queries import actor_for
from hexi.blocks.people.shipped import DemoFile
from hexi.blocks.people.synthetic import inhabitants
from hexi.blocks.regions.models import Division
from hexi.blocks.search import operations as search
from hexi.blocks.search.terms import chinese
from hexi.kernel import clock, jobs, packs
from hexi.kernel.actors import System
from hexi.kernel.manifest import Tell, added
from hexi.site import stories

#: cases of a year that `make run` makes: enough for figures, made in seconds
SOME = 1200
#: inhabitants who share the cases among them
MOST_PEOPLE = 2000


def demo(arguments: argparse.Namespace) -> int:
    """Fill a demo installation; what is there already is left alone, so that it can run again."""
    if not settings.DEMO:
        print("✗ 只在演示安装里可用：HEXI_SITE_DEMO=true / only in a demo installation")
        return 2
    made = Case.objects.filter(submission__startswith="synthetic:").count()
    wanted = max(0, arguments.cases - made)
    if wanted and Item.objects.filter(status=Item.Status.PUBLISHED).exists():
        _synthetic(wanted)
    print(f"… 演示故事 story {stories.tell()}", flush=True)
    _alerts()
    for one in added(Tell):
        print(f"… {one.title} {one.run()}", flush=True)
    jobs.drain()
    _say()
    return 0


def arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi demo`."""
    parser.add_argument(
        "--cases", type=int, default=SOME, help="一年的模拟办件数（酒泉 2017 年：17276） / synthetic cases of a year"
    )


def _synthetic(number: int) -> None:
    items = list(
        Item.objects.filter(status=Item.Status.PUBLISHED)
        .select_related("version__item__department", "department")
        .order_by("pk")
    )
    by, places = System("demo"), sorted({item.region_code for item in items})
    villages = [one.code for place in places for one in Division.objects.current().under(place).filter(level=5)]
    many = min(MOST_PEOPLE, 30 + number // 6)
    print(f"… 演示居民 synthetic inhabitants {many:,}", flush=True)
    persons = inhabitants(many, regions=villages or places, by=by)
    print(f"… 演示办件 synthetic cases {number:,}", flush=True)
    synthetic.make(
        number, by=by, items=items, persons=persons,
        progress=lambda done: print(f"  {done:,} / {number:,}", flush=True),
    )  # fmt: skip
    synthetic.analyse()
    for item in items:
        _searched_for(item)


def _searched_for(item: Item) -> None:
    """Each of its applicants searched for it once by one of its everyday words, every tenth of them in English."""
    aliases = definition(item.version).national.aliases[1:]
    times = Case.objects.filter(item=item).count()
    everyday = [word for word in aliases if chinese(word)][:3]
    english = [word for word in aliases if not chinese(word)][:1]
    for words, share in ((everyday, times), (english, max(3, times // 10))):
        if words:
            search.count(words[item.pk % len(words)], public=1, times=share)


def _alerts() -> None:
    """Alerts of the demo region's duty office, where the packs name its two officials."""
    accounts = {one.username: one for one in Account.objects.filter(username__in=("warner", "warn-head", "shi"))}
    officer, boss, villager = (accounts.get(name) for name in ("warner", "warn-head", "shi"))
    post = Post.objects.filter(account=officer).select_related("department").first() if officer and boss else None
    if post is None or officer is None or boss is None:
        return
    contact = villager.person if villager else None
    region = contact.region_code if contact else post.region_code
    if alerts.make(post.department, region, officer=actor_for(officer), boss=actor_for(boss), contact=contact):
        print("… 演示预警 alerts", flush=True)


def _say() -> None:
    today = clock.today()
    total = queries.figures("", today.replace(year=today.year - 1), today)
    rate = "—" if total.in_time_rate is None else f"{total.in_time_rate:.2f} %"
    print(f"✓ 一年收件 received {total.received:,}，办结 ended {total.ended:,}，限时办结率 in time {rate}")
    print(
        f"""
  打开 open      {SITE_URL.value}
  手机 phone     make run LAN=本机地址 / this machine's address
  试一试 try     搜“采伐” → 看指南 → 换身份为村民申请 → 换窗口人员受理 → 审查员审查 → 负责人决定 → 扫证上的二维码核验
                 提交后不受理，把演示时钟拨过五个工作日，看“视为受理”
                 search 采伐, read the guide, apply as the villager, then switch roles on the strip at the top;
                 or submit and move the demo clock five working days to see acceptance by law
  停止 stop      Ctrl+C

  演示用户 demo sign-ins（密码 password: {_password()}）
{_people()}
""",
        flush=True,
    )


def _files() -> list[DemoFile]:
    return [packs.read(path, DemoFile) for path in packs.files("people")]


def _password() -> str:
    return " / ".join(dict.fromkeys(file.password for file in _files()))


def _people() -> str:
    """A line for everybody one can sign in as."""
    rows = [one for file in _files() for one in (*file.citizens, *file.officials)]
    return "\n".join(f"    {one.username:11} {one.name}  {one.about.zh} / {one.about.en}" for one in rows)
