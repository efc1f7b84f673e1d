"""The Jinja2 environment of all our templates (why Jinja2: docs/decisions/templates.md)."""

from typing import Any

from jinja2 import Environment

from hexi.ui.environment import extend


def environment(**options: Any) -> Environment:
    """Django's options plus what ui puts in: globals, filters, translations."""
    options["autoescape"] = True
    return extend(Environment(**options))  # noqa: S701 - switched on in the line above
