"""Electronic licences: issue, verify, suspend, revoke, expire."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.certificates import (
    commands,
    definitions,
    examining,
    gate,
    jobs,
    keys,
    known,
    operations,
    pages,
    readers,
)
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Block, Command, Prepare
from hexi.kernel.packs import Pack
from hexi.ui.doors import Page

block = Block(
    key="certificates",
    title=_("证照"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        keys.KEY,
        operations.REMIND,
        gate.PER_MINUTE,
        readers.READER,
        known.KNOWN,
        examining.EXAMINER,
        Prepare("证照签名密钥 key of certificates", keys.prepare, rank=10),
        Pack("certificates", definitions.Licences, definitions.load, rank=30, check=definitions.check),
        Schedule(jobs.expire, minutes=60),
        Schedule(jobs.remind, minutes=24 * 60),
        Command("verify", commands.verify, "离线核验证照 / check a certificate, offline", commands.verify_arguments),
        Command(
            "certificates rotate", commands.rotate, "换新的签名密钥 / make a new key that signs from now on",
            commands.rotate_arguments,
        ),
        Page("citizen", "my/certificates/", pages.mine, _("我的证照"), icon="certificate", order=20, signed_in=True),
        Page("citizen", "my/certificates/<str:identifier>/", pages.own, _("证照"), signed_in=True),
        Page("citizen", "my/certificates/<str:identifier>/ask/", pages.ask, _("申请注销或更正"), signed_in=True),
        Page("plain", "verify/", pages.verify, _("证照查验")),
        Page("plain", "verify/<str:identifier>/", pages.verified, _("查验结果")),
        Page(
            "workbench", "certificates/", pages.certificates, _("证照"), menu=_("证照"), icon="certificate", order=60,
            verb="certificates.issue",
        ),
        Page("workbench", "certificates/<int:pk>/", pages.certificate, _("证照"), verb="certificates.issue"),
        Page("workbench", "certificates/<int:pk>/correct/", pages.correct, _("更正证照"), verb="certificates.issue"),
        Page("workbench", "certificates/<int:pk>/answer/", pages.answer, _("答复申请"), verb="certificates.issue"),
        Page("workbench", "certificates/<int:pk>/change/", pages.change, _("改变证照状态"), verb="certificates.revoke"),
    ),
)  # fmt: skip
