"""Japan Post's ゆうプリR: label data as files, and the numbers of printed labels."""

from collections.abc import Sequence

from core.errors import Refusal
from inventory.rules import FileKind
from orders.rules import JAPANPOST, JAPANPOST_RESULT, LabelLayout, NumberRead, read_number


def carrier() -> str:
    """Its code, as parcels name it."""
    return "japanpost"


def label_layouts() -> Sequence[LabelLayout]:
    """The files it reads."""
    return (JAPANPOST,)


def result_kind() -> FileKind:
    """The file it writes once labels are printed."""
    return JAPANPOST_RESULT


def read_numbers(typed: Sequence[str]) -> Sequence[NumberRead | Refusal]:
    """Eleven to thirteen digits; modulo 7 is disputed for twelve of them, so that it only raises a doubt."""
    return [read_number(one, is_certain=False) for one in typed]
