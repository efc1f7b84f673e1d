"""A person's certificates, the public verify page, and the officials' list with what may become of a certificate."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hexi.blocks.certificates import definitions, gate, operations, proof, queries, requesting
from hexi.blocks.certificates.models import Certificate, Request, State
from hexi.blocks.documents.operations import MAX_BYTES
from hexi.blocks.people.queries import RESIDENT
from hexi.blocks.regions import queries as regions
from hexi.ui import words
from hexi.ui.pages import DetailPage, FormPage, ListPage
from hexi.ui.tables import Column, Empty, Filter, SavedView

VERBS = (
    ("suspend", gettext_lazy("暂扣：一段时间内不作数")),
    ("resume", gettext_lazy("恢复：结束暂扣")),
    ("revoke", gettext_lazy("撤销：本不该发（行政许可法第六十九条）")),
    ("forfeit", gettext_lazy("吊销：作为处罚")),
    ("cancel", gettext_lazy("注销：期满未延续、持证人死亡或终止等（行政许可法第七十条）")),
)
CERTIFICATES = ListPage(
    title=gettext_lazy("证照"),
    columns=(
        Column("number", gettext_lazy("证照编号")),
        Column("type", gettext_lazy("类型")),
        Column("holder", gettext_lazy("持证人"), value="holder_name"),
        Column("valid_from", gettext_lazy("生效"), kind="day", sort="valid_from"),
        Column("valid_to", gettext_lazy("有效期止"), kind="day", sort="valid_to"),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
    ),
    filters=(Filter("state", gettext_lazy("状态"), State.choices, "state"),),
    views=(
        SavedView("good", gettext_lazy("有效"), queries.in_force),
        SavedView("asked", gettext_lazy("持证人有申请"), lambda rows: rows.filter(requests__state="open").distinct()),
        SavedView("all", gettext_lazy("全部")),
    ),
    search=lambda rows, text: rows.filter(Q(number__icontains=text) | Q(holder_name__icontains=text)),
    empty=Empty(gettext_lazy("还没有证照。办结的事项发证后会出现在这里。")),
    row_link=lambda row: reverse("certificates.certificate", args=[row.pk]),
    on_export=lambda request, count: operations.note_export(request.actor, count),
)


def mine(request: HttpRequest) -> HttpResponse:
    """A person's certificates, and those of the bodies he represents."""
    return render(request, "certificates/mine.html", {"certificates": queries.own(request.actor)[:200]})  # type: ignore[attr-defined]


def own(request: HttpRequest, identifier: str) -> HttpResponse:
    """One of them: what it says, the file, what happened to it."""
    found = get_object_or_404(queries.own(request.actor), identifier=identifier)  # type: ignore[attr-defined]
    crumbs = ((_("我的证照"), reverse("certificates.mine")),)
    page = _page(found, str(found.type), crumbs, "certificates/own.html")
    facts = {"requests": found.requests.order_by("-pk"), "kinds": Request.Kind.choices}
    facts["open"] = found.state in (State.VALID, State.SUSPENDED, State.EXPIRED)
    return page.respond(request, found, events=_events(found), **facts)


@require_POST
def ask(request: HttpRequest, identifier: str) -> HttpResponse:
    """The holder asks to strike it off, or to correct it."""
    found = get_object_or_404(queries.own(request.actor), identifier=identifier)  # type: ignore[attr-defined]
    try:
        kind, reason = request.POST.get("kind", ""), request.POST.get("reason", "")
        requesting.ask(found, kind, reason=reason, by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("已转给发证机关，处理后会通知您。"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("certificates.own", identifier)


def certificates(request: HttpRequest) -> HttpResponseBase:
    """What an office has issued."""
    return CERTIFICATES.respond(request, queries.seen_by(request.actor))  # type: ignore[attr-defined]


def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """One certificate for officials."""
    found = _seen(request, pk)
    crumbs = ((_("证照"), reverse("certificates.certificates")),)
    page = _page(found, str(found), crumbs, "certificates/certificate.html")
    may = request.actor.may("certificates.revoke", found.department_id, found.region_code)  # type: ignore[attr-defined]
    may_correct = not found.superseded and found.state in (State.VALID, State.EXPIRED)
    facts = {"requests": found.requests.order_by("-pk"), "may_correct": may_correct}
    return page.respond(request, found, events=_events(found), may_change=may, **facts)


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Say no to what the holder asked; what is done answers by itself."""
    found = _seen(request, pk)
    asked = get_object_or_404(Request, pk=_digits(request.POST.get("request", "")), certificate=found)
    try:
        requesting.refuse(asked, answer=request.POST.get("answer", ""), by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("已答复持证人。"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("certificates.certificate", pk)


def _digits(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0


def correct(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Put right what the certificate says wrong: a new version with the same number."""
    found, back = _seen(request, pk), reverse("certificates.certificate", args=[pk])
    licence, said = definitions.of(found.type), found.metadata["extend_info"]
    fields: dict[str, forms.Field] = {
        f"fact_{one.key}": forms.CharField(
            label=str(one.label), required=one.required, initial=said.get(one.key, ""), max_length=1000
        )
        for one in licence.fields
    }
    fields["reason"] = forms.CharField(
        label=_("更正的理由"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000,
        help_text=_("写明错在哪里。持证人会看到，证照编号不变。"),
    )  # fmt: skip

    def save(form: forms.Form) -> str:
        facts = {name.removeprefix("fact_"): text for name, text in form.cleaned_data.items() if name != "reason"}
        made = operations.correct(found, facts=facts, reason=form.cleaned_data["reason"], by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("“%(number)s”已更正并换发。") % {"number": made.number})
        return reverse("certificates.certificate", args=[made.pk])

    lead = _("%(title)s，持证人 %(holder)s。") % {"title": found, "holder": found.holder_name}
    page = FormPage(_("更正证照"), _("更正并换发"), lead=lead, back=back)
    return page.respond(request, type("CorrectForm", (forms.Form,), fields), save)


class ChangeForm(forms.Form):
    """What is to become of a certificate."""

    verb = forms.ChoiceField(label=gettext_lazy("处理"), choices=VERBS, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("理由和依据"), widget=forms.Textarea(attrs={"rows": 4}), max_length=1000,
        help_text=gettext_lazy("持证人会看到。写明事实、法律依据和文书号。"),
    )  # fmt: skip


def change(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Suspend, resume, revoke, forfeit or cancel."""
    found = _seen(request, pk)
    back = reverse("certificates.certificate", args=[pk])

    def save(form: ChangeForm) -> str:
        verb = operations.VERBS[form.cleaned_data["verb"]]
        changed = verb(found, reason=form.cleaned_data["reason"], by=request.actor)  # type: ignore[attr-defined]
        messages.success(
            request, _("“%(number)s”现在是“%(state)s”。") % {"number": found.number, "state": changed.tag[1]}
        )
        return back

    lead = _("%(title)s，持证人 %(holder)s，现在是“%(state)s”。") % {
        "title": found, "holder": found.holder_name, "state": found.tag[1]
    }  # fmt: skip
    page = FormPage(_("改变证照状态"), _("确定"), lead=lead, back=back, kind="danger")
    return page.respond(request, ChangeForm, save)


def verify(request: HttpRequest) -> HttpResponse:
    """Public: enter the identifier or number of a certificate, or hand in its file."""
    fault, given = "", request.GET.get("number", "").strip()[:120]
    if (given or request.method == "POST") and not gate.passes(request):
        return _too_often(request)
    if request.method == "POST":
        upload = request.FILES.get("file")
        if upload is not None and upload.size <= MAX_BYTES.value:
            return _file_verified(request, upload.read())
        fault = _("请选择证照的 PDF 文件（最大 %(most)s）。") % {"most": words.size(MAX_BYTES.value)}
    if given:
        found = queries.find(given)
        if found:
            return redirect("certificates.verified", found.identifier)
        fault = _("没有查到“%(number)s”。请核对编号；编号重复时请输入证照标识（1.2.156.3005.2 开头）。") % {
            "number": given
        }
    facts = {"fault": fault, "given": given, "faults": [("#id_number", fault)] if fault else []}
    return render(request, "certificates/verify.html", facts, status=422 if fault else 200)


def verified(request: HttpRequest, identifier: str) -> HttpResponse:
    """Public: what a certificate counts for now; the QR code on it leads here."""
    if not gate.passes(request):
        return _too_often(request)
    found = queries.find(identifier)
    if found is None or found.identifier != identifier:
        facts = {"fault": _("没有这张证照。它可能是伪造的，或者由别的系统签发。"), "given": identifier, "faults": []}
        return render(request, "certificates/verify.html", facts, status=404)
    code = request.GET.get("c", "")
    matches = None if not code else code == proof.short(found.metadata)
    return _shown(request, found, code_matches=matches)


def _file_verified(request: HttpRequest, file: bytes) -> HttpResponse:
    outcome = proof.check(file, queries.public_keys())
    identifier = str(outcome.metadata.get("certificate_identifier", ""))
    good = outcome.verdict is proof.Verdict.VALID
    found = Certificate.objects.select_related("type").filter(identifier=identifier).first() if good else None
    if found is not None and found.sha256 == outcome.sha256:
        return _shown(request, found, file_matches=True)
    return render(request, "certificates/file.html", {"verdict": outcome.verdict.value})


def _shown(request: HttpRequest, found: Certificate, **matches: bool | None) -> HttpResponse:
    natural = found.metadata["holder_type"] == RESIDENT
    holder = words.mask_name(found.holder_name) if natural else found.holder_name
    facts = (
        (_("证照名称"), str(found.type)),
        (_("证照编号"), found.number),
        (_("持证人"), holder),
        (_code_label(found), found.holder_code),
        (_("发证机关"), found.issuer_name),
        (_("有效期限"), _period(found)),
        (_("证照标识"), found.identifier),
    )
    given = {"code_matches": None, "file_matches": None} | matches
    return render(request, "certificates/verified.html", {"certificate": found, "facts": facts, **given})


def _too_often(request: HttpRequest) -> HttpResponse:
    facts = {"fault": _("查验太频繁，请一分钟后再试。"), "given": "", "faults": []}
    response = render(request, "certificates/verify.html", facts, status=429)
    response["Retry-After"] = "60"
    return response


def _page(found: Certificate, title: str, crumbs: tuple[tuple[str, str], ...], template: str) -> DetailPage:
    lead = _("这是演示证照，没有法律效力。") if found.demo else ""
    place = "certificates.certificate"
    return DetailPage(title, _facts(found), found.tag, lead=lead, crumbs=crumbs, place=place, template=template)


def _facts(found: Certificate) -> tuple[tuple[Any, Any], ...]:
    fields = {field.key: field.label for field in definitions.of(found.type).fields}
    own = ((fields.get(key, key), value) for key, value in found.metadata["extend_info"].items() if value)
    return (
        (_("证照编号"), found.number),
        (_("持证人"), found.holder_name),
        (_code_label(found), found.holder_code or None),
        (_("发证机关"), found.issuer_name),
        (_("有效期限"), _period(found)),
        *own,
        (_("证照标识"), found.identifier),
    )


def _period(found: Certificate) -> str:
    with words.on_paper():  # with the year, as on the certificate
        start, end = words.day(found.valid_from), words.day(found.valid_to)
    return (
        _("%(start)s 至 %(end)s") % {"start": start, "end": end}
        if end
        else _("%(start)s 起，长期有效") % {"start": start}
    )


def _code_label(found: Certificate) -> str:
    return _("公民身份号码") if found.metadata["holder_type"] == RESIDENT else _("统一社会信用代码")


def _events(found: Certificate) -> list[dict[str, Any]]:
    """The certificate's life, latest first."""
    changes = list(reversed(found.changes.all()))
    signed = regions.signed(change.actor_name for change in changes)
    return [
        {
            "title": State(change.after).label if change.before else _("签发"),
            "at": change.at,
            "who": signed[change.actor_name],
            "text": change.reason,
            "state": State(change.after).tag,
        }
        for change in changes
    ]


def _seen(request: HttpRequest, pk: int) -> Certificate:
    seen: QuerySet[Certificate] = queries.seen_by(request.actor)  # type: ignore[attr-defined]
    return get_object_or_404(seen.select_related("type", "document__blob"), pk=pk)
