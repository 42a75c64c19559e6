"""Writing CSV that people open in a spreadsheet: harmless, complete, and honest about what could not be written."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import IO

from core.errors import Refusal
from core.text import cp932_safe

MOST_LISTED = 1_000
_BOM = b"\xef\xbb\xbf"


class Rejects:
    """What could not be taken in, as a CSV for people: row number, column, code, reason. UTF-8 with BOM."""

    HEADER = ("row", "column", "code", "message")

    def __init__(self, file: IO[bytes], *, translate: Callable[[str], str] = str) -> None:
        self._writer = ExportWriter(file, header=[*self.HEADER])
        self._translate = translate
        self.count = 0

    def add(self, number: int, refusal: Refusal) -> None:
        """Write one reason; a row may have several."""
        self._writer.write([number, refusal.field, refusal.code, refusal.text(self._translate)])
        self.count += 1

    def close(self) -> None:
        """Everything is in the file, which stays open."""
        self._writer.close()


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def harmless(value: object) -> str:
    """A cell that no spreadsheet takes for a formula: text that begins like one gets an apostrophe, numbers never do."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if text.startswith(_FORMULA) and not _plain_number(text):
        return "'" + text
    return text


def _plain_number(text: str) -> bool:
    digits = text[1:] if text[0] in "+-" else text
    return digits.isascii() and digits.replace(".", "", 1).isdigit()


@dataclass(frozen=True, slots=True)
class Replaced:
    """A sign that cp932 could not hold, and where it stood; ``lost`` when only 〓 could be written for it."""

    row: int
    column: str
    sign: str
    lost: bool


class ExportWriter:
    """Writes rows that people open in a spreadsheet: quoted, CRLF, formulas made harmless, no row ever dropped.

    ``encoding`` is "utf-8" (with BOM) or "cp932"; ``replaced`` lists what the latter could not hold (the first 1,000).
    """

    def __init__(self, file: IO[bytes], *, header: Sequence[str], encoding: str = "utf-8") -> None:
        self._file, self._encoding, self._header = file, encoding, list(header)
        self.replaced: list[Replaced] = []
        self.replaced_count = 0
        self.rows = 0
        self._buffer = io.StringIO(newline="")
        self._csv = csv.writer(self._buffer, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
        if encoding == "utf-8":
            file.write(_BOM)
        self._line([self._fit(harmless(heading), heading) for heading in header])

    def write(self, cells: Sequence[object]) -> None:
        """Write one row."""
        self.rows += 1
        names = self._header
        self._line([self._fit(harmless(cell), names[place] if place < len(names) else "") for place, cell in enumerate(cells)])

    def write_all(self, found: Iterable[Sequence[object]]) -> int:
        """Write every row as it comes; answers with their number."""
        before = self.rows
        for cells in found:
            self.write(cells)
        return self.rows - before

    def close(self) -> None:
        """Everything is in the file, which stays open."""
        self._flush()
        self._file.flush()

    def _line(self, cells: Sequence[str]) -> None:
        self._csv.writerow(cells)
        if self._buffer.tell() > 1 << 16:
            self._flush()

    def _flush(self) -> None:
        self._file.write(self._buffer.getvalue().encode(self._encoding))
        self._buffer.seek(0)
        self._buffer.truncate()

    def _fit(self, text: str, column: str) -> str:
        if text.isascii():
            return text
        if self._encoding == "utf-8":
            return text.encode("utf-8", "replace").decode()
        safe = cp932_safe(text)
        for sign in (*safe.replaced, *safe.unencodable):
            self.replaced_count += 1
            if len(self.replaced) < MOST_LISTED:
                self.replaced.append(Replaced(self.rows, column, sign, lost=sign in safe.unencodable))
        return safe.text
