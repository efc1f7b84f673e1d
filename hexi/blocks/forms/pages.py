"""The steps of filling in, for the pages of domains: one section, the materials, the check; and "my drafts".

A domain declares a view for each step, wrapped in `own_draft` and not `signed_in`, and returns what the step gives:

    @own_draft
    def fill(request, draft, section):
        return form_step(request, draft, section)

Every step saves, backwards too. What is sent after the session has ended is found again after signing in.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import json_script
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hexi.blocks.forms import answers, operations, queries, saying, steps, uploads
from hexi.blocks.forms import render as shown
from hexi.blocks.forms.definitions import Section
from hexi.blocks.forms.models import Draft
from hexi.blocks.forms.queries import Standing
from hexi.kernel.actors import Denied
from hexi.ui import doors

#: buttons that save the page and stay on it; their value names the place
STAYING = ("_levels", "_add", "_remove", "_up", "_down", "_unfile")
#: those that change the rows of a group
ROWS = ("add", "remove", "up", "down")
View = Callable[..., HttpResponseBase]
Rows = Iterable[tuple[Any, Any]]


# --- whose draft ------------------------------------------------------------------------------------------------------


class _Forgery(CsrfViewMiddleware):
    """Django's check against forged requests, which tells instead of answering: what was typed must not be lost."""

    def _reject(self, request: HttpRequest, reason: str) -> str:  # type: ignore[override]
        return reason


def own_draft(view: View) -> View:
    """Give a view `(request, draft, …)` instead of `(request, key, …)`: the draft of this key, if it is one's own.

    Visitors are sent to sign in and back; answers they posted are parked. So are those of a page that is older than
    the last sign-in; putting them back then takes a confirmation. A closed draft leads to what became of it.
    """

    @wraps(view)
    def own(request: HttpRequest, key: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        forged = _Forgery(view).process_view(request, None, (), {})  # type: ignore[arg-type]
        if forged or not request.user.is_authenticated:
            return _later(request, key, signed_in=request.user.is_authenticated)
        draft = queries.find(key, by=request.actor)  # type: ignore[attr-defined]
        if not draft.open:
            return _closed(request, draft)
        return view(request, draft, *args, **kwargs)

    own.csrf_exempt = True  # type: ignore[attr-defined]  # checked above
    return own


def _later(request: HttpRequest, key: str, *, signed_in: bool) -> HttpResponseBase:
    """Keep what was posted, then sign in, or confirm."""
    token = _parked(request, key)
    if request.FILES:
        messages.warning(request, _("登录过期，刚才选的文件没有收到。请重新选择。"))
    if signed_in and token is None:
        raise Denied(_("页面已过期，什么也没有改动。请返回上一页，刷新后再试。"))
    if signed_in:
        facts = {"title": _("请确认"), "href": reverse("forms.parked", args=[token])}
        return render(request, "forms/confirm.html", facts, status=403)
    if token is None:  # no answers of the form: how it is sent, what is promised, the way of delivery
        return doors.to_sign_in(request)
    return redirect_to_login(reverse("forms.parked", args=[token]))


def _parked(request: HttpRequest, key: str) -> str | None:
    draft = Draft.objects.open().filter(key=key).first() if request.method == "POST" else None
    if draft is None:
        return None
    try:
        section = Standing(draft).definition.form.section(request.POST.get("_section", ""))
    except LookupError:
        return None
    return operations.park(
        key, raw=answers.read(section.fields, request.POST), version=_version(request), step=f"form.{section.key}",
        by=request.actor,  # type: ignore[attr-defined]
    )  # fmt: skip


def _closed(request: HttpRequest, draft: Draft) -> HttpResponseBase:
    became = queries.became(draft)
    if became:
        return redirect(became)
    return render(request, "forms/closed.html", {"title": str(draft), "draft": draft}, status=410)


def parked(request: HttpRequest, token: str) -> HttpResponseBase:
    """After signing in again: the answers back into the draft, and on where the applicant was."""
    try:
        saved, step = operations.unpark(token, by=request.actor)  # type: ignore[attr-defined]
    except ValidationError as error:
        facts = {"title": _("没有可取回的内容"), "sentence": " ".join(error.messages)}
        return render(request, "forms/gone.html", facts, status=410)
    messages.success(request, _("刚才填写的内容已经放回，请接着填写。"))
    _tell_merged(request, saved)
    return redirect(queries.address(saved.standing.draft, step))


# --- one section ------------------------------------------------------------------------------------------------------


def form_step(request: HttpRequest, draft: Draft, section: str) -> HttpResponseBase:
    """One section: shown, or kept as posted and on to the next step (or back, or out)."""
    standing = Standing(draft)
    try:
        found = standing.definition.form.section(section)
    except KeyError:
        raise Http404(_("表单里没有这一节。")) from None
    if request.method != "POST":
        return _show_section(request, standing, found, standing.faults(found) if "check" in request.GET else {})
    try:
        saved = _save_section(request, draft, found)
    except ValidationError as error:
        draft.answers = {**draft.answers, **answers.plain(answers.read(found.fields, request.POST))}
        return _show_section(request, Standing(draft), found, {NON_FIELD_ERRORS: " ".join(error.messages)}, status=422)
    _tell_merged(request, saved)
    return _after_section(request, saved, found, uploads.take_answers(request, saved.standing, found))


def _save_section(request: HttpRequest, draft: Draft, section: Section) -> operations.Saved:
    """Keep everything that was posted, a row added, taken out or moved as a button asked."""
    raw = answers.read(section.fields, request.POST)
    answers.change_rows(section.fields, raw, **{name: request.POST.get(f"_{name}", "") for name in ROWS})
    raw |= dict.fromkeys(answers.strangers(section.fields, request.POST), "")
    return operations.save_step(
        draft, raw=raw, version=_version(request), step=f"form.{section.key}",
        by=request.actor,  # type: ignore[attr-defined]
    )  # fmt: skip


def _after_section(
    request: HttpRequest, saved: operations.Saved, section: Section, refused: dict[str, str]
) -> HttpResponseBase:
    """`refused` are the files that were not taken: whoever goes on is told on the same screen."""
    standing, step = saved.standing, f"form.{section.key}"
    if refused:
        return _show_section(request, standing, section, standing.faults(section) | refused, status=422)
    if staying := next((name for name in STAYING if request.POST.get(name)), ""):
        place = request.POST[staying]
        # a row that moved is what one wants to see; any other button leads to its question
        place = place if staying in ("_up", "_down") else place.partition(".")[0]
        return redirect(f"{queries.address(standing.draft, step)}#row-{place}")
    if request.POST.get("_action") in ("back", "leave"):
        return _onward(request, standing, step)
    if standing.stop:
        return _stopped(request, standing, step)
    fresh = {field.key for field in section.fields} & standing.cleaned.shown - saved.shown_before
    errors = standing.faults(section)
    if fresh and "_script" not in request.POST:
        errors = {path: said for path, said in errors.items() if path.partition(".")[0] not in fresh}
        notice = _("根据您的回答，多了几个问题。请接着填写。")
        return _show_section(request, standing, section, errors, notice=notice, status=422 if errors else 200)
    if errors:
        return _show_section(request, standing, section, errors, status=422)
    return _onward(request, standing, step)


def _stopped(request: HttpRequest, standing: Standing, step: str) -> HttpResponseBase:
    """The answers have led to an end before the end: why, and what to do instead. Nothing is lost."""
    facts = {
        "title": str(standing.stop.title) if standing.stop else "",
        "stop": standing.stop,
        "draft": standing.draft,
        "back": queries.address(standing.draft, step),
    }
    return render(request, "forms/stop.html", facts)


def _onward(request: HttpRequest, standing: Standing, step: str) -> HttpResponseBase:
    """To the step after, or as the button says back or out; that is where the draft will be resumed."""
    action, line = request.POST.get("_action"), steps.of(standing)
    if action == "leave":
        messages.success(request, _("草稿已保存。您可以在任何一台设备上登录后继续填写。"))
        return redirect("forms.drafts")
    target = line.before(step) if action == "back" else line.after(step)
    operations.reach(standing.draft, step=target, by=request.actor)  # type: ignore[attr-defined]
    return redirect(queries.address(standing.draft, target))


def _show_section(
    request: HttpRequest, standing: Standing, section: Section, errors: Mapping[str, str], *, notice: str = "",
    status: int = 200,
) -> HttpResponseBase:  # fmt: skip
    mirror = shown.mirror(section, standing.cleaned)
    facts = {
        "section": section,
        "questions": shown.questions(section, standing, errors),
        "errors": shown.anchors(errors, section.fields),
        "notice": notice,
        "mirror": json_script(mirror, "questions") if mirror else "",
        "takes_files": uploads.takes(section),
        "pictures": ",".join(uploads.PICTURES),
        **uploads.facts(),
    }
    return _step(request, standing, f"form.{section.key}", "forms/section.html", facts, status)


def _step(
    request: HttpRequest, standing: Standing, step: str, template: str, facts: dict[str, Any], status: int = 200
) -> HttpResponseBase:
    draft, line = standing.draft, steps.of(standing)
    if step not in line.keys:
        return redirect(queries.address(draft, line.keys[0]))
    facts = {"draft": draft, "outdated": queries.outdated(draft), **facts}
    return line.page.render(
        request, step, template, facts, url_of=lambda key: queries.address(draft, key), done=line.done, status=status
    )


def _version(request: HttpRequest) -> int:
    given = request.POST.get("_version", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 9 else 0


def _tell_merged(request: HttpRequest, saved: operations.Saved) -> None:
    """Say what another tab or device had changed meanwhile; nothing of it is lost."""
    fields = {field.key: field for _section, field in saved.standing.definition.form.fields()}
    if saved.kept:
        named = saying.listed(str(fields[key].label) for key in saved.kept)
        sentence = _("您在另一个窗口或设备上改过：%(fields)s。那边较新的内容已保留，请看一下。")
        messages.warning(request, sentence % {"fields": named})
    for path, value in saved.lost.items():
        field = fields[path.partition(".")[0]]
        sentence = _("“%(field)s”在另一个窗口也改过，已用这一页的内容。那边填的是：%(value)s")
        messages.warning(request, sentence % {"field": field.label, "value": saying.say_kept(field, path, value)})


# --- materials --------------------------------------------------------------------------------------------------------


def materials_step(request: HttpRequest, draft: Draft) -> HttpResponseBase:
    """The places for files: each file is kept by itself, so that one that is refused takes no other with it."""
    standing = Standing(draft)
    if request.method != "POST":
        return _show_materials(request, standing, standing.missing if "check" in request.GET else {}, 200)
    errors = uploads.take(request, standing)
    standing.judge_again()
    action = request.POST.get("_action")
    if action == "next":
        errors = {**standing.missing, **errors}
    if errors:
        return _show_materials(request, standing, errors, 422)
    return _onward(request, standing, "materials") if action else redirect(queries.address(draft, "materials"))


def _show_materials(
    request: HttpRequest, standing: Standing, errors: Mapping[str, str], status: int
) -> HttpResponseBase:
    facts = {
        "errors": [(f"#id_{name}", said) for name, said in errors.items()],
        "cards": uploads.cards(request, standing, errors),
        **uploads.facts(),
    }
    return _step(request, standing, "materials", "forms/materials.html", facts, status)


# --- check and send ---------------------------------------------------------------------------------------------------


def check_step(
    request: HttpRequest, draft: Draft, *, submit: Callable[[int], HttpResponseBase], before_sending: Rows = (),
    declaration: str = "",
) -> HttpResponseBase:  # fmt: skip
    """Every answer and file with the link to change it; sending calls `submit(version)`, whose response is returned.

    `before_sending` are (word, words) shown above the button: the day of the decision, the fee; a generator is asked
    only if the page is shown. `declaration` must be ticked if given. What `submit` refuses (`ValidationError`) is shown
    at the top, and nothing is lost.
    """
    standing = queries.standing_of(draft)
    if standing.stop:
        return _stopped(request, standing, f"form.{standing.sections[0].key}")
    if request.method != "POST":
        return _show_check(request, standing, [], before_sending, declaration)
    if request.POST.get("_action") in ("back", "leave"):
        return _onward(request, standing, "check")
    errors = _to_mend(standing)
    if declaration and "_declared" not in request.POST:
        errors.append(("#id__declared", _("请先读完并勾选承诺，再提交。")))
    if not errors:
        try:
            return submit(_version(request))
        except ValidationError as error:
            draft = queries.find(draft.key, by=request.actor)  # type: ignore[attr-defined]
            standing = Standing(draft)
            errors = _to_mend(standing) or [("#main", said) for said in error.messages]
    return _show_check(request, standing, errors, before_sending, declaration)


def _show_check(
    request: HttpRequest, standing: Standing, errors: list[tuple[str, str]], before_sending: Rows, declaration: str
) -> HttpResponseBase:
    facts = {
        "errors": errors,
        "to_mend": [] if errors else _to_mend(standing),
        "sections": shown.summary(standing),
        "materials": standing.materials,
        "materials_url": queries.address(standing.draft, "materials"),
        "before_sending": list(before_sending),
        "declaration": declaration,
    }
    return _step(request, standing, "check", "forms/check.html", facts, 422 if errors else 200)


def _to_mend(standing: Standing) -> list[tuple[str, str]]:
    """(address of the control on its page, sentence) for everything that is wrong or missing."""
    lines: list[tuple[str, str]] = []
    for section in standing.sections:
        page = queries.address(standing.draft, f"form.{section.key}") + "?check"
        lines += shown.anchors(standing.faults(section), section.fields, page)
    page = queries.address(standing.draft, "materials") + "?check"
    return lines + [(f"{page}#id_{name}", said) for name, said in standing.missing.items()]


# --- my drafts --------------------------------------------------------------------------------------------------------


def drafts(request: HttpRequest) -> HttpResponse:
    """Everything one has begun: go on, discard, take back."""
    facts = {
        "title": _("我的草稿"),
        "drafts": [(draft, queries.address(draft)) for draft in queries.mine(request.actor)],  # type: ignore[attr-defined]
        "discarded": list(queries.discarded(request.actor)[:20]),  # type: ignore[attr-defined]
        "days": operations.KEPT_DAYS.value,
    }
    return render(request, "forms/drafts.html", facts)


@require_POST
def discard(request: HttpRequest, key: str) -> HttpResponseRedirect:
    """Put a draft away."""
    draft = get_object_or_404(Draft, key=key)
    operations.discard(draft, by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("已删除草稿“%(title)s”。要找回，请在本页下方恢复。") % {"title": draft})
    return redirect("forms.drafts")


@require_POST
def take_back(request: HttpRequest, key: str) -> HttpResponseRedirect:
    """Take a discarded draft back."""
    draft = get_object_or_404(Draft, key=key)
    operations.restore(draft, by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("已恢复草稿“%(title)s”。") % {"title": draft})
    return redirect("forms.drafts")
