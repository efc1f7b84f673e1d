"""Files people hand in or receive: content-addressed, checked, with a trust level."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.documents import copying, jobs, operations, pages, pages_copies, scanner
from hexi.blocks.documents.models import COPY
from hexi.blocks.documents.readers import Reader
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Block
from hexi.ui.doors import Page
from hexi.ui.live import Live

block = Block(
    key="documents",
    title=_("文件"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        operations.MAX_BYTES,
        operations.MAX_PER_SLOT,
        operations.MAX_PIXELS,
        operations.KEEP_REMOVED,
        copying.LONGEST,
        scanner.CLAMD,
        scanner.WAIT,
        scanner.POLICY,
        Live("handed", pages.live_handed),
        Schedule(jobs.scan_waiting, minutes=5),
        Schedule(jobs.clear, minutes=24 * 60),
        Page("citizen", "my/documents/", pages.mine, _("我的文件"), icon="files", order=40, signed_in=True),
        Page("citizen", "my/documents/<int:pk>/", pages.document, _("文件"), signed_in=True),
        Page("citizen", "my/documents/<int:pk>/remove/", pages.remove, _("删除文件"), signed_in=True),
        Page("citizen", "my/documents/<int:pk>/restore/", pages.restore, _("恢复文件"), signed_in=True),
        Page("citizen", "my/documents/<int:pk>/copy/", pages_copies.make_copy, _("制作复制件"), signed_in=True),
        Page("citizen", "my/copies/", pages_copies.copies, _("我的复制件"), icon="copy", order=42, signed_in=True),
        Page("citizen", "my/copies/<str:code>/", pages_copies.copy, _("复制件"), signed_in=True),
        Page("citizen", "my/copies/<str:code>/withdraw/", pages_copies.withdraw_copy, _("收回复制件"), signed_in=True),
        Page("plain", "copies/<str:code>/", pages_copies.copy_check, _("核对复制件")),
        # the file is part of the copy: nobody but its holder reads it, nobody removes it
        Reader(COPY, lambda actor, document: False, changeable=lambda ref, slot: False),
        Page("plain", "documents/<int:pk>/", pages.show, _("查看文件"), signed_in=True),
        Page("plain", "documents/<int:pk>/download/", pages.download, _("下载文件"), signed_in=True),
        Page("plain", "documents/<int:pk>/preview/", pages.preview, _("查看图片"), signed_in=True),
        Page("plain", "documents/<int:pk>/thumb/", pages.thumb, _("缩略图"), signed_in=True),
        Page("plain", "documents/handoff/<str:token>/", pages.handoff, _("拍照上传")),
        Page("plain", "documents/handed/<str:token>/", pages.handed, _("手机传来的文件"), signed_in=True),
    ),
)
