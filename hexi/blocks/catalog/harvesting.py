"""Jobs of the harvest: catalogues of others are asked when their time has come, or somebody wants it."""

import logging

from hexi.blocks.catalog.models import HarvestSource
from hexi.blocks.catalog.operations import harvest
from hexi.blocks.catalog.queries import harvest as queries
from hexi.kernel.actors import System

logger = logging.getLogger(__name__)


def harvest_due() -> None:
    """Ask every catalogue whose time has come, and go on with runs that were broken off."""
    for source in queries.due():
        try:
            _harvest(source)
        except Exception:  # those behind it are asked all the same
            logger.exception("catalogue %s was not harvested", source.pk)


def harvest_now(source: int) -> None:
    """Ask one, because somebody wants it."""
    found = HarvestSource.objects.filter(pk=source, active=True).first()
    if found is not None:
        _harvest(found)


def _harvest(source: HarvestSource) -> None:
    job = harvest.begin(source, by=System("catalog.harvest"))
    if job is not None:
        harvest.run(job, by=System("catalog.harvest"))
