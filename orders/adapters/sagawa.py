"""Sagawa's e飛伝III: label data as files, and the numbers of printed labels."""

from collections.abc import Sequence

from core.errors import Refusal
from inventory.rules import FileKind
from orders.rules import SAGAWA_74, SAGAWA_RESULT, LabelLayout, NumberRead, read_number


def carrier() -> str:
    """Its code, as parcels name it."""
    return "sagawa"


def label_layouts() -> Sequence[LabelLayout]:
    """The files it reads."""
    return (SAGAWA_74,)


def result_kind() -> FileKind:
    """The file it writes once labels are printed."""
    return SAGAWA_RESULT


def read_numbers(typed: Sequence[str]) -> Sequence[NumberRead | Refusal]:
    """Twelve digits, the last of which is checked by modulo 7."""
    return [read_number(one, is_certain=True) for one in typed]
