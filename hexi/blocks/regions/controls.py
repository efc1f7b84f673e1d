"""The control of a form in which a division is chosen: the selects of a region picker. Beside pages."""

from collections.abc import Mapping
from typing import Any

from django import forms

from hexi.blocks.regions import codes, queries


class RegionSelect(forms.TextInput):
    """The selects of a picker, one a level, all of one name: the deepest filled one counts."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        """The code."""
        values = data.getlist(name) if hasattr(data, "getlist") else [data.get(name, "")]
        return queries.chosen_code([one for one in values if one == "" or codes.is_code(one)])
