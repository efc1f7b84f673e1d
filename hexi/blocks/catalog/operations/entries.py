"""The life of an entry: written, changed, submitted, published by another, withdrawn. Its code is never changed."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.catalog import coding, content, cycles, extras, finding, hooks
from hexi.blocks.catalog.models import OPEN_REVISIONS, CodeCounter, Entry, Item, Revision, RevisionState, State
from hexi.blocks.catalog.queries import entries as queries
from hexi.blocks.catalog.queries import portal
from hexi.blocks.notices import operations as notices
from hexi.blocks.people.models import Account
from hexi.blocks.regions.models import Department
from hexi.blocks.search.terms import syllables
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, System, require
from hexi.kernel.packs import Words
from hexi.wire import checksums

#: characters of a slug before its number
NAMED = 48


def provider_of(credit_code: str) -> Department:
    """The office of a credit code (GB 32100, both check characters). Raises `ValidationError` under "provider"."""
    try:
        code = checksums.read_credit_code(credit_code).code
    except checksums.Wrong as wrong:
        told = {
            "length": _("统一社会信用代码应为 18 位，请补全或删去多余的字符。"),
            "characters": _("统一社会信用代码里有不该出现的字符，请逐位核对。"),
            "check": _("统一社会信用代码第 18 位校验码不对，请逐位核对。"),
            "organisation": _("统一社会信用代码第 9 至 17 位（主体标识码）的校验码不对，请逐位核对。"),
        }
        raise ValidationError({"provider": told[wrong.reason]}) from wrong
    found = Department.objects.filter(uscc=code, active=True).first()
    if found is None:
        told = _("没有统一社会信用代码为 %(code)s 的部门，请核对，或先在“部门”里登记。")
        raise ValidationError({"provider": told % {"code": code}})
    return found


def write(
    provider: Department, *, classification: str, code: str = "", once: uuid.UUID | None = None, by: Actor, **said: Any
) -> Entry:
    """A new entry as a draft of its provider; sent twice with the same `once` it stands once. Needs `catalog.write`.

    `code` brings a code that was given out elsewhere (import); else the next serial of the classification is taken.
    `said` are `content.FIELDS`, `items`, `related`, `extra`. Raises `ValidationError` naming each field that is wrong.
    """
    require(by, queries.WRITE, provider.pk, provider.region_code)
    given = _checked(content.blank() | content.tidied(said), provider)
    once = once or uuid.uuid4()
    same = _same(once, by)
    if same is not None:
        return same
    try:
        with audit.change(by, "catalog.write") as note:
            _free_title(provider, given["title"])
            entry = new(provider, code_for(classification, code), given, once=once)
            add(entry, given, by)
            note.thing, note.facts = entry, {"code": entry.code, "title": entry.title}
    except IntegrityError:
        same = _same(once, by)
        if same is None:
            _free_title(provider, given["title"])  # of two at once the second is told who has the name
            raise
        return same
    return entry


def revise(entry: Entry, *, why: str = "", by: Actor, **said: Any) -> Revision:
    """What the entry should say from now on, as a draft; or other words for the draft its writer has begun: his alone.

    So whoever publishes a revision has written none of it.
    """
    with audit.change(by, "catalog.revise", entry) as note:
        entry = locked(entry)
        require(by, queries.WRITE, entry.provider_id, entry.region_code)
        if entry.state == State.WITHDRAWN:
            raise ValidationError(_("这个条目已撤下，不能再改。请新建一个条目。"))
        last = entry.latest
        given = _checked(content.held(last.content) | content.tidied(said), entry.provider, entry)
        _free_title(entry.provider, given["title"], entry)
        if last.state in OPEN_REVISIONS:
            _writers_own(last, by)
            if last.state == RevisionState.WAITING:
                raise ValidationError(_("已提交审核，不能再改。需要修改，请审核人退回。"))
            last.content, last.why = given, why.strip()[:300] or last.why
            last.save()
        else:
            last = add(entry, given, by, why=why)
        if entry.state == State.DRAFT:
            _apply(entry, given)
        note.facts = {"number": last.number, "fields": sorted(said)}
    return last


def submit(entry: Entry, *, by: Actor) -> Revision:
    """Hand the draft to those who publish; they are told. Twice is once."""
    with audit.change(by, "catalog.submit", entry):
        entry = locked(entry)
        require(by, queries.WRITE, entry.provider_id, entry.region_code)
        last = entry.latest
        if last is None or last.state not in OPEN_REVISIONS:
            raise ValidationError(_("没有待提交的草稿。"))
        _writers_own(last, by)
        if last.state == RevisionState.WAITING:
            return last
        _checked(content.held(last.content), entry.provider, entry)
        last.state, last.submitted_at, last.returned = RevisionState.WAITING, clock.now(), ""
        last.save()
        whom = [one for one in queries.holders(entry.provider, queries.PUBLISH) if _key(one) != last.written_key]
        _tell(whom, "catalog.to_publish", entry, by, who=last.written_name)
    return last


def give_back(entry: Entry, *, reason: str, by: Actor) -> Revision:
    """Return it to its writer, who is told why."""
    reason = reason.strip()[:300]
    if not reason:
        raise ValidationError({"reason": _("请写明要修改什么，起草人会看到。")})
    with audit.change(by, "catalog.give_back", entry, reason=reason):
        entry = locked(entry)
        last = _to_judge(entry, by)
        last.state, last.returned = RevisionState.DRAFT, reason
        last.save()
        _tell(_writer(last), "catalog.returned", entry, by, who=by.name, reason=reason)
    return last


def publish(entry: Entry, *, seen: datetime | None = None, by: Actor) -> Entry:
    """Put what waits in force; what was before ends. Needs `catalog.publish`, never one's own.

    `seen`: when what the page showed was submitted; one changed and submitted again since is not published unread.
    Of two at once the second is told who was first.
    """
    with audit.change(by, "catalog.publish", entry) as note:
        entry = locked(entry)
        last = _to_judge(entry, by)
        if seen is not None and seen != last.submitted_at:
            raise ValidationError(_("您打开以后内容改过，请重新看一遍再发布。"))
        given = _checked(content.held(last.content), entry.provider, entry)
        _free_title(entry.provider, given["title"], entry)
        put_in_force(entry, last, by)
        note.facts = {"number": last.number, "code": entry.code, "title": entry.title}
    return entry


def discard(entry: Entry, *, by: Actor) -> Entry:
    """Give up what is not published yet: its writer, or who might publish it. Twice is once.

    An entry that never was published is withdrawn with it; its code is not given out again.
    """
    with audit.change(by, "catalog.discard", entry):
        entry = locked(entry)
        last = entry.latest
        if last is None or last.state == RevisionState.DISCARDED or entry.state == State.WITHDRAWN:
            return entry
        verb = queries.WRITE if last.written_key == by.key else queries.PUBLISH
        require(by, verb, entry.provider_id, entry.region_code)
        if last.state not in OPEN_REVISIONS:
            raise ValidationError(_("已经发布，不能作废。请撤下。"))
        last.state, last.ended_at = RevisionState.DISCARDED, clock.now()
        last.save()
        if entry.current is None:
            entry.state = State.WITHDRAWN
        else:
            entry.latest = entry.current
        entry.save()
    return entry


def withdraw(entry: Entry, *, reason: str, by: Actor) -> Entry:
    """Take back what is published, at once: whoever writes or publishes for the provider. Twice is once.

    A change that was under way is given up with it; who follows the data set is told.
    """
    reason = reason.strip()[:300]
    if not reason:
        raise ValidationError({"reason": _("请写明为什么撤下，订阅的人会看到。")})
    with audit.change(by, "catalog.withdraw", entry, reason=reason):
        entry = locked(entry)
        if not by.may(queries.PUBLISH, entry.provider_id, entry.region_code):
            require(by, queries.WRITE, entry.provider_id, entry.region_code)
        if entry.state != State.PUBLISHED:
            return entry
        now = clock.now()
        end(entry, RevisionState.WITHDRAWN, now, why=reason)
        Revision.objects.filter(entry=entry, state__in=OPEN_REVISIONS).update(
            state=RevisionState.DISCARDED, ended_at=now, ended_why=reason
        )
        entry.state, entry.due_on, entry.updated = State.WITHDRAWN, None, now
        entry.save()
        finding.put(entry)
        tell_followers(entry, "catalog.withdrawn", by, reason=reason)
        hooks.entry_withdrawn.ring(entry=entry, by=by)
    return entry


# --- parts, for own data sets and sheets too --------------------------------------------------------------------------
def put_in_force(entry: Entry, revision: Revision, by: Actor) -> None:
    """The revision becomes what the entry says. The entry is locked by the caller, inside his change."""
    now, first = clock.now(), entry.current is None
    end(entry, RevisionState.REPLACED, now)
    revision.state, revision.published_at = RevisionState.PUBLISHED, now
    revision.published_key, revision.published_name = by.key, by.name
    revision.save()
    entry.current = entry.latest = revision
    entry.state, entry.updated = State.PUBLISHED, now
    entry.published = entry.published or clock.today()
    _apply(entry, content.held(revision.content))
    entry.due_on = cycles.due(entry)
    entry.save()
    if not portal.open_rows(entry):  # nor are the rows it has now, should it be opened again with others
        entry.versions.update(open=False, withheld_at=None, asked_why="", asked_key="", asked_name="", asked_at=None)
    finding.put(entry)
    if not first:
        tell_followers(entry, "catalog.changed", by, why=revision.why or _("见历次版本"))
    hooks.entry_published.ring(entry=entry, by=by)


def locked(entry: Entry) -> Entry:
    """The row as it stands now, locked until the transaction ends: locked first and read then."""
    Entry.objects.select_for_update().get(pk=entry.pk)
    return Entry.objects.select_related("provider", "latest", "current").get(pk=entry.pk)


def tell_followers(entry: Entry, key: str, by: Actor, **facts: Any) -> int:
    """Tell everybody who follows the data set and may see it; how many they are."""
    whom = queries.followers(entry)
    _tell(whom, key, entry, by, **facts)
    return len(whom)


def _checked(said: Mapping[str, Any], provider: Department, entry: Entry | None = None) -> dict[str, Any]:
    """The content if all of it fits; extra fields as the provider's region has them today."""
    wrong: dict[str, Any] = {}
    given = dict(said)
    held = queries.extra_fields(provider.region_code)
    for check in (
        lambda: content.fits(given),
        lambda: given.update(extra=extras.read(held.schema if held else None, given["extra"])),
        lambda: _related(given["related"], entry),
    ):
        try:
            check()
        except ValidationError as error:
            wrong |= error.error_dict
    if wrong:
        raise ValidationError(wrong)
    return given


def _related(codes: Iterable[str], entry: Entry | None) -> list[Entry]:
    """The entries of these codes. Raises `ValidationError` naming those that are not there."""
    found = {one.code: one for one in Entry.objects.filter(code__in=list(codes))}
    missing = [code for code in codes if code not in found]
    if missing:
        raise ValidationError({"related": _("目录里没有 %(codes)s，请核对代码。") % {"codes": "、".join(missing)}})
    if entry is not None and entry.code in found:
        raise ValidationError({"related": _("不能关联自己，请删去 %(code)s。") % {"code": entry.code}})
    return list(found.values())


def _free_title(provider: Department, title: str, entry: Entry | None = None) -> None:
    same = Entry.objects.filter(provider=provider, title=title).exclude(state=State.WITHDRAWN)
    if entry is not None:
        same = same.exclude(pk=entry.pk)
    if held := same.first():
        told = _("%(who)s已有同名的条目 %(code)s，请改那一条，或换个名称。")
        raise ValidationError({"title": told % {"who": provider.title, "code": held.code}})


def code_for(classification: str, code: str) -> str:
    """The given code if it can be right and is free, or the next serial; the counter's row stays locked."""
    try:
        given = coding.read(code) if code else None
        classification = coding.read_classification(given.classification if given else classification)
    except coding.WrongCode as wrong:
        raise ValidationError({"code" if code else "classification": str(wrong)}) from wrong
    CodeCounter.objects.get_or_create(classification=classification)
    counter = CodeCounter.objects.select_for_update().get(pk=classification)
    if given is not None:
        if Entry.objects.filter(code=str(given)).exists():
            raise ValidationError(
                {"code": _("代码 %(code)s 已有条目，请改那一条，或去掉代码另取一个。") % {"code": given}}
            )
        CodeCounter.objects.filter(pk=classification, value__lt=int(given.serial)).update(value=int(given.serial))
        return str(given)
    counter.value += 1
    while Entry.objects.filter(code=coding.write(classification, counter.value)).exists():
        counter.value += 1
    counter.save()
    return coding.write(classification, counter.value)


def new(provider: Department, code: str, said: Mapping[str, Any], **more: Any) -> Entry:
    """The rows of a new entry, without a revision yet."""
    entry = Entry(
        provider=provider, region_code=provider.region_code, code=code, classification=code.partition("/")[0],
        slug=more.pop("slug", "") or slug_of(said, code), **more,
    )  # fmt: skip
    _apply(entry, said)
    return entry


def slug_of(said: Mapping[str, Any], code: str) -> str:
    """An ASCII name for addresses: of the English title or the pinyin, with the code, which makes it unique."""
    named = slugify(said["title_en"]) or slugify("-".join(syllables(said["title"])[0]))
    return f"{named[:NAMED].strip('-') or 'data'}-{code.replace('/', '-')}"


def _apply(entry: Entry, said: Mapping[str, Any]) -> None:
    """Fields, items and links of the entry become what is said; an item keeps its row as long as it keeps its name."""
    for name in content.FIELDS:
        setattr(entry, name, said[name])
    entry.extra = said["extra"]
    entry.save()
    entry.related.set(_related(said["related"], entry))
    held = {item.name: item for item in entry.items.all()}
    wanted = [
        Item(entry=entry, position=place, pk=held[one["name"]].pk if one["name"] in held else None, **one)
        for place, one in enumerate(said["items"])
    ]
    entry.items.exclude(name__in=[item.name for item in wanted]).delete()
    Item.objects.bulk_create([item for item in wanted if item.pk is None])
    kept = [item for item in wanted if item.pk is not None]
    if kept:
        Item.objects.bulk_update(kept, ["position", *content.ITEM_FIELDS], batch_size=100)


def add(entry: Entry, said: Mapping[str, Any], by: Actor, why: str = "") -> Revision:
    """The next number; the entry's row is locked, or new."""
    last = entry.revisions.aggregate(last=Max("number"))["last"] or 0
    revision = Revision.objects.create(
        entry=entry, number=last + 1, content=dict(said), why=why.strip()[:300], written_key=by.key,
        written_name=by.name, written_at=clock.now(),
    )  # fmt: skip
    entry.latest = revision
    entry.save()
    return revision


def end(entry: Entry, state: RevisionState, at: datetime, why: str = "") -> None:
    """What is published ends so."""
    Revision.objects.filter(entry=entry, state=RevisionState.PUBLISHED).update(state=state, ended_at=at, ended_why=why)


def _to_judge(entry: Entry, by: Actor) -> Revision:
    """The revision that waits, for somebody who may publish it."""
    require(by, queries.PUBLISH, entry.provider_id, entry.region_code)
    last = entry.latest
    if last is not None and last.state == RevisionState.PUBLISHED:
        raise ValidationError(_("已由%(who)s发布。") % {"who": last.published_name})
    if last is None or last.state != RevisionState.WAITING:
        raise ValidationError(_("现在没有等着审核的内容。"))
    if last.written_key == by.key and not isinstance(by, System):
        raise Denied(_("起草人不能发布自己写的，请由另一位审核。"))
    return last


def _writers_own(revision: Revision, by: Actor) -> None:
    if revision.written_key != by.key:
        raise Denied(_("只有起草人%(who)s能改这份草稿。") % {"who": revision.written_name})


def _same(once: uuid.UUID, by: Actor) -> Entry | None:
    """What the same form has made already."""
    rows = Entry.objects.filter(once=once, revisions__number=1, revisions__written_key=by.key)
    return rows.select_related("provider", "latest", "current").first()


def _key(account: Account) -> str:
    return f"account:{account.pk}"


def _writer(revision: Revision) -> list[Account]:
    kind, _sep, pk = revision.written_key.partition(":")
    return list(Account.objects.filter(pk=int(pk))) if kind == "account" and pk.isdecimal() else []


def _tell(whom: Iterable[Account], key: str, entry: Entry, by: Actor, **facts: Any) -> None:
    people = list(whom)
    if people:
        title = Words(zh=entry.title, en=entry.title_en or entry.title)
        notices.tell(people, key, about=entry, facts=facts | {"title": title, "entry": entry.pk}, by=by)


def on_day(entry: Entry, day: date) -> Mapping[str, Any] | None:
    """What an entry said at the end of a day; None if nothing was published."""
    rows = entry.revisions.filter(published_at__date__lte=day).order_by("-published_at")
    found = rows.exclude(ended_at__date__lte=day).first()
    return found.content if found else None
