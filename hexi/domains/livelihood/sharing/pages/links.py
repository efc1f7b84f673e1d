"""What sharing adds to others' pages: a grant's application; in the logs of messages and looks what a draft became."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from markupsafe import Markup

from hexi.blocks.catalog.models import Grant, MessageLog
from hexi.blocks.people.models import Person
from hexi.domains.livelihood.sharing import queries
from hexi.domains.livelihood.sharing.models import Application
from hexi.domains.livelihood.sharing.pages import words

#: drafts named at "who looked at my data"
SHOWN = 20


def at_grant(request: HttpRequest, grant: Grant) -> Markup | None:
    """Panel at `catalog.grant`: the application it was given for, and the thread; for who may see the application."""
    found = queries.seen_by(request.actor).filter(grant=grant).first()  # type: ignore[attr-defined]
    if found is None:
        return None
    facts = {"found": found, "tag": words.tag(found), "addresses": queries.addresses(found)}
    return Markup(render_to_string("sharing/at_grant.html", facts, request))  # noqa: S704 a template


def at_message(request: HttpRequest, row: MessageLog) -> Markup | None:
    """Panel at `catalog.message`: a call made while an applicant still wrote, and which case that became."""
    use = queries.uses_of_drafts().filter(grant=row.grant_id, reference=row.issue).first() if row.grant_id else None
    return None if use is None else Markup("<p>{}</p>").format(words.draft_of(use))


def at_looks(request: HttpRequest, person: Person) -> Markup | None:
    """Panel at `people.looks`: the drafts that stand in the log, each with the application it became."""
    rows = list(queries.uses_of_drafts().filter(draft__person=person)[:SHOWN])
    if not rows:
        return None
    facts = {"rows": list(dict.fromkeys((words.draft_of(one), one.draft.submitted_ref) for one in rows))}
    return Markup(render_to_string("sharing/at_looks.html", facts, request))  # noqa: S704 a template


def grant_url(found: Application, request: HttpRequest) -> str:
    """The page of its grant, for who gives or uses it; "" for others."""
    actor = request.actor  # type: ignore[attr-defined]
    return reverse("catalog.grant", args=[found.grant_id]) if queries.sees_grant(found, actor) else ""
