"""How a partner's file names its columns: rules that write and read a value by a column that is data, not code."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from core.errors import Refusal
from core.text import plain, truncate_cp932
from core.words import gettext_noop as _

DATE_PATTERNS = ("%Y/%m/%d", "%Y-%m-%d", "%Y%m%d")
STANDARD_DATE = DATE_PATTERNS[0]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """A kind of file that comes or goes, and what it can tell."""

    code: str
    label: str
    fields: tuple[FileField, ...]
    comes: bool = False
    goes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MapColumn:
    """A column of a partner's file: our field, or the same words in every row; ``codes`` pairs our words with theirs."""

    heading: str
    field: str = ""
    constant: str = ""
    date_pattern: str = ""
    most_bytes: int = 0
    codes: Mapping[str, str]


def code_pairs(text: str) -> dict[str, str] | Refusal:
    """ "yamato=01" a line, as pairs of our word and theirs; theirs must tell ours again."""
    pairs: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        ours, sign, theirs = line.partition("=")
        if not sign or not ours.strip() or ours.strip() in pairs or theirs.strip() in pairs.values():
            return Refusal("inventory.bad_codes", _("Write “ours=theirs”, each word once: %(line)s"), {"line": line[:80]})
        pairs[ours.strip()] = theirs.strip()
    return pairs


def written(column: MapColumn, value: object) -> str:
    """The cell a partner reads."""
    if column.constant:
        return column.constant
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.strftime(column.date_pattern or STANDARD_DATE)
    text = column.codes.get(str(value), str(value))
    return truncate_cp932(text, max_bytes=column.most_bytes) if column.most_bytes else text


def read_back(column: MapColumn, cell: str) -> str:
    """Our word for what a partner wrote."""
    typed = cell.strip()
    theirs = {theirs: ours for ours, theirs in column.codes.items()}
    return theirs.get(typed, typed)


def read_date(text: str) -> date | Refusal:
    """A day in any of the agreed patterns; a spreadsheet's serial number is refused, not guessed."""
    typed = plain(text).strip()
    for pattern in DATE_PATTERNS:
        try:
            return datetime.strptime(typed, pattern).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return Refusal("inventory.bad_date", _("“%(typed)s” is no day such as 2026/11/29."), {"typed": typed[:40]})
