"""Build hook: a wheel carries the built front-end files, or is not built at all."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NEEDED = ("hexi/ui/static/ui/built/manifest.json", "hexi/ui/static/ui/built/icons.json", "hexi/ui/built_fonts")


class Assets(BuildHookInterface):
    """Refuse a wheel that would need Node where it is installed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before each build; an editable install (`make setup`) builds the files afterwards."""
        missing = [name for name in NEEDED if not (Path(self.root) / name).exists()]
        if version != "editable" and missing:
            raise FileNotFoundError(f"run `make wheel`, which builds the front end first: no {', '.join(missing)}")
