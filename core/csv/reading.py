"""Reading CSV: the encoding found out, columns by name, bad rows told one by one, memory constant.

    with open(path, "rb") as file:
        table = read(file, columns=[Column("customer_no", names=("顧客番号",)), Column("name", names=("氏名",), required=True)])
        for row in table:            # Row or Bad
            ...

Nothing here knows what a column means: values come as text, exactly as written, without converting.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from core.errors import Refusal, Refused
from core.words import gettext_noop

LONGEST_LINE = 1_000_000
MOST_COLUMNS = 500
LONGEST_CELL = 32_767  # what a spreadsheet can hold
_BLOCK = 1 << 20


_NO_ENCODING = gettext_noop("This file is neither UTF-8 nor Shift_JIS (cp932) from beginning to end.")

_NUL = gettext_noop("This file contains NUL bytes, so it is no text file.")


class UnreadableFile(Refused):
    """The file as a whole can't be read as the table it must be."""

    code = "csv.unreadable"
    message = gettext_noop("This file cannot be read as CSV.")


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its code; ``names`` are other headings it may carry. A required one must be in the header."""

    code: str
    names: Sequence[str] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the number of its first line in the file, and a text per known column ("" where the file has none)."""

    number: int
    values: Mapping[str, str]

    def __getitem__(self, code: str) -> str:
        return self.values[code]


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that could not be read, with the reason; the rest of the file is read on."""

    number: int
    refusal: Refusal
    cells: Sequence[str] = ()


def detect_encoding(file: IO[bytes]) -> str:
    """ "utf-8-sig" or "cp932"; reads the file once, block by block, and rewinds it.

    UTF-8 is told from cp932 by being valid to its last byte: Japanese text in one is practically never valid in the
    other. What is neither is refused, with the kind of file named where its first bytes tell.
    """
    file.seek(0)
    head = file.read(8)
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UnreadableFile("csv.spreadsheet", gettext_noop("This is a spreadsheet, not CSV. Save it as CSV and try again."))
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile("csv.utf16", gettext_noop("This file is UTF-16. Save it as UTF-8 CSV and try again."))
    file.seek(0)
    candidates = {name: _Tester(name) for name in ("utf-8", "cp932", "euc_jp")}
    empty = True
    while block := file.read(_BLOCK):
        empty = False
        if b"\x00" in block:
            raise UnreadableFile("csv.nul", _NUL)
        candidates = {name: tester for name, tester in candidates.items() if tester.takes(block)}
        if not candidates:
            break
    file.seek(0)
    if empty:
        raise UnreadableFile("csv.empty", gettext_noop("This file is empty."))
    fitting = [name for name, tester in candidates.items() if tester.ends()]
    if "utf-8" not in fitting and "euc_jp" in fitting:
        raise UnreadableFile("csv.euc_jp", gettext_noop("This file looks like EUC-JP. Save it as UTF-8 CSV and try again."))
    if not fitting:
        raise UnreadableFile("csv.encoding", _NO_ENCODING)
    return "utf-8-sig" if "utf-8" in fitting else "cp932"


# Bytes that are nothing in cp932, which Python reads as private signs all the same.
_NOTHING = re.compile("[\x80\xa0\uf8f0-\uf8f3]").search


class _Tester:
    """Whether bytes are valid in an encoding, block by block."""

    def __init__(self, encoding: str) -> None:
        self._forbidden = _NOTHING if encoding == "cp932" else lambda text: None
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")

    def takes(self, block: bytes) -> bool:
        return self._try(block, last=False)

    def ends(self) -> bool:
        return self._try(b"", last=True)

    def _try(self, block: bytes, *, last: bool) -> bool:
        try:
            return not self._forbidden(self._decoder.decode(block, last))
        except UnicodeDecodeError:
            return False


def fold_heading(heading: str) -> str:
    """A heading as it's compared: width, case, spaces and underscores don't matter."""
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(sign for sign in folded if not sign.isspace() and sign not in "_-\ufeff\u200b")


@dataclass(slots=True)
class Table:
    """A CSV file being read; iterate it once. ``encoding``, ``delimiter`` and ``headings`` are known from the start."""

    encoding: str
    delimiter: str
    headings: Sequence[str]
    unknown: Sequence[str]
    _places: Sequence[tuple[str, int]]
    _width: int
    _records: "_Records"
    _absent: Mapping[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Row | Bad]:
        for number, cells in self._records:
            if isinstance(cells, Refusal):
                yield Bad(number, cells)
            elif not any(cells):
                continue  # a blank line, or commas only, as spreadsheets leave at the end
            elif len(cells) != self._width and (len(cells) < self._width or any(cells[self._width :])):
                yield Bad(
                    number,
                    Refusal(
                        "csv.width",
                        gettext_noop("This row has %(found)s columns, the header has %(expected)s."),
                        {"found": len(cells), "expected": self._width},
                    ),
                    cells,
                )
            else:
                yield Row(number, {**self._absent, **{code: cells[place] for code, place in self._places}})


def read(file: IO[bytes], *, columns: Sequence[Column], encoding: str = "", headings: Sequence[str] = ()) -> Table:
    """The table in a binary, seekable file. Refuses a header that lacks a required column or names one twice.

    ``headings`` are those of a file that may come without a header: where no cell of its first row is a heading of ours, and
    it has no more cells than these, that row is data already and its columns are named by their place.
    """
    encoding = encoding or detect_encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(io.BufferedReader(_Kept(file), 1 << 16), encoding=encoding, errors="strict", newline="")
    lines = _Lines(text)
    first = lines.peek()
    delimiter = _delimiter(first)
    records = _Records(lines, delimiter)
    try:
        number, header = next(records)
    except StopIteration:
        raise UnreadableFile("csv.empty", gettext_noop("This file is empty.")) from None
    if isinstance(header, Refusal):
        raise UnreadableFile(header.code, header.message, params=header.params)
    if headings and len(header) <= len(headings) and not _names_any(header, columns):
        records.give_back(number, header)
        header = list(headings[: len(header)])
    places, unknown = _match(header, columns)
    known = {code for code, _ in places}
    return Table(
        encoding=encoding,
        delimiter=delimiter,
        headings=header,
        unknown=unknown,
        _places=places,
        _width=len(header),
        _records=records,
        _absent={column.code: "" for column in columns if column.code not in known},
    )


def _delimiter(header: str) -> str:
    counts = {sign: header.count(sign) for sign in (",", "\t", ";")}
    best = max(counts, key=lambda sign: counts[sign])
    return best if counts[best] else ","


def _names_any(header: Sequence[str], columns: Sequence[Column]) -> bool:
    ours = {fold_heading(name) for column in columns for name in (column.code, *column.names)}
    return any(fold_heading(cell) in ours for cell in header)


def _match(header: Sequence[str], columns: Sequence[Column]) -> tuple[list[tuple[str, int]], list[str]]:
    """Where each column stands; every missing and doubled heading is named at once."""
    if len(header) > MOST_COLUMNS:
        raise UnreadableFile("csv.columns", gettext_noop("This file has more than %(most)s columns."), params={"most": MOST_COLUMNS})
    meaning = {fold_heading(name): column.code for column in columns for name in (column.code, *column.names)}
    places: dict[str, int] = {}
    doubled: list[str] = []
    unknown: list[str] = []
    for place, heading in enumerate(header):
        code = meaning.get(fold_heading(heading))
        if code is None:
            unknown.append(heading)
        elif code in places:
            doubled.append(heading)
        else:
            places[code] = place
    if doubled:
        raise UnreadableFile(
            "csv.header_doubled", gettext_noop("These columns are named twice: %(columns)s."), params={"columns": ", ".join(doubled)}
        )
    missing = [_told(column) for column in columns if column.required and column.code not in places]
    if missing:
        raise UnreadableFile(
            "csv.header_missing", gettext_noop("These columns are missing: %(columns)s."), params={"columns": ", ".join(missing)}
        )
    return list(places.items()), unknown


def _told(column: Column) -> str:
    return f"{column.names[0]} ({column.code})" if column.names else column.code


class _Kept(io.RawIOBase):
    """The caller's file, which our text wrapper must not close when it goes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._file.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


class _Lines:
    """Lines with their numbers, none longer than the memory we give to one; CR, LF and CRLF all end one."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._next: str | None = None
        self.number = 0

    def peek(self) -> str:
        if self._next is None:
            try:
                self._next = self._text.readline(LONGEST_LINE + 1)
            except UnicodeDecodeError:
                raise UnreadableFile("csv.encoding", _NO_ENCODING) from None
            if "\x00" in self._next:
                raise UnreadableFile("csv.nul", _NUL)
        return self._next

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line, self._next = self.peek(), None
        if not line:
            raise StopIteration
        if len(line) > LONGEST_LINE:
            raise UnreadableFile(
                "csv.line_too_long",
                gettext_noop("Line %(line)s is longer than %(most)s characters; a quotation mark may be missing."),
                params={"line": self.number + 1, "most": LONGEST_LINE},
            )
        self.number += 1
        return line


class _Records:
    """Records with the number of their first line. What the parser can't take ends as a Refusal, once, at its place."""

    def __init__(self, lines: _Lines, delimiter: str) -> None:
        self._lines = lines
        self._size = 0
        csv.field_size_limit(LONGEST_LINE)
        self._reader = csv.reader(self._bounded(), delimiter=delimiter, strict=True)
        self._ended = False
        self._given_back: tuple[int, list[str]] | None = None

    def give_back(self, number: int, cells: list[str]) -> None:
        """The record comes once more."""
        self._given_back = number, cells

    def _bounded(self) -> Iterator[str]:
        """The lines of one record may not grow without end: an unclosed quotation mark would swallow the file."""
        for line in self._lines:
            self._size += len(line)
            if self._size > LONGEST_LINE:
                raise UnreadableFile(
                    "csv.quote_open",
                    gettext_noop("A quotation mark opened before line %(line)s is not closed."),
                    params={"line": self._lines.number},
                )
            yield line

    def __iter__(self) -> "_Records":
        return self

    def __next__(self) -> tuple[int, list[str] | Refusal]:
        if self._given_back is not None:
            back, self._given_back = self._given_back, None
            return back
        if self._ended:
            raise StopIteration
        number, self._size = self._lines.number + 1, 0
        try:
            cells = next(self._reader)
        except csv.Error:
            return number, self._broken()
        except UnreadableFile as error:
            self._ended = True
            return number, error.refusal
        if self._size > LONGEST_CELL and any(len(cell) > LONGEST_CELL for cell in cells):
            return number, Refusal("csv.cell_too_long", gettext_noop("A cell is longer than %(most)s characters."), {"most": LONGEST_CELL})
        return number, cells

    def _broken(self) -> Refusal:
        """After an error the parser goes on at the next line; at the end of the file there is none."""
        if not self._lines.peek():
            self._ended = True
            return Refusal("csv.quote_open", gettext_noop("A quotation mark in this row is not closed."))
        return Refusal("csv.quote_misplaced", gettext_noop("A quotation mark stands where none may stand; write it twice inside quotes."))
