"""The office's pages: the cashier takes money and gives it back, receipts of the day, statements beside the books."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup, escape

from hexi.blocks.audit import operations as audit
from hexi.blocks.money import channels, inputs, operations, queries, reconciling, statements
from hexi.blocks.money.models import Charge, Payment
from hexi.blocks.money.pages import facts_of, shown
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import within
from hexi.ui import words
from hexi.ui.pages import DetailPage, FormPage, ListPage
from hexi.ui.tables import Column, Empty, Filter, SavedView

CASHIER = ListPage(
    title=gettext_lazy("收费窗口"),
    columns=(
        Column("number", gettext_lazy("缴费单号"), link=lambda row: reverse("money.charge", args=[row.number])),
        Column("title", gettext_lazy("项目"), value=str),
        Column("payer", gettext_lazy("缴款人"), value="payer_masked"),
        Column("fen", gettext_lazy("应缴"), kind="money", sort="fen"),
        Column("due", gettext_lazy("缴费期限"), kind="day", sort="due"),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
        Column("department", gettext_lazy("收费单位"), value="department.title"),
    ),
    views=(
        SavedView("open", gettext_lazy("待缴"), lambda rows: rows.filter(state=Charge.State.OPEN)),
        SavedView("held", gettext_lazy("多收待退"), queries.with_held),
        SavedView("all", gettext_lazy("全部")),
    ),
    search=lambda rows, text: rows.filter(
        Q(number__icontains=text) | Q(payer_name__icontains=text) | Q(title_zh__icontains=text)
    ),
    empty=Empty(gettext_lazy("没有缴费单。收费的事项作出决定后，缴费单会出现在这里。")),
    on_export=lambda request, count: _note_export(request, "money.charge", count),
)
RECEIPTS = ListPage(
    title=gettext_lazy("收款记录"),
    columns=(
        Column("receipt", gettext_lazy("收据号"), link=lambda row: reverse("money.charge", args=[row.charge.number])),
        Column("received_at", gettext_lazy("时间"), kind="moment", sort="received_at"),
        Column("charge", gettext_lazy("项目")),
        Column("payer", gettext_lazy("缴款人"), value="charge.payer_masked"),
        Column("channel", gettext_lazy("缴款方式"), value=lambda row: channels.title(row.channel)),
        Column("received", gettext_lazy("实收"), kind="money"),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
        Column("by_name", gettext_lazy("经办")),
    ),
    filters=(
        Filter("day", gettext_lazy("日期"), "date", queries.received_on),
        Filter(
            "channel",
            gettext_lazy("缴款方式"),
            lambda: [(one.key, one.title) for one in channels.channels()],
            "channel",
        ),
    ),
    empty=Empty(gettext_lazy("这一天没有收款。")),
    on_export=lambda request, count: _note_export(request, "money.payment", count),
)
STATEMENTS = ListPage(
    title=gettext_lazy("对账"),
    lead=gettext_lazy("每天把渠道的对账文件放进来，与账上的收款、退款逐笔比对。"),
    columns=(
        Column("day", gettext_lazy("日期"), kind="day", link=lambda row: reverse("money.statement", args=[row.pk])),
        Column("channel", gettext_lazy("渠道"), value=lambda row: channels.title(row.channel)),
        Column("department", gettext_lazy("收费单位"), value="department.title"),
        Column("name", gettext_lazy("文件")),
        Column("at", gettext_lazy("提交"), kind="moment"),
        Column("by_name", gettext_lazy("经办")),
    ),
    empty=Empty(gettext_lazy("还没有对账文件。")),
)
FAULTS = {
    "missing_here": gettext_lazy("渠道有，账上没有"),
    "missing_there": gettext_lazy("账上有，渠道没有"),
    "amount": gettext_lazy("金额不同"),
    "twice": gettext_lazy("文件里重复"),
}


def cashier(request: HttpRequest) -> HttpResponseBase:
    """What is owed to the actor's offices."""
    link = _button(reverse("money.receipts"), _("今天的收款"))
    return CASHIER.respond(request, queries.seen_by(request.actor), heading_actions=link)  # type: ignore[attr-defined]


def charge(request: HttpRequest, number: str) -> HttpResponse:
    """One charge for officials: what came, what can be taken or given back."""
    found = _seen(request, number)
    actor = request.actor  # type: ignore[attr-defined]
    _look(request, found)
    where = (found.department_id, found.region_code)
    page = DetailPage(
        str(found), facts_of(found), found.tag, place="money.charge",
        crumbs=((_("收费窗口"), reverse("money.cashier")),),
        template="money/charge.html",
    )  # fmt: skip
    return page.respond(
        request, found, items=found.items.all(), payments=shown(found),
        may_take=actor.may("money.take", *where) and found.fen > 0, open=found.state == Charge.State.OPEN,
        may_refund=actor.may("money.refund", *where),
    )  # fmt: skip


def take(request: HttpRequest, number: str) -> HttpResponseBase:
    """Take money at the counter, from the person named there."""
    found = _seen(request, number)
    back = reverse("money.charge", args=[number])

    def save(form: inputs.Take) -> str:
        payment = operations.take(found, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(request, _("已收款，收据号 %(number)s。") % {"number": payment.receipt})
        return back

    lead = _("%(title)s，%(payer)s，应缴 %(sum)s。") % {
        "title": found, "payer": found.payer_name, "sum": words.money(found.fen)
    }  # fmt: skip
    page = FormPage(_("收款"), _("确认收到"), lead=lead, back=back, icon="cash")
    first = next((one.key for one in channels.channels(counter=True)), "")
    answer = page.respond(request, inputs.Take, save, initial={"key": inputs.new_key(), "channel": first})
    if answer.status_code != HTTPStatus.FOUND:
        _look(request, found)
    return answer


def refund(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give money back."""
    payment = get_object_or_404(queries.payments(request.actor), pk=pk, state=Payment.State.RECEIVED)  # type: ignore[attr-defined]
    back = reverse("money.charge", args=[payment.charge.number])

    def save(form: inputs.GiveBack) -> str:
        made = operations.refund(payment, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(request, _("%(sum)s：%(state)s。") % {"sum": words.money(made.fen), "state": made.tag[1]})
        return back

    lead = _("收据 %(number)s，实收 %(sum)s，最多能退 %(room)s。按原渠道（%(channel)s）退还。") % {
        "number": payment.receipt, "sum": words.money(payment.received), "room": words.money(payment.room),
        "channel": channels.title(payment.channel),
    }  # fmt: skip
    page = FormPage(_("退款"), _("退款"), lead=lead, back=back, kind="danger")
    fen = payment.held or payment.room
    return page.respond(request, inputs.GiveBack, save, initial={"key": inputs.new_key(), "fen": f"{fen / 100:.2f}"})


def receipts(request: HttpRequest) -> HttpResponseBase:
    """What came on a day (today unless another is asked for), with the sum of each channel."""
    if "day" not in request.GET:
        request.GET = request.GET.copy()  # type: ignore[assignment]
        request.GET["day"] = clock.today().isoformat()  # type: ignore[index]
    rows = queries.payments(request.actor).filter(state=Payment.State.RECEIVED)  # type: ignore[attr-defined]
    day = RECEIPTS.filters[0].given(request)
    takings = queries.takings(queries.received_on(rows, day) if day else rows)
    sums = [
        _("%(channel)s %(n)s 笔 %(sum)s") % {"channel": channels.title(key), "n": n, "sum": words.money(fen)}
        for key, n, fen in takings
    ]
    crumbs = ((_("收费窗口"), reverse("money.cashier")),)
    return RECEIPTS.respond(request, rows, crumbs=crumbs, heading_actions="；".join(sums))


def reconciliation(request: HttpRequest) -> HttpResponseBase:
    """Statements handed in."""
    new = ""
    if request.actor.scopes("money.refund"):  # type: ignore[attr-defined]
        new = _button(reverse("money.hand_in"), _("提交对账文件"))
    return STATEMENTS.respond(request, queries.statements(request.actor), heading_actions=new)  # type: ignore[attr-defined]


def hand_in(request: HttpRequest) -> HttpResponseBase:
    """Hand in a channel's statement."""
    scopes = request.actor.scopes("money.refund")  # type: ignore[attr-defined]
    departments = Department.objects.filter(within(scopes, "pk", "region_code"))

    def form(*args: Any, **given: Any) -> inputs.HandIn:
        return inputs.HandIn(*args, departments=departments, **given)

    def save(filled: inputs.HandIn) -> str:
        data = filled.cleaned_data
        file = data.pop("file")
        made = reconciling.take_in(file.read(), name=file.name, by=request.actor, **data)  # type: ignore[attr-defined]
        return reverse("money.statement", args=[made.pk])

    crumbs = ((_("对账"), reverse("money.reconciliation")),)
    page = FormPage(_("提交对账文件"), _("提交"), back=crumbs[0][1], crumbs=crumbs, icon="file-upload")
    return page.respond(request, form, save, initial={"department": departments.first()})


def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """A statement beside the books: what agrees, and each difference with what to do about it."""
    found = get_object_or_404(queries.statements(request.actor), pk=pk)  # type: ignore[attr-defined]
    done = statements.compare(found)
    tag = ("near", _("%(n)s 笔不符") % {"n": len(done.differences)}) if done.differences else ("done", _("全部相符"))
    facts = (
        (_("日期"), words.day(found.day)),
        (_("渠道"), channels.title(found.channel)),
        (_("收费单位"), found.department.title),
        (_("相符"), _("%(n)s 笔") % {"n": done.agree}),
        (_("账上合计（收减退）"), words.money(done.ours)),
        (_("渠道合计（收减退）"), words.money(done.theirs)),
        (_("文件"), found.name),
    )
    page = DetailPage(
        _("对账结果"),
        facts,
        tag,
        crumbs=((_("对账"), reverse("money.reconciliation")),),
        template="money/statement.html",
    )
    rows = [(FAULTS[one.kind], one) for one in done.differences]
    return page.respond(request, found, rows=rows)


def _seen(request: HttpRequest, number: str) -> Charge:
    return get_object_or_404(queries.seen_by(request.actor), number=number)  # type: ignore[attr-defined]


def _look(request: HttpRequest, found: Charge) -> None:
    """The page names the payer in full, as taking money needs; he can read that it did."""
    audit.look(request.actor, found, purpose=f"收费 {found.title_zh}", person_id=found.payer_id)  # type: ignore[attr-defined]


def _note_export(request: HttpRequest, what: str, count: int) -> None:
    operations.note_export(request.actor, what, count)  # type: ignore[attr-defined]


def _button(href: str, text: str) -> Markup:
    return Markup('<a class="btn btn-secondary" href="{}">{}</a>').format(escape(href), text)
