"""The public seals, and the log for those who may read it."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from hexi.blocks.audit import operations
from hexi.blocks.audit.models import Seal
from hexi.blocks.audit.veils import log_for
from hexi.kernel.actors import Denied
from hexi.ui.pages import ListPage
from hexi.ui.tables import Column, Empty, Filter

SEALS = ListPage(
    title=_("日志封存"),
    columns=(
        Column("hour", _("时间"), kind="moment"),
        Column("digest", _("摘要（SHA-256）")),
    ),
    lead=_(
        "每小时把操作日志各条链的末尾合成一个摘要，在这里公布，并接着前一个摘要计算。谁都可以抄下来，日后请管理员用它核对：日志没有被改过，也没有少一条。"
    ),
    empty=Empty(_("还没有封存。每小时封存一次。")),
)
ENTRIES = ListPage(
    title=_("操作日志"),
    columns=(
        Column("at", _("时间"), kind="moment"),
        Column("actor_name", _("操作人"), value=lambda entry: _("（不公开）") if entry.veiled else entry.actor_name),
        Column("verb", _("动作")),
        Column("kind", _("对象")),
        Column("ref", _("编号")),
        Column("hash", _("哈希"), value=lambda entry: entry.hash[:12]),
    ),
    filters=(
        Filter("verb", _("动作"), "text", lambda rows, value: rows.filter(verb=value)),
        Filter("actor", _("操作人"), "text", lambda rows, value: rows.filter(actor_name=value, veiled=False)),
    ),
    empty=Empty(_("没有符合条件的记录。")),
    on_export=lambda request, count: operations.note_export(request.actor, count),
)


def seals(request: HttpRequest) -> HttpResponse:
    """Public: the digests anybody may copy and later compare."""
    return SEALS.respond(request, Seal.objects.order_by("-hour"))


def entries(request: HttpRequest) -> HttpResponse:
    """The log, newest first, for a right over the whole installation: entries belong to no department."""
    if not any(scope.department is None for scope in request.actor.scopes("audit.view")):  # type: ignore[attr-defined]
        raise Denied(_("操作日志不分部门，只对管理整个系统的岗位开放。"))
    return ENTRIES.respond(request, log_for(request.actor))  # type: ignore[attr-defined]
