"""What every template knows: the globals, filters and translations of our Jinja environment."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.forms import BoundField
from django.http import HttpRequest
from django.template.backends.utils import csrf_input
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, gettext, ngettext, npgettext, pgettext
from django.utils.translation import gettext as _
from jinja2 import Environment, StrictUndefined, Undefined
from markupsafe import Markup

from hexi.kernel import clock
from hexi.ui import assets, charts, doors, fields, live, preferences, words


class Missing(StrictUndefined):
    """A name nobody gave: may be asked for (`{% if demo %}`), but printing it or looking inside is an error."""

    __slots__ = ()
    __bool__ = Undefined.__bool__


FILTERS = {
    "day": words.day,
    "moment": words.moment,
    "span": words.span,
    "money": words.money,
    "number": words.number,
    "size": words.size,
    "mask_id": words.mask_id,
    "mask_name": words.mask_name,
    "mask_phone": words.mask_phone,
    "yes_no": words.yes_no,
}


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a named page: `url("hall.guide", item.key)`."""
    return doors.address_of(name, *args) if not kwargs else reverse(name, args=args, kwargs=kwargs)


#: sentences of our templates, translated
SENTENCES = 20_000


def said(sentence: str) -> str:
    """A template's sentence in the language of the page. Django looks through a chain of catalogues for each one."""
    return _said(get_language(), sentence)


@lru_cache(maxsize=SENTENCES)
def _said(language: str | None, sentence: str) -> str:
    return gettext(sentence)


def token_field(request: HttpRequest) -> SimpleLazyObject:
    """The hidden field against forged forms: one mask a page is enough, however many forms it has."""
    held: SimpleLazyObject | None = request.__dict__.get("_ui_token_field")
    if held is None:
        held = request.__dict__["_ui_token_field"] = SimpleLazyObject(lambda: csrf_input(request))
    return held


def demo_bar(request: HttpRequest) -> Markup:
    """The strip above every page in a demo: what manifests add by `Panel("ui.demo", show)`."""
    return Markup("").join(doors.panels("ui.demo", request))


def words_of_errors(form: Any) -> list[tuple[str, str]]:
    """(address of the field, sentence) of every error of a Django form, general ones first."""
    found = [("#" + (form.prefix or "") + "form", str(error)) for error in form.non_field_errors()]
    for bound in form:
        found += [
            (f"#{anchor(bound)}", _("%(field)s：%(error)s") % {"field": bound.label, "error": error})
            for error in bound.errors
        ]
    return found


def anchor(bound: BoundField) -> str:
    """The id of the first control of a field: radio buttons and check boxes have one each."""
    first = next(iter(bound.subwidgets), None)
    return (first.id_for_label if first is not None else "") or bound.auto_id or bound.html_name


def extend(env: Environment) -> Environment:
    """Give a Jinja environment everything Hexi's templates use; returns it."""
    for extension in ("jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"):
        env.add_extension(extension)
    env.install_gettext_callables(  # type: ignore[attr-defined]
        said, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    env.autoescape = True
    env.undefined = Missing
    env.trim_blocks = env.lstrip_blocks = True
    env.globals.update(
        url=url,
        has_url=doors.has_url,
        icon=assets.icon,
        asset=assets.asset,
        static=static,
        now=clock.now,
        today=clock.today,
        trend=charts.trend,
        qr_svg=charts.qr,
        menu=doors.menu,
        panels=doors.panels,
        tiles_of=doors.tiles,
        masthead=doors.masthead,
        demo_bar=demo_bar,
        switch=preferences.switch,
        sign_in_url=doors.sign_in_url,
        events_url=live.address,
        errors_of=words_of_errors,
        anchor=anchor,
        control=fields.control,
        kind_of=fields.kind_of,
    )
    env.filters.update(FILTERS)
    return env


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: who is asking, in which language, edition and colours, at which door."""
    return {
        "actor": getattr(request, "actor", None),
        "lang": "en" if words.english() else "zh",
        "language": get_language() or settings.LANGUAGE_CODE,
        "edition": getattr(request, "edition", "normal"),
        "theme": getattr(request, "theme", "auto"),
        "door": doors.door_of(request),
        "csrf_input": token_field(request),
    }
