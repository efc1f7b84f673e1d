"""Limits and holidays in words, in the language of the page: 20个工作日, 20 working days. Stands beside `queries`."""

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from hexi.blocks.calendars.clocks import Limit, Unit

#: the names under which the published days come; what people enter is shown as entered
HOLIDAYS = (
    _("元旦"), _("农历除夕"), _("春节"), _("清明"), _("清明节"), _("劳动节"), _("端午"), _("端午节"), _("中秋"),
    _("中秋节"), _("国庆节"), _("中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日"),
)  # fmt: skip


def holiday_words(name: str) -> str:
    """The name of a day."""
    return gettext(name) if name in HOLIDAYS else name


def with_warning(text: str, uncertain: bool) -> str:
    """A day as it is told; `uncertain`: it hangs on a year whose holidays are not announced, and may move."""
    return text + gettext("（该年放假安排尚未公布，可能变动）") if text and uncertain else text


def limit_words(limit: Limit) -> str:
    """The limit as a guide or a notice states it; 0 days is the same day."""
    if limit.amount == 0 and limit.unit.in_days:
        return gettext("当日")
    return amount_words(limit.amount, limit.unit)


def amount_words(amount: float, unit: Unit) -> str:
    """So much of a unit: what `Due.left`, `used` and `remaining` give."""
    whole = round(amount) if round(amount) == round(amount, 1) else round(amount, 1)
    sentences = {
        Unit.WORKING_DAYS: ngettext("%(n)s个工作日", "%(n)s个工作日", int(whole)),
        Unit.WORKING_HOURS: ngettext("%(n)s个工作小时", "%(n)s个工作小时", int(whole)),
        Unit.HOURS: ngettext("%(n)s小时", "%(n)s小时", int(whole)),
        Unit.MINUTES: ngettext("%(n)s分钟", "%(n)s分钟", int(whole)),
        Unit.CALENDAR_DAYS: ngettext("%(n)s天", "%(n)s天", int(whole)),
    }
    return sentences[unit] % {"n": whole}
