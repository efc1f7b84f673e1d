"""Lint of bundles (一件事): what must be mended before several items can be asked as one. Pure; above `bundles`."""

from collections.abc import Callable, Iterator
from pathlib import Path

from hexi.blocks.cases.bundles import CERTIFICATE, FREE, LATER, BundleFile, Composed, Items, Part, compose
from hexi.blocks.cases.items import ServiceItem
from hexi.blocks.cases.lint import faults_at
from hexi.blocks.forms import lint as forms
from hexi.blocks.forms.conditions import names
from hexi.blocks.forms.definitions import Field
from hexi.blocks.forms.kinds import LENGTHS
from hexi.kernel.packs import Fault

#: a place in the file, and the sentence
Found = Iterator[tuple[tuple[str | int, ...], str]]


def check_file(path: Path, file: BundleFile, items: Items) -> list[Fault]:
    """Everything that forbids offering the bundle, with lines."""
    return faults_at(path, list(lint(file, items)))


def lint(file: BundleFile, items: Items) -> Found:
    """Everything that forbids offering the bundle: place and sentence."""
    for look in (_shape, _rules, _form):  # what one finds makes the next impossible
        found = list(look(file, items))
        yield from found
        if found:
            return


def _shape(file: BundleFile, items: Items) -> Found:
    known = list(_known(file, items))
    return iter(known or [*_order(file)] or [*_takes(compose(file, items))])


def _rules(file: BundleFile, items: Items) -> Found:
    whole = compose(file, items)
    return (one for rule in RULES for one in rule(whole))


def _form(file: BundleFile, items: Items) -> Found:
    whole = compose(file, items)
    return ((("items",), sentence) for sentence in forms.check(whole.form, whole.slots))


def _known(file: BundleFile, items: Items) -> Found:
    keys = [one.item for one in file.items]
    for place, part in enumerate(file.items):
        if part.item not in items:
            yield ("items", place, "item"), f"没有国家事项「{part.item}」/ there is no service item “{part.item}”"
        if part.item in keys[:place]:
            yield ("items", place, "item"), f"「{part.item}」写了两次 / stands twice"
        for one in part.after:
            if one not in keys or one == part.item:
                yield ("items", place, "after"), f"「{one}」不是这件事的另一个事项 / is not another item of the bundle"


def _order(file: BundleFile) -> Found:
    try:
        _ = file.order
    except ValueError as error:
        yield ("items",), f"先后关系成了环：{error} / the items wait for each other in a circle"


def _takes(whole: Composed) -> Found:
    for place, part in enumerate(whole.file.items):
        fields = _fields(whole.items[part.item])
        for key, take in part.takes.items():
            where = ("items", place, "takes", key)
            source, what = take.split(".")
            if key not in fields:
                yield where, f"「{part.item}」没有字段「{key}」/ has no such field"
            elif source not in whole.file.earlier(part.item):
                yield where, f"「{source}」不在「{part.item}」之前办完 / is not finished before"
            elif sentence := _fits(fields[key], whole.items[source], what):
                yield where, sentence


def _fits(field: Field, source: ServiceItem, what: str) -> str:
    """Why what the source gives cannot be the answer to this field; "" if it can."""
    result = source.result
    if what in LATER:
        if result.certificate is None:
            return f"「{source.key}」没有证照 / ends in no certificate"
        kind = "text" if what == CERTIFICATE or result.establishes is None else result.establishes.gives
        return "" if field.kind == kind else _kinds(field, kind)
    given = next(((section, one) for section, one in source.form.fields() if one.key == what), None)
    if given is None:
        return f"「{source.key}」没有字段「{what}」/ has no such field"
    section, one = given
    if one.kind != field.kind:
        return _kinds(field, one.kind)
    if {choice.key for choice in one.choices} - {choice.key for choice in field.choices}:
        return f"「{what}」有「{field.key}」没有的选项 / has choices the other has not"
    if (_longest(one) or 0) > (_longest(field) or 0) or (field.pattern and field.pattern != one.pattern):
        return f"「{what}」的内容可能不合「{field.key}」的要求 / may not suit the other (length, pattern)"
    always = section.when is True and one.when is True and one.required is True
    if field.required is not False and not always:
        return f"「{what}」可能没有填，而「{field.key}」必填 / may be empty, and the other is required"
    return ""


def _kinds(field: Field, kind: str) -> str:
    return f"「{field.key}」是 {field.kind}，取来的是 {kind} / is a {field.kind}, what is taken a {kind}"


def _longest(field: Field) -> int | None:
    return field.max_length or LENGTHS.get(field.kind)


def _given(whole: Composed) -> Found:
    for place, part in enumerate(whole.file.items):
        fields = _fields(whole.items[part.item])
        for key, value in part.given.items():
            one = fields.get(key)
            good = one is not None and (
                (one.kind == "yes_no" and isinstance(value, bool))
                or (one.kind == "choice" and value in {choice.key for choice in one.choices})
                or (one.kind == "text" and isinstance(value, str))
            )
            if not good:
                yield ("items", place, "given", key), f"「{key}」不能是「{value}」/ that cannot be its answer"


def _applicants(whole: Composed) -> Found:
    if not whole.audience:
        yield ("items",), "这些事项没有共同的服务对象 / nobody may apply for all of them"
    for place, part in enumerate(whole.file.items):
        if part.applicant is None:
            continue
        where = ("items", place, "applicant")
        made = whole.items[part.applicant].result.establishes if part.applicant in whole.items else None
        if part.applicant not in whole.file.earlier(part.item) or made is None or made.kind != "enterprise":
            yield where, f"「{part.applicant}」不在之前设立企业 / establishes no enterprise before"
        elif "2" not in whole.items[part.item].audience:
            yield where, "企业不是这个事项的服务对象 / an enterprise may not apply for it"


def _same_keys(whole: Composed) -> Found:
    """A question that two items ask under one key must be one question."""
    first: dict[str, tuple[Part, Field]] = {}
    for place, part in enumerate(whole.file.items):
        left_out = whole.meaning(part.item)
        for key, field in _fields(whole.items[part.item]).items():
            if key in left_out:
                continue
            other, asked = first.setdefault(key, (part, field))
            if field.kind != asked.kind:
                sentence = (
                    f"「{key}」在「{other.item}」是 {asked.kind}，在这里是 {field.kind} / is of another kind there"
                )
                yield ("items", place, "item"), sentence
            elif not _alike(asked, field):
                sentence = f"「{key}」的要求与「{other.item}」的不同 / asks for something else than there"
                yield ("items", place, "item"), sentence


def _alike(one: Field, other: Field) -> bool:
    both = [field.model_dump(mode="json", exclude=FREE) for field in (one, other)]
    rows = [
        [inner.model_dump(mode="json", exclude={"label", "hint"}) for inner in field.fields] for field in (one, other)
    ]
    keys = [[choice.key for choice in field.choices] for field in (one, other)]
    chosen = (keys[0], one.min) == (keys[1], other.min) or (_all_ticked(one) and _all_ticked(other))
    return both[0] == both[1] and rows[0] == rows[1] and chosen


def _all_ticked(field: Field) -> bool:
    """True for declarations: every one of them must be ticked, so that those of several items can stand together."""
    return field.kind == "choices" and field.min == len(field.choices)


def _looks_ahead(whole: Composed) -> Found:
    """No condition may wait for what only an earlier item's end will tell."""
    for place, part in enumerate(whole.file.items):
        later, item = set(whole.later(part.item)), whole.items[part.item]
        rules = [section.when for section in item.form.sections] + [stop.when for stop in item.form.stops]
        rules += [rule for _s, one in item.form.fields() for rule in (one.when, one.required, one.formula)]
        rules += [one.when for one in item.materials]
        for key in sorted(later & {name for rule in rules for name in names(rule)}):
            yield ("items", place, "takes", key), f"有条件要看「{key}」，不能后取 / a condition looks at it"


def _fields(item: ServiceItem) -> dict[str, Field]:
    return {one.key: one for _section, one in item.form.fields()}


RULES: tuple[Callable[[Composed], Found], ...] = (_given, _applicants, _same_keys, _looks_ahead)
