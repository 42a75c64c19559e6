"""What a label on the goods says, in the words of GS1: which goods, which lot, and the day they expire."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from catalog.rules.drafts import is_jan

FNC1 = "\x1d"
"""What a scanner sends between two parts of a label where the first has no fixed length."""

# Parts of a fixed length by the first two digits of their identifier, that identifier included (GS1 General Specifications 7.8.5);
# every other part ends at the next FNC1, or with the label.
_FIXED = {
    "00": 20, "01": 16, "02": 16, "03": 16, "04": 18, **dict.fromkeys(("11", "12", "13", "14", "15", "16", "17", "18", "19"), 8), "20": 4,
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), 10), "41": 16,
}  # fmt: skip
_SYMBOLOGY = re.compile(r"^\](?:C1|e0|d2|Q3|J1)")
_IN_BRACKETS = re.compile(r"\((\d{2,4})\)([^(]+)")
_GOODS, _LOT, _BEST_BEFORE, _EXPIRY = "01", "10", "15", "17"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A code to look the goods up by; where the label names them, their lot and the last day on which they keep."""

    code: str
    lot_number: str = ""
    expires_on: date | None = None


def label_read(typed: str) -> Label | None:
    """What a GS1 barcode says, as scanners send it or as it is printed beneath, "(01)…(17)…(10)…"; None for any other code.

    It must name the goods (01) rightly to its check digit, so that no code of ours is taken for one. A day of expiry (17) stands
    before one of best quality (15); a day 00 is the last of its month. Years are of this century. Source: GS1 General
    Specifications, 3 and 7.8; JIS X 0532 for the JAN code in a GTIN.
    """
    parts, _is_sure = _read(typed)
    goods = parts.get(_GOODS, "").strip()
    return _label(parts, _jan(goods)) if len(goods) == 14 and is_jan(goods) else None


def lot_label_read(typed: str) -> Label | None:
    """What a GS1 barcode beside the goods' own says of their lot, "(10)…(17)…", where it is marked as one: brackets, or what a
    scanner sends before it. Its ``code`` is empty. None for all else, which may be a lot number as it stands.
    """
    parts, is_sure = _read(typed)
    return _label(parts, "") if is_sure and _GOODS not in parts and parts.get(_LOT, "").strip() else None


def _read(typed: str) -> tuple[dict[str, str], bool]:
    """The parts of a label by their identifiers, and whether it is marked as one."""
    text = typed.strip(" \t\r\n")
    bare = _SYMBOLOGY.sub("", text, count=1).lstrip(FNC1)
    if bare.startswith("("):
        return dict(_IN_BRACKETS.findall(bare)), True
    return dict(_parts(bare)), bare != text


def _label(parts: dict[str, str], code: str) -> Label:
    days = [day for name in (_EXPIRY, _BEST_BEFORE) if (day := _day(parts.get(name, "").strip())) is not None]
    return Label(code=code, lot_number=parts.get(_LOT, "").strip(), expires_on=days[0] if days else None)


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """(identifier, what it says) one after the other; nothing of what cannot be a label."""
    while text:
        length = _FIXED.get(text[:2])
        part, text = (text[:length], text[length:].lstrip(FNC1)) if length else text.partition(FNC1)[::2]
        if length and len(part) < length:
            return
        yield part[:2], part[2:]


def _jan(gtin: str) -> str:
    """A GTIN of 14 digits as a JAN code of 8 or 13; a case that has one of its own keeps all 14."""
    if gtin.startswith("000000"):
        return gtin[6:]
    return gtin.removeprefix("0")


def _day(text: str) -> date | None:
    """A day written YYMMDD."""
    if len(text) != 6 or not (text.isascii() and text.isdigit()):
        return None
    year, month, day = 2000 + int(text[:2]), int(text[2:4]), int(text[4:])
    if not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    return date(year, month, day or last) if day <= last else None


def day_read(typed: str) -> date | None:
    """A day as it stands on goods, six digits without a century (261231); None for all else."""
    return _day(typed.strip())
