"""Feedback and a draft of the demo's knowledge base, told through the operations. All made up; stands beside jobs."""

import uuid

from hexi.blocks.articles import answering, operations, queries
from hexi.blocks.articles.models import Feedback, Version
from hexi.blocks.people.models import Account
from hexi.blocks.people.queries import actor_for
from hexi.kernel import clock

#: article of the demo pack, who says it, helpful, words; answered by the owner if there is an answer
SAID = (
    ("yumen-heating", "wang", False, "没有写暖气不热要先找谁。", "谢谢，已在修改，正文会加上先打供热单位电话。"),
    ("residence-permit-how", "shi", True, "", ""),
    ("hotline-how", "li", True, "能不能写上晚上几点以后有人接？", ""),
    ("paid-leave", "operator", None, "来电人常问病假算不算，建议补充。", ""),
)
#: what the writer of the hotline has begun
DRAFT = ("hotline-how", "补充夜间接听的说明。")
WRITER, APPROVER = "dispatcher", "hotline-head"


def tell() -> int:
    """Once, where the demo's articles are there: feedback, one answer, one new version that waits for approval."""
    if Feedback.objects.exists():
        return 0
    people = {one.username: actor_for(one) for one in Account.objects.select_related("person")}
    told = 0
    for key, who, helpful, text, answer in SAID:
        version = Version.objects.published().filter(article__origin=key).select_related("article__department").first()
        if version is None or who not in people:
            continue
        said = answering.give(version, helpful=helpful, text=text, once=uuid.uuid4(), by=people[who])
        owners = queries.holders(version.article.department, queries.WRITE) if answer else []
        if owners:
            answering.answer(said, text=answer, by=actor_for(owners[0]))
        told += 1
    return told + _draft(people)


def _draft(people: dict) -> int:
    key, why = DRAFT
    version = Version.objects.published().filter(article__origin=key).select_related("article").first()
    writer = people.get(WRITER)
    if version is None or writer is None or not writer.may(queries.WRITE, version.article.department_id):
        return 0
    body = f"{version.body}\n\n## 夜间接听\n\n二十四小时有人接。{clock.today():%Y}年起夜间也能登记（演示）。"
    operations.revise(version.article, by=writer, body=body, why=why)
    operations.submit(version.article, by=writer)
    return 1
