"""Who was given a person's rows before the person was registered here: on "who looked at me", and listed whole."""

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from hexi.blocks.catalog.queries import exchange as queries
from hexi.blocks.people.models import Account, Person
from hexi.ui.pages import ListPage
from hexi.ui.tables import Column, Empty

EARLIER = ListPage(
    title=gettext_lazy("登记以前谁查过我的数据"),
    lead=gettext_lazy("您在这里登记以前，这些单位经数据共享取得过您的数据。"),
    columns=(
        Column("when", gettext_lazy("时间"), kind="moment"),
        Column("office", gettext_lazy("单位和人员")),
        Column("entry", gettext_lazy("数据集"), value="what"),
        Column("purpose", gettext_lazy("用途")),
        Column("case", gettext_lazy("办件编号")),
    ),
    empty=Empty(gettext_lazy("您登记以前没有单位取得过您的数据。"), icon="eye-off"),
)


def earlier(request: HttpRequest) -> HttpResponseBase:
    """Each row about oneself that was given out before one was registered."""
    own: Account = request.user  # type: ignore[assignment]
    crumbs = ((_("谁看过我的信息"), reverse("people.looks")), (EARLIER.title, ""))
    return EARLIER.respond(request, queries.earlier_accesses(own.person), crumbs=crumbs)


def panel(request: HttpRequest, person: Person) -> Markup | None:
    """The way there, if there is anything."""
    count = queries.earlier_accesses(person).count()
    if not count:
        return None
    told = _("登记以前，您的数据给出过 %(n)s 次。") % {"n": count}
    return Markup('<p>{} <a href="{}">{}</a></p>').format(told, reverse("catalog.earlier"), _("看是谁、为什么"))
