"""Ask, complain, report: one number for everything (12345), answered in time, rated by who called."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.cases.selfcheck import Checks
from hexi.blocks.documents.readers import Reader
from hexi.blocks.indicators.counted import Counted
from hexi.blocks.people.hooks import lookups_renewed
from hexi.blocks.people.keys import Grantable
from hexi.blocks.search.found import Searchable
from hexi.domains.livelihood.requests import (
    checking,
    commands,
    definitions,
    demo,
    facts,
    finding,
    followers,
    hooks,
    jobs,
    kind,
    mapped,
    options,
    photos,
    ports,
    proposing,
    queries,
    synthetic,
    telling,
    wanted,
)
from hexi.domains.livelihood.requests.channels import client
from hexi.domains.livelihood.requests.operations import rehashing
from hexi.domains.livelihood.requests.pages import channels, figures
from hexi.domains.livelihood.requests.pages.added import PAGES
from hexi.domains.livelihood.requests.pages.public_side import PUBLIC_SIDE
from hexi.domains.livelihood.requests.states import INTAKE, VIEW
from hexi.kernel.hooks import Later, Listen
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Command, Domain, Tell
from hexi.kernel.options import Option

requests = Domain(
    key="requests",
    title=_("12345 热线"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        kind.ORDER,
        *definitions.PACKS,
        demo.PACK,
        Tell("演示诉求 hotline orders", demo.tell),
        Tell("演示分类器 hotline classifier", synthetic.tell),
        Command("requests train", commands.train, "训练分类器 / train the classifier", commands.train_arguments),
        Command("requests measure", commands.measure, "在一张表上测分类器 / measure on a table", commands.table),
        ports.Propose(_("规则"), proposing.by_rules, rank=10),
        ports.Propose(_("分类器"), proposing.by_learning, rank=50),
        *(value for value in vars(options).values() if isinstance(value, Option)),
        Counted(facts.OWNER, facts.TITLES, facts.recount, _("诉求分类"), definitions.titles, figures.behind_address),
        Reader(queries.ORDER, queries.may_read_picture, lambda ref, slot: False),
        Reader(queries.REPORT, queries.may_read_picture, adds=queries.may_add_picture),
        Reader(photos.AFTER, photos.may_read_after, adds=photos.may_add_after),
        Reader(photos.COPIES, photos.nobody),
        Checks(checking.overdue),
        Searchable(finding.ORDER, _("热线诉求"), finding.all_orders, "phone", 25, (VIEW,)),
        Searchable(finding.ANSWER, _("诉求公开"), finding.all_answers, "messages", 30),
        Listen(lookups_renewed, rehashing.renew),
        Listen(hooks.request_received, telling.received),
        Listen(hooks.request_noted, telling.noted),
        Listen(hooks.request_answered, telling.answered),
        Listen(hooks.request_refused, telling.refused),
        Listen(hooks.request_merged, telling.merged),
        Listen(hooks.request_extended, telling.extended),
        Listen(hooks.request_again, telling.again),
        Listen(hooks.request_redone, telling.redone),
        Listen(hooks.request_urged, telling.urged),
        Listen(hooks.request_dispatched, followers.dispatched),
        Listen(hooks.request_noted, followers.noted),
        Listen(hooks.request_answered, followers.answered),
        Listen(hooks.request_extended, followers.extended),
        Listen(hooks.request_redone, followers.redone),
        Listen(hooks.request_again, followers.redone),
        Listen(hooks.request_refused, followers.refused),
        Listen(hooks.request_merged, followers.merged),
        Listen(hooks.request_closed, followers.closed),
        Listen(hooks.request_published, followers.published),
        Listen(hooks.request_received, finding.put_order),
        Listen(hooks.request_dispatched, finding.put_order),
        Listen(hooks.request_returned, finding.put_order),
        Listen(hooks.request_redone, finding.put_order),
        Listen(hooks.request_led, finding.put_order),
        Listen(hooks.request_published, finding.put_answer),
        Later(hooks.request_answered, jobs.carry, wanted.leads),
        Later(hooks.request_refused, jobs.carry, wanted.leads),
        Later(hooks.request_noted, jobs.pass_on, wanted.leads),
        Later(hooks.request_extended, jobs.pass_extension, wanted.leads),
        Later(hooks.request_redone, jobs.again, wanted.leads),
        Later(hooks.merge_asked, jobs.merge_chosen),
        Later(hooks.request_published, jobs.make_copies),
        Later(hooks.request_pictured, jobs.make_copies),
        Schedule(jobs.make_missing_copies, minutes=60),
        Schedule(jobs.send_digests, minutes=10),
        Later(hooks.request_received, jobs.send, wanted.sends_alone),
        Schedule(jobs.find_topics, minutes=60),
        Later(hooks.mail_follow_asked, jobs.ask_mailbox),
        *(Later(step, jobs.tell_mailboxes, wanted.by_mail) for step in hooks.STEPS),
        Later(hooks.request_received, jobs.back_received, wanted.goes_back),
        Later(hooks.request_noted, jobs.back_noted, wanted.goes_back),
        Later(hooks.request_answered, jobs.back_answered, wanted.goes_back),
        Later(hooks.request_refused, jobs.back_answered, wanted.goes_back),
        Later(hooks.request_merged, jobs.back_merged, wanted.goes_back),
        Later(hooks.request_extended, jobs.back_extended, wanted.goes_back),
        Later(hooks.request_again, jobs.back_again, wanted.goes_back),
        Later(hooks.request_answered, jobs.answer_account, wanted.under_a_post),
        Later(hooks.request_refused, jobs.answer_account, wanted.under_a_post),
        Later(hooks.seat_changed, jobs.tell_seat),
        Schedule(jobs.send_accounts, minutes=5),
        Schedule(jobs.fetch_mail, minutes=1),
        Schedule(jobs.close_silent, minutes=60),
        Schedule(jobs.clear, minutes=24 * 60),
        Grantable(INTAKE, _("代诉求人提交诉求（Open311）")),
        *PUBLIC_SIDE,
        *mapped.ADDED,
        *channels.PAGES,
        Command(
            "requests open311",
            client.open311_client,
            "与别的 Open311 服务器交换诉求 / other Open311 servers",
            client.open311_arguments,
        ),
        *PAGES,
    ),
)
