"""Reads: divisions by code, name or pinyin, their names on a day, levels for pickers, and the site of a request."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.conf import settings
from django.db.models import Case, Q, QuerySet, Value, When
from django.http import HttpRequest

from hexi.blocks.regions import codes, naming
from hexi.blocks.regions.models import Department, Division, DivisionQuerySet, Site
from hexi.kernel.fixed import Fixed, Given
from hexi.kernel.remembered import remembered
from hexi.ui.words import english

REGION_COOKIE = "hexi_region"
SITE_COOKIE = "hexi_site"
#: "city", "village": what an English name says beyond the proper name
KIND_WORDS = {word.lower() for kind in naming.KINDS.values() for word in kind.split()}


def find(code: str) -> Division | None:
    """The division in force with this code. Remembered: only to be read."""
    return _in_force(code) if codes.is_code(code) else None


@remembered
def _in_force(code: str) -> Division | None:
    return _BY_CODE.first(code=code)


_BY_CODE = Fixed(lambda: Division.objects.current().filter(code=Given("code")))


def current(code: str) -> Division | None:
    """What is in force today for a code that may have been merged away or given up; None if it never was."""
    seen: set[int] = set()
    row = Division.objects.filter(code=code).order_by("-valid_from").first()
    while row is not None and row.valid_to is not None and row.pk not in seen:
        seen.add(row.pk)
        row = row.replaced_by
    return row if row is None or row.valid_to is None else None


def name_on(code: str, day: date) -> str:
    """What the division was called on a day, in the language of the page; "" if it was not there."""
    row = Division.objects.on(day).filter(code=code).first()
    return row.title if row else ""


def signed(names: Iterable[str]) -> dict[str, str]:
    """Office and official as they were written down ("玉门市林业和草原局 张审查") → the same with the office's English
    name on an English page. One query, none on a Chinese page."""
    written = set(names)
    offices = {name.partition(" ")[0] for name in written if name} if english() else set()
    known = dict(Department.objects.filter(name__in=offices).values_list("name", "name_en")) if offices else {}
    return {name: _signed(name, known) for name in written}


def _signed(name: str, known: dict[str, str]) -> str:
    office, _space, official = name.partition(" ")
    return f"{known[office]} · {official}" if known.get(office) and official else known.get(office) or name


def children(code: str) -> DivisionQuerySet:
    """The divisions in force one level down; of "" the provinces."""
    return Division.objects.current().filter(parent_code=code).order_by("code")


def path(code: str, day: date | None = None) -> list[Division]:
    """The divisions from the province down to this one, as they were on a day (default: now). One query.

    The line of today is remembered: only to be read.
    """
    line = codes.ancestors(code)
    return _line_on(line, day) if day else list(_line(line))


@remembered
def _line(line: tuple[str, ...]) -> tuple[Division, ...]:
    return tuple(_so_deep(len(line)).all(**{f"code{n}": code for n, code in enumerate(line)}))


def office(pk: int) -> Department | None:
    """A department in use."""
    return _OFFICE.first(pk=pk)


_OFFICE = Fixed(lambda: Department.objects.filter(pk=Given("pk"), active=True))


@cache
def _so_deep(depth: int) -> Fixed[Division]:
    line = [Given(f"code{n}") for n in range(depth)]
    return Fixed(lambda: Division.objects.current().filter(code__in=line).order_by("level"))


def _line_on(line: tuple[str, ...], day: date) -> list[Division]:
    return list(Division.objects.on(day).filter(code__in=line).order_by("level"))


def path_names(code: str, day: date | None = None) -> list[str]:
    """甘肃省, 酒泉市, 玉门市, 下西号镇: the names of `path`."""
    return _names(path(code, day))


def names_today(code: str) -> list[str]:
    """`path_names` of what the division is today: itself, or what it became; [] if it never was. One query if it is."""
    line = path(code)
    if not line or line[-1].code != code:
        row = current(code)
        line = path(row.code) if row else []
    return _names(line)


def place(code: str, day: date | None = None) -> str:
    """Where something is, in one line: 甘肃省 酒泉市 玉门市 / Yumen City, Jiuquan City, Gansu Province."""
    return _spelled(path_names(code, day))


def places(wanted: Iterable[str], day: date | None = None) -> dict[str, str]:
    """`place` of many codes with one query, for lists."""
    above = {code: codes.ancestors(code) for code in wanted}
    rows = Division.objects.on(day) if day else Division.objects.current()
    found = {row.code: row for row in rows.filter(code__in={code for line in above.values() for code in line})}
    return {one: _spelled(_names([found[code] for code in line if code in found])) for one, line in above.items()}


def _names(rows: list[Division]) -> list[str]:
    """Titles without a repetition: Jiayuguan is a city and its only county-level unit under the same name."""
    titles = [row.title for row in rows]
    return [title for place, title in enumerate(titles) if place == 0 or titles[place - 1] != title]


def _spelled(names: list[str]) -> str:
    return ", ".join(reversed(names)) if english() else " ".join(names)


def search(text: str, *, under: str = "", level: int | None = None) -> DivisionQuerySet:
    """Divisions in force by any part of the name, or the beginning of pinyin, initials or code; best first.

    Words apart by spaces: the last one is looked for inside the first ones ("玉门 下西号"). English words for kinds
    ("Yumen City") are passed over. Without text: none.
    """
    words = [word for word in text.lower().split() if word not in KIND_WORDS]
    rows = Division.objects.current().under(under)
    if not words:
        return rows.none()
    if level is not None:
        rows = rows.filter(level=level)
    for word in words[:-1]:
        rows = rows.filter(_inside_any(word, under))
    match, best = _match(words[-1])
    return rows.filter(match).order_by(Case(When(best, then=Value(0)), default=Value(1)), "level", "code")


def _match(word: str) -> tuple[Q, Q]:
    """(what counts as found, what counts as found best). Ranges, so that any database uses its index."""
    if word.isdecimal() and word.isascii():
        found = Q(code__gte=word.ljust(12, "0"), code__lte=word.ljust(12, "9"))
        return found, found
    if not word.isascii():
        return Q(name__contains=word), Q(name__startswith=word)
    last = word + "z" * 20
    best = Q(pinyin__gte=word, pinyin__lte=last)
    found = best | Q(initials__gte=word, initials__lte=last)
    for stem, written in naming.KNOWN.items():
        if written.lower().startswith(word):
            found |= Q(name__startswith=stem)
    return found, best


def _inside_any(word: str, under: str) -> Q:
    """Inside one of the divisions above villages that the word names."""
    match, _best = _match(word)
    above = Division.objects.current().under(under).filter(match, level__lt=codes.VILLAGE).order_by("level", "code")
    inside = Q(pk__in=())
    for code in above.values_list("code", flat=True)[:20]:
        start, beyond = codes.span(code)
        inside |= Q(code__gte=start, code__lt=beyond)
    return inside


@dataclass(frozen=True)
class Level:
    """One select of a region picker: its word, its options (code, name), the chosen code or ""."""

    title: str
    options: list[tuple[str, str]]
    value: str


def levels(code: str = "", *, under: str = "", deepest: int = codes.VILLAGE) -> list[Level]:
    """What `ui.region_picker` shows when `code` is chosen: one select a level down from `under`, then the next.

    Two queries, remembered; a code that is not in force counts as nothing chosen.
    """
    line = [row.code for row in path(code)] if code else []
    chosen = [one for one in line if one != under and one.startswith(codes.prefix(under))]
    below: dict[str, list[Division]] = {}
    for row in _below((under, *chosen), deepest):
        below.setdefault(row.parent_code, []).append(row)
    values = dict(zip([under, *chosen], [*chosen, ""], strict=True))
    return [
        Level(str(Division.Level(rows[0].level).label), [(row.code, row.title) for row in rows], values[above])
        for above, rows in below.items()
    ]


@remembered
def _below(above: tuple[str, ...], deepest: int) -> tuple[Division, ...]:
    return tuple(Division.objects.current().filter(parent_code__in=above, level__lte=deepest).order_by("code"))


def chosen_code(values: list[str], changed: int | None = None) -> str:
    """The code that several selects of one picker give: the deepest one filled, forgetting those below the changed one.

    htmx sends the changed select first, a form sends all in their order: either way these are the first of them.
    """
    kept = values if changed is None else values[: changed + 1]
    return max((value for value in kept if value), key=codes.level_of, default="")


def departments(region_code: str = "") -> QuerySet[Department]:
    """The departments in use in a region and everything inside it."""
    return Department.objects.filter(active=True, region_code__startswith=codes.prefix(region_code))


@remembered
def site_for(host: str = "", *, key: str = "", region: str = "") -> Site:
    """The site for a host name, else the one chosen by key, else that of the region or the nearest one above it.

    Without any the house's own region (option site.region) gets a site that is not stored. One query, remembered: the
    site is only to be read.
    """
    home = settings.HEXI_REGION
    region = region or home
    line = [*codes.ancestors(home), *codes.ancestors(region)]
    reach = Q(department=None, region_code__in=line) | Q(key=key) | Q(host=host or None)
    found = list(Site.objects.filter(reach).select_related("department"))
    by_host = {site.host: site for site in found if site.host}
    by_key = {site.key: site for site in found}
    by_region = {site.region_code: site for site in found if site.department_id is None}
    nearest = next((by_region[code] for code in reversed(line) if code in by_region), None)
    return by_host.get(host) or by_key.get(key) or nearest or Site(region_code=home, name="河西", name_en="Hexi")


def site_of(request: HttpRequest) -> Site:
    """The site a request is at: by its host, else as chosen in cookies. Asked once a request."""
    if not hasattr(request, "_regions_site"):
        host = request.get_host().rpartition(":")[0] or request.get_host()
        request._regions_site = site_for(  # type: ignore[attr-defined]
            host.lower(), key=request.COOKIES.get(SITE_COOKIE, ""), region=_cookie(request)
        )
    return request._regions_site  # type: ignore[attr-defined]


def region_of(request: HttpRequest) -> str:
    """The code of the region the visitor chose, if the site serves it, else the site's own region."""
    site, chosen = site_of(request), _cookie(request)
    return chosen if chosen and chosen.startswith(codes.prefix(site.region_code)) else site.region_code


def _cookie(request: HttpRequest) -> str:
    code = request.COOKIES.get(REGION_COOKIE, "")
    return code if codes.is_code(code) else ""
