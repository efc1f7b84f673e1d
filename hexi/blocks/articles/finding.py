"""What search finds of articles: public ones everybody, internal ones whoever may see those of their office."""

from collections.abc import Iterator

from django.urls import reverse

from hexi.blocks.articles import markup
from hexi.blocks.articles.models import Article, Version, words_of
from hexi.blocks.search import operations as search
from hexi.blocks.search.found import Found

KIND = "article"
VIEW = "articles.view"


def found_of(version: Version) -> Found:
    """A published version as search knows it; the article must have been fetched along."""
    article = version.article
    page = "articles.article" if version.public else "articles.work_article"
    return Found(
        kind=KIND, ref=str(article.pk), title=version.title, title_en=version.title_en,
        aliases=tuple(words_of(version.keywords)), body=f"{markup.plain(version.body)}\n{version.reply}".strip(),
        body_en=markup.plain(version.body_en), url=reverse(page, args=[article.pk]), region_code=article.region_code,
        department_id=article.department_id, verb="" if version.public else VIEW, updated=version.approved_at,
    )  # fmt: skip


def put(article: Article) -> None:
    """Make it findable as it is now; one that is not published, not yet or no longer in force is not found."""
    version = Version.objects.published().holding().filter(article=article).select_related("article").first()
    if version is None:
        search.remove(KIND, str(article.pk))
    else:
        search.put(found_of(version))


def everything() -> Iterator[Found]:
    """For `hexi search rebuild`."""
    for version in Version.objects.published().holding().select_related("article").iterator(chunk_size=500):
        yield found_of(version)
