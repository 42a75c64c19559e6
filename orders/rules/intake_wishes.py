"""Wishes that buyers write into a counter's comment field, and how counters write time bands. Pure."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from core.text import plain
from orders.rules.bands import TIME_BANDS
from orders.rules.intake_reading import day_in

_HEADING: Final = re.compile(r"^\s*[\[［](?P<name>[^\]］:：]{1,20})[:：]?[\]］]\s*[:：]?\s*(?P<rest>.*)$")
_WISH: Final = ("配送日時指定", "お届け日時指定", "お届け日指定", "お届け時間帯", "時間帯指定", "配送日指定")
_BODY: Final = ("備考", "メッセージ", "コメント")
_DAY_LINE: Final = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?\s*(\(.\)|（.）)?")
_HOURS: Final = re.compile(r"(?P<from>\d{1,2})\s*(?:時|:00)?\s*[-~〜～から]+\s*(?P<until>\d{1,2})\s*(?:時|:00)?")
_NONE: Final = frozenset({"", "0", "00", "0000", "指定なし", "時間指定なし", "なし", "none", "none selected", "日付指定なし"})
_MORNING: Final = frozenset({"1", "01", "午前", "午前中", "am"})


@dataclass(frozen=True, slots=True)
class RemarkParts:
    """A comment field taken apart: the wished day and band in the counter's words, and what is left for people to read."""

    wished_on: date | None = None
    time_band: str = ""
    rest: str = ""


def remark_parts(text: str) -> RemarkParts:
    """The comment field of Rakuten and of carts that write alike: sections under headings such as [配送日時指定:] and [備考:].

    What isn't understood stays in the rest, so that nothing a buyer wrote is lost.
    """
    day: date | None = None
    band = ""
    rest: list[str] = []
    section = ""
    for line in text.splitlines():
        found = _HEADING.match(line)
        if found:
            section, line = found["name"].strip(), found["rest"]
            if section not in (*_WISH, *_BODY):
                rest.append(f"[{section}] {line}".strip())
                continue
        if section in _WISH and line.strip():
            written = _DAY_LINE.search(line)
            if written and (wished := day_in(written[0])):
                day, line = wished, f"{line[: written.start()]} {line[written.end() :]}"
            line = line.strip()
            if not line:
                continue
            if not band and (house_band(line) is not None or "時" in line or "午" in line):
                band = line[:20]
                continue
        if line.strip():
            rest.append(line.strip())
    return RemarkParts(day, band, "\n".join(rest))


def house_band(typed: str) -> str | None:
    """The house's time band for a counter's words; "" where none is wished, None where the words are not understood."""
    said = plain(typed).strip().casefold()
    if said in _NONE:
        return ""
    if said in _MORNING:
        return "0812"
    if said in TIME_BANDS:
        return said
    found = _HOURS.search(said)
    if not found:
        return "0812" if "午前" in said else None
    band = f"{int(found['from']):02}{int(found['until']):02}"
    if band in ("0912", "0012", "0812"):
        return "0812"
    return band if band in TIME_BANDS else None
