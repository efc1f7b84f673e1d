"""Fees: what is owed, paid, given back, in a double-entry ledger, and compared with what the channels say."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.money import commands, counter, jobs, online, pages, pages_work, readers
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Block, Command
from hexi.ui.doors import Page

block = Block(
    key="money",
    title=_("收费与对账"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        online.URL,
        online.SECRET,
        online.PATIENCE,
        counter.CASH,
        counter.SLIP,
        online.ONLINE,
        readers.READER,
        Schedule(jobs.ask_waiting, minutes=1),
        Schedule(jobs.send_refunds, minutes=1),
        Command("money check", commands.check, "核对账户余额与明细 / compare the balances with the postings"),
        Page("citizen", "my/payments/", pages.my_payments, _("我的缴费"), icon="cash", order=30, signed_in=True),
        Page("citizen", "my/payments/<str:number>/", pages.mine, _("缴费单"), signed_in=True),
        Page("citizen", "my/payments/<str:number>/pay/", pages.pay, _("网上付款"), signed_in=True),
        Page("citizen", "my/payments/<str:number>/check/", pages.check, _("查询结果"), signed_in=True),
        Page("plain", "payments/notify/", pages.notify, _("支付通知"), menu=False),
        Page(
            "workbench", "cashier/", pages_work.cashier, _("收费窗口"), menu=_("收费窗口"), icon="cash", order=62,
            verb="money.see",
        ),
        Page("workbench", "cashier/receipts/", pages_work.receipts, _("收款记录"), verb="money.see"),
        Page("workbench", "cashier/<str:number>/", pages_work.charge, _("缴费单"), verb="money.see"),
        Page("workbench", "cashier/<str:number>/take/", pages_work.take, _("收款"), verb="money.take"),
        Page("workbench", "cashier/payments/<int:pk>/refund/", pages_work.refund, _("退款"), verb="money.refund"),
        Page(
            "workbench", "reconciliation/", pages_work.reconciliation, _("对账"), menu=_("对账"), icon="scale",
            order=64, verb="money.see",
        ),
        Page("workbench", "reconciliation/new/", pages_work.hand_in, _("提交对账文件"), verb="money.refund"),
        Page("workbench", "reconciliation/<int:pk>/", pages_work.statement, _("对账结果"), verb="money.see"),
    ),
)  # fmt: skip
