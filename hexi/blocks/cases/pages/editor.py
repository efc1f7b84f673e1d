"""The service editor: both elements as text with their findings, preview, comparison, publishing, export and import."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import json_script
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hexi.blocks.cases import lint, texts
from hexi.blocks.cases.definitions import Definition, definition
from hexi.blocks.cases.models import Item, ItemDraft, ItemVersion
from hexi.blocks.cases.operations import drafting
from hexi.blocks.forms import queries as forms
from hexi.blocks.forms import render as questions
from hexi.blocks.forms.drafts import Definition as Asked
from hexi.kernel.actors import within
from hexi.kernel.packs import PackError

View = Callable[..., HttpResponseBase]


def own_draft(view: View) -> View:
    """Give a view `(request, draft, …)` instead of `(request, pk, …)`: a draft of an office the post covers."""

    @wraps(view)
    def found(request: HttpRequest, pk: int, **more: Any) -> HttpResponseBase:
        rows = ItemDraft.objects.filter(within(request.actor.scopes("items.edit")))  # type: ignore[attr-defined]
        return view(
            request, get_object_or_404(rows.select_related("item", "item__version", "department"), pk=pk), **more
        )

    return found


def _address(draft: ItemDraft) -> str:
    return reverse("cases.item_draft", args=[draft.pk])


@require_POST
def edit(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """Begin, or go on with, the draft of an item."""
    rows = Item.objects.filter(within(request.actor.scopes("items.edit")))  # type: ignore[attr-defined]
    found = get_object_or_404(rows.select_related("version"), pk=pk)
    return redirect(_address(drafting.begin(found, by=request.actor)))  # type: ignore[attr-defined]


@own_draft
def item_draft(request: HttpRequest, draft: ItemDraft) -> HttpResponseBase:
    """The text of both elements; saving keeps it right or wrong and says what is to be mended."""
    if request.method != "POST":
        return _show(request, draft)
    national, local = request.POST.get("national", ""), request.POST.get("implementing", "")
    try:
        draft = drafting.keep(
            draft, national=national, implementing=local, revision=_revision(request), by=request.actor,  # type: ignore[attr-defined]
        )  # fmt: skip
    except ValidationError as error:
        draft.national, draft.implementing = national, local
        return _show(request, draft, errors=error.messages, status=422)
    messages.success(request, _("草稿已保存。"))
    return redirect(_address(draft))


def _show(
    request: HttpRequest, draft: ItemDraft, *, errors: list[str] | None = None, status: int = 200
) -> HttpResponse:
    faults, findings = _judged(draft)
    facts = {
        "title": _("修改：%(title)s") % {"title": draft.title},
        "draft": draft,
        "errors": [("#id_national", one) for one in errors or ()],
        "faults": faults,
        "findings": findings,
        "ready": not faults and lint.publishable(findings),
        "may_publish": request.actor.may("items.publish", draft.department_id, draft.region_code),  # type: ignore[attr-defined]
        "changes": not faults and _changes(draft),
    }
    return render(request, "cases/editor.html", facts, status=status)


def _judged(draft: ItemDraft) -> tuple[list[str], list[lint.Finding]]:
    """What cannot be read, with its lines; else what lint says."""
    try:
        national, local = drafting.read(draft)
    except PackError as error:
        return [_("%(text)s，第 %(line)s 行：%(said)s") % {
            "text": one.path, "line": one.line, "said": one.sentence} for one in error.faults], []  # fmt: skip
    return [], lint.lint(national, local)


def _changes(draft: ItemDraft) -> list[tuple[str, list[texts.Line]]]:
    """What the draft changes of what is in force, by element; both texts whole for a new item."""
    old = definition(draft.item.version) if draft.item and draft.item.version else None
    national, local = drafting.read(draft)
    return _compared(
        (texts.write(old.national), texts.write(old.local)) if old else ("", ""),
        (texts.write(national), texts.write(local)),
    )


def _compared(old: tuple[str, str], new: tuple[str, str]) -> list[tuple[str, list[texts.Line]]]:
    names = (_("国家要素"), _("实施要素"))
    pairs = zip(names, old, new, strict=True)
    return [(name, lines) for name, before, after in pairs if (lines := texts.differences(before, after))]


def _revision(request: HttpRequest) -> int:
    given = request.POST.get("revision", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 9 else 0


@require_POST
@own_draft
def publish_draft(request: HttpRequest, draft: ItemDraft) -> HttpResponseBase:
    """Into force now, or planned for a day; what stands against it is shown."""
    actor, revision, day = request.actor, _revision(request), request.POST.get("publish_on", "")  # type: ignore[attr-defined]
    try:
        if request.POST.get("_do") == "plan":
            drafting.plan(draft, day=date.fromisoformat(day) if day else None, revision=revision, by=actor)
            messages.success(request, _("已定在 %(day)s 生效。") % {"day": day} if day else _("已取消定时生效。"))
            return redirect(_address(draft))
        item, changed = drafting.publish_draft(draft, revision=revision, by=actor)
    except PackError:
        return _show(request, draft, status=422)
    except ValidationError as error:
        return _show(request, draft, errors=error.messages, status=422)
    except ValueError:
        return _show(request, draft, errors=[_("请填日期，如 2026-12-01。")], status=422)
    said = (
        _("已发布。新申请按新版本办，正在办的按原来的版本办完。")
        if changed
        else _("内容和现行版本一样，没有产生新版本。")
    )
    messages.success(request, said)
    return redirect("cases.item", item.pk)


@require_POST
@own_draft
def discard_draft(request: HttpRequest, draft: ItemDraft) -> HttpResponseRedirect:
    """Put the draft away."""
    drafting.discard_draft(draft, by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("草稿已放弃，现行版本没有变。"))
    return redirect("cases.item", draft.item_id) if draft.item_id else redirect("cases.items")


@require_GET
@own_draft
def preview_draft(request: HttpRequest, draft: ItemDraft) -> HttpResponse:
    """The form as the applicant will meet it: every section on one page, conditions at work."""
    try:
        national, local = drafting.read(draft)
    except PackError:
        return _show(request, draft)  # type: ignore[return-value]
    standing = forms.blank(Asked(national.title, national.form, national.slots()))
    sections = []
    for number, section in enumerate(national.form.sections):
        mirror, block = questions.mirror(section, standing.cleaned), f"questions-{number}"
        sections.append({
            "section": section, "questions": questions.questions(section, standing, {}), "block": block,
            "mirror": json_script(mirror, block) if mirror else "",
        })  # fmt: skip
    facts = {
        "title": _("预览：%(title)s") % {"title": national.title}, "draft": draft, "rules": Definition(national, local),
        "sections": sections, "slots": standing.definition.slots, "stops": national.form.stops,
    }  # fmt: skip
    return render(request, "cases/item_preview.html", facts)


# --- versions ---------------------------------------------------------------------------------------------------------
def _version(request: HttpRequest, pk: int, digest: str) -> ItemVersion:
    rows = Item.objects.filter(within(request.actor.scopes("items.view")))  # type: ignore[attr-defined]
    return get_object_or_404(ItemVersion.objects.select_related("item").filter(item__in=rows), item=pk, digest=digest)


@require_GET
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Two versions of an item side by side: what went, what came (`?old=<hash>&new=<hash>`)."""
    old, new = (_version(request, pk, request.GET.get(name, "")) for name in ("old", "new"))
    rules = [definition(one) for one in (old, new)]
    written = [(texts.write(one.national), texts.write(one.local)) for one in rules]
    facts = {
        "title": _("比较版本：%(title)s") % {"title": new.item.name}, "item": new.item, "old": old, "new": new,
        "changes": _compared(written[0], written[1]),
    }  # fmt: skip
    return render(request, "cases/compare.html", facts)


@require_GET
def export(request: HttpRequest, pk: int, digest: str, part: str) -> HttpResponse:
    """One element of a version as a pack file."""
    if part not in ("national", "implementing"):
        raise Http404
    rules = definition(_version(request, pk, digest))
    text = texts.write(rules.national if part == "national" else rules.local)
    answer = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    name = rules.national.key if part == "national" else f"{rules.national.key}.{rules.local.region}"
    answer["Content-Disposition"] = f'attachment; filename="{name}.yaml"'
    return answer


def bring(request: HttpRequest) -> HttpResponseBase:
    """Import: both elements as files or as text, to a draft; what is in force already makes none."""
    facts: dict[str, Any] = {"title": _("导入事项"), "national": "", "implementing": "", "errors": []}
    if request.method == "POST":
        given = {name: _given(request, name) for name in ("national", "implementing")}
        facts |= given
        try:
            draft = drafting.bring(given["national"], given["implementing"], by=request.actor)  # type: ignore[attr-defined]
        except PackError as error:
            facts["errors"] = [
                (f"#id_{one.path.stem}", _("第 %(line)s 行：%(said)s") % {"line": one.line, "said": one.sentence})
                for one in error.faults
            ]
        except ValidationError as error:
            facts["errors"] = [("#id_implementing", said) for said in error.messages]
        else:
            if draft is not None:
                return redirect(_address(draft))
            messages.info(request, _("导入的内容和现行版本完全一样，没有产生新的草稿。"))
            return redirect("cases.items")
    return render(request, "cases/bring.html", facts, status=422 if facts["errors"] else 200)


def _given(request: HttpRequest, name: str) -> str:
    """An uploaded file, else the text typed in."""
    file = request.FILES.get(f"{name}_file")
    if file is None:
        return request.POST.get(name, "")
    return file.read(drafting.LONGEST * 4 + 1).decode("utf-8", "replace")  # type: ignore[union-attr]
