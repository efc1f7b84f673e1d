"""Parts of a service item: limits, legal basis, materials, steps, results, places. Pure; below `items`."""

from datetime import date
from string import Formatter
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, StringConstraints, field_validator, model_validator
from pydantic import Field as Given

from hexi.blocks.calendars.limits import Limit, Unit
from hexi.blocks.cases import codes
from hexi.blocks.forms.definitions import Condition as Rule
from hexi.blocks.forms.definitions import Key, Slot
from hexi.kernel.packs import PackModel, Words

Days = Literal["working_days", "calendar_days", "working_hours", "hours"]
#: the tasks of officials in their order; the verb that may claim one is "cases.<stage>"
Stage = Literal["preview", "accept", "examine", "review", "decide", "certify", "deliver"]
#: a department as the packs call it
Office = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
#: letters to the applicant that an item may add a paragraph of its own to: kinds of `packs/letters/`
LetterKind = Literal[
    "acceptance", "deemed", "give_back", "correction", "not_needed", "rejection", "extension", "pause", "granted",
    "refused", "withdrawn", "terminated", "extension_joint", "hearing_right", "hearing_notice", "third_party", "partly",
]  # fmt: skip
#: what the wording of a letter may name in braces
LETTER_FACTS = frozenset(
    ("number", "title", "applicant", "office", "day", "received", "due", "promised", "reason", "remedy", "where_to",
     "days", "procedure", "points", "day_of", "conditions", "place", "when", "until", "who", "parts", "files")
)  # fmt: skip
#: in `Material.have_it`: whoever is signed in has proved who he is
ACCOUNT = "account"
TrustLevel = Literal["A", "B", "C", "D"]


def Code(name: str) -> Any:  # noqa: N802 - reads as the type it makes
    """The type of a code from one of the lists in `codes`."""
    known = getattr(codes, name)

    def sound(code: str) -> str:
        if code not in known:
            listed = "，".join(f"{key} {words.zh}" for key, words in known.items())
            raise ValueError(f"没有代码 {code}，可用：{listed} / no such code")
        return code

    return Annotated[str, AfterValidator(sound)]


class Basis(PackModel):
    """One legal basis. `edition` is the day of the text; `verified` only if the quote was read in that text."""

    law: Words
    article: Words
    quote: Words
    edition: date | None = None
    verified: bool = False


class TimeLimit(PackModel):
    """A length of time; 0 days is the same day (即办)."""

    amount: int = Given(ge=0)
    unit: Days = "working_days"
    note: Words | None = None
    basis: tuple[Basis, ...] = ()

    @property
    def limit(self) -> Limit:
        """As the calendar's clocks take it."""
        return Limit(self.amount, Unit(self.unit))


class Topics(PackModel):
    """Where the item stands in the two national topic lists."""

    person: tuple[Code("PERSON_TOPICS"), ...] = ()
    corporate: tuple[Code("CORPORATE_TOPICS"), ...] = ()


class Condition(PackModel):
    """One thing that must be true to be granted (受理条件), with a short question people can check themselves by.

    `otherwise` tells someone who answers no what to do instead.
    """

    text: Words
    question: Words | None = None
    otherwise: Words | None = None


class FeeItem(PackModel):
    """One charge. `fen` is the amount where it is fixed; `standard` says it in words.

    It is charged where `when` holds for the answers. Where `reduction_when` holds `reduction_fen` are taken off, all of
    it unless given; `reduction` says for whom. What has no fixed amount is not charged here.
    """

    name: Words
    standard: Words
    fen: int | None = Given(default=None, ge=0)
    basis: tuple[Basis, ...] = ()
    reducible: bool = False
    reduction: Words | None = None
    when: Rule = True
    reduction_when: Rule = False
    reduction_fen: int | None = Given(default=None, ge=1)


class Fee(PackModel):
    """Whether and what the office charges."""

    charged: bool
    items: tuple[FeeItem, ...] = ()
    note: Words | None = None


class SpecialProcedure(PackModel):
    """A special link of the procedure (特别程序, 特殊环节); `counts` if its time is part of the legal limit.

    `always`: nothing is granted before it was done, where `when` holds for the answers. A site visit that is always
    made has two officers (art. 34(3)).
    `fee_basis` allows to charge for it.
    That of "third_party" is the time a third party has for its view, and begins when one is named.
    """

    kind: Literal[
        "extension", "hearing", "tender", "auction", "inspection", "testing", "quarantine", "appraisal",
        "expert_review", "third_party", "site_visit", "publication",
    ]  # fmt: skip
    title: Words
    limit: TimeLimit
    about: Words
    basis: tuple[Basis, ...] = ()
    charged: bool = False
    fee_basis: tuple[Basis, ...] = ()
    counts: bool = False
    always: bool = False
    when: Rule = True


class Validity(PackModel):
    """How long a result is good for; without `amount` it does not end."""

    amount: int | None = Given(default=None, ge=1)
    unit: Literal["days", "months", "years"] = "years"
    note: Words | None = None
    basis: tuple[Basis, ...] = ()


class Renewal(PackModel):
    """延续: from `opens` days before the end it may be asked for; until `latest` days before, in time for art. 50."""

    opens: int = Given(default=90, ge=1)
    latest: int = Given(default=30, ge=1)
    basis: tuple[Basis, ...] = ()


class Establishes(PackModel):
    """Whom a result brings into being: an enterprise, or a person in the register; the number is allotted with it.

    The others are keys of answers; `fact` is the certificate's field the number is printed in.
    """

    kind: Literal["enterprise", "person"]
    name: Key
    address: Key | None = None
    born: Key | None = None
    gender: Key | None = None
    fact: Key | None = None

    @property
    def gives(self) -> str:
        """The kind of question its number answers."""
        return "credit_code" if self.kind == "enterprise" else "identity_number"


class Result(PackModel):
    """What the applicant gets. `certificate` is the key of its type in the certificates block.

    `facts` fills the certificate: its field → the key of an answer, or "applicant.name" and the like. What it
    `establishes` is its holder, if that is an enterprise. `replaces`: the holder's certificate of the type gets a new
    version, which keeps what the facts do not say (变更登记); whoever holds none gets one. `files`: the office hands
    files over with its decision, or says where what was asked for is to be had.
    """

    type: Code("RESULT_TYPES")
    name: Words
    format: Code("FORMATS") = "electronic"
    certificate: Key | None = None
    facts: dict[str, str] = {}
    establishes: Establishes | None = None
    replaces: bool = False
    files: bool = False
    sample: Words | None = None
    validity: Validity = Validity()


class Step(PackModel):
    """One step of the procedure as people read it. With a `stage` it is also a task that an official takes.

    `officers` is how many must take part (行政许可法 art. 34: two for checks on site). Examination and review are left
    out where `when` does not hold for the answers.
    """

    name: Words
    stage: Stage | None = None
    role: Words
    about: Words
    limit: TimeLimit | None = None
    result: Words | None = None
    officers: int = Given(default=1, ge=1)
    when: Rule = True

    @property
    def verb(self) -> str:
        """The right that may take the task; "" if the step is none."""
        return f"cases.{self.stage}" if self.stage else ""


class Paper(PackModel):
    """A blank form or a filled-in sample: made from the item's own form, or written out in `body`."""

    source: Literal["form", "text"]
    body: Words | None = None


class Deferral(PackModel):
    """容缺受理: the material may follow within this time; later, the application counts as withdrawn."""

    limit: TimeLimit
    note: Words | None = None


#: matters for which 告知承诺 is excluded (services.md §2.5)
Excluded = Literal[
    "national_security", "state_secrets", "public_security", "finance", "ecology", "health_and_safety",
]  # fmt: skip


class Pledge(PackModel):
    """告知承诺: what is told (content, requirement, liability) and signed; what it `replaces` need not be handed in.

    `verify` is the term for checking afterwards, `rectify` that for putting right what is found. `repair` is how long a
    broken pledge bars its signer at least (信用修复: an official then decides); none: for good.
    """

    content: Words
    requirement: Words
    liability: Words
    replaces: tuple[Key, ...] = Given(min_length=1)
    verify: TimeLimit
    rectify: TimeLimit
    repair: TimeLimit | None = None
    basis: tuple[Basis, ...] = ()

    def __str__(self) -> str:
        return "\n".join(str(text) for text in (self.content, self.requirement, self.liability))


class Material(PackModel):
    """One material of the national table. `when` decides about a conditional one, `when_words` says it to people.

    `have_it` are certificate types that make handing it in unnecessary (716号令 art. 7), or "account": the sign-in is
    proof enough. `levels` are the trust levels accepted, `files` how many pictures or documents may be added. `says`:
    words of which the text of the right paper holds one (none: not looked at); a paper without them gets a hint.
    """

    key: Key
    title: Words
    type: Code("MATERIAL_TYPES")
    format: Code("FORMATS") = "electronic"
    need: Code("NEEDS") = "required"
    when: Rule = True
    when_words: Words | None = None
    source: Code("SOURCES")
    source_note: Words
    originals: int = Given(default=0, ge=0)
    copies: int = Given(default=0, ge=0)
    size: Words | None = None
    filling: Words
    standard: Words
    basis: tuple[Basis, ...] = ()
    blank: Paper | None = None
    sample: Paper | None = None
    deferrable: Deferral | None = None
    levels: tuple[TrustLevel, ...] = Given(min_length=1)
    have_it: tuple[Key, ...] = ()
    files: int = Given(default=1, ge=1, le=20)
    says: tuple[str, ...] = ()

    @property
    def is_form(self) -> bool:
        """True if the answers to the form make it, so that there is nothing to hand in."""
        return self.blank is not None and self.blank.source == "form"

    @property
    def by_original(self) -> bool:
        """True if an upload alone will not do: it is compared with its original (B), or comes from its issuer (A)."""
        return ACCOUNT not in self.have_it and not {"C", "D"}.intersection(self.levels)

    def slot(self) -> Slot:
        """The place for its files in the form; a deferrable one does not hold the application up."""
        required = self.need != "optional" and self.deferrable is None
        return Slot(
            key=self.key, title=self.title, required=required, when=self.when, hint=self.filling, max_files=self.files,
            wanted_words=self.says, wanted_types=self.types, by_original=self.by_original,
            self_made="D" in self.levels,
        )  # fmt: skip

    @property
    def types(self) -> tuple[str, ...]:
        """The types of certificates that are this material."""
        return tuple(one for one in self.have_it if one != ACCOUNT)


class Check(PackModel):
    """One question of the clerk's checklist (审查工作细则), for the stage at which it is answered."""

    key: Key
    stage: Stage
    question: Words
    material: Key | None = None
    basis: tuple[Basis, ...] = ()


class Reason(PackModel):
    """A ready reason for a refusal, with its law."""

    key: Key
    text: Words
    basis: tuple[Basis, ...] = ()


class Decision(PackModel):
    """One way a case can be decided. A `partial` one grants, and says part by part what it leaves out and why."""

    key: Key
    title: Words
    grants: bool
    partial: bool = False
    about: Words
    reasons: tuple[Reason, ...] = ()

    @model_validator(mode="after")
    def partial_grants(self) -> "Decision":
        """A decision in part is one that grants something."""
        if self.partial and not self.grants:
            raise ValueError("partial 的决定要写 grants: true / a partial decision grants")
        return self


class LetterText(PackModel):
    """How an item words a kind of letter itself, where its law asks for more than the general text (packs/letters)."""

    title: Words
    body: tuple[str, ...] = Given(min_length=1)

    @field_validator("body")
    @classmethod
    def only_known_facts(cls, body: tuple[str, ...]) -> tuple[str, ...]:
        """Every name in braces is a fact of letters."""
        named = {name for text in body for _, name, _, _ in Formatter().parse(text) if name is not None}
        if strange := named - LETTER_FACTS:
            raise ValueError(f"文书没有这些事实：{'、'.join(sorted(strange))} / no such facts")
        return body


class Question(PackModel):
    """A frequent question and its answer."""

    question: Words
    answer: Words


class Penalty(PackModel):
    """What follows for somebody who does without, or breaks the rules of the result (处罚的行为、种类、幅度)."""

    conduct: Words
    consequence: Words
    basis: tuple[Basis, ...] = ()


class Place(PackModel):
    """Where to go: address, window, hours, each in words."""

    title: Words
    address: Words
    window: Words
    hours: Words


Phone = Annotated[str, StringConstraints(min_length=3, max_length=30)]


class Contact(PackModel):
    """A telephone with area code, and what else reaches the office."""

    phone: Phone
    note: Words | None = None


class Body(PackModel):
    """An office or court to turn to against the decision (复议机关, 诉讼法院), with what reaches it."""

    name: Words
    address: Words | None = None
    phone: str = Given(default="", max_length=30)
    url: str = Given(default="", max_length=200)


class Channel(PackModel):
    """One online channel; without `address` it is this hall."""

    single_sign_on: bool
    address: str = ""


class Online(PackModel):
    """How far the matter goes online (网上办理深度), on a computer and on a phone."""

    depth: Code("DEPTHS")
    computer: Channel | None = None
    mobile: Channel | None = None


class JointReview(PackModel):
    """What one further department reviews in a joint review (并联审查), within which term, by which materials.

    Without `materials` it sees all of them. It is asked where `when` holds for the answers.
    """

    department: Office
    what: Words
    limit: TimeLimit
    materials: tuple[Key, ...] = ()
    basis: tuple[Basis, ...] = ()
    when: Rule = True


class Joint(PackModel):
    """并联审批: one office takes in, further departments review side by side (行政许可法 art. 26(2)).

    `government` is the office of the people's government whose head approves the extension (art. 42(2)).
    """

    reviews: tuple[JointReview, ...] = Given(min_length=1)
    government: Office


class Lower(PackModel):
    """两级审批: this lower office accepts, examines first and passes everything up (arts 35, 43)."""

    department: Office
    limit: TimeLimit = TimeLimit(amount=20)


class Quota(PackModel):
    """How much may be granted a year (art. 57): so many cases, or so much of what a number in the form measures."""

    amount: int = Given(ge=1)
    unit: Words
    measure: Key | None = None
