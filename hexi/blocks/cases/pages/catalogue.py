"""The catalogue of items in the workbench: what is offered, its versions, its lint, and stopping an item."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.calendars.wording import limit_words
from hexi.blocks.cases import lint, operations
from hexi.blocks.cases.definitions import code_of, definition
from hexi.blocks.cases.models import Item
from hexi.kernel.actors import within
from hexi.ui.assets import icon
from hexi.ui.pages import ListPage
from hexi.ui.tables import Column, Empty, Filter

STATUS = {
    Item.Status.PUBLISHED: ("done", gettext_lazy("已发布")),
    Item.Status.DRAFT: ("draft", gettext_lazy("未发布")),
    Item.Status.WITHDRAWN: ("off", gettext_lazy("已停止")),
}


def promised(item: Item) -> str:
    """The time the office promises, with its unit: days or hours."""
    return limit_words(definition(item.version).promised)  # type: ignore[arg-type]


def legal(item: Item) -> str:
    """The time the law allows, with its unit."""
    return limit_words(definition(item.version).legal)  # type: ignore[arg-type]


ITEMS = ListPage(
    title=gettext_lazy("事项目录"),
    columns=(
        Column("title", gettext_lazy("事项"), value="name", link=lambda item: reverse("cases.item", args=[item.pk])),
        Column("department", gettext_lazy("部门"), value="department.title"),
        Column("status", gettext_lazy("状态"), value=lambda item: STATUS[Item.Status(item.status)], kind="tag"),
        Column("promised", gettext_lazy("承诺期限"), value=promised),
        Column("legal", gettext_lazy("法定期限"), value=legal),
        Column("versions", gettext_lazy("版本数"), value="versions_count", kind="number"),
        Column("key", gettext_lazy("标识")),
    ),
    filters=(
        Filter("status", gettext_lazy("状态"), [(key.value, word) for key, (_state, word) in STATUS.items()], "status"),
    ),
    search=lambda rows, text: rows.filter(title__contains=text),
    empty=Empty(gettext_lazy("还没有事项。用 hexi new service 新建，hexi setup 载入。")),
)  # fmt: skip


def items(request: HttpRequest) -> HttpResponseBase:
    """Items of the departments the post covers."""
    link = Markup('<a class="btn btn-secondary" href="{}">{}{}</a>')
    ways = (
        ("items.publish", "cases.take_items", "upload", _("导入和导出")),
        ("items.edit", "cases.bring", "file-import", _("导入为草稿")),
    )
    may = request.actor.scopes  # type: ignore[attr-defined]
    shown = [link.format(reverse(name), icon(sign), words) for verb, name, sign, words in ways if may(verb)]
    actions = Markup(" ").join(shown)
    rows = _within(request).annotate(versions_count=Count("versions"))
    return ITEMS.respond(request, rows, heading_actions=actions)


def item(request: HttpRequest, pk: int) -> HttpResponse:
    """One item: its elements in short, lint, and every version with its date and hash."""
    found = get_object_or_404(_within(request), pk=pk)
    rules = definition(found.version)  # type: ignore[arg-type]
    facts = {
        "title": found.name,
        "item": found,
        "rules": rules,
        "legal": limit_words(rules.legal),
        "promised": limit_words(rules.promised),
        "status": STATUS[Item.Status(found.status)],
        "task_code": code_of(found.version),  # type: ignore[arg-type]
        "findings": lint.lint(rules.national, rules.local),
        "versions": found.versions.order_by("-pk"),
        "may_edit": request.actor.may("items.edit", found.department_id, found.region_code),  # type: ignore[attr-defined]
        "may_publish": request.actor.may("items.publish", found.department_id, found.region_code),  # type: ignore[attr-defined]
    }
    return render(request, "cases/item.html", facts)


@require_POST
def stop_item(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer the item no longer."""
    found = get_object_or_404(_within(request), pk=pk)
    try:
        operations.withdraw_item(found, by=request.actor, reason=request.POST.get("reason", ""))  # type: ignore[attr-defined]
        messages.success(request, _("已停止办理。正在办的件继续办完。"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("cases.item", args=[pk]))


def _within(request: HttpRequest) -> QuerySet[Item]:
    rows = Item.objects.filter(within(request.actor.scopes("items.view")))  # type: ignore[attr-defined]
    return rows.select_related("department", "version").order_by("title")
