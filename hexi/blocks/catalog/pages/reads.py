"""Readings of open data counted where a page, a file or an answer is given; written down once it has been sent."""

from typing import TypeVar

from django.http import HttpResponseBase

from hexi.blocks.catalog.models import Entry, ReadWay
from hexi.blocks.catalog.operations import counting

R = TypeVar("R", bound=HttpResponseBase)


def counted(response: R, entry: Entry, way: ReadWay) -> R:
    """The answer, whose reading is counted if something was given."""
    if response.status_code == 200:
        counting.read(entry, way)
    return written(response)


def written(response: R) -> R:
    """The answer; if it is time, what was counted is written down after its last byte is sent."""
    if counting.due():
        response._resource_closers.append(counting.write)
    return response
