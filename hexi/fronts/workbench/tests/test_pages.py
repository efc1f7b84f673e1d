"""The first page of the workbench."""

import pytest
from django.utils.translation import override

from hexi.blocks.people.actors import Holding, Official
from hexi.blocks.people.models import Account

HELD = Holding(1, 1, "玉门市林业和草原局", "620981000000", "窗口", "Yumen Forestry and Grassland Bureau")


@pytest.mark.parametrize(
    ("language", "shown"),
    [("zh-hans", "玉门市林业和草原局 · 赵窗口"), ("en", "Yumen Forestry and Grassland Bureau · 赵窗口")],
)
def test_the_office_is_named_in_the_language_of_the_page(language, shown):
    actor = Official(Account(name="赵窗口", username="clerk"), posts=[HELD])
    with override(language):
        assert actor.shown == shown
        assert actor.name == "玉门市林业和草原局 赵窗口"  # what is written down does not change with the reader
