"""What the holder of a certificate may do with it through a case: renew it, change it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.cases import again, intake, renewals
from hexi.blocks.cases.models import Concern
from hexi.blocks.certificates import queries as certificates
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.people.queries import persons_of

WORDS = {Concern.Kind.RENEW: gettext_lazy("申请延续"), Concern.Kind.CHANGE: gettext_lazy("申请变更")}


def holder_may(request: HttpRequest, certificate: Certificate) -> Markup | None:
    """Panel of a certificate's page, for its holder: what is possible now, and what is under way."""
    if certificate.holder_id not in persons_of(request.actor):  # type: ignore[attr-defined]
        return None
    kinds = renewals.possible(certificate)
    asked = Concern.objects.filter(certificate=certificate, case__ended_at=None).select_related("case")
    if not kinds and not asked:
        return None
    facts = {
        "certificate": certificate, "does": [(kind, WORDS[Concern.Kind(kind)]) for kind in kinds], "asked": list(asked),
        "rule": renewals.rule(certificate), "in_time": renewals.in_time(certificate),
        "renewable": Concern.Kind.RENEW in kinds,
    }  # fmt: skip
    return Markup(render_to_string("cases/again.html", facts, request))  # noqa: S704 - our own template


@require_POST
def begin_again(request: HttpRequest, identifier: str, kind: str) -> HttpResponse:
    """Start (or resume) the draft."""
    actor = request.actor  # type: ignore[attr-defined]
    found = get_object_or_404(certificates.own(actor), identifier=identifier)
    try:
        draft = again.begin(found, kind, by=actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages) or _("现在不能办理。"))
        return HttpResponseRedirect(reverse("certificates.own", args=[identifier]))
    return HttpResponseRedirect(intake.address(draft, draft.step))
