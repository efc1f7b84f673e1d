"""Petitions: told under one's name, sorted in fifteen days, handled in sixty, reviewed and reviewed again."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.audit.veils import Veil
from hexi.blocks.documents.readers import Reader
from hexi.blocks.people import hooks as people
from hexi.blocks.search.found import Searchable
from hexi.domains.livelihood.petitions import access, demo, finding, hooks, jobs, kind, queries, rules, telling
from hexi.domains.livelihood.petitions.operations import recusing, rehashing
from hexi.domains.livelihood.petitions.pages import citizen, office, work
from hexi.domains.livelihood.petitions.states import INTAKE, VIEW
from hexi.kernel.hooks import Listen
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Domain, Tell
from hexi.ui.doors import Page

petitions = Domain(
    key="petitions",
    title=_("信访"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        kind.PETITION,
        *rules.PACKS,
        Tell(_("信访"), demo.tell),
        Reader(queries.KIND, queries.may_read_file, queries.files_open, purpose=queries.purpose,
               adds=queries.may_add_file, made=False),
        Reader(queries.WRITING, queries.reads_writing, queries.writing_open, adds=queries.writes),
        Searchable(finding.KIND, _("我的信访"), finding.everything, "mail", 26),
        Listen(hooks.petition_received, telling.received),
        Listen(hooks.petition_received, finding.put),
        Listen(hooks.petition_told, telling.told),
        Listen(hooks.petition_concluded, telling.concluded),
        Listen(hooks.handler_named, telling.named),
        Listen(people.appointed, recusing.appointed),
        Listen(people.renamed, recusing.renamed),
        Listen(people.lookups_renewed, rehashing.renew),
        Veil(access.by_petitioners(), VIEW),
        Schedule(jobs.close_silent, minutes=60),
        Schedule(jobs.forget, minutes=24 * 60),
        # the petitioner
        Page("citizen", "petitions/", citizen.home, _("网上信访"), menu=_("网上信访"), icon="mail", order=64),
        Page("citizen", "petitions/new/", citizen.new, _("网上信访"), signed_in=True),
        Page("citizen", "petitions/new/<slug:key>/<slug:step>/", citizen.step, _("网上信访"), signed_in=True),
        Page("citizen", "my/petitions/<str:number>/", citizen.mine, _("我的信访"), signed_in=True),
        Page("citizen", "my/petitions/<str:number>/<slug:action>/", citizen.mine_do, _("我的信访"), signed_in=True),
        # the petition office, units that handle
        Page("workbench", "petitions/", work.petitions, _("信访事项"), menu=_("信访事项"), icon="mail", order=18,
             verb=work.rights),
        Page("workbench", "petitions/intake/", office.intake, _("登记信访事项"), menu=_("登记信访事项"),
             icon="file-plus", order=19, verb=INTAKE),
        Page("workbench", "petitions/figures/", office.petition_figures, _("信访统计"), menu=_("信访统计"),
             icon="chart-bar", order=36, verb=VIEW),
        Page("workbench", "petitions/terms/", office.terms, _("信访期限"), verb=work.rights),
        Page("workbench", "petitions/terms/new/", office.new_term, _("增加本地期限"), verb="petitions.terms"),
        Page("workbench", "petitions/<str:number>/", work.petition, _("信访事项"), verb=work.rights),
        Page("workbench", "petitions/<str:number>/keep-out/", work.keep_out, _("回避"), verb=VIEW),
        Page("workbench", "petitions/<str:number>/<slug:action>/", work.act, _("办理"), verb=work.rights),
    ),
)  # fmt: skip
