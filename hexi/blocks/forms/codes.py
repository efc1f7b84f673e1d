"""What kinds of questions there are, in words."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

KINDS = {
    "text": _("一行文字"),
    "long_text": _("多行文字"),
    "number": pgettext_lazy("kind of question", "数字"),
    "money": pgettext_lazy("kind of question", "金额"),
    "date": _("日期"),
    "period": _("起止日期"),
    "choice": _("单选"),
    "choices": _("多选"),
    "yes_no": _("是或否"),
    "region": _("地区"),
    "address": _("地址"),
    "map_point": _("地图上的点"),
    "identity_number": _("公民身份号码"),
    "credit_code": pgettext_lazy("kind of question", "统一社会信用代码"),
    "phone": pgettext_lazy("kind of question", "电话"),
    "email": _("邮箱"),
    "file": _("文件"),
    "photo": _("照片"),
    "signature": _("签名"),
    "computed": _("自动算出"),
    "note": _("说明文字"),
    "repeating": _("可增加的行"),
}
