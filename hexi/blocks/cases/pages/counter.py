"""What the window does for somebody who came in person and whose case it took in: mend, withdraw, ask, rate."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from hexi.blocks.cases import intake, operations, procedures, queries
from hexi.blocks.cases.beside import has
from hexi.blocks.cases.models import Agency, Case, Rating
from hexi.blocks.cases.operations import hearings, rating
from hexi.blocks.cases.pages.ratings import LEVELS
from hexi.blocks.cases.parties import stands_in
from hexi.blocks.cases.states import BEFORE_ACCEPTANCE, ENDED, UNDER_EXAMINATION, State
from hexi.kernel import clock
from hexi.ui.pages import FormPage


class Seen(forms.Form):
    """His document was seen."""

    seen = forms.BooleanField(label=gettext_lazy("已核对身份证件（或营业执照）原件"), required=False)


class Reasoned(Seen):
    """What he says."""

    reason = forms.CharField(
        label=gettext_lazy("理由"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    field_order = ("reason", "seen")


def _aspect(name: str) -> forms.TypedChoiceField:
    choices = [("", "—"), *LEVELS.items()]
    return forms.TypedChoiceField(
        label=rating.COUNTER[name], coerce=int, empty_value=None, required=False, choices=choices
    )


class Rated(Seen):
    """How content he is."""

    level = forms.TypedChoiceField(
        label=gettext_lazy("整体满意吗？"), coerce=int, choices=list(LEVELS.items()), widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=gettext_lazy("想说的话"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    speed, skill, manner = map(_aspect, rating.COUNTER)
    field_order = ("level", *rating.COUNTER, "text", "seen")


class RatedAgain(Seen):
    """How content he is after the mending."""

    level = forms.TypedChoiceField(
        label=gettext_lazy("整改以后满意吗？"), coerce=int, choices=list(LEVELS.items()), widget=forms.RadioSelect
    )
    field_order = ("level", "seen")


@dataclass(frozen=True)
class Do:
    """One thing to do: its words, its form, when it is open, and what it does; that gives where to go on, or None."""

    title: Any
    form: type[Seen]
    open: Callable[[Case], bool]
    do: Callable[..., str | None]


def _mend(case: Case, *, seen: bool, by: Any) -> str:
    draft = intake.reopen(case, by=by, seen=seen)
    return intake.address(draft, draft.step)


def _withdraw(case: Case, *, by: Any, **facts: Any) -> None:
    operations.withdraw(case, by=by, **facts)


def _hearing(case: Case, *, reason: str, by: Any, **facts: Any) -> None:
    hearings.ask_hearing(case, opinion=reason, by=by, **facts)


def _rate(case: Case, *, by: Any, **facts: Any) -> None:
    given = {name: facts.pop(name) for name in rating.COUNTER}
    rating.rate(case, by=by, aspects={name: level for name, level in given.items() if level}, **facts)


def _rate_again(case: Case, *, by: Any, **facts: Any) -> None:
    held = Rating.objects.filter(case=case).first()
    if held is None:
        raise ValidationError(_("这件还没有评价过。"))
    rating.rate_again(held, by=by, **facts)


def _may_ask(case: Case) -> bool:
    told = procedures.hearing_of(case)
    return told is not None and told.asked_at is None and clock.now() <= told.ask_until


DOES = {
    "mend": Do(
        gettext_lazy("代为补正或更正"), Seen, lambda case: case.state in (State.CORRECTING, State.RETURNED), _mend
    ),
    "withdraw": Do(
        gettext_lazy("代为撤回"), Reasoned,
        lambda case: case.state in (*BEFORE_ACCEPTANCE, *UNDER_EXAMINATION), _withdraw,
    ),
    "hearing": Do(gettext_lazy("代为要求听证"), Reasoned, _may_ask, _hearing),
    "rate": Do(
        gettext_lazy("录入评价"), Rated,
        lambda case: case.state in ENDED and not Rating.objects.filter(case=case).exists(), _rate,
    ),
    "rate-again": Do(
        gettext_lazy("录入整改后的评价"), RatedAgain,
        lambda case: Rating.objects.filter(case=case, state=Rating.State.MENDED).exists(), _rate_again,
    ),
}  # fmt: skip


def panel(request: HttpRequest, case: Case) -> Markup | None:
    """On the case's page: what the window may do for who came in person."""
    if not has(case, Agency) or not stands_in(request.actor, case):  # type: ignore[attr-defined]
        return None
    ways = [
        (one.title, reverse("cases.counter", args=[case.number, key])) for key, one in DOES.items() if one.open(case)
    ]
    html = render_to_string("cases/counter.html", {"ways": ways}, request)
    return Markup(html) if ways else None  # noqa: S704 - our own template


def counter(request: HttpRequest, number: str, what: str) -> HttpResponseBase:
    """One of them as a page."""
    actor, step = request.actor, DOES.get(what)  # type: ignore[attr-defined]
    mine = (queries.for_officials(actor), queries.passed_up(actor))
    case = next((one for rows in mine if (one := rows.filter(number=number).first())), None)
    if step is None or case is None or not stands_in(actor, case):
        raise Http404(_("没有这件办件。"))
    back = reverse("cases.case", args=[number])

    def save(form: Seen) -> str:
        on = step.do(case, by=actor, **form.cleaned_data)
        if on is None:
            messages.success(request, _("已录入，经办人已记录在案。"))
        return on or back

    lead = _("申请人本人到窗口提出的，核对证件以后录入。办件记录里写明由谁录入。")
    page = FormPage(str(step.title), _("录入"), lead=lead, back=back, crumbs=((case.name, back),))
    return page.respond(request, step.form, save)
