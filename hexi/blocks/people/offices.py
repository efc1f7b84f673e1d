"""What changes officials: accounts opened for them, posts given and ended. Operations, as in `operations`."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.people.hooks import appointed
from hexi.blocks.people.models import Account, Post, Role
from hexi.blocks.people.names import read_phone, tidy_name
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require


def open_account(
    username: str,
    *,
    name: str,
    by: Actor,
    password: str | None = None,
    hashed: str = "",
    phone: str = "",
    email: str = "",
) -> Account:
    """An account for somebody else, mostly an official. Without a password it waits for a reset or outside sign-in.

    `hashed`: instead of the password, what `make_password` made of it.
    """
    if not by.scopes("people.posts"):
        require(by, "people.posts")
    account = Account(username=username.strip(), name=tidy_name(name), phone=read_phone(phone), email=email)
    if hashed:
        account.password = hashed
    else:
        account.set_password(password)
    account.full_clean(exclude=["password"])
    with change(by, "people.open_account", name=account.name) as entry:
        account.save()
        entry.thing = account
    return account


def appoint(
    account: Account,
    *,
    department: Department,
    title: str,
    roles: Iterable[str],
    by: Actor,
    region_code: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Post:
    """A post in a department, from a day on (default today), for a region subtree (default the department's own).

    Needs `people.posts` there and where the department is. Nobody appoints himself; a role that reaches every
    department needs the right over every department; a guarded role needs all its verbs. The same post held twice at
    once is refused.
    """
    region_code = region_code or department.region_code
    if getattr(by, "account_id", None) == account.pk:
        raise Denied(_("不能给自己任职，请由其他管理员办理。"))
    given = _roles(roles)
    for role in given:
        _require_grant(by, role, department, region_code)
    post = Post(
        account=account,
        department=department,
        region_code=region_code,
        title=title.strip(),
        valid_from=valid_from or clock.today(),
        valid_to=valid_to,
    )
    post.full_clean()
    with change(by, "people.appoint", account, department=department.pk, region=region_code) as entry:
        post.save()
        post.roles.set(given)
        entry.facts |= {"post": post.pk, "title": post.title, "roles": [role.pk for role in given]}
        appointed.ring(post=post, by=by)
        entry.facts |= {"from": post.valid_from.isoformat(), "to": valid_to.isoformat() if valid_to else ""}
    return post


def _roles(keys: Iterable[str]) -> list[Role]:
    wanted = set(keys)
    found = list(Role.objects.filter(pk__in=wanted))
    if not wanted or len(found) != len(wanted):
        raise ValidationError({"roles": _("请至少选择一个岗位角色，且都在角色表里。")})
    return found


def _require_grant(by: Actor, role: Role, department: Department, region_code: str) -> None:
    reach = department.pk if role.reach == Role.Reach.DEPARTMENT else None
    verbs = ["people.posts", *(role.verbs if role.guarded else ())]
    places = {region_code, department.region_code}
    for verb in verbs:
        held = [scope for scope in by.scopes(verb) if scope.department in (None, reach)]
        if not any(all(scope.covers(reach, place) for place in places) for scope in held):
            raise Denied(_("您不能在这里授予或免去「%(role)s」：这个角色的范围超出您的权限。") % {"role": role})


def dismiss(post: Post, *, by: Actor, on: date | None = None) -> None:
    """End a post: `on` (default today) is the first day without it. Its rights end with it, its record stays.

    Needs `people.posts` there; a post with a guarded role is ended by who could have given it.
    """
    require(by, "people.posts", post.department_id, post.region_code)
    for role in post.roles.filter(guarded=True):
        _require_grant(by, role, post.department, post.region_code)
    on = on or clock.today()
    if on < post.valid_from:
        raise ValidationError({"on": _("免职日期不能早于任职日期。")})
    with change(by, "people.dismiss", post.account, post=post.pk, on=on.isoformat()):
        done = Post.objects.filter(pk=post.pk, valid_to=None).update(valid_to=on)
        if not done and not Post.objects.filter(pk=post.pk, valid_to__gt=on).update(valid_to=on):
            raise ValidationError({"on": _("这个职务已经免去。")})
    post.valid_to = on
