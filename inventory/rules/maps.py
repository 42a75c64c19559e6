"""How a partner's file names its columns: rules that write and read a value by a column that is data, not code."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from core.csv import fold_heading
from core.errors import Refusal
from core.text import plain, truncate_cp932
from core.words import gettext_noop as _

DATE_PATTERNS = {"%Y/%m/%d": "2026/11/29", "%Y-%m-%d": "2026-11-29", "%Y%m%d": "20261129", "%Y年%m月%d日": "2026年11月29日"}
"""How days may be written, with an example of each; a file that comes in may use any of them."""
STANDARD_DATE = "%Y/%m/%d"
MOST_HEADING = 80
_BREAKS = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")


class FileEncoding(StrEnum):
    """How a file is written; a file that comes in is found out by itself."""

    CP932 = "cp932"
    UTF8 = "utf-8"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {cls.CP932: _("Shift_JIS (cp932)"), cls.UTF8: _("UTF-8")}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileField:
    """Something a kind of file can tell, under the heading it has where nothing else was agreed."""

    code: str
    heading: str
    is_needed: bool = False
    is_day: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """A kind of file that comes or goes, and what it can tell."""

    code: str
    label: str
    fields: tuple[FileField, ...]
    comes: bool = False
    goes: bool = False
    is_state: bool = False
    """It tells how things stand: where that is as it was told last, nothing goes out."""
    is_daily: bool = False
    """Through a folder it goes once a day."""
    key: str = ""
    """The field that says what a row is about."""
    help: str = ""
    """What happens when it comes or goes, in a sentence for people."""
    standard: tuple["MapColumn", ...] = ()
    """How it is written where nothing was agreed; our headings in our order where this says nothing."""
    file_name: str = ""
    """How its file's name begins where nothing was agreed; its code where this says nothing."""
    headings: tuple[str, ...] = ()
    """The headings of a file that may come without any: its columns are then these, in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapColumn:
    """A column of a partner's file: our field, or the same words in every row; ``codes`` pairs our words with theirs."""

    heading: str
    field: str = ""
    constant: str = ""
    date_pattern: str = ""
    most_bytes: int = 0
    codes: Mapping[str, str] = dataclasses.field(default_factory=dict)


def code_pairs(text: str) -> dict[str, str] | Refusal:
    """ "yamato=01" a line, as pairs of our word and theirs; theirs must tell ours again."""
    pairs: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        ours, sign, theirs = line.partition("=")
        if not sign or not ours.strip() or ours.strip() in pairs or theirs.strip() in pairs.values():
            return Refusal("inventory.bad_codes", _("Write “ours=theirs”, each word once: %(line)s"), {"line": line[:80]})
        pairs[ours.strip()] = theirs.strip()
    return pairs


def map_faults(kind: FileKind, columns: Sequence[MapColumn]) -> list[Refusal]:
    """Everything that keeps these columns from being a map of the kind."""
    fields = {one.code: one for one in kind.fields}
    headings = [fold_heading(column.heading) for column in columns]
    told = [column.field for column in columns if column.field]
    faults = []
    for place, column in enumerate(columns):
        at, about = f"/columns/{place}", {"heading": column.heading or str(place + 1)}
        if not headings[place] or len(column.heading) > MOST_HEADING:
            faults.append(Refusal("inventory.bad_map", _("Column %(heading)s needs a heading of 1 to 80 signs."), about, at))
        if column.field and column.field not in fields:
            faults.append(Refusal("inventory.bad_map", _("Column %(heading)s: there is no such field."), about, at))
        if column.field and column.constant:
            faults.append(
                Refusal("inventory.bad_map", _("Column %(heading)s has a field and fixed words; take one of them away."), about, at)
            )
        if column.date_pattern and column.date_pattern not in DATE_PATTERNS:
            faults.append(Refusal("inventory.bad_map", _("Column %(heading)s: days cannot be written like that."), about, at))
    doubled = sorted({column.heading for place, column in enumerate(columns) if headings.count(headings[place]) > 1})
    twice = sorted({fields[code].heading for code in told if told.count(code) > 1 and code in fields})
    missing = [one.heading for one in kind.fields if one.is_needed and one.code not in told]
    for found, words in (
        (doubled, _("These headings stand there twice: %(columns)s.")),
        (twice, _("These fields stand in two columns: %(columns)s.")),
        (missing, _("These fields are needed and have no column: %(columns)s.")),
    ):
        if found:
            faults.append(Refusal("inventory.bad_map", words, {"columns": ", ".join(found)}, "/columns"))
    return faults


def written(column: MapColumn, value: object) -> str:
    """The cell a partner reads, in one line and in full: whether it fits is told by ``fitted``."""
    if column.constant:
        return column.constant
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.strftime(column.date_pattern or STANDARD_DATE)
    return _BREAKS.sub(" ", column.codes.get(str(value), str(value)))


def fitted(column: MapColumn, cell: str) -> str:
    """The cell in as many bytes as the partner can take; a sign is never cut in two."""
    return truncate_cp932(cell, max_bytes=column.most_bytes) if column.most_bytes else cell


def read_back(column: MapColumn, cell: str) -> str:
    """Our word for what a partner wrote."""
    typed = cell.strip()
    theirs = {theirs: ours for ours, theirs in column.codes.items()}
    return theirs.get(typed, typed)


def read_date(text: str) -> date | Refusal:
    """A day in any of the agreed ways to write one; a spreadsheet's serial number or an era is refused, not guessed."""
    typed = plain(text).strip()
    for pattern in DATE_PATTERNS:
        if pattern == "%Y%m%d" and len(typed) != 8:
            continue  # 2026111 would be read as the 1st of November
        try:
            return datetime.strptime(typed, pattern).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return Refusal("inventory.bad_date", _("“%(typed)s” is no day. Write it like 2026/11/29."), {"typed": typed[:40]})
