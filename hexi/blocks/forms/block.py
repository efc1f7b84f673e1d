"""Forms: definitions, conditions, answers, drafts; one evaluator for permits, orders and entry of figures."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.documents.readers import Reader
from hexi.blocks.forms import jobs, operations, pages, queries
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Block
from hexi.ui.doors import Page

block = Block(
    key="forms",
    title=_("表单"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        operations.MOST_BYTES,
        operations.PARKED_MINUTES,
        operations.KEPT_DAYS,
        Schedule(jobs.purge, minutes=60),
        Page("citizen", "my/drafts/", pages.drafts, _("我的草稿"), icon="pencil", order=30, signed_in=True),
        Page("citizen", "my/drafts/<str:key>/discard/", pages.discard, _("删除草稿"), signed_in=True),
        Page("citizen", "my/drafts/<str:key>/restore/", pages.take_back, _("恢复草稿"), signed_in=True),
        Page("citizen", "my/drafts/parked/<str:token>/", pages.parked, _("放回填写的内容"), signed_in=True),
        Reader("forms.draft", may=queries.may_read, changeable=queries.is_open, adds=queries.writes),
    ),
)
