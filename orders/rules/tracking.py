"""Numbers on labels: digits, checked by their last one where the carrier's rule is known."""

from dataclasses import dataclass

from core.errors import Refusal
from core.words import gettext_noop as _
from inventory.rules import is_mangled, typed_code

DIGITS = 12
REUSED_AFTER_DAYS = 400
"""Carriers give a number out again some time; from then on it may be another parcel's."""


@dataclass(frozen=True, slots=True)
class NumberRead:
    """A tracking number as it is kept, without hyphens; ``doubt`` is what a person should look at though it counts."""

    number: str
    doubt: Refusal | None = None


def fits_modulo_7(number: str) -> bool:
    """Whether the last of twelve digits is the rest of the first eleven divided by seven.

    >>> fits_modulo_7("123456789013"), fits_modulo_7("123456789018")
    (True, False)
    """
    return len(number) == DIGITS and number.isascii() and number.isdigit() and int(number[:-1]) % 7 == int(number[-1])


def read_number(typed: str, *, is_certain: bool) -> NumberRead | Refusal:
    """The number a carrier's program wrote. Where its rule is not ``certain``, a last digit that does not fit is only doubted."""
    code = typed_code(typed)
    number = code.replace("-", "").replace(" ", "")
    about = {"typed": code[:40]}
    if is_mangled(code):
        words = _("“%(typed)s” is no tracking number. A spreadsheet may have rounded it: keep the column as text.")
        return Refusal("order.bad_tracking_number", words, about, "/tracking")
    if not number:
        return Refusal("order.no_tracking_number", _("This row has no tracking number: the label is not printed yet."), {}, "/tracking")
    if fits_modulo_7(number):
        return NumberRead(number)
    if is_certain or not (number.isascii() and number.isdigit() and 11 <= len(number) <= 13):
        words = _("“%(typed)s” is no tracking number: it has twelve digits, of which the last fits the others.")
        return Refusal("order.bad_tracking_number", words, about, "/tracking")
    words = _("The last digit of “%(typed)s” does not fit the others. It was taken in; compare it with the label.")
    return NumberRead(number, Refusal("order.doubtful_tracking_number", words, about, "/tracking") if len(number) == DIGITS else None)
