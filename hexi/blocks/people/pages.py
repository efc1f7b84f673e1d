"""One's own account and who looked at it (citizen door)."""

from typing import Any

from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from hexi.blocks.people import forms, operations, queries
from hexi.blocks.people.adapters import OIDC_NAME, OIDC_URL, bind_url
from hexi.blocks.people.models import Account, Person
from hexi.ui.assets import icon
from hexi.ui.pages import DetailPage, FormPage, ListPage, Section
from hexi.ui.preferences import CHOICES, keep_choices
from hexi.ui.tables import Column, Empty
from hexi.ui.words import mask_phone

LOOKS = ListPage(
    title=gettext_lazy("谁看过我的信息"),
    lead=gettext_lazy("工作人员每次查看您的信息，都在这里留下时间、单位和用途。记录不能修改或删除。"),
    columns=(
        Column("at", gettext_lazy("时间"), kind="moment"),
        Column("actor_name", gettext_lazy("单位和人员")),
        Column("purpose", gettext_lazy("用途"), value=lambda entry: entry.facts.get("purpose", "")),
    ),
    empty=Empty(gettext_lazy("还没有人查看过您的信息。"), icon="eye-off"),
    template="people/looks.html",
)


def account(request: HttpRequest) -> HttpResponse:
    """Who I am here: name, number, contact, language and edition, security, the bodies I represent."""
    own: Account = request.user  # type: ignore[assignment]
    person = Person.objects.prefetch_related("identifiers").filter(pk=own.person_id).first()
    page = DetailPage(_("我的账户"), facts=_facts(own, person), place="people.account")
    sections = [_security(own), *([_bodies(person)] if person else [])]
    actions = Markup('<a class="btn btn-secondary" href="{}">{}{}</a>').format(
        reverse("people.looks"), icon("eye"), _("谁看过我的信息")
    )
    return page.respond(request, own, sections, heading_actions=actions)


def _facts(own: Account, person: Person | None) -> tuple[tuple[Any, ...], ...]:
    edit = reverse("people.edit")
    editions = dict(forms.EDITIONS)
    bind = (_("未实名绑定"), bind_url(reverse("people.account")), _("去绑定"))
    return (
        (_("用户名"), own.username),
        (_("姓名"), own.name or _("未填写")),
        (_("证件号码"), queries.masked_number(person)) if person else (_("实名"), *bind),
        (_("手机号码"), mask_phone(own.phone) or _("未填写"), edit),
        (_("通讯地址"), person.address or _("未填写"), edit) if person else (_("通讯地址"), None),
        (_("语言"), dict(settings.LANGUAGES).get(own.language) or _("跟随浏览器"), edit),
        (_("版本"), editions.get(own.edition, editions["normal"]), edit),
    )


def _security(own: Account) -> Section:
    kinds = list(Authenticator.objects.filter(user=own).values_list("type", flat=True))
    keys = kinds.count(Authenticator.Type.WEBAUTHN)
    rows = [
        (_("密码"), _("已设置") if own.has_usable_password() else _("未设置"), "account_change_password"),
        (_("电子邮箱"), own.email or _("未填写"), "account_email"),
        (_("动态口令"), _("已启用") if Authenticator.Type.TOTP in kinds else _("未启用"), "mfa_index"),
        (_("通行密钥"), _("%(n)s 个") % {"n": keys} if keys else _("未添加"), "mfa_list_webauthn"),
    ]
    if OIDC_URL.value:
        rows.append((OIDC_NAME.value, _("关联情况"), "socialaccount_connections"))
    line = Markup('<div><dt>{}</dt><dd>{}</dd><dd class="facts-action"><a href="{}">{}</a></dd></div>')
    words = _("管理%(what)s")
    lines = [line.format(title, state, reverse(name), words % {"what": title}) for title, state, name in rows]
    return Section(_("登录与安全"), Markup('<dl class="facts">{}</dl>').format(Markup("").join(lines)))


def _bodies(person: Person) -> Section:
    rows = [
        Markup('<li>{} <span class="soft">{} {}</span></li>').format(
            body.name, body.get_kind_display(), queries.masked_number(body)
        )
        for body in queries.bodies_of(person.pk)
    ]
    shown = Markup("<ul>{}</ul>").format(Markup("").join(rows)) if rows else _("还没有。添加后可以代单位办事。")
    return Section(_("我代表的单位"), shown, reverse("people.body"), _("添加"))


def edit(request: HttpRequest) -> HttpResponseBase:
    """Telephone, address, language, edition."""
    own: Account = request.user  # type: ignore[assignment]
    person = own.person

    def save(form: forms.Contact) -> HttpResponseBase:
        facts, by = form.cleaned_data, request.actor  # type: ignore[attr-defined]
        operations.change_account(
            own, by=by, phone=facts["phone"], language=facts["language"], edition=facts["edition"]
        )
        if person:
            operations.change_contact(person, by=by, phone=facts["phone"], address=facts["address"])
        messages.success(request, _("已保存。"))
        response = HttpResponseRedirect(reverse("people.account"))
        keep_choices(request, response, facts.get)
        return response

    initial = {
        "phone": own.phone,
        "address": person.address if person else "",
        "language": own.language or request.LANGUAGE_CODE,  # type: ignore[attr-defined]
        "edition": own.edition or getattr(request, "edition", CHOICES["edition"][1][0]),
    }
    form_class = forms.Contact if person else forms.Reach
    page = FormPage(_("联系方式和显示"), _("保存"), back=reverse("people.account"), crumbs=_crumbs(_("联系方式和显示")))
    return page.respond(request, form_class, save, initial)


def bind(request: HttpRequest) -> HttpResponseBase:
    """Real-name binding: name and identity number, once; then on to where the person wanted to go."""
    own: Account = request.user  # type: ignore[assignment]
    back = _next(request)
    if own.person_id is not None:
        return HttpResponseRedirect(back)

    def save(form: forms.Bind) -> str:
        if not ratelimit.consume(request, action="bind", user=own):
            raise ValidationError(_("尝试次数太多，请一小时后再试，或带身份证到政务大厅窗口办理。"))
        operations.bind_person(own, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(request, _("实名绑定完成，现在可以办事了。"))
        return back

    lead = _("办理需要核实身份的事项前，先绑定本人的姓名和身份证号。一个人只能绑定一个账户。")
    page = FormPage(_("实名绑定"), _("绑定"), lead=lead, back=back, crumbs=_crumbs(_("实名绑定")))
    return page.respond(request, forms.Bind, save, {"name": own.name})


def body(request: HttpRequest) -> HttpResponseBase:
    """Add a body one legally represents."""
    own: Account = request.user  # type: ignore[assignment]
    if own.person_id is None:
        return HttpResponseRedirect(bind_url(reverse("people.body")))

    def save(form: forms.Body) -> str:
        operations.declare_body(own, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(request, _("已添加，可以代这个单位办事了。"))
        return reverse("people.account")

    lead = _("您是单位的法定代表人时，添加后可以代它办事。")
    page = FormPage(_("添加单位"), _("添加"), lead=lead, back=reverse("people.account"), crumbs=_crumbs(_("添加单位")))
    return page.respond(request, forms.Body, save)


def looks(request: HttpRequest) -> HttpResponseBase:
    """Every look at one's data: when, which office, what for."""
    own: Account = request.user  # type: ignore[assignment]
    person = own.person
    if person is None:
        return HttpResponseRedirect(bind_url(reverse("people.looks")))
    return LOOKS.respond(request, queries.looks_at(person), crumbs=_crumbs(LOOKS.title), person=person)


def _crumbs(title: Any) -> tuple[tuple[Any, str], ...]:
    return ((_("我的账户"), reverse("people.account")), (title, ""))


def _next(request: HttpRequest) -> str:
    wanted = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and ours else reverse("people.account")


def menu_links(request: HttpRequest, thing: Any) -> Markup:
    """The lines of the account menu in the strip, for `Panel("ui.account")`."""
    line = Markup('<a href="{}">{}{}</a>')
    rows = [("people.account", "user", _("我的账户")), ("people.looks", "eye", _("谁看过我的信息"))]
    return Markup("</li><li>").join(line.format(reverse(name), icon(sign), words) for name, sign, words in rows)
