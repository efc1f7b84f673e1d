"""What the public side puts at the doors: photos before and after, what somebody follows, the letter each Monday."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from hexi.domains.livelihood.requests.pages import follows, photos
from hexi.domains.livelihood.requests.states import HANDLE, PUBLISH
from hexi.ui.doors import Page, Panel

#: they stand before the pages of one order: "photo" is no number
PUBLIC_SIDE: tuple[Any, ...] = (
    Page("citizen", "requests/photo/<slug:key>.jpg", photos.public_photo, _("照片")),
    Page("citizen", "requests/stop/<str:token>/", follows.stop_following, _("我的关注")),
    Page("citizen", "requests/mail/<str:token>/", follows.confirm_mail, _("确认关注")),
    Page("citizen", "requests/week/<slug:region>/<slug:monday>/", follows.week, _("一周诉求")),
    Page("citizen", "my/follows/", follows.follows, _("我的关注"), icon="star", signed_in=True),
    Page("workbench", "requests/photos/", photos.photo_list, _("公开照片"), menu=_("公开照片"), icon="photo", order=18,
         verb=PUBLISH, count=photos.photos_waiting),
    Page("workbench", "requests/<str:number>/photos/add/", photos.add_after, _("处理后的照片"), verb=HANDLE),
    Page("workbench", "requests/<str:number>/photos/<int:photo>/", photos.photo, _("核对照片"), verb=PUBLISH),
    Page("workbench", "requests/<str:number>/photos/<int:photo>/copy/", photos.photo_copy, _("照片"), verb=PUBLISH),
    Panel("requests.public", photos.on_public),
    Panel("requests.mine", photos.on_mine),
    Panel("requests.order", photos.on_order),
)  # fmt: skip
