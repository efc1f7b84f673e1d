"""Sample articles with their writers and approvers, for the tests of all blocks and of the domains."""

import uuid
from itertools import count
from pathlib import Path
from typing import Any

from hexi.blocks.articles import answering, operations
from hexi.blocks.articles.models import Article, Feedback, Version
from hexi.blocks.people import shipped
from hexi.blocks.people.models import Role
from hexi.blocks.people.tests.make import acting, make_department, make_official, make_roles
from hexi.blocks.regions.models import Department, Division
from hexi.blocks.regions.tests.make import YUMEN, make_divisions
from hexi.kernel.actors import Actor, System
from hexi.kernel.packs import read

BY = System("make")
_next = count(1)
WORDS = {
    "kind": "question", "title": "停水要提前通知吗", "title_en": "Must a water cut be announced?",
    "body": "计划停水提前 24 小时通知。\n\n## 突发停水\n\n- 边抢修边通知\n- 请打 12345",
    "reply": "您好，计划停水提前 24 小时通知，突发停水边抢修边通知。", "source": "《城市供水条例》第二十二条",
    "keywords": "没水\n停水通知", "subjects": "010301",
}  # fmt: skip


def make_rules() -> None:
    """Divisions and roles, unless they are there."""
    if not Division.objects.exists():
        make_divisions()
    make_roles()
    if not Role.objects.filter(pk="article_writer").exists():
        path = Path(__file__).parent.parent / "packs" / "roles" / "articles.yaml"
        shipped.load_roles(path, read(path, shipped.RolesFile))


def make_office(key: str = "yumen-water", region: str = YUMEN, name: str = "玉门市水务局") -> Department:
    """The office that owns the sample."""
    make_rules()
    return make_department(key, region, name=name, name_en=key)


def make_writer(office: Department | None = None, role: str = "article_writer") -> Actor:
    """Somebody who writes for an office (or approves, by the role)."""
    make_rules()
    office = office or make_office()
    return acting(make_official(role, department=office, region_code=office.region_code))


def make_boss(office: Department | None = None) -> Actor:
    """Somebody who approves for it."""
    return make_writer(office, "article_head")


def make_draft(office: Department | None = None, *, by: Actor | None = None, **said: Any) -> Article:
    """An article just begun."""
    office = office or make_office()
    given = {name: said.pop(name) for name in ("region", "months", "once") if name in said}
    return operations.write(office, by=by or make_writer(office), **given, **(WORDS | said))


def make_waiting(office: Department | None = None, *, by: Actor | None = None, **said: Any) -> Article:
    """One that waits for approval."""
    office = office or make_office()
    by = by or make_writer(office)
    article = make_draft(office, by=by, **said)
    operations.submit(article, by=by)
    return fresh(article)


def make_article(office: Department | None = None, *, by: Actor | None = None, **said: Any) -> Article:
    """One that is published."""
    office = office or make_office()
    article = make_waiting(office, by=by, **said)
    operations.approve(article, by=BY)
    return fresh(article)


def make_version(office: Department | None = None, **said: Any) -> Version:
    """The published version of a new article."""
    article = make_article(office, **said)
    return Version.objects.select_related("article__department").get(pk=article.current_id)


def make_feedback(version: Version, *, by: Actor | None = None, **said: Any) -> Feedback:
    """What somebody says of it."""
    given = {"helpful": False, "text": "电话号码变了。", "once": uuid.uuid4()} | said
    return answering.give(version, by=by or BY, **given)


def revised(article: Article, *, by: Actor | None = None, **said: Any) -> Article:
    """The next version, published."""
    by = by or make_writer(article.department)
    operations.revise(article, by=by, **said)
    operations.submit(article, by=by)
    operations.approve(article, by=BY)
    return fresh(article)


def fresh(article: Article) -> Article:
    """As it stands now."""
    return Article.objects.select_related("department", "latest", "current").get(pk=article.pk)
