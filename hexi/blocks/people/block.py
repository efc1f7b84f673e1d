"""Persons, enterprises, identifiers, accounts, posts, sign-in, who may do what where."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.people import (
    adapters,
    commands,
    jobs,
    mandates,
    pages,
    pages_clients,
    pages_keys,
    pages_mandates,
    pages_work,
    shipped,
    vault,
)
from hexi.blocks.people.weixin import options as weixin
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Block, Command, Prepare
from hexi.kernel.packs import Pack
from hexi.ui.doors import Page, Panel

block = Block(
    key="people",
    title=_("人员"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        vault.DATA_KEY,
        mandates.YEARS,
        adapters.OIDC_URL,
        adapters.OIDC_ID,
        adapters.OIDC_SECRET,
        adapters.OIDC_NAME,
        adapters.OIDC_NUMBER,
        *weixin.OPTIONS,
        Prepare("身份号码密钥 key of identity numbers", vault.write_key, rank=10),
        Pack("identifiers", shipped.TypesFile, shipped.load_types, rank=20),
        Pack("roles", shipped.RolesFile, shipped.load_roles, rank=20),
        Pack("people", shipped.DemoFile, shipped.load_demo, rank=60, check=shipped.check_demo),
        Command(
            "people admin", commands.admin, "在本机任命第一位管理员 / appoint the first administrator",
            commands.admin_arguments,
        ),
        Command(
            "people rekey", commands.rekey, "用最新密钥重新加密证件号 / identity numbers under the newest key",
            commands.rekey_arguments,
        ),
        Page("citizen", "my/account/", pages.account, _("我的账户"), icon="user-cog", order=70, signed_in=True),
        Page("citizen", "my/account/edit/", pages.edit, _("联系方式和显示"), signed_in=True),
        Page("citizen", "my/account/bind/", pages.bind, _("实名绑定"), signed_in=True),
        Page("citizen", "my/account/body/", pages.body, _("添加单位"), signed_in=True),
        Page(
            "citizen", "my/mandates/", pages_mandates.my_mandates, _("授权委托"), icon="users", order=65,
            signed_in=True,
        ),
        Page("citizen", "my/mandates/give/", pages_mandates.give_mandate, _("授权别人代办"), signed_in=True),
        Page("citizen", "my/mandates/offers/<int:pk>/", pages_mandates.answer_mandate, _("授权委托"), signed_in=True),
        Page("citizen", "my/mandates/<int:pk>/end/", pages_mandates.end_mandate, _("解除授权"), signed_in=True),
        Page("citizen", "my/looks/", pages.looks, _("谁看过我的信息"), icon="eye", order=60, signed_in=True),
        Page(
            "workbench", "people/find/", pages_work.find, _("人员查询"),
            menu=_("人员查询"), icon="user-search", order=80, verb="people.view",
        ),
        Page("workbench", "people/find/<int:pk>/", pages_work.person, _("人员"), verb="people.view"),
        Page("workbench", "people/find/numbers/<int:pk>/", pages_work.unmask, _("查看完整号码"), verb="people.unmask"),
        Page(
            "workbench", "people/find/numbers/<int:pk>/verify/", pages_work.verify, _("核验原件"),
            verb="people.register",
        ),
        Page("workbench", "people/find/<int:pk>/release/", pages_work.release, _("解除绑定"), verb="people.register"),
        Page("workbench", "people/find/<int:pk>/bind/", pages_work.tie, _("绑定账户"), verb="people.register"),
        Page(
            "workbench", "people/find/<int:pk>/representative/", pages_work.representative, _("更正法定代表人"),
            verb="people.register",
        ),
        Page(
            "workbench", "people/posts/", pages_work.posts, _("任职"),
            menu=_("任职"), icon="users", order=85, verb="people.posts",
        ),
        Page("workbench", "people/posts/new/", pages_work.appoint, _("任职"), verb="people.posts"),
        Page("workbench", "people/posts/<int:pk>/dismiss/", pages_work.dismiss, _("免职"), verb="people.posts"),
        Page("workbench", "people/accounts/new/", pages_work.open_account, _("开通账户"), verb="people.posts"),
        Page(
            "workbench", "systems/", pages_keys.api_keys, _("外部系统"),
            menu=_("外部系统"), icon="key", order=88, verb="people.keys",
        ),
        Page("workbench", "systems/new/", pages_keys.new_api_key, _("发放密钥"), verb="people.keys"),
        Page("workbench", "systems/<int:pk>/", pages_keys.api_key, _("外部系统"), verb="people.keys"),
        Page("workbench", "systems/<int:pk>/withdraw/", pages_keys.withdraw_api_key, _("收回密钥"), verb="people.keys"),
        Page(
            "workbench", "clients/", pages_clients.clients, _("统一登录"),
            menu=_("统一登录"), icon="id", order=89, verb="people.keys",
        ),
        Page("workbench", "clients/new/", pages_clients.new_client, _("登记系统"), verb="people.keys"),
        Page("workbench", "clients/<str:pk>/withdraw/", pages_clients.withdraw_client, _("停止"), verb="people.keys"),
        Schedule(jobs.forget_calls, minutes=24 * 60),
        Schedule(jobs.forget_tries, minutes=60),
        Panel("ui.account", pages.menu_links, order=10),
        Panel("people.sign_in", adapters.outside_sign_in),
        Panel("people.connect", adapters.outside_connect),
        Panel("people.sign_in", adapters.weixin_sign_in),
        Panel("people.connect", adapters.weixin_connect),
    ),
)  # fmt: skip
