"""A question answered on the phone from the knowledge base: taken in, answered and closed at once."""

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.articles import markup
from hexi.blocks.articles import queries as articles
from hexi.blocks.articles.models import Version, words_of
from hexi.blocks.audit.operations import change
from hexi.domains.livelihood.requests import hooks
from hexi.domains.livelihood.requests.models import Call, Request, Subject
from hexi.domains.livelihood.requests.operations import parts
from hexi.domains.livelihood.requests.operations.dispatching import classify
from hexi.domains.livelihood.requests.operations.intake import PHONE, Said, receive
from hexi.domains.livelihood.requests.states import Type
from hexi.kernel.actors import Actor

#: characters taken from an article that has no standard text
LONGEST = 1000


def answer_from(
    said: Said, *, article: int, submission: str, by: Actor, channel: str = PHONE, call: Call | None = None
) -> tuple[Request, bool]:
    """Take a consultation in, answer it from this version of an article and close it: one step, all or nothing.

    The answer keeps the version, so that what was said then can be read later. `submission` names what is taken: the
    same again gives the same order, and False; `call` is the call it came by. The class is the caller's, else the
    article's. Needs `requests.intake`, and that one may read the article. Raises `Denied`, or `ValidationError` that
    names field and remedy.
    """
    if said.type != Type.ASK:
        raise ValidationError({"type": _("只有咨询可以按知识当场办结。投诉、举报、求助请登记后派单。")})
    version = articles.citable(article, by)
    if version is None:
        raise ValidationError({"article": _("这篇知识刚刚更新、撤下或失效了，请重新查一次再答复。")})
    if not tellable(version):
        raise ValidationError(
            {"article": _("这篇只供工作人员看，又没有标准答复，不能直接答复。请登记后派单或当场答复。")}
        )
    said = replace(said, subject=said.subject or _subject(version))
    with change(by, "requests.answer_from", version, title=version.title, number=version.number):
        request, new = receive(said, by=by, submission=submission, channel=channel, call=call)
        if new:
            request = _answer(request, said.subject, version, by)
    return request, new


def _answer(request: Request, subject: str, version: Version, by: Actor) -> Request:
    text = answer_of(version)
    with parts.official(request, "reply_now", by=by, revision=None, opinion=text) as (one, row):
        classify(row, subject)
        one.office = row.hotline.name
        parts.say(one, row, text, final=True, article=version.pk)
        hooks.request_answered.ring(request=row, by=by)
        parts.end(one, row)
    return row


def tellable(version: Version) -> bool:
    """True if a caller may be told it as it stands: of an internal one nothing but its standard text."""
    return version.public or bool(version.reply)


def answer_of(version: Version) -> str:
    """What a caller is told from an article: its standard text, else how it begins."""
    return version.reply or markup.short(version.body, LONGEST)


def _subject(version: Version) -> str:
    """The first of the article's classes that is in use."""
    codes = words_of(version.subjects)
    known = set(Subject.objects.filter(code__in=codes, active=True).values_list("code", flat=True))
    return next((code for code in codes if code in known), "")
