"""Commands: the first administrator of an installation; identity numbers under the newest key."""

import argparse
import sys
from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from hexi.blocks.people import offices, rekeying
from hexi.blocks.people.models import Account
from hexi.blocks.regions.models import Department
from hexi.kernel.actors import System

BY = System("command")


def admin(arguments: argparse.Namespace) -> int:
    """Appoint somebody from the machine itself; opens the account if there is none. Others are appointed in pages."""
    department = Department.objects.filter(key=arguments.department).first()
    if department is None:
        keys = "、".join(Department.objects.order_by("key").values_list("key", flat=True)[:40])
        print(f"✗ 没有部门 / no department {arguments.department}：{keys}", file=sys.stderr)
        return 1
    account = Account.objects.filter(username__iexact=arguments.username).first()
    password = None if account else _password(arguments)
    with transaction.atomic():
        name = arguments.name or arguments.username
        account = account or offices.open_account(arguments.username, name=name, by=BY, password=password)
        roles = [role.strip() for role in arguments.roles.split(",")]
        post = offices.appoint(account, department=department, title=arguments.title, roles=roles, by=BY)
    print(f"✓ {account.username}：{department.name} {post.title}（{arguments.roles}）")
    return 0


def admin_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi people admin`. The password is asked for, or read from standard input."""
    parser.add_argument("username", help="用户名 / user name")
    parser.add_argument("--name", default="", help="日志里显示的姓名 / name as the log prints it")
    parser.add_argument(
        "--department", required=True, help="数据包里的部门代号 / key of a department in the region's pack"
    )
    parser.add_argument("--title", default="系统管理员", help="岗位名称 / title of the post")
    parser.add_argument("--roles", default="system_admin,region_admin", help="角色，逗号分隔 / roles, comma separated")


def rekey(arguments: argparse.Namespace) -> int:
    """Write every number anew under the first key; with --index the lookups too (stop the service before)."""
    done = rekeying.rekey(lambda count: print(f"… {count:,}", flush=True))
    print(f"✓ {done:,} 个号码已换用新密钥 / numbers under the newest key")
    if arguments.index:
        print(f"✓ {rekeying.reindex():,} 个索引已换用新密钥 / lookups under the newest key; now remove the old keys")
    return 0


def rekey_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi people rekey`."""
    parser.add_argument(
        "--index", action="store_true", help="连同查找索引，先停服务 / the lookups too; stop the service first"
    )


def _password(arguments: argparse.Namespace) -> str:
    """A password that passes the rules (`ValidationError` if not), typed unseen or piped in."""
    asked = "密码 password: "
    password = getpass(asked) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    validate_password(password, Account(username=arguments.username, name=arguments.name))
    return password
