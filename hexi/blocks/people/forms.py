"""What people fill in about themselves, and administrators about posts. Stands between `operations` and `pages`."""

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from hexi.blocks.people.models import Account, IdentifierType, Person, Role
from hexi.blocks.people.names import read_phone
from hexi.blocks.regions.models import Department
from hexi.kernel.actors import Scope, within

EDITIONS = [("normal", _("标准版")), ("elder", _("长者版"))]
TEL = {"type": "tel", "autocomplete": "tel"}
LENGTH = {"name": 60, "number": 30, "phone": 20, "address": 300}


def _text(label: Any, length: int, *, required: bool = True, hint: Any = "", **attributes: str) -> forms.CharField:
    widget = forms.TextInput(attrs=attributes)
    return forms.CharField(label=label, max_length=length, required=required, help_text=hint, widget=widget)


class PhoneField(forms.CharField):
    """A telephone number in its one form."""

    def clean(self, value: Any) -> str:
        """Refuse what cannot be one."""
        text: str = super().clean(value)
        try:
            return read_phone(text)
        except forms.ValidationError as error:
            raise forms.ValidationError(error.messages) from error


class SignUp(forms.Form):
    """What we ask beyond user name and password (`ACCOUNT_SIGNUP_FORM_CLASS`)."""

    phone = PhoneField(
        label=_("手机号码"),
        max_length=LENGTH["phone"],
        help_text=_("办件有进展时用它通知您。"),
        widget=forms.TextInput(attrs=TEL),
    )
    field_order = ("username", "phone", "email", "password1", "password2")

    def signup(self, request: HttpRequest, user: Account) -> None:
        """allauth calls this once the account is kept."""
        user.phone = self.cleaned_data["phone"]
        user.save(update_fields=["phone"])


class Bind(forms.Form):
    """Real-name binding."""

    name = _text(_("姓名"), LENGTH["name"], hint=_("与身份证上的一致。"), autocomplete="name")
    number = _text(
        _("身份证号"), LENGTH["number"], hint=_("18 位，最后一位可能是 X。加密保存，只显示首尾。"), autocomplete="off"
    )


class Body(forms.Form):
    """A body one legally represents."""

    name = _text(_("单位名称"), 200, hint=_("与营业执照上的一致。"), autocomplete="organization")
    number = _text(_("统一社会信用代码"), LENGTH["number"], hint=_("18 位。"), autocomplete="off")
    kind = forms.ChoiceField(
        label=_("单位类型"), choices=[(kind.value, kind.label) for kind in Person.Kind if kind != Person.Kind.NATURAL]
    )


class Reach(forms.Form):
    """How to reach somebody, and how pages should look to him."""

    phone = PhoneField(label=_("手机号码"), max_length=20, required=False, widget=forms.TextInput(attrs=TEL))
    language = forms.ChoiceField(label=_("语言"), choices=settings.LANGUAGES)
    edition = forms.ChoiceField(label=_("版本"), choices=EDITIONS)


class Contact(Reach):
    """The same with the address, which belongs to the person bound."""

    address = _text(_("通讯地址"), LENGTH["address"], required=False, autocomplete="street-address")
    field_order = ("phone", "address", "language", "edition")


class Find(forms.Form):
    """Somebody by his number, and what for."""

    type = forms.ModelChoiceField(label=_("证件类型"), queryset=IdentifierType.objects.all(), empty_label=None)
    number = _text(_("证件号码"), LENGTH["number"], autocomplete="off")
    purpose = _text(_("查询用途"), 200, hint=_("本人能看到谁在什么时候为什么查询。"), autocomplete="off")


class Purpose(forms.Form):
    """What a full number is shown for."""

    purpose = _text(_("用途"), 200, hint=_("本人能看到谁在什么时候为什么查看。"), autocomplete="off")


class Tie(forms.Form):
    """Which account is to be tied to the person at the window."""

    username = _text(_("用户名"), 60, hint=_("请本人说出，或让本人在手机上打开“我的账户”出示。"), autocomplete="off")
    seen = forms.BooleanField(label=_("已核对本人和身份证原件"))

    def clean_username(self) -> Account:
        """The account of that name."""
        return _account(self.cleaned_data["username"], _("没有这个用户名，请核对。"))


class Representative(Bind):
    """A body's new legal representative."""

    seen = forms.BooleanField(label=_("已核对营业执照（或登记证书）和身份证原件"))


class Reason(forms.Form):
    """Why an account is untied from its person."""

    reason = _text(_("理由和核实过程"), 200, hint=_("例如：本人持身份证到窗口声明不是本人所开。"), autocomplete="off")


class Open(forms.Form):
    """A new account for an official."""

    username = _text(_("用户名"), 60, hint=_("登录时输入，开通后不能修改。"), autocomplete="off")
    name = _text(_("姓名"), LENGTH["name"], autocomplete="off")
    phone = PhoneField(label=_("手机号码"), max_length=20, required=False)
    email = forms.EmailField(label=_("电子邮箱"), help_text=_("设置密码的链接发到这里。"))


class Appoint(forms.Form):
    """A post for an account."""

    username = _text(_("用户名"), 60, autocomplete="off")
    department = forms.ModelChoiceField(label=_("部门"), queryset=Department.objects.none(), empty_label=_("请选择"))
    title = _text(_("职务"), 60, autocomplete="off")
    roles = forms.ModelMultipleChoiceField(
        label=_("岗位角色"), queryset=Role.objects.all(), widget=forms.CheckboxSelectMultiple
    )
    valid_from = forms.DateField(label=_("任职日期"), required=False, help_text=_("不填为今天。"))
    valid_to = forms.DateField(label=_("免职日期"), required=False, help_text=_("不填为长期；从这一天起不再任职。"))

    def __init__(self, *args: Any, scopes: tuple[Scope, ...] = (), **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = departments_within(scopes)  # type: ignore[attr-defined]

    def clean_username(self) -> Account:
        """The account of that name."""
        return _account(self.cleaned_data["username"], _("没有这个用户名。请核对，或先为这个人开通账户。"))


class Dismiss(forms.Form):
    """The first day without the post."""

    on = forms.DateField(label=_("免职日期"), help_text=_("从这一天起不再任职。"))


def _account(username: str, refusal: Any) -> Account:
    """The account of that name. Raises `ValidationError` with the refusal."""
    try:
        return Account.objects.get_by_natural_key(username.strip())
    except Account.DoesNotExist:
        raise forms.ValidationError(refusal) from None


def departments_within(scopes: tuple[Scope, ...]) -> QuerySet[Department]:
    """The departments an administrator may appoint to."""
    return Department.objects.filter(within(scopes, "pk"), active=True)
