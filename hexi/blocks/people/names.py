"""Names and telephone numbers as people type them, made comparable. Pure functions; stands below `models`."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

#: the dots people type inside names such as 古丽·买买提 (U+00B7 is the one of identity cards)
DOTS = str.maketrans(dict.fromkeys("・•‧∙.．•", "·"))


def tidy_name(text: str) -> str:
    """One form of a name: no blanks inside Chinese names, the right middle dot, single blanks inside Latin ones."""
    text = " ".join(unicodedata.normalize("NFKC", text).translate(DOTS).split())
    return text if text.isascii() else text.replace(" ", "")


def same_name(one: str, other: str) -> bool:
    """True if two names are the same but for blanks, dots, widths and capital letters."""
    return tidy_name(one).casefold() == tidy_name(other).casefold()


def read_phone(text: str, *, field: str = "phone") -> str:
    """A mobile number (11 digits) or a landline with area code, without blanks; empty stays empty.

    Raises `ValidationError` for `field`.
    """
    phone = re.sub(r"[\s()（）+]", "", unicodedata.normalize("NFKC", text))
    phone = re.sub(r"^86(?=1\d{10}$)", "", phone)
    if phone and not re.fullmatch(r"1\d{10}|0\d{2,3}-?\d{7,8}", phone):
        raise ValidationError({field: _("电话号码应为 11 位手机号码，或带区号的固定电话，如 0937-3330000，请核对。")})
    return phone
