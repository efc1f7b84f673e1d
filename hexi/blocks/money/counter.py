"""The built-in channels of the counter: cash, and a bank's slip for money transferred before. Beside models."""

from django.utils.translation import gettext_lazy as _

from hexi.blocks.money.channels import Channel

CASH = Channel("cash", _("现金"), "cash", counter=True, keeps=False)
SLIP = Channel("slip", _("银行缴款回单"), "receipt", counter=True, reference=_("回单号"))
