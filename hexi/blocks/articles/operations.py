"""What can be done with articles: written, approved by another, published, looked at again, withdrawn; feedback."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError
from django.db.models import F, Max
from django.utils.translation import gettext as _

from hexi.blocks.articles import finding, hooks, options, queries
from hexi.blocks.articles.definitions import kinds
from hexi.blocks.articles.models import OPEN, Article, Audience, State, Version
from hexi.blocks.audit import operations as audit
from hexi.blocks.notices import operations as notices
from hexi.blocks.people.models import Account
from hexi.blocks.regions.codes import is_code, prefix
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require
from hexi.kernel.packs import Words

#: what a writer says
FIELDS = (
    "kind", "audience", "title", "title_en", "body", "body_en", "reply", "source", "source_url", "keywords", "items",
    "subjects", "formed_on", "valid_from", "valid_to", "why",
)  # fmt: skip
TEXTS = ("title", "title_en", "body", "body_en", "reply", "source", "keywords", "items", "subjects", "why")
#: said anew of each version
ANEW = ("why", "formed_on")
LISTS = ("keywords", "items", "subjects")


def write(
    department: Department, *, region: str = "", months: int = 0, once: uuid.UUID | None = None, by: Actor, **said: Any
) -> Article:
    """A new article as a draft of a department; sent twice with the same `once` it stands once. Needs `articles.write`.

    `region`: the division it holds in, that of the department or inside it. `months` between two reviews (0: as usual
    for its kind). `said` are FIELDS. Raises `ValidationError` naming the field.
    """
    require(by, queries.WRITE, department.pk, department.region_code)
    region = region or department.region_code
    inside = is_code(region) and region.startswith(prefix(department.region_code))
    if region != department.region_code and not inside:
        raise ValidationError({"region": _("请选择本部门所在地区或其中的地区。")})
    version = _drafted(said, by)
    months = _months(months or kinds()[version.kind].review_months)
    once = once or uuid.uuid4()
    try:
        with audit.change(by, "articles.write") as note:
            article = Article.objects.create(
                once=once, department=department, region_code=region, review_months=months, made_at=clock.now()
            )
            _add(article, version)
            note.thing, note.facts = article, {"title": version.title}
    except IntegrityError:
        same = Article.objects.filter(once=once, versions__number=1, versions__written_key=by.key).first()
        if same is None:
            raise
        return same
    return article


def revise(article: Article, *, by: Actor, **said: Any) -> Version:
    """The next version as a draft, or other words for the draft its writer has begun: his alone.

    So whoever approves a version has written none of it. Raises `ValidationError` naming the open one of another.
    """
    with audit.change(by, "articles.revise", article) as note:
        article = _locked(article)
        require(by, queries.WRITE, article.department_id, article.region_code)
        last = article.latest
        if last is not None and last.state in OPEN:
            version = _changed(last, said, by)
        else:
            given = {name: getattr(last, name) for name in FIELDS if last is not None and name not in ANEW} | said
            version = _add(article, _drafted(given, by))
        note.facts = {"number": version.number, "fields": sorted(said)}
    return version


def submit(article: Article, *, by: Actor) -> Version:
    """Hand the draft to those who approve; they are told. Twice is once."""
    with audit.change(by, "articles.submit", article):
        article = _locked(article)
        version = _own(article, by)
        if version.state == State.WAITING:
            return version
        version.state, version.submitted_at, version.returned = State.WAITING, clock.now(), ""
        version.save()
        whom = [one for one in queries.holders(article.department, queries.APPROVE) if _key(one) != version.written_key]
        _tell(whom, "articles.to_approve", version, by, who=version.written_name)
    return version


def give_back(article: Article, *, reason: str, by: Actor) -> Version:
    """Return it to its writer, who is told why."""
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("请写明要修改什么，起草人会看到。")})
    with audit.change(by, "articles.give_back", article, reason=reason):
        article = _locked(article)
        version = _to_judge(article, by)
        version.state, version.returned = State.DRAFT, reason[:300]
        version.save()
        _tell(_writer(version), "articles.returned", version, by, who=by.name, reason=version.returned)
    return version


def approve(article: Article, *, seen: datetime | None = None, by: Actor) -> Version:
    """Agree to the version as it stands and publish it; the one before ends. Needs `articles.approve`, never one's own.

    `seen`: when what the approver read was submitted; one changed and submitted again since is not agreed to unread.
    Of two at once the second is told who was first.
    """
    with audit.change(by, "articles.approve", article) as note:
        article = _locked(article)
        version = _to_judge(article, by)
        if seen is not None and seen != version.submitted_at:
            raise ValidationError(_("您打开以后内容改过，请重新看一遍再核准。"))
        _ready(article, version)
        now = clock.now()
        _end(article, State.REPLACED, at=now)
        version.state, version.approved_at = State.PUBLISHED, now
        version.approved_key, version.approved_name = by.key, by.name
        version.save()
        article.current = version
        _next_review(article, by, article.review_months)
        article.save()
        note.facts = {"number": version.number, "title": version.title}
        finding.put(article)
        hooks.article_published.ring(article=article, by=by)
    return version


def discard(article: Article, *, by: Actor) -> Version:
    """Give up what is not published yet: its writer, or who might approve it. Twice is once."""
    with audit.change(by, "articles.discard", article):
        article = _locked(article)
        version = article.latest
        if version is None or version.state == State.DISCARDED:
            return version  # type: ignore[return-value]
        if version.written_key == by.key:
            require(by, queries.WRITE, article.department_id, article.region_code)
        else:
            require(by, queries.APPROVE, article.department_id, article.region_code)
        if version.state not in OPEN:
            raise ValidationError(_("已经发布，不能作废。请撤下。"))
        version.state, version.ended_at = State.DISCARDED, clock.now()
        version.save()
        if article.current is not None:
            article.latest = article.current
            article.save()
    return version


def withdraw(article: Article, *, reason: str, whole: bool = False, by: Actor) -> Article:
    """Take back what is published, at once: whoever writes or approves for the office. Twice is once.

    `whole`: also all it said before (somebody's phone number stood there from the start); else that can still be read
    where an answer was given from it.
    """
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("请写明为什么撤下，会记入日志。")})
    with audit.change(by, "articles.withdraw", article, reason=reason[:300]) as note:
        article = _locked(article)
        where = (article.department_id, article.region_code)
        if not by.may(queries.APPROVE, *where):
            require(by, queries.WRITE, *where)
        if article.current is None:
            return article
        _end(article, State.WITHDRAWN, at=clock.now(), why=reason[:300])
        if whole:
            note.facts["whole"] = True
            article.versions.filter(state=State.REPLACED).update(state=State.WITHDRAWN, ended_why=reason[:300])
        article.current = None
        article.save()
        finding.put(article)
        hooks.article_withdrawn.ring(article=article, by=by)
    return article


def review(article: Article, *, until: date | None = None, seen: date | None = None, by: Actor) -> Article:
    """Still true, until the next look: `until` a day, or its usual interval from today. Needs `articles.write`.

    `seen`: the day of review on the page; of two at once the second is told that it was done.
    """
    with audit.change(by, "articles.review", article) as note:
        article = _locked(article)
        require(by, queries.WRITE, article.department_id, article.region_code)
        if article.current is None:
            raise ValidationError(_("没有发布的内容，不用复核。"))
        if seen is not None and seen != article.review_on:
            raise ValidationError(_("已由%(who)s复核。") % {"who": article.reviewed_by})
        _next_review(article, by, article.review_months, until)
        article.save()
        note.facts = {"until": str(article.review_on)}
    return article


def cite(pk: int, *, by: Actor) -> Version:
    """Somebody answers from this version: counted, in the caller's transaction. Needs only that he may read it.

    Raises `ValidationError` if nobody should answer from it any more: replaced, withdrawn, no longer in force.
    """
    version = queries.citable(pk, by)
    if version is None:
        raise ValidationError({"article": _("这篇知识刚刚更新、撤下或失效了，请重新查一次再答复。")})
    Article.objects.filter(pk=version.article_id).update(used=F("used") + 1)
    return version


def tell_overdue(department: Department, *, by: Actor) -> int:
    """Tell an office which of its articles are past their day of review, once in some days; how many it was told of.

    Of two runs at once each article is told of by one.
    """
    today = clock.today()
    with audit.change(by, "articles.tell_overdue", department) as note:
        late = queries.overdue(Article.objects.filter(department=department)).select_for_update(of=("self",))
        rows = [one for one in late.select_related("current") if _due_to_tell(one.told_on, today)]
        note.facts = {"count": len(rows)}
        if not rows:
            return 0
        Article.objects.filter(pk__in=[one.pk for one in rows]).update(told_on=today)
        every = queries.overdue(Article.objects.filter(department=department))
        oldest = every.select_related("current")[0]
        facts = {
            "n": every.count(), "office": Words(zh=department.name, en=department.name_en or department.name),
            "title": _words(oldest.current), "since": oldest.review_on,
        }  # fmt: skip
        notices.tell(queries.holders(department, queries.WRITE), "articles.overdue", about=None, facts=facts, by=by)  # type: ignore[arg-type]
    return len(rows)


def refresh_search(article: Article) -> None:
    """Let it be found or not as it holds today: its first or last day has come."""
    finding.put(article)


# --- checks and parts -------------------------------------------------------------------------------------------------
def _due_to_tell(told: date | None, today: date) -> bool:
    return told is None or (today - told).days >= options.AGAIN_DAYS.value


def _drafted(said: Mapping[str, Any], by: Actor) -> Version:
    version = Version(written_key=by.key, written_name=by.name, written_at=clock.now(), valid_from=clock.today())
    return _filled(version, said)


def _filled(version: Version, said: Mapping[str, Any]) -> Version:
    for name, value in tidied(said).items():
        setattr(version, name, value)
    fits(version)
    return version


def _add(article: Article, version: Version) -> Version:
    """The next number; the article's row is locked, or new."""
    last = article.versions.aggregate(last=Max("number"))["last"] or 0
    version.article, version.number = article, last + 1
    version.save()
    article.latest = version
    article.save()
    return version


def _changed(version: Version, said: Mapping[str, Any], by: Actor) -> Version:
    _writers_own(version, by)
    if version.state != State.DRAFT:
        raise ValidationError(_("已提交核准，不能再改。需要修改，请核准人退回。"))
    _filled(version, said).save()
    return version


def tidied(said: Mapping[str, Any]) -> dict[str, Any]:
    """Known fields only; texts without control signs, lists one word a line and each once."""
    unknown = set(said) - set(FIELDS)
    if unknown:
        raise TypeError(f"no such fields: {sorted(unknown)}")
    return {name: _tidy(name, value) for name, value in said.items() if value is not None or name == "valid_to"}


def _tidy(name: str, value: Any) -> Any:
    if name in LISTS:
        lines = value.splitlines() if isinstance(value, str) else value
        return "\n".join(dict.fromkeys(clean(line).replace("\n", " ") for line in lines if clean(line)))
    return clean(value) if isinstance(value, str) else value


def clean(text: str) -> str:
    """Without control signs; markup stays what it is: text."""
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in kept if sign in "\n\t\u3000" or sign.isprintable()).strip()


def fits(version: Version) -> None:
    """Raises `ValidationError` naming each field that does not fit."""
    wrong = {name: _("请填写。") for name in ("title", "body") if not getattr(version, name)}
    if version.kind not in kinds():
        wrong["kind"] = _("请从列表里选择类型。")
    if version.audience not in Audience.values:
        wrong["audience"] = _("请选择谁能看。")
    wrong |= _wrong_days(version)
    if version.source_url and not _web(version.source_url):
        wrong["source_url"] = _("请填写以 http:// 或 https:// 开头的网址。")
    for name in TEXTS:
        most = Version._meta.get_field(name).max_length or 0
        if len(getattr(version, name)) > most:
            wrong[name] = _("最多 %(n)s 字，请缩短。") % {"n": most}
    if wrong:
        raise ValidationError(wrong)


def _wrong_days(version: Version) -> dict[str, str]:
    wrong = {}
    if version.formed_on > clock.today():
        wrong["formed_on"] = _("形成或者变更日期不能晚于今天。")
    if version.valid_to is not None and version.valid_to <= version.valid_from:
        wrong["valid_to"] = _("失效日期要晚于生效日期。")
    return wrong


def _web(address: str) -> bool:
    try:
        URLValidator(schemes=["http", "https"])(address)
    except ValidationError:
        return False
    return len(address) <= 500


def _months(months: int) -> int:
    most = options.LONGEST_MONTHS.value
    if not 1 <= months <= most:
        raise ValidationError({"months": _("复核间隔 1 到 %(n)s 个月。") % {"n": most}})
    return months


def _ready(article: Article, version: Version) -> None:
    """What keeps a version from being published today."""
    if version.expired:
        raise ValidationError(_("失效日期已过，请退回修改。"))
    if article.current is not None and version.valid_from > clock.today():
        raise ValidationError(_("新版本还没有到生效日期。现在核准会让原来的内容提前失效，请到那天再核准。"))


def _end(article: Article, state: State, *, at: datetime, why: str = "") -> None:
    Version.objects.published().filter(article=article).update(state=state, ended_at=at, ended_why=why)


def _next_review(article: Article, by: Actor, months: int, until: date | None = None) -> None:
    """Looked at now; the next day is no later than the version holds."""
    today, most = clock.today(), options.LONGEST_MONTHS.value
    day = until or after_months(today, months)
    if not today < day <= after_months(today, most):
        raise ValidationError({"until": _("请填写今天以后、%(n)s 个月以内的日期。") % {"n": most}})
    ends = article.current.valid_to if article.current else None
    article.review_on = min(day, ends) if ends else day
    article.reviewed_at, article.reviewed_by, article.told_on = clock.now(), by.name, None


def after_months(day: date, months: int) -> date:
    """The same day some months later, the last of the month where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + years, month + 1, last)
        except ValueError:
            continue
    raise ValueError(day)


def _locked(article: Article) -> Article:
    """The row as it stands now with its versions, locked until the transaction ends.

    Locked first and read then: PostgreSQL reads what is joined as it was before the wait for the lock.
    """
    Article.objects.select_for_update().get(pk=article.pk)
    return Article.objects.select_related("department", "latest", "current").get(pk=article.pk)


def _own(article: Article, by: Actor) -> Version:
    """The open version, if the actor wrote it."""
    require(by, queries.WRITE, article.department_id, article.region_code)
    version = article.latest
    if version is None or version.state not in OPEN:
        raise ValidationError(_("没有待提交的草稿。"))
    _writers_own(version, by)
    return version


def _writers_own(version: Version, by: Actor) -> None:
    if version.written_key != by.key:
        raise Denied(_("只有起草人%(who)s能改这份草稿。") % {"who": version.written_name})


def _to_judge(article: Article, by: Actor) -> Version:
    """The version that waits, for somebody who may approve it."""
    require(by, queries.APPROVE, article.department_id, article.region_code)
    version = article.latest
    if version is not None and version.state == State.PUBLISHED:
        raise ValidationError(_("已由%(who)s核准。") % {"who": version.approved_name})
    if version is None or version.state != State.WAITING:
        raise ValidationError(_("现在没有等着核准的内容。"))
    if version.written_key == by.key:
        raise Denied(_("起草人不能核准自己写的，请由另一位核准。"))
    return version


def _key(account: Account) -> str:
    return f"account:{account.pk}"


def _writer(version: Version) -> list[Account]:
    kind, _sep, pk = version.written_key.partition(":")
    return list(Account.objects.filter(pk=int(pk))) if kind == "account" and pk.isdecimal() else []


def _words(version: Version | None) -> Words:
    return Words(zh=version.title, en=version.title_en or version.title) if version else Words(zh="", en="")


def _tell(whom: Iterable[Account], key: str, version: Version, by: Actor, **facts: Any) -> None:
    people = list(whom)
    if people:
        facts |= {"title": _words(version), "article": version.article_id}
        notices.tell(people, key, about=version.article, facts=facts, by=by)
