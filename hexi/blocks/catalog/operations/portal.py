"""What people do at the open data portal: rate a data set, wish for data, show what they built; and the answers."""

import uuid
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.catalog.content import clean
from hexi.blocks.catalog.models import Entry, Product, ProductState, Rating, Wish, WishState
from hexi.blocks.catalog.queries import portal as queries
from hexi.blocks.catalog.queries.entries import KEEP
from hexi.blocks.notices import operations as notices
from hexi.blocks.people.models import Account
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require
from hexi.kernel.packs import Words

#: wishes and products one account may have waiting at once; data sets a product may name
MOST_WAITING, MOST_ENTRIES = 10, 20


def rate(entry: Entry, *, stars: int, remark: str = "", by: Actor) -> Rating:
    """Think of an open data set from 1 to 5; said again, the new word counts. Needs an account."""
    account = _account(by)
    _open(entry)
    if stars not in range(1, 6):
        raise ValidationError({"stars": _("请选 1 到 5 星。")})
    given = {"stars": stars, "remark": _short("remark", remark, 300, needed=False), "at": clock.now()}
    with audit.change(by, "catalog.rate", entry):
        return Rating.objects.update_or_create(entry=entry, account=account, defaults=given)[0]


def wish(*, title: str, text: str, region: str, once: uuid.UUID | None = None, by: Actor) -> Wish:
    """Ask for data to be opened. Sent twice it stands once. Raises `ValidationError` naming the field."""
    account, once = _account(by), once or uuid.uuid4()
    given = {"title": _short("title", title, 100), "text": _short("text", text, 2000)}
    with audit.change(by, "catalog.wish") as note:
        Account.objects.select_for_update().get(pk=account.pk)
        same = Wish.objects.filter(once=once).first()
        if same is not None:
            return _own(same, account)
        _not_too_many(Wish.objects.filter(account=account, state=WishState.WAITING).count())
        made = Wish.objects.create(once=once, account=account, region_code=region, **given)
        note.thing, note.facts = made, {"title": made.title}
    return made


def answer(wish: Wish, *, state: str, answer: str, entry: Entry | None = None, by: Actor) -> Wish:
    """Say what becomes of a wish; who wished is told. Needs `catalog.keep` for its region. May be said again."""
    require(by, KEEP, None, wish.region_code)
    text = _short("answer", answer, 2000)
    if state not in (WishState.PLANNED, WishState.OPENED, WishState.REFUSED):
        raise ValidationError({"state": _("请选择怎么答复。")})
    if state == WishState.OPENED:
        if entry is None:
            raise ValidationError({"entry": _("请填写已开放的数据集的代码。")})
        _open(entry)
    with audit.change(by, "catalog.answer_wish", wish) as note:
        found = Wish.objects.select_for_update().get(pk=wish.pk)
        found.state, found.answer, found.answered_name, found.answered_at = state, text, by.name, clock.now()
        found.entry = entry if state == WishState.OPENED else None
        found.save()
        note.facts = {"state": state}
        facts = {"title": Words(zh=found.title, en=found.title), "answer": text}
        notices.tell([found.account], "catalog.wish_answered", about=found, facts=facts, by=by)
    return found


def show(
    *, title: str, text: str, url: str, author: str, entries: Iterable[Entry], region: str,
    once: uuid.UUID | None = None, by: Actor,
) -> Product:  # fmt: skip
    """Register something built on open data; it is shown once it is reviewed. Sent twice it stands once."""
    account, once = _account(by), once or uuid.uuid4()
    given = {
        "title": _short("title", title, 100), "text": _short("text", text, 2000),
        "author": _short("author", author, 100), "url": _web(url),
    }  # fmt: skip
    used = list(entries)
    if not used or len(used) > MOST_ENTRIES:
        raise ValidationError({"entries": _("请写出用了哪些数据集的代码，最多 %(n)s 个。") % {"n": MOST_ENTRIES}})
    for one in used:
        _open(one)
    with audit.change(by, "catalog.show") as note:
        Account.objects.select_for_update().get(pk=account.pk)
        same = Product.objects.filter(once=once).first()
        if same is not None:
            return _own(same, account)
        _not_too_many(Product.objects.filter(account=account, state=ProductState.WAITING).count())
        made = Product.objects.create(once=once, account=account, region_code=region, **given)
        made.entries.set(used)
        note.thing, note.facts = made, {"title": made.title, "url": made.url}
    return made


def review(product: Product, *, good: bool, reason: str = "", by: Actor) -> Product:
    """Show it or say why not; its author is told. Needs `catalog.keep` for its region, and never one's own."""
    require(by, KEEP, None, product.region_code)
    if not good:
        reason = _short("reason", reason, 300)
    with audit.change(by, "catalog.review_product", product, reason=reason) as note:
        found = Product.objects.select_for_update().get(pk=product.pk)
        if f"account:{found.account_id}" == by.key:
            raise Denied(_("不能审核自己登记的，请由另一位审核。"))
        if found.state == ProductState.ENDED:
            raise ValidationError(_("登记人已经撤下。"))
        found.state = ProductState.SHOWN if good else ProductState.REFUSED
        found.reason, found.reviewed_name, found.reviewed_at = reason, by.name, clock.now()
        found.save()
        note.facts = {"state": found.state}
        facts = {"title": Words(zh=found.title, en=found.title), "outcome": _outcome(good), "reason": reason or "–"}
        notices.tell([found.account], "catalog.product_reviewed", about=found, facts=facts, by=by)
    return found


def end(product: Product, *, by: Actor) -> Product:
    """Its author shows it no more. Twice is once."""
    account = _account(by)
    with audit.change(by, "catalog.end_product", product):
        found = _own(Product.objects.select_for_update().get(pk=product.pk), account)
        found.state = ProductState.ENDED
        found.save()
    return found


def _outcome(good: bool) -> Words:
    return Words(zh="已展示", en="is shown") if good else Words(zh="未通过", en="is not shown")


def _account(by: Actor) -> Account:
    found = Account.objects.filter(pk=getattr(by, "account_id", None) or 0, is_active=True).first()
    if found is None:
        raise Denied(_("请先登录。"))
    return found


def _open(entry: Entry) -> None:
    if not Entry.objects.filter(queries.OPEN, pk=entry.pk).exists():
        raise ValidationError({"entry": _("%(code)s 不是开放数据集，请核对。") % {"code": entry.code}})


def _own(thing: Any, account: Account) -> Any:
    if thing.account_id != account.pk:
        raise Denied(_("这不是您登记的。"))
    return thing


def _not_too_many(waiting: int) -> None:
    if waiting >= MOST_WAITING:
        raise ValidationError(_("您有 %(n)s 件还在等待，请等答复后再提。") % {"n": MOST_WAITING})


def _short(name: str, text: str, most: int, *, needed: bool = True) -> str:
    found = clean(text)
    if needed and not found:
        raise ValidationError({name: _("请填写。")})
    if len(found) > most:
        raise ValidationError({name: _("最多 %(n)s 字，请缩短。") % {"n": most}})
    return found


def _web(url: str) -> str:
    url = url.strip()
    try:
        URLValidator(schemes=["http", "https"])(url)
        urlsplit(url)
    except (ValidationError, ValueError):
        raise ValidationError({"url": _("请填写以 http:// 或 https:// 开头的网址。")}) from None
    if len(url) > 500:
        raise ValidationError({"url": _("最多 %(n)s 字，请缩短。") % {"n": 500}})
    return url
