"""Who did what to what, chained by hash; keeps the actor by value and points at nobody."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.audit import commands, jobs, pages
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Block, Command
from hexi.ui.doors import Page

block = Block(
    key="audit",
    title=_("审计"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        Schedule(jobs.seal, minutes=60),
        Command(
            "audit verify",
            commands.verify,
            "核对日志的每条链和每次封存，指出哪里有错 / check every chain and seal of the log",
            commands.verify_arguments,
        ),
        Page("plain", "seals/", pages.seals, _("日志封存"), menu=False),
        Page(
            "workbench",
            "audit/",
            pages.entries,
            _("操作日志"),
            menu=_("操作日志"),
            icon="history",
            order=90,
            verb="audit.view",
        ),
    ),
)
