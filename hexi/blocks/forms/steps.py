"""The steps of one draft: its sections, the materials if there are any, the check. Stands above `queries`."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from hexi.blocks.forms.queries import Standing
from hexi.ui.pages import Step, StepsPage


@dataclass(frozen=True)
class Steps:
    """The steps as the page kind wants them, and which are complete."""

    page: StepsPage
    done: tuple[str, ...]

    @property
    def keys(self) -> list[str]:
        """Their keys in order."""
        return [step.key for step in self.page.steps]

    def before(self, step: str) -> str:
        """The step before, the first one for the first."""
        return self.keys[max(self._place(step) - 1, 0)]

    def after(self, step: str) -> str:
        """The step after, the last one for the last."""
        return self.keys[min(self._place(step) + 1, len(self.keys) - 1)]

    def _place(self, step: str) -> int:
        return self.keys.index(step) if step in self.keys else 0


def of(standing: Standing) -> Steps:
    """The steps as the answers stand now, and which are complete."""
    found = [Step(f"form.{section.key}", section.title) for section in standing.sections]
    done = [f"form.{section.key}" for section in standing.sections if not standing.faults(section)]
    if standing.materials:
        found.append(Step("materials", _("材料")))
        done += [] if standing.missing else ["materials"]
    return Steps(StepsPage(str(standing.draft), (*found, Step("check", _("核对并提交")))), tuple(done))
