"""Files people hand in or receive: content-addressed, checked, with a trust level."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.documents import jobs, operations, pages, scanner
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
        Page("plain", "documents/<int:pk>/", pages.show, _("查看文件"), signed_in=True),
        Page("plain", "documents/<int:pk>/download/", pages.download, _("下载文件"), signed_in=True),
        Page("plain", "documents/<int:pk>/preview/", pages.preview, _("查看图片"), signed_in=True),
        Page("plain", "documents/<int:pk>/thumb/", pages.thumb, _("缩略图"), signed_in=True),
        Page("plain", "documents/handoff/<str:token>/", pages.handoff, _("拍照上传")),
        Page("plain", "documents/handed/<str:token>/", pages.handed, _("手机传来的文件"), signed_in=True),
    ),
)
