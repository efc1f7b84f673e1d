"""Sample data of forms: definitions of every kind of field, a draft, and the kind of drafts that tests register."""

from datetime import date
from typing import Any

from hexi.blocks.forms import drafts, operations
from hexi.blocks.forms.definitions import Field, Form, Section, Slot, Stop
from hexi.blocks.forms.models import Draft
from hexi.kernel.actors import Actor
from hexi.kernel.packs import Words, digest
from hexi.wire.checksums import make_credit_code, make_resident_id

IDENTITY = make_resident_id("629999", date(1988, 8, 8), 11)
OTHER_IDENTITY = make_resident_id("629999", date(1990, 1, 2), 22)
CREDIT_CODE = make_credit_code("91", "629999", "MA000001")


def make_words(zh: str, en: str = "") -> Words:
    """A text; its English is the Chinese in brackets unless given."""
    return Words(zh=zh, en=en or f"[{zh}]")


def make_field(kind: str = "text", key: str = "it", label: str = "名称", **given: Any) -> Field:
    """A field of one kind; choices as pairs are made into choices, texts into words."""
    if kind in ("choice", "choices"):
        pairs = given.pop("choices", (("pine", "松"), ("fir", "杉"), ("oak", "栎")))
        given["choices"] = [{"key": one, "label": make_words(word)} for one, word in pairs]
    for name in ("hint", "unit"):
        if isinstance(given.get(name), str):
            given[name] = make_words(given[name])
    given["messages"] = {code: make_words(text) for code, text in given.get("messages", {}).items()}
    return Field(kind=kind, key=key, label=make_words(label), **given)


def make_form(*sections: list[Field], **titled: list[Field]) -> Form:
    """A form of sections "s1", "s2" …, or of named ones."""
    named = {f"s{number}": fields for number, fields in enumerate(sections, 1)} | titled
    return Form(
        sections=[
            Section(key=key, title=make_words(f"第{key}节", f"Section {key}"), fields=fields)
            for key, fields in named.items()
        ]
    )


def make_felling_form() -> Form:
    """林木采伐 in two sections: the applicant, and the trees, with a question that depends on another."""
    return make_form(
        applicant=[
            make_field("text", "name", "申请人姓名", prefill="person.name"),
            make_field("identity_number", "identity", "身份证号码", prefill="person.identity"),
            make_field("phone", "phone", "联系电话", prefill="person.phone"),
            make_field("yes_no", "agent", "是否由他人代办"),
            make_field("text", "agent_name", "代办人姓名", when={"==": [{"var": "agent"}, True]}),
        ],
        trees=[
            make_field("choice", "kind", "树种"),
            make_field("number", "volume", "采伐蓄积", decimals=1, min=0.1, max=500, unit="立方米", example="3.5"),
            make_field("text", "plan", "作业设计编号", when={">": [{"var": "volume"}, 15]}),
            make_field("period", "felling", "采伐时间", required=False),
            make_field(
                "repeating", "members", "参加采伐的人", required=False, max=3,
                fields=[
                    make_field("text", "member", "姓名"),
                    make_field("yes_no", "own_saw", "自带油锯"),
                    make_field("text", "saw", "油锯型号", when={"var": "own_saw"}),
                ],
            ),
        ],
    )  # fmt: skip


def make_every_kind() -> Form:
    """One section with a field of each kind under the keys a, b, c …."""
    many = [(f"k{number}", f"第{number}") for number in range(9)]
    return make_form(
        [
            make_field("text", "a", "单行"), make_field("long_text", "b", "多行"), make_field("number", "c", "数字"),
            make_field("money", "d", "金额"), make_field("date", "e", "日期"), make_field("period", "f", "起止"),
            make_field("choice", "g", "下拉", choices=many), make_field("choices", "h", "多选"),
            make_field("yes_no", "i", "是否"), make_field("region", "j", "地区"), make_field("address", "k", "住址"),
            make_field("identity_number", "l", "身份证"), make_field("credit_code", "m", "信用代码"),
            make_field("phone", "n", "电话"), make_field("email", "o", "邮箱", required=False),
            make_field("note", "p", "须知", hint="先读这里。"),
            make_field("repeating", "q", "多行表", fields=[make_field("text", "r", "行内", when={"var": "i"})]),
            make_field("map_point", "s", "位置"), make_field("signature", "t", "签名"),
            make_field("file", "u", "附件", max=2), make_field("photo", "v", "照片"),
            make_field("computed", "w", "两倍", formula={"*": [{"var": "c"}, 2]}, unit="亩"),
        ]
    )  # fmt: skip


def make_seedling_form() -> Form:
    """领苗木: rows of species with a price each, added up; a photo in each row; it ends early for other counties."""
    rows = [
        make_field("text", "species", "树种"),
        make_field("number", "count", "株数", min=1),
        make_field("money", "price", "单价"),
        make_field("computed", "cost", "小计", formula={"*": [{"var": "count"}, {"var": "price"}]}, result="money"),
        make_field("photo", "spot", "栽植地照片", required=False),
    ]
    form = make_form(
        order=[
            make_field("yes_no", "here", "是否种在本县"),
            make_field("repeating", "trees", "苗木", max=5, fields=rows),
            make_field("computed", "total", "合计", formula={"sum": [{"var": "trees"}, "cost"]}, result="money"),
            make_field("text", "reason", "为什么要这么多", when={">": [{"var": "total"}, 100_000]}),
        ],
        sign=[
            make_field("map_point", "place", "位置"),
            make_field("file", "plan", "栽植图", required=False, max=2),
            make_field("signature", "signed", "申请人"),
        ],
    )
    stop = Stop(
        key="elsewhere", when={"==": [{"var": "here"}, False]}, title=make_words("请到种植地申请", "Apply where you plant"),
        text=make_words("苗木由种植地的县发放。", "Seedlings come from the county of planting."), link="/items/",
    )  # fmt: skip
    return form.model_copy(update={"stops": (stop,)})


def make_slots() -> tuple[Slot, ...]:
    """Two materials: one always, one only when somebody else acts."""
    return (
        Slot(key="rights", title=make_words("林权证", "Forest title"), max_files=2),
        Slot(key="mandate", title=make_words("委托书", "Mandate"), when={"==": [{"var": "agent"}, True]}),
        Slot(key="photo", title=make_words("现场照片", "Photo of the place"), required=False),
    )


def make_kind(
    form: Form | None = None, slots: tuple[Slot, ...] = (), *, key: str = "sample", newest: str = ""
) -> drafts.DraftKind:
    """A draft kind that knows one definition under every reference; `newest` overrules the digest in force."""
    form = form or make_felling_form()
    definition = drafts.Definition(make_words("林木采伐许可", "Tree felling permit"), form, slots)
    return drafts.DraftKind(
        key=key,
        find=lambda ref, wanted: definition if wanted == digest(form) else None,
        newest=lambda ref: newest or digest(form),
        address=lambda draft, step: f"/sample/{draft.key}/{step}/",
    )


def make_draft(
    by: Actor, form: Form | None = None, *, kind: str = "sample", ref: str = "felling", **given: Any
) -> Draft:
    """A draft begun by an actor; the kind must be registered (`sample_kind`)."""
    return operations.start(kind, ref=ref, digest=digest(form or make_felling_form()), by=by, **given)
