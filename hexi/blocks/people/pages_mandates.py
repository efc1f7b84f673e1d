"""Pages of mandates at the citizen door: what one gave and holds, giving one, ending one."""

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hexi.blocks.people import mandates
from hexi.blocks.people.models import Person
from hexi.blocks.people.queries import persons_of
from hexi.kernel import clock
from hexi.ui.pages import FormPage


class GiveForm(forms.Form):
    """Who may act for whom, in what, until when."""

    principal = forms.ChoiceField(label=gettext_lazy("授权人"))
    agent_name = forms.CharField(label=gettext_lazy("受托人姓名"), max_length=60)
    agent_number = forms.CharField(
        label=gettext_lazy("受托人身份号码"), max_length=30, help_text=gettext_lazy("对方在本站实名后，同意了才生效。")
    )
    items = forms.MultipleChoiceField(
        label=gettext_lazy("可以办的事项"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("不勾选是全部事项。"),
    )  # fmt: skip
    until = forms.DateField(label=gettext_lazy("有效期至"), widget=forms.DateInput(attrs={"type": "date"}))


def my_mandates(request: HttpRequest) -> HttpResponse:
    """Everything one gave and holds."""
    actor, known = request.actor, mandates.matters()  # type: ignore[attr-defined]
    rows = [(one, [known.get(key, key) for key in one.items], one.good(clock.today())) for one in mandates.given(actor)]
    facts = {"title": _("授权委托"), "rows": rows}
    for name, offers in (("offered", mandates.offered(actor)), ("asked", mandates.asked(actor))):
        facts[name] = [(one, [known.get(key, key) for key in one.items]) for one in offers]
    return render(request, "people/mandates.html", facts)


def give_mandate(request: HttpRequest) -> HttpResponseBase:
    """Let somebody act for oneself, or for a body one represents."""
    actor = request.actor  # type: ignore[attr-defined]
    own = Person.objects.filter(pk__in=persons_of(actor)).order_by("kind", "pk")

    class Form(GiveForm):
        def __init__(self, *args: object, **more: object):
            super().__init__(*args, **more)
            self.fields["principal"].choices = [(str(one.pk), one.name) for one in own]
            self.fields["items"].choices = list(mandates.matters().items())

    def save(form: GiveForm) -> str:
        if not ratelimit.consume(request, action="mandate", user=request.user):
            raise ValidationError(_("尝试次数太多，请一小时后再试，或带身份证到政务大厅窗口办理。"))
        facts = dict(form.cleaned_data)
        principal = own.get(pk=facts.pop("principal"))
        mandates.give(principal, by=actor, **facts)
        words = _("已发出。%(name)s本人登录本站、在“授权委托”里同意后生效；在那之前可以撤回。")
        messages.success(request, words % {"name": facts["agent_name"]})
        return reverse("people.my_mandates")

    lead = _("受托人可以用自己的账户代您（或您代表的单位）申请、补正和查看这些事项，每一步都记他的名字，也会通知您。")
    page = FormPage(_("授权别人代办"), _("授权"), lead=lead, back=reverse("people.my_mandates"))
    return page.respond(request, Form, save)


@require_POST
def answer_mandate(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to act for somebody, or not; or take back what one offered."""
    actor = request.actor  # type: ignore[attr-defined]
    found = next((one for one in (*mandates.offered(actor), *mandates.asked(actor)) if one.pk == pk), None)
    if found is None:
        raise Http404(_("没有这份授权，或者它不是给您的。"))
    try:
        if request.POST.get("do") == "accept":
            mandates.accept(found, by=actor)
            messages.success(request, _("已同意代%(name)s办理，立即生效。") % {"name": found.principal.name})
        else:
            mandates.decline(found, by=actor)
            messages.success(request, _("已记下，这份授权不会生效。"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("people.my_mandates"))


@require_POST
def end_mandate(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a mandate back, or lay it down."""
    found = get_object_or_404(mandates.given(request.actor), pk=pk)  # type: ignore[attr-defined]
    mandates.withdraw(found, by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("已解除授权，立即生效。"))
    return HttpResponseRedirect(reverse("people.my_mandates"))
