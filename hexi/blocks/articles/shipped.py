"""Taking in the articles of a pack: new ones, and those nobody has changed here since. Beside jobs."""

from pathlib import Path

from django.conf import settings

from hexi.blocks.articles import finding, operations
from hexi.blocks.articles.definitions import Articles, Entry, kinds
from hexi.blocks.articles.models import Article, State, Version
from hexi.blocks.audit.operations import change
from hexi.blocks.regions.models import Department
from hexi.kernel import clock, packs
from hexi.kernel.actors import System

BY = System("packs")


def load(path: Path, content: Articles) -> None:
    """Every article of the file whose office is there. One that was written on here is left as it is.

    Who wrote it is the pack, who approved it the installation that took it in: both stand in its history.
    """
    if content.demo and not settings.DEMO:
        return
    offices = {one.key: one for one in Department.objects.filter(key__in={one.department for one in content.articles})}
    for entry in content.articles:
        if entry.department in offices:
            _take_in(entry, offices[entry.department])


def _take_in(entry: Entry, office: Department) -> None:
    digest, key = packs.digest(entry), f"pack:{entry.key}"[:80]
    with change(BY, "articles.take_in", "articles.article", key=entry.key) as note:
        article, new = Article.objects.get_or_create(
            origin=entry.key,
            defaults={
                "department": office, "region_code": entry.region or office.region_code, "review_on": entry.review_on,
                "review_months": kinds()[entry.kind].review_months, "made_at": clock.now(),
            },
        )  # fmt: skip
        article = Article.objects.select_for_update().get(pk=article.pk)
        last = article.latest
        if not new and (last is None or last.written_key != key or last.digest == digest or article.current_id is None):
            return
        now = clock.now()
        Version.objects.published().filter(article=article).update(state=State.REPLACED, ended_at=now)
        version = Version(
            article=article, number=last.number + 1 if last else 1, state=State.PUBLISHED, digest=digest,
            written_key=key, written_name="数据包", approved_key=BY.key, approved_name=BY.name, approved_at=now,
            submitted_at=now, **operations.tidied(_said(entry)),
        )  # fmt: skip
        operations.fits(version)
        version.save()
        article.latest = article.current = version
        article.review_on = entry.review_on or operations.after_months(clock.today(), article.review_months)
        article.save()
        finding.put(article)
        note.thing = article


def _said(entry: Entry) -> dict[str, object]:
    return {
        "kind": entry.kind, "audience": entry.audience, "title": entry.title.zh, "title_en": entry.title.en,
        "body": entry.body.zh, "body_en": entry.body.en, "reply": entry.reply, "source": entry.source,
        "source_url": entry.source_url, "keywords": entry.keywords, "items": entry.items, "subjects": entry.subjects,
        "valid_from": entry.valid_from, "valid_to": entry.valid_to,
    }  # fmt: skip
