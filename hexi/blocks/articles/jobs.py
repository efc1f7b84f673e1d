"""What happens later: owners are told what is overdue, search learns what begins and ends to hold today."""

from datetime import timedelta

from django.db.models import Q

from hexi.blocks.articles import operations, queries, rates
from hexi.blocks.articles.models import Article
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import System

#: days back the daily run looks, so that one that was left out loses nothing
BACK = 31


def remind() -> None:
    """Tell each office that has overdue articles."""
    late = queries.overdue(Article.objects.all()).order_by().values("department_id").distinct()
    for office in Department.objects.filter(pk__in=late).order_by("pk"):
        operations.tell_overdue(office, by=System("articles.remind"))


def turn() -> None:
    """Let what began or ceased to hold of late be found, or no longer; forget who gave feedback when."""
    since, today = clock.today() - timedelta(days=BACK), clock.today()
    turned = Q(current__valid_from__range=(since, today)) | Q(current__valid_to__range=(since, today))
    for article in Article.objects.filter(turned).order_by("pk").iterator(chunk_size=500):
        operations.refresh_search(article)
    rates.forget()
