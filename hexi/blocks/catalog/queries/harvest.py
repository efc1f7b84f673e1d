"""Reading the harvest: sources an official keeps, their runs, what became of each data set, what is due."""

from django.db.models import Count, Q, QuerySet

from hexi.blocks.catalog.models import HarvestJob, HarvestObject, HarvestSource, JobState, ObjectState
from hexi.blocks.catalog.queries.entries import KEEP
from hexi.kernel import clock
from hexi.kernel.actors import Actor, within


def sources(actor: Actor) -> QuerySet[HarvestSource]:
    """Those of the regions one keeps, newest first, with how many data sets were taken in and how many were not."""
    scopes = [scope for scope in actor.scopes(KEEP) if scope.department is None]
    rows = HarvestSource.objects.filter(within(scopes, "pk", "region_code")).select_related("provider")
    taken = Count("objects_met", filter=Q(objects_met__state__in=(ObjectState.TAKEN, ObjectState.SAME)))
    bad = Count("objects_met", filter=Q(objects_met__state=ObjectState.BAD))
    return rows.annotate(taken=taken, bad=bad).order_by("-pk")


def met(source: HarvestSource) -> QuerySet[HarvestObject]:
    """The data sets of a source, what is wrong first."""
    return source.objects_met.select_related("entry").defer("content").order_by("-at", "-pk")


def runs(source: HarvestSource) -> list[HarvestJob]:
    """The last runs."""
    return list(source.jobs.order_by("-pk")[:10])


def due() -> list[HarvestSource]:
    """Sources whose time has come, and those whose run was broken off."""
    broken = Q(jobs__state__in=(JobState.GATHER, JobState.IMPORT))
    rows = HarvestSource.objects.filter(Q(next_at__lte=clock.now()) | broken, active=True)
    return list(rows.distinct().order_by("next_at"))
