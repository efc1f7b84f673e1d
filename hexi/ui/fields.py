"""How the field of a Django form becomes controls with our classes, hints and errors tied to them."""

from typing import Any

from django import forms
from django.forms import BoundField
from markupsafe import Markup

CHOICES = (forms.RadioSelect, forms.CheckboxSelectMultiple)


def kind_of(bound: BoundField) -> str:
    """How a field is laid out: "hidden", "choices" (a fieldset), "check" (one box before its label) or "plain"."""
    widget = bound.field.widget
    if bound.is_hidden:
        return "hidden"
    if isinstance(widget, CHOICES):
        return "choices"
    return "check" if isinstance(widget, forms.CheckboxInput) else "plain"


def control(bound: BoundField) -> Markup:
    """The control of a field of kind "plain", "check" or "hidden"."""
    widget = bound.field.widget
    if isinstance(widget, forms.CheckboxInput):
        extra = {"class": "form-check-input"}
    elif isinstance(widget, forms.Select):
        extra = {"class": "form-select"}
    else:
        extra = {"class": "form-control"}
    attributes: dict[str, Any] = {} if bound.is_hidden else extra
    if bound.errors and not bound.is_hidden:
        attributes["class"] += " is-invalid"
    if isinstance(widget, forms.DateInput):
        # the browser's own calendar; it wants ISO days whatever the language
        widget.input_type, widget.format = "date", "%Y-%m-%d"
    return Markup(bound.as_widget(attrs=attributes))  # noqa: S704 made and escaped by Django
