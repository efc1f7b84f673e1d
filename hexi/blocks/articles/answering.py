"""Feedback: what readers say of an article, counted and limited, and what the owner answers. Beside operations."""

import uuid

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext as _

from hexi.blocks.articles import hooks, operations, queries, rates
from hexi.blocks.articles.models import Article, Feedback, Side, Version
from hexi.blocks.audit import operations as audit
from hexi.blocks.notices import operations as notices
from hexi.blocks.people.models import Account
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require
from hexi.kernel.packs import Words

#: characters of what somebody may write
MOST = 1000


def give(
    version: Version, *, helpful: bool | None, text: str = "", once: uuid.UUID, address: str = "", by: Actor
) -> Feedback:
    """Say whether it helped and what is wrong. Of a visitor nothing is kept, only counted (`address`) for the limit.

    Whoever may read it may say so. Words are for the owner to answer, who is told; sent twice with the same `once`
    it counts once. Raises `ValidationError` if it says nothing or is one too many in the hour.
    """
    version = queries.read(version.article_id, by, version.number)
    text = operations.clean(text)
    if helpful is None and not text:
        raise ValidationError({"helpful": _("请选择有没有帮助，或写写哪里不对。")})
    if len(text) > MOST:
        raise ValidationError({"text": _("最多 %(most)s 字，现在有 %(n)s 字。") % {"most": MOST, "n": len(text)}})
    official = by.may(queries.VIEW, version.article.department_id, version.article.region_code)
    signed_in = getattr(by, "account_id", None) is not None
    said = Feedback(
        article=version.article, version=version, once=once, helpful=helpful, text=text, at=clock.now(),
        side=Side.OFFICIAL if official else Side.PUBLIC, by_key=by.key if signed_in else "",
        by_name=by.name if official else "", open=bool(text),
    )  # fmt: skip
    if same := _same(said):
        return same
    try:
        with audit.change(by, "articles.give_feedback", version.article, side=said.side, helpful=helpful):
            rates.spend(by=by, address=address)
            said.save()
            _count(said)
            if said.open:
                _tell_owner(said, by)
                hooks.feedback_given.ring(feedback=said, by=by)
    except IntegrityError:
        if same := _same(said):
            return same
        raise
    return said


def answer(feedback: Feedback, *, text: str, by: Actor) -> Feedback:
    """What the owner says to it; who gave it while signed in is told. Needs `articles.write`. Once."""
    text = operations.clean(text)
    if not text:
        raise ValidationError({"text": _("请写明怎么处理：已更正、没有错，或者还要核实。")})
    if len(text) > MOST:
        raise ValidationError({"text": _("最多 %(most)s 字，现在有 %(n)s 字。") % {"most": MOST, "n": len(text)}})
    with audit.change(by, "articles.answer_feedback", feedback):
        row = Feedback.objects.select_for_update(of=("self",)).select_related("article", "version").get(pk=feedback.pk)
        require(by, queries.WRITE, row.article.department_id, row.article.region_code)
        if row.answered_at is not None:
            raise ValidationError(_("已由%(who)s答复。") % {"who": row.answered_by})
        if not row.text:
            raise ValidationError(_("这条没有写内容，不用答复。"))
        row.open, row.answer, row.answered_by, row.answered_at = False, text, by.name, clock.now()
        row.save()
        title = Words(zh=row.version.title, en=row.version.title_en or row.version.title)
        facts = {"title": title, "answer": text, "article": row.article_id}
        notices.tell(_giver(row), "articles.answered", about=row.article, facts=facts, by=by)
    return row


def _same(said: Feedback) -> Feedback | None:
    return Feedback.objects.filter(once=said.once, article=said.article).first()


def _count(said: Feedback) -> None:
    if said.helpful is not None:
        name = "helpful" if said.helpful else "unhelpful"
        Article.objects.filter(pk=said.article_id).update(**{name: F(name) + 1})


def _tell_owner(said: Feedback, by: Actor) -> None:
    title = Words(zh=said.version.title, en=said.version.title_en or said.version.title)
    facts = {"title": title, "text": said.text[:200], "feedback": said.pk}
    whom = queries.holders(said.article.department, queries.WRITE)
    notices.tell(whom, "articles.feedback", about=said.article, facts=facts, by=by)


def _giver(said: Feedback) -> list[Account]:
    kind, _sep, pk = said.by_key.partition(":")
    return list(Account.objects.filter(pk=int(pk))) if kind == "account" and pk.isdecimal() else []
