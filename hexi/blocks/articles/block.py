"""Knowledge base: policy, guides, questions and news with owner, review date and feedback."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.articles import definitions, finding, jobs, options, pages, pages_keep, pages_work, shipped, synthetic
from hexi.blocks.articles.queries import APPROVE, VIEW, WRITE
from hexi.blocks.search.found import Searchable
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Block, Tell
from hexi.kernel.packs import Pack
from hexi.ui.doors import Page, Tile

block = Block(
    key="articles",
    title=_("知识库"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        options.PER_ADDRESS,
        options.PER_PERSON,
        options.AGAIN_DAYS,
        options.LONGEST_MONTHS,
        Pack("article_kinds", definitions.Kinds, definitions.load_kinds, rank=30),
        Pack("articles", definitions.Articles, shipped.load, rank=46, check=definitions.check),
        Searchable(finding.KIND, _("政策和知识"), finding.everything, "book", 15, (VIEW,), down=True),
        Schedule(jobs.remind, minutes=24 * 60),
        Schedule(jobs.turn, minutes=60),
        Tell("演示知识反馈 feedback on articles", synthetic.tell),
        Page("citizen", "articles/", pages.public_list, _("政策和知识"), menu=_("政策和知识"), icon="book", order=64),
        Tile("citizen", pages.newest_tile, order=75),
        Page("citizen", "articles/<int:pk>/", pages.article, _("政策和知识")),
        Page("citizen", "articles/<int:pk>/feedback/", pages.feedback, _("知识反馈")),
        Page("citizen", "articles/<int:pk>/versions/<int:number>/", pages.version, _("知识的版本")),
        Page(
            "workbench", "articles/", pages_work.work_articles, _("知识库"), menu=_("知识库"), icon="book", order=19,
            verb=VIEW, count=pages_work.waiting,
        ),
        Page("workbench", "articles/new/", pages_work.new, _("写一篇知识"), verb=WRITE),
        Page("workbench", "articles/feedback/", pages_keep.feedback_list, _("知识反馈"), verb=VIEW),
        Page("workbench", "articles/feedback/<int:pk>/", pages_keep.answer_feedback, _("知识反馈"), verb=VIEW),
        Page("workbench", "articles/league/", pages_keep.league, _("知识复核榜"), verb=VIEW),
        Page("workbench", "articles/<int:pk>/", pages_work.work_article, _("知识"), verb=VIEW),
        Page("workbench", "articles/<int:pk>/edit/", pages_work.edit, _("修改知识"), verb=WRITE),
        Page("workbench", "articles/<int:pk>/act/", pages_work.act, _("办理知识"), verb=VIEW),
        Page("workbench", "articles/<int:pk>/back/", pages_work.give_back, _("退回修改"), verb=APPROVE),
        Page("workbench", "articles/<int:pk>/withdraw/", pages_work.withdraw, _("撤下知识"), verb=WRITE),
        Page("workbench", "articles/<int:pk>/review/", pages_work.review, _("复核知识"), verb=WRITE),
        Page(
            "workbench", "articles/<int:pk>/versions/<int:number>/", pages_work.work_version, _("知识的版本"), verb=VIEW
        ),
    ),
)  # fmt: skip
