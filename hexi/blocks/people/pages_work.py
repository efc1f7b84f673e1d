"""Officials' pages about people: find somebody by number, correct and verify; posts and accounts (workbench door)."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.people import forms, offices, operations, queries
from hexi.blocks.people.models import Account, Identifier, Person, Post
from hexi.kernel import clock
from hexi.kernel.clock import today
from hexi.ui.assets import icon
from hexi.ui.pages import FormPage, ListPage
from hexi.ui.tables import Column, Empty, Filter, SavedView

#: persons one session has found and may open again: what for, and when the look was logged last
SEEN, MOST_SEEN = "people.seen", 20
#: opening the same person again within this time is the same look (as with documents)
LOOK = timedelta(minutes=10)


def _state(post: Post) -> tuple[str, str]:
    day = today()
    if post.valid_to and post.valid_to <= day:
        return "off", _("已免职")
    return ("wait", _("未到任")) if post.valid_from > day else ("done", _("在任"))


POSTS = ListPage(
    title=gettext_lazy("任职"),
    columns=(
        Column("account", gettext_lazy("姓名"), value=lambda post: str(post.account), sort="account__name"),
        Column("username", gettext_lazy("用户名"), value="account.username", sort="account__username"),
        Column("department", gettext_lazy("部门"), value="department.title", sort="department__key"),
        Column("title", gettext_lazy("职务"), sort="title"),
        Column("roles", gettext_lazy("岗位角色"), value=lambda post: "、".join(str(role) for role in post.roles.all())),
        Column("valid_from", gettext_lazy("任职日期"), kind="day", sort="valid_from"),
        Column("valid_to", gettext_lazy("免职日期"), kind="day", sort="valid_to"),
        Column("state", gettext_lazy("状态"), value=_state, kind="tag"),
        Column(
            "end", gettext_lazy("办理"), value=lambda post: "" if _ended(post) else _("免职"),
            link=lambda post: "" if _ended(post) else reverse("people.dismiss", args=[post.pk]),
        ),
    ),
    filters=(
        Filter("department", gettext_lazy("部门"), "text", "department__name__icontains"),
        Filter("name", gettext_lazy("姓名"), "text", "account__name__icontains"),
    ),
    views=(
        SavedView("held", gettext_lazy("在任"), lambda rows: rows.held_on(today())),
        SavedView("all", gettext_lazy("全部")),
    ),
    empty=Empty(gettext_lazy("还没有任职。"), icon="user-plus"),
)  # fmt: skip


def _ended(post: Post) -> bool:
    return post.valid_to is not None and post.valid_to <= today()


def posts(request: HttpRequest) -> HttpResponseBase:
    """The posts within one's right to appoint."""
    link = Markup('<a class="btn btn-{}" href="{}">{}{}</a>')
    actions = Markup(" ").join(
        (
            link.format("primary", reverse("people.appoint"), icon("user-plus"), _("任职")),
            link.format("secondary", reverse("people.open_account"), icon("user"), _("开通账户")),
        )
    )
    return POSTS.respond(request, queries.posts_within(request.actor), heading_actions=actions)  # type: ignore[attr-defined]


def appoint(request: HttpRequest) -> HttpResponseBase:
    """Give somebody a post."""
    actor = request.actor  # type: ignore[attr-defined]

    def form_class(*args: Any, **kwargs: Any) -> forms.Appoint:
        return forms.Appoint(*args, scopes=actor.scopes("people.posts"), **kwargs)

    def save(form: forms.Appoint) -> str:
        facts = form.cleaned_data
        offices.appoint(
            facts["username"], department=facts["department"], title=facts["title"],
            roles=[role.pk for role in facts["roles"]], by=actor,
            valid_from=facts["valid_from"], valid_to=facts["valid_to"],
        )  # fmt: skip
        messages.success(request, _("已任职：%(who)s。") % {"who": facts["username"]})
        return reverse("people.posts")

    lead = _("权限从任职日期起生效，到免职日期自动失效。")
    page = FormPage(_("任职"), _("任职"), lead=lead, back=reverse("people.posts"))
    return page.respond(request, form_class, save, {"username": request.GET.get("username", "")})


def dismiss(request: HttpRequest, pk: int) -> HttpResponseBase:
    """End a post."""
    actor = request.actor  # type: ignore[attr-defined]
    post = get_object_or_404(queries.posts_within(actor), pk=pk)

    def save(form: forms.Dismiss) -> str:
        offices.dismiss(post, by=actor, on=form.cleaned_data["on"])
        messages.success(request, _("已免职：%(who)s。") % {"who": post.account})
        return reverse("people.posts")

    facts = {"who": post.account, "department": post.department.title, "title": post.title}
    lead = _("%(who)s，%(department)s，%(title)s。") % facts
    page = FormPage(_("免职"), _("免职"), lead=lead, back=reverse("people.posts"), kind="danger")
    return page.respond(request, forms.Dismiss, save, {"on": today()})


def open_account(request: HttpRequest) -> HttpResponseBase:
    """An account for an official, who sets the password by e-mail."""

    def save(form: forms.Open) -> str:
        made = offices.open_account(by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(request, _("已开通。请本人在登录页点「忘记密码」，用邮箱设置密码。"))
        return f"{reverse('people.appoint')}?username={made.username}"

    page = FormPage(_("开通账户"), _("开通"), back=reverse("people.posts"))
    return page.respond(request, forms.Open, save)


@never_cache
def find(request: HttpRequest) -> HttpResponseBase:
    """Find somebody by the whole number; the look is logged with its purpose before anything is shown."""

    def save(form: forms.Find) -> str:
        facts = form.cleaned_data
        held = queries.identifier_of(facts["number"], type=facts["type"].pk)
        if held is None:
            raise ValidationError({"number": _("没有登记这个号码的人员或单位，请核对。")})
        _look(request, held.person, facts["purpose"])
        return reverse("people.person", args=[held.person_id])

    lead = _("用完整的证件号码查找。查询会记录，本人能看到。")
    return FormPage(_("人员查询"), _("查询"), lead=lead, icon="search").respond(request, forms.Find, save)


@never_cache
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody found by number in this session: masked data, and what may be done."""
    held = _seen(request, pk)
    account = Account.objects.filter(person=held).first()
    actor = request.actor  # type: ignore[attr-defined]
    region = held.region_code or None
    facts = {
        "person": held,
        "account": account,
        "may_unmask": actor.may("people.unmask", None, region),
        "may_register": actor.may("people.register", None, region),
        "window": Identifier.Level.WINDOW,
    }
    return render(request, "people/person.html", facts)


def _look(request: HttpRequest, held: Person, purpose: str) -> None:
    """Log the look, and remember what for."""
    operations.view_person(held, purpose=purpose, by=request.actor)  # type: ignore[attr-defined]
    seen = {pk: one for pk, one in request.session.get(SEEN, {}).items() if pk != str(held.pk)}
    seen[str(held.pk)] = [purpose, clock.now().isoformat()]
    request.session[SEEN] = dict(list(seen.items())[-MOST_SEEN:])


def _seen(request: HttpRequest, pk: int) -> Person:
    """Somebody found in this session; the look is logged anew (and the right asked anew) when the last was long ago."""
    purpose, logged = request.session.get(SEEN, {}).get(str(pk), ("", ""))
    if not purpose:
        raise Http404
    held = get_object_or_404(
        Person.objects.select_related("representative").prefetch_related("identifiers__type"), pk=pk
    )
    if clock.now() - datetime.fromisoformat(logged) > LOOK:
        _look(request, held, purpose)
    return held


def _seen_identifier(request: HttpRequest, pk: int) -> Identifier:
    held = get_object_or_404(Identifier.objects.select_related("person", "type"), pk=pk)
    _seen(request, held.person_id)
    return held


@never_cache
def unmask(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The full number, once, after saying what for."""
    held = _seen_identifier(request, pk)

    def save(form: forms.Purpose) -> HttpResponse:
        number = operations.unmask(held, purpose=form.cleaned_data["purpose"], by=request.actor)  # type: ignore[attr-defined]
        return render(request, "people/number.html", {"identifier": held, "number": number})

    back = reverse("people.person", args=[held.person_id])
    page = FormPage(_("查看完整号码"), _("查看"), lead=f"{held.person.name} {held.type} {held.masked}", back=back)
    return page.respond(request, forms.Purpose, save)


@require_POST
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """The original was seen at the window."""
    held = _seen_identifier(request, pk)
    operations.verify_identifier(held, by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("已记录：原件已核验。"))
    return HttpResponseRedirect(reverse("people.person", args=[held.person_id]))


def release(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Untie the account from a person found before."""
    held = _seen(request, pk)
    account = get_object_or_404(Account, person=held)

    def save(form: forms.Reason) -> str:
        operations.release_person(account, reason=form.cleaned_data["reason"], by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("已解绑。可以在这里为本人绑定自己的账户。"))
        return reverse("people.person", args=[pk])

    lead = _("解除账户 %(account)s 与 %(person)s 的实名绑定。") % {"account": account.username, "person": held.name}
    page = FormPage(_("解除绑定"), _("解除绑定"), lead=lead, back=reverse("people.person", args=[pk]), kind="danger")
    return page.respond(request, forms.Reason, save)


def tie(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Tie an account to a person found before, who stands at the window with his document."""
    held = _seen(request, pk)

    def save(form: forms.Tie) -> str:
        operations.bind_at_window(held, form.cleaned_data["username"], by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("已绑定。"))
        return reverse("people.person", args=[pk])

    lead = _("%(person)s 本人到窗口，把自己的账户绑定到登记的信息上。") % {"person": held.name}
    page = FormPage(_("绑定账户"), _("绑定"), lead=lead, back=reverse("people.person", args=[pk]))
    return page.respond(request, forms.Tie, save)


def representative(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Another legal representative for a body found before."""
    held = _seen(request, pk)

    def save(form: forms.Representative) -> str:
        facts = form.cleaned_data
        operations.change_representative(held, name=facts["name"], number=facts["number"], by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("已更正。"))
        return reverse("people.person", args=[pk])

    page = FormPage(_("更正法定代表人"), _("更正"), lead=held.name, back=reverse("people.person", args=[pk]))
    return page.respond(request, forms.Representative, save)
