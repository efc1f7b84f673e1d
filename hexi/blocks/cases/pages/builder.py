"""The questions of an item's draft, changed by clicking: add, word, order, condition, remove."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from hexi.blocks.cases import building
from hexi.blocks.cases.models import ItemDraft
from hexi.blocks.cases.operations import drafting
from hexi.blocks.cases.pages.editor import own_draft
from hexi.blocks.forms.codes import KINDS
from hexi.kernel.packs import Words


@own_draft
def draft_questions(request: HttpRequest, draft: ItemDraft) -> HttpResponseBase:
    """All questions by section (`?edit=<key>` opens one); each button is one change, kept at once."""
    if request.method != "POST":
        return _show(request, draft)
    given = request.POST
    try:
        text = building.changed(draft.national, _wanted(given))
        seen = given.get("revision", "")
        revision = int(seen) if seen.isdecimal() and len(seen) < 10 else 0
        drafting.keep(
            draft, national=text, implementing=draft.implementing, revision=revision, by=request.actor,  # type: ignore[attr-defined]
        )  # fmt: skip
    except ValidationError as error:
        return _show(request, draft, error)
    messages.success(request, _("已改好，保存在草稿里。"))
    key = given.get("key", "")
    return redirect(f"{reverse('cases.draft_questions', args=[draft.pk])}#question-{key}")


def _wanted(given: Any) -> Any:
    """The change a button asks for."""
    key, do = given.get("key", "").strip(), given.get("_do", "")
    words = {"zh": given.get("label_zh", ""), "en": given.get("label_en", "")}
    if do == "section":
        return building.add_section(words, key)
    if do == "add":
        return building.add_field(given.get("section", ""), given.get("kind", ""), key, words)
    if do == "set":
        return building.set_field(key, given)
    if do == "remove":
        return building.remove(key)
    if do in ("up", "down"):
        return building.move(key, -1 if do == "up" else 1)
    raise ValidationError(_("请用页面上的按钮。"))


def _show(request: HttpRequest, draft: ItemDraft, error: ValidationError | None = None) -> HttpResponse:
    said = error.message_dict if error is not None and hasattr(error, "error_dict") else {}
    try:
        sections = building.read(draft.national)["form"]["sections"]
    except ValidationError as fault:
        sections, error = [], error or fault
    typed, do = request.POST, request.POST.get("_do", "")
    fields = [field for section in sections for field in section["fields"]]
    facts = {
        "title": _("改问题：%(title)s") % {"title": draft.title},
        "draft": draft,
        "sections": [
            {**one, "words": _words(one["title"]), "rows": [_row(field, fields) for field in one["fields"]]}
            for one in sections
        ],
        "addable": [(kind, KINDS[kind]) for kind in building.ADDABLE],
        "adding": typed.get("section", "") if do == "add" else request.GET.get("add", ""),
        "new_section": do == "section" or "section" in request.GET,
        "change": _change(sections, typed if do == "set" else {}, request.GET.get("edit", "")),
        "typed": typed if do in ("add", "section") else {},
        "said": {name: " ".join(rows) for name, rows in said.items()},
        "errors": [(f"#id_{name}", " ".join(rows)) for name, rows in said.items()]
        or [("#main", one) for one in (error.messages if error else ())],
    }
    return render(request, "cases/questions.html", facts, status=422 if error else 200)


def _words(given: Any) -> str:
    return str(Words.model_validate(given))


def _row(field: dict[str, Any], fields: list[dict[str, Any]]) -> dict[str, Any]:
    """A question as its line shows it."""
    notes = [KINDS.get(field["kind"], field["kind"])]
    if field.get("required") is False:
        notes.append(_("选填"))
    if "when" in field:
        simple = building.simple(field["when"])
        said = _("仅当 %(name)s %(operator)s %(value)s")
        words = {"name": simple[0], "operator": simple[1], "value": building.typed(fields, simple)} if simple else {}
        notes.append(said % words if simple else _("有条件"))
    return {"key": field["key"], "label": _words(field["label"]), "notes": " · ".join(map(str, notes))}


def _change(sections: list[dict[str, Any]], typed: Any, key: str) -> dict[str, Any] | None:
    """What the form of the question that is being changed shows: what it says now, or what was typed."""
    key = typed.get("key", key)
    fields = [field for section in sections for field in section["fields"]]
    field = next((one for one in fields if one["key"] == key), None)
    if field is None:
        return None
    when, hint, example = field.get("when"), field.get("hint") or {}, field.get("example", "")
    example = example if isinstance(example, dict) else {"zh": example, "en": ""}
    simple = building.simple(when) or ("", "==", "")
    hard = when is not None and not simple[0]
    required = {True: "yes", False: "no"}.get(field.get("required", True), "as_is")  # type: ignore[arg-type]
    lines = [f"{one['key']} | {one['label']['zh']} | {one['label']['en']}" for one in field.get("choices", ())]
    now = {
        "label_zh": field["label"]["zh"], "label_en": field["label"]["en"], "hint_zh": hint.get("zh", ""),
        "hint_en": hint.get("en", ""), "example": example["zh"], "example_en": example["en"], "required": required,
        "choices": "\n".join(lines), "when_field": "as_is" if hard else simple[0], "when_operator": simple[1],
        "when_value": building.typed(fields, simple),
    }  # fmt: skip
    before = fields[: fields.index(field)]
    always = [("as_is", _("按现有条件（在文本里改）"))] if hard else []
    return {
        "key": key, "chosen": field["kind"] in ("choice", "choices"),
        "now": {name: typed.get(name, value) for name, value in now.items()},
        "musts": [("yes", _("必填")), ("no", _("选填"))]
        + ([("as_is", _("按条件（在文本里改）"))] if required == "as_is" else []),
        "befores": [*always, *((one["key"], _words(one["label"])) for one in before if one["kind"] != "note")],
        "compared": [(one, one) for one in building.COMPARED],
    }  # fmt: skip
