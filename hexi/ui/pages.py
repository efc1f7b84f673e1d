"""The page kinds: list, detail, form, steps, board, timeline. Configured in Python; most pages need no template."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from markupsafe import Markup

from hexi.ui import doors
from hexi.ui.lists import ListPage

__all__ = [
    "BoardPage", "DetailPage", "Figure", "FormPage", "ListPage", "Section", "Step", "StepsPage", "TimelinePage",
]  # fmt: skip

Crumbs = tuple[tuple[Any, str], ...]


@dataclass(frozen=True)
class Section:
    """A titled part of a detail page or board: safe HTML, and perhaps a link to all of it."""

    title: Any
    html: Markup | str
    href: str = ""
    action: Any = ""


@dataclass(frozen=True)
class DetailPage:
    """One thing: its title and state, its facts as a summary list, then sections and what others add at `place`.

    `facts`: (label, value) or (label, value, change address[, word]); a value None is left out.
    """

    title: Any
    facts: tuple[tuple[Any, ...], ...] = ()
    tag: tuple[str, Any] | None = None
    lead: Any = ""
    crumbs: Crumbs = ()
    place: str = ""
    template: str = "ui/detail.html"

    def respond(self, request: HttpRequest, thing: Any, panels: Iterable[Section] = (), **context: Any) -> HttpResponse:
        """The page of `thing`."""
        facts = {
            "detail": self,
            "thing": thing,
            "title": self.title,
            "crumbs": self.crumbs,
            "facts": [row for row in self.facts if row[1] is not None],
            "sections": list(panels),
            "added": doors.panels(self.place, request, thing) if self.place else [],
        }
        return render(request, self.template, {**facts, **context})


@dataclass(frozen=True)
class FormPage:
    """One Django form. What `save(form)` refuses by `ValidationError` is shown at its fields; no entry is lost."""

    title: Any
    submit: Any
    lead: Any = ""
    back: str = ""
    crumbs: Crumbs = ()
    icon: str = ""
    kind: str = "primary"
    template: str = "ui/form.html"

    def respond(
        self,
        request: HttpRequest,
        form_class: Callable[..., BaseForm],
        save: Callable[[Any], str | HttpResponseBase],
        initial: dict[str, Any] | None = None,
        **context: Any,
    ) -> HttpResponseBase:
        """GET: the form. POST: `save(form)` if valid, which gives the address to go on to (or a response)."""
        if request.method == "POST" and "_levels" not in request.POST:
            form = form_class(request.POST, request.FILES)
            done = _saved(form, save)
            if done is not None:
                return HttpResponseRedirect(done) if isinstance(done, str) else done
            return self._show(request, form, 422, context)
        return self._show(request, form_class(initial={**(initial or {}), **_entered(request)}), 200, context)

    def _show(self, request: HttpRequest, form: BaseForm, status: int, context: dict[str, Any]) -> HttpResponse:
        facts = {"page": self, "title": self.title, "crumbs": self.crumbs, "form": form, **context}
        return render(request, self.template, facts, status=status)


def _saved(form: BaseForm, save: Callable[[Any], Any]) -> Any:
    if not form.is_valid():
        return None
    try:
        return save(form)
    except ValidationError as error:
        add_errors(form, error)
        return None


def add_errors(form: BaseForm, error: ValidationError) -> None:
    """Put an operation's refusal at the fields it names; at the top if the form has no such field."""
    for field, sentences in getattr(error, "error_dict", {NON_FIELD_ERRORS: [error]}).items():
        for sentence in sentences:
            form.add_error(field if field in form.fields else None, sentence)


def seen_at(request: HttpRequest) -> datetime:
    """When the version was written that somebody read before he pressed the button, as the page told it (`seen`).

    Long ago if it told nothing we know: the operation then refuses, as it does for a version that is no more.
    """
    try:
        return datetime.fromisoformat(request.POST.get("seen", ""))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _entered(request: HttpRequest) -> dict[str, str]:
    """What was posted so far, the last non-empty value of each name: for a form asked to show more choices."""
    found = {name: [value for value in values if value] for name, values in request.POST.lists()}
    return {name: values[-1] for name, values in found.items() if values}


@dataclass(frozen=True)
class Step:
    """One screen of a process; `key` stands in its address."""

    key: str
    title: Any


@dataclass(frozen=True)
class StepsPage:
    """A process of several screens, one topic each; the template extends `ui/steps.html` and fills block `step`."""

    title: Any
    steps: tuple[Step, ...]

    def render(
        self,
        request: HttpRequest,
        key: str,
        template: str,
        context: dict[str, Any],
        *,
        url_of: Callable[[str], str],
        done: Iterable[str] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """The screen `key`. `done`: keys already complete (linked); by default all before this one."""
        facts = {"title": self.title, "steps": self.at(key, url_of, done), **context}
        return render(request, template, facts, status=status)

    def at(self, key: str, url_of: Callable[[str], str], done: Iterable[str] | None = None) -> dict[str, Any]:
        """Number, total, title, the addresses before and after, and the line of steps. `LookupError` if unknown."""
        keys = [step.key for step in self.steps]
        if key not in keys:
            raise LookupError(f"{self.title}: no step {key!r}")
        place = keys.index(key)
        complete = set(keys[:place] if done is None else done)
        return {
            "key": key,
            "number": place + 1,
            "total": len(keys),
            "title": self.steps[place].title,
            "previous": url_of(keys[place - 1]) if place else "",
            "next": url_of(keys[place + 1]) if place + 1 < len(keys) else "",
            "line": [_in_line(step, key, complete, url_of) for step in self.steps],
        }


def _in_line(step: Step, key: str, complete: set[str], url_of: Callable[[str], str]) -> dict[str, Any]:
    state = "doing" if step.key == key else ("done" if step.key in complete else "wait")
    return {"title": step.title, "state": state, "url": url_of(step.key) if state == "done" else ""}


@dataclass(frozen=True)
class Figure:
    """A number large, its meaning small, its trend as a line; `href` opens the table behind it."""

    number: Any
    meaning: Any
    unit: Any = ""
    href: str = ""
    points: tuple[float, ...] = ()
    state: str = ""
    note: Any = ""


@dataclass(frozen=True)
class BoardPage:
    """Figures, then sections."""

    title: Any
    figures: tuple[Figure, ...]
    lead: Any = ""
    crumbs: Crumbs = ()
    template: str = "ui/board.html"

    def respond(self, request: HttpRequest, sections: Iterable[Section] = (), **context: Any) -> HttpResponse:
        """The board."""
        facts = {"board": self, "title": self.title, "crumbs": self.crumbs, "sections": list(sections)}
        return render(request, self.template, {**facts, **context})


@dataclass(frozen=True)
class TimelinePage:
    """What happened, as a line of events: mappings or objects with `title` and perhaps `at who text state icon`."""

    title: Any
    lead: Any = ""
    crumbs: Crumbs = ()
    template: str = "ui/timeline.html"

    def respond(self, request: HttpRequest, events: Iterable[Any], **context: Any) -> HttpResponse:
        """The line in the order given."""
        facts = {"page": self, "title": self.title, "crumbs": self.crumbs, "events": list(events)}
        return render(request, self.template, {**facts, **context})
