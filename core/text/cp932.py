"""Files of carriers, banks and old systems: cp932, measured in bytes, never losing a character in silence."""

from dataclasses import dataclass
from typing import Final

from core.text.folding import fold_variants

MISSING: Final = "〓"
"""What stands where a character has no cp932 form: the printers' mark for a missing letter."""

# What cp932 lacks and may be written otherwise without asking anybody.
REPLACEMENTS: Final = {
    "—": "―", "‒": "‐", "–": "‐", "‑": "‐", "¥": "\\", "‾": "~", "•": "・", "´": "’", "\u00a0": " ", "ゔ": "ヴ",
    "é": "e", "è": "e", "ê": "e", "ë": "e", "á": "a", "à": "a", "â": "a", "ä": "a", "í": "i", "ó": "o", "ö": "o", "ô": "o", "ú": "u", "ü": "u",
    "ñ": "n", "ç": "c", "É": "E", "©": "(c)", "®": "(R)", "™": "(TM)", "€": "EUR", "♡": "♥",
}  # fmt: skip

# Pairs that share their cp932 bytes: one is written, the other comes back.
_SAME_BYTES: Final = str.maketrans("〜−‖¢£¬", "～－∥￠￡￢")
_DROPPED: Final = ("\ufe0e", "\ufe0f", "\u200d", "\u200b", "\ufeff")


@dataclass(frozen=True, slots=True)
class Cp932Text:
    """A text that cp932 can write, what was replaced to get there, and what nobody could replace."""

    text: str
    replaced: tuple[str, ...] = ()
    unencodable: tuple[str, ...] = ()


def _encodes(text: str) -> bool:
    try:
        text.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def cp932_safe(text: str) -> Cp932Text:
    """The text with everything cp932 lacks replaced by a fixed table (— → ―, 𠮷 → 吉), the rest marked by 〓 and listed.

    A line with anything in ``unencodable`` belongs before a person; the row itself is never dropped.
    """
    if _encodes(text):
        return Cp932Text(text)
    written: list[str] = []
    replaced: dict[str, None] = {}
    lost: dict[str, None] = {}
    for c in text:
        if _encodes(c):
            written.append(c)
        elif c in _DROPPED or 0xE0100 <= ord(c) <= 0xE01EF:
            replaced[c] = None
        elif (other := REPLACEMENTS.get(c) or fold_variants(c)) != c and _encodes(other):
            written.append(other)
            replaced[c] = None
        else:
            written.append(MISSING)
            lost[c] = None
    return Cp932Text("".join(written), tuple(replaced), tuple(lost))


def cp932_fold(text: str) -> str:
    """A text as it comes back from a cp932 file (〜 returns as ～, − as －): compare after folding both sides."""
    return text.translate(_SAME_BYTES)


def cp932_width(text: str) -> int:
    """How wide a text is in bytes of cp932: full-width characters 2, half-width 1; what it lacks counts as 〓."""
    return len(cp932_safe(text).text.encode("cp932"))


def truncate_cp932(text: str, *, max_bytes: int) -> str:
    """The longest beginning of a text that fits into so many bytes of cp932, with no character split.

    The rest is ``text[len(result):]``, for the next column.
    """
    used = 0
    for place, c in enumerate(text):
        used += len(cp932_safe(c).text.encode("cp932"))
        if used > max_bytes:
            return text[:place]
    return text
