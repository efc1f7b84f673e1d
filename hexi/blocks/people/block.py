"""Persons, enterprises, identifiers, accounts, posts, sign-in, who may do what where."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.people import adapters, commands, pages, pages_work, shipped, vault
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
        adapters.OIDC_URL,
        adapters.OIDC_ID,
        adapters.OIDC_SECRET,
        adapters.OIDC_NAME,
        adapters.OIDC_NUMBER,
        Prepare("身份号码密钥 key of identity numbers", vault.write_key, rank=10),
        Pack("identifiers", shipped.TypesFile, shipped.load_types, rank=20),
        Pack("roles", shipped.RolesFile, shipped.load_roles, rank=20),
        Pack("people", shipped.DemoFile, shipped.load_demo, rank=60, check=shipped.check_demo),
        Command(
            "people admin", commands.admin, "Appoint the first administrator, from the machine itself.",
            commands.admin_arguments,
        ),
        Command(
            "people rekey", commands.rekey, "Identity numbers under the newest key.", commands.rekey_arguments
        ),
        Page("citizen", "my/account/", pages.account, _("我的账户"), icon="user-cog", order=70, signed_in=True),
        Page("citizen", "my/account/edit/", pages.edit, _("联系方式和显示"), signed_in=True),
        Page("citizen", "my/account/bind/", pages.bind, _("实名绑定"), signed_in=True),
        Page("citizen", "my/account/body/", pages.body, _("添加单位"), signed_in=True),
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
        Page(
            "workbench", "people/posts/", pages_work.posts, _("任职"),
            menu=_("任职"), icon="users", order=85, verb="people.posts",
        ),
        Page("workbench", "people/posts/new/", pages_work.appoint, _("任职"), verb="people.posts"),
        Page("workbench", "people/posts/<int:pk>/dismiss/", pages_work.dismiss, _("免职"), verb="people.posts"),
        Page("workbench", "people/accounts/new/", pages_work.open_account, _("开通账户"), verb="people.posts"),
        Panel("ui.account", pages.menu_links, order=10),
        Panel("people.sign_in", adapters.outside_sign_in),
        Panel("people.connect", adapters.outside_connect),
    ),
)  # fmt: skip
