"""Addresses of the sample kind of drafts, as a domain would declare them, beside the house's own."""

from django.http import HttpResponse
from django.urls import path

from hexi.blocks.forms import operations
from hexi.blocks.forms.pages import check_step, form_step, materials_step, own_draft
from hexi.site.urls import handler400, handler403, handler404, handler500  # noqa: F401
from hexi.site.urls import urlpatterns as house
from hexi.ui.doors import Page, guarded


@own_draft
def fill(request, draft, step):
    """One step of a sample draft."""
    if step == "materials":
        return materials_step(request, draft)
    if step == "check":

        def submit(version):
            ref = operations.submit(draft, version=version, by=request.actor, create=lambda submission: "CASE-1")
            return HttpResponse(ref, status=201)

        rows = [("最迟决定", "11月26日（周四）")]
        return check_step(request, draft, submit=submit, before_sending=rows, declaration="我承诺所填属实。")
    return form_step(request, draft, step.removeprefix("form."))


PAGE = Page("citizen", "sample/<str:key>/<str:step>/", fill, "Sample")
urlpatterns = [path(PAGE.path, guarded(PAGE)), *house]
