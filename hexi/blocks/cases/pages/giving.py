"""Files that go out with a decision, on the pages: the office puts them in, the applicant downloads them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.cases import queries, rulings
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.operations import giving
from hexi.blocks.documents import kinds


def to_give(request: HttpRequest, case: Case) -> Markup | None:
    """Panel beside the decision: what goes out with it, and the place for more while it is examined."""
    if not definition(case.version).national.result.files or case.accepted_at is None:
        return None
    facts = {
        "case": case, "files": rulings.files(case), "accept": kinds.ACCEPT,
        "may": rulings.may_put(request.actor, case),  # type: ignore[attr-defined]
    }  # fmt: skip
    return Markup(render_to_string("cases/to_give.html", facts, request))  # noqa: S704 - our own template


def given(request: HttpRequest, case: Case) -> Markup | None:
    """Panel of the applicant's page: the decision in the item's own words, and the files that came with it."""
    if case.decided_at is None:
        return None
    made = rulings.decision_of(case) if len(definition(case.version).granting) > 1 else None
    files = rulings.files(case) if definition(case.version).national.result.files else []
    if made is None and not files:
        return None
    facts = {"case": case, "decision": made, "files": files}
    return Markup(render_to_string("cases/given.html", facts, request))  # noqa: S704 - our own template


@require_POST
def results(request: HttpRequest, number: str) -> HttpResponse:
    """Take the files that were chosen, or one out again; a file that is refused takes no other with it."""
    actor = request.actor  # type: ignore[attr-defined]
    try:
        case = queries.case_to_act(number, actor)
    except Case.DoesNotExist:
        raise Http404(_("没有这件办件。")) from None
    out = request.POST.get("remove", "")
    faults: list[str] = []
    try:
        if out.isdecimal() and len(out) < 19:
            giving.drop_result(case, int(out), by=actor)
        elif not request.FILES:
            raise ValidationError(_("请选择要随决定提供的文件。"))
    except ValidationError as error:
        faults += error.messages
    for file in request.FILES.getlist("files"):
        try:
            giving.put_result(case, file, name=file.name or "", by=actor)
        except ValidationError as error:
            faults += [f"{file.name}：{said}" for said in error.messages]
    if faults:
        messages.error(request, " ".join(faults))
    else:
        messages.success(request, _("结果文件已保存，决定后申请人可以下载。"))
    return HttpResponseRedirect(reverse("cases.case", args=[number]) + "#results")
