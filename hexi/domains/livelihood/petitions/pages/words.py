"""How petitions are said on pages: classes, ways, next steps, facts. Below the pages."""

from typing import Any

from django.utils.translation import gettext as _

from hexi.blocks.cases.pages import words as cases
from hexi.blocks.regions import queries as regions
from hexi.domains.livelihood.petitions import rules
from hexi.domains.livelihood.petitions.models import Petition
from hexi.domains.livelihood.petitions.states import CLOCK_OF, WORKED_ON, Result, State, Type


def class_word(key: str) -> str:
    """A class in the language of the page."""
    found = rules.classes().get(key)
    return str(found.title) if found else key


def class_options() -> list[tuple[str, str]]:
    """For a choice."""
    return [(one.key, str(one.title)) for one in rules.classes().values()]


def said(petition: Petition) -> list[tuple[Any, Any]]:
    """What the petition says, as a summary list."""
    against = " ".join(filter(None, (petition.against.get("unit"), petition.against.get("name"))))
    rows = [
        (_("类型"), Type(petition.type).label),
        (_("分类"), class_word(petition.case.subject)),
        (_("标题"), petition.content.get("title", "")),
        (_("事实和理由"), petition.content.get("text", "")),
        (_("请求"), petition.content.get("wish", "")),
        (_("地点"), regions.place(petition.place_code)),
        (_("被反映的单位和人"), against),
        (_("信访人数"), petition.people if petition.people > 1 else ""),
        (_("代表"), "、".join(one["name"] for one in petition.representatives)),
    ]
    return [row for row in rows if row[1]]


def rounds(petition: Petition, decided: bool = False) -> list[dict[str, Any]]:
    """Opinions so far, the first level first; `decided`: without the round that is not."""
    titles = {1: _("处理意见"), 2: _("复查意见"), 3: _("复核意见")}
    return [
        {
            "title": titles[one.level], "unit": one.unit, "reason": one.reason if one.level > 1 else "",
            "result": Result(one.result).label if one.result else "", "opinion": one.opinion, "at": one.answered_at,
            "served": one.served_at, "how": one.served_how, "in_time": one.in_time,
        }
        for one in petition.rounds.select_related("unit")
        if not decided or one.answered_at is not None
    ]  # fmt: skip


def next_words(petition: Petition) -> str:
    """What happens next and by when, for the petitioner."""
    case = petition.case
    due, office = cases.day_of(case.next_due), case.department.title
    told = {"due": due, "office": office}
    if case.state in WORKED_ON:
        return {
            "handle": _("%(office)s正在办理，最晚 %(due)s 出具处理意见书。"),
            "review": _("%(office)s正在复查，最晚 %(due)s 出具复查意见书。"),
            "rereview": _("%(office)s正在复核，最晚 %(due)s 出具复核意见书。"),
        }[CLOCK_OF[petition.level]] % told
    if case.state == State.ANSWERED:
        again = _("不服处理意见的，最晚 %(due)s 在这里请求复查；不请求的，到期办结。")
        more = _("不服复查意见的，最晚 %(due)s 在这里请求复核；不请求的，到期办结。")
        return (again if petition.level == 1 else more) % told
    return _plain(petition) % told


def _plain(petition: Petition) -> str:
    number = petition.lead.case.number if petition.lead else ""
    way = rules.ways().get(petition.way)
    return {
        State.REGISTERED: _("%(office)s正在甄别，最晚 %(due)s 书面告知受理、不予受理或者转送到哪里。"),
        State.TRANSFERRED: _("已转送%(office)s，最晚 %(due)s 书面告知接收情况。"),
        State.SERVING: _("意见书已出具。请看下面的意见，点“签收”，从签收这天起计算请求复查、复核的期限。"),
        State.JOINED: _("同一事项已在办理（%s），出具意见后也会给您一份意见书。") % number,
        State.CLOSED: _("已办结。"),
        State.FINAL: _("复核意见是最终意见。同一事实和理由不再受理。"),
        State.REFUSED: _("不作为信访事项受理。请通过%s解决，告知书写明了向哪里提出。") % (way.title if way else ""),
        State.WITHDRAWN: _("您已撤回。"),
    }[State(petition.case.state)]
