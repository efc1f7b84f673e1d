"""What a case costs, on the official's page of it."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from markupsafe import Markup

from hexi.blocks.cases import fees
from hexi.blocks.cases.models import Case
from hexi.blocks.money.queries import SEE
from hexi.kernel.actors import Actor


def panel(request: HttpRequest, case: Case) -> Markup | None:
    """Panel at `cases.case`: each charge with its state; a link to it for whoever sees the office's money."""
    charges = fees.charges(case)
    if not charges:
        return None
    actor: Actor = request.actor  # type: ignore[attr-defined]
    sees = any(actor.may(verb, case.department_id, case.region_code) for verb in SEE)
    return Markup(render_to_string("cases/fees.html", {"charges": charges, "sees": sees}, request))  # noqa: S704 a template
