"""A file of rows, however a spreadsheet or an old system wrote it, read in chunks and constant memory.

UTF-8 (with or without mark) or cp932; comma, tab or semicolon; LF, CRLF or CR. A row that can't be read is one fault, not
the end of the file: after an unclosed quote reading goes on with the very next line.
"""

import csv
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path

from config.imports.cells import Fault, header_key
from core.errors import Malformed
from core.words import gettext_noop as _

LINE_LIMIT = 1_000_000  # bytes; a longer line is no row of ours
COLUMN_LIMIT = 500
HEAD = 65_536
UNDECIDED_LINES = 200  # so many lines beyond ASCII decide the encoding
MARK = "\ue0ff"  # private character: stands for a line that couldn't be read

REJECT_HEADERS = ("import_row", "import_field", "import_code", "import_message")
"""What our own file of rejected rows adds; skipped when such a file is handed in again."""


class UnreadableFile(Malformed):
    """The file as a whole can't be taken; nothing was read."""

    code = "import.unreadable_file"
    message = _("This file cannot be read.")


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row (spreadsheet's count, the header is 1) that is left out, and why."""

    number: int
    field: str
    fault: Fault
    cells: Sequence[str]
    more: tuple[tuple[str, Fault], ...] = ()


@dataclass(slots=True)
class Chunk:
    """Rows as text, each with its number, all as wide as the header; and those that could not be read."""

    numbers: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    position: int = 0


_NUL = Fault("import.nul", _("This line holds NUL characters: it is no text."))
_LONG = Fault("import.line_too_long", _("This line is longer than %(limit)s bytes."), {"limit": LINE_LIMIT})
_QUOTE = Fault(
    "import.broken_quotes", _("The quotation marks of this row don't match: one isn't closed, or something follows the closing one.")
)
_LINE_FAULTS = {"nul": _NUL, "long": _LONG}


class Source:
    """An opened file: its encoding, its header, and its rows in chunks."""

    def __init__(self, path: Path, *, encoding: str = "") -> None:
        self.path = path
        self.size = path.stat().st_size
        self.position = 0
        self.file: BufferedReader = path.open("rb")
        head = self.file.read(HEAD)
        _refuse_foreign(head)
        self.encoding = encoding or _encoding_of(path, head)
        self.skip = 3 if head[:3] == b"\xef\xbb\xbf" else 0
        self.ends = b"\r" if b"\r" in head and b"\n" not in head else b"\n"
        self._rewind()
        self.number = 1
        self.header, self.delimiter = self._read_header()

    def close(self) -> None:
        self.file.close()

    # ------------------------------------------------------------------------------------------- lines

    def _rewind(self) -> None:
        self.file.seek(self.skip)
        self.position = self.skip
        self.pushed: deque[str] = deque()
        self.since: list[str] = []
        self.broken = self.cut = False
        self.raw = self._raw_lines()
        self.lines = self._text_lines()

    def _raw_lines(self) -> Iterator[bytes]:
        if self.ends == b"\n":
            yield from iter(lambda: self.file.readline(LINE_LIMIT + 1), b"")
            return
        rest = b""
        while block := self.file.read(HEAD):
            *whole, rest = (rest + block).split(b"\r")
            yield from (line + b"\n" for line in whole)
            if len(rest) > LINE_LIMIT:
                yield rest
                rest = b""
        if rest:
            yield rest

    def _text_lines(self) -> Iterator[str]:
        """Decoded lines, those pushed back first; one that can't be is a mark with the reason, so that the rows around it live."""
        encoding, since = self.encoding, self.since
        while self.pushed:
            since.append(line := self.pushed.popleft())
            yield line
        for raw in self.raw:
            self.position += len(raw)
            if self.cut:  # the rest of a line that was too long
                self.cut = not raw.endswith(b"\n")
                continue
            if len(raw) > LINE_LIMIT and not raw.endswith(b"\n"):
                self.cut, line = True, self._marked("long")
            elif b"\0" in raw:
                line = self._marked("nul")
            else:
                try:
                    line = raw.decode(encoding)
                except UnicodeDecodeError as error:
                    line = self._marked(f"code {error.start + 1}")
            since.append(line)
            yield line

    def _marked(self, why: str) -> str:
        self.broken = True
        return f"{MARK}{why}\n"

    # -------------------------------------------------------------------------------------------- rows

    def _read_header(self) -> tuple[list[str], str]:
        line = next(self.lines, "")
        self.since.clear()
        if line.startswith(MARK):
            raise UnreadableFile(params={})
        if not line.strip():
            raise UnreadableFile("import.no_header", _("The first line must name the columns, and it is empty."))
        delimiter = max(",\t;", key=line.count) if any(d in line for d in ",\t;") else ","
        try:
            header = next(csv.reader([line], delimiter=delimiter, strict=True))
        except csv.Error:
            raise UnreadableFile("import.bad_header", _("The line with the names of the columns has unmatched quotation marks.")) from None
        while header and not header[-1].strip():
            header.pop()
        if len(header) > COLUMN_LIMIT:
            raise UnreadableFile("import.too_many_columns", _("A file has at most %(limit)s columns."), params={"limit": COLUMN_LIMIT})
        return header, delimiter

    def _records(self) -> Iterator[tuple[int, list[str] | Fault]]:
        """Numbered rows, or the fault of one; quotes that don't match cost one line, not the rest of the file."""
        reader = csv.reader(self.lines, delimiter=self.delimiter, strict=True)
        since = self.since
        while True:
            try:
                for row in reader:
                    self.number += 1
                    if self.broken and (fault := self._line_fault(row)):
                        yield self.number, fault
                    else:
                        yield self.number, row
                    since.clear()
                return
            except csv.Error:
                self.number += 1
                self.pushed.extendleft(reversed(since[1:]))
                since.clear()
                self.lines = self._text_lines()
                reader = csv.reader(self.lines, delimiter=self.delimiter, strict=True)
                yield self.number, _QUOTE

    def _line_fault(self, row: Sequence[str]) -> Fault | None:
        for cell in row:
            if MARK in cell:
                why, _blank, place = cell.partition(MARK)[2].strip().partition(" ")
                self.broken = False
                if why == "code":
                    return Fault(
                        "import.bad_encoding",
                        _("Byte %(place)s of this line is not %(encoding)s text."),
                        {"place": place, "encoding": self.encoding},
                    )
                return _LINE_FAULTS.get(why, _QUOTE)
        return None

    def chunks(self, size: int, *, together: Sequence[int] = ()) -> Iterator[Chunk]:
        """Chunks of about so many rows; neighbours that agree in the `together` columns are not divided (up to twice the size)."""
        width = len(self.header)
        chunk, last = Chunk(), None
        for number, row in self._records():
            if isinstance(row, Fault):
                chunk.faults.append(RowFault(number, "", row, ()))
                continue
            if (len(row) != width and not (row := self._fitted(number, row, chunk))) or not any(row):
                continue
            if len(chunk.rows) >= size:
                key = [row[i] for i in together]
                last = last or [chunk.rows[-1][i] for i in together]
                if not together or key != last or len(chunk.rows) >= 2 * size:
                    chunk.position = self.position
                    yield chunk
                    chunk, last = Chunk(), None
            chunk.numbers.append(number)
            chunk.rows.append(row)
            if len(chunk.faults) >= size:
                chunk.position = self.position
                yield chunk
                chunk, last = Chunk(), None
        chunk.position = self.size
        yield chunk

    def _fitted(self, number: int, row: list[str], chunk: Chunk) -> list[str]:
        """The row as wide as the header, if only blanks are too many; blank rows vanish, others are faults."""
        width = len(self.header)
        if not any(cell.strip() for cell in row):
            return []
        if len(row) > width and not any(cell.strip() for cell in row[width:]):
            return row[:width]
        fault = Fault(
            "import.wrong_width", _("The row has %(found)s columns, the header %(expected)s."), {"found": len(row), "expected": width}
        )
        chunk.faults.append(RowFault(number, "", fault, row[: width + 5]))
        return []


def _refuse_foreign(head: bytes) -> None:
    if not head:
        raise UnreadableFile("import.empty_file", _("The file is empty."))
    if head[:4] == b"PK\x03\x04" or head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise UnreadableFile("import.workbook", _("This is a spreadsheet workbook, not a CSV file. Save it as CSV (UTF-8) and try again."))
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or head[:200].count(0) > len(head[:200]) // 4:
        raise UnreadableFile("import.utf16", _("This file is written in UTF-16. Save it as CSV (UTF-8) and try again."))


def _encoding_of(path: Path, head: bytes) -> str:
    """UTF-8 or cp932, by the first lines that say more than ASCII; a stray bad line doesn't change a file's encoding."""
    if head[:3] == b"\xef\xbb\xbf":
        return "utf-8"
    votes = {"utf-8": 0, "cp932": 0, "euc_jp": 0}
    with path.open("rb") as file:
        for raw in iter(lambda: file.readline(LINE_LIMIT), b""):
            if raw.isascii():
                continue
            if (vote := _vote(raw)) in votes:
                votes[vote] += 1
            if sum(votes.values()) >= UNDECIDED_LINES:
                break
    if votes["euc_jp"] > votes["utf-8"] and not votes["cp932"]:
        raise UnreadableFile("import.euc_jp", _("This file seems to be written in EUC-JP. Save it as UTF-8, or name its encoding."))
    return "cp932" if votes["cp932"] > votes["utf-8"] else "utf-8"


def _vote(raw: bytes) -> str:
    """What a line seems to be written in. EUC-JP read as cp932 is mostly half-width kana."""
    for encoding in ("utf-8", "cp932"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        kana = sum("\uff61" <= c <= "\uff9f" for c in text)
        if encoding == "utf-8" or 2 * kana <= sum(not c.isascii() for c in text):
            return encoding
        break
    try:
        raw.decode("euc_jp")
    except UnicodeDecodeError:
        return "cp932"
    return "euc_jp"


def header_places(source: Source, *, names: dict[str, str], required: Mapping[str, str]) -> tuple[dict[str, int], list[str]]:
    """Where each known column stands, and the headers nobody asked for. `names`: folded header → column; `required`: column → title.

    Refuses a file where a column stands twice or a required one is missing.
    """
    places: dict[str, int] = {}
    unknown: list[str] = []
    ours = {header_key(name) for name in REJECT_HEADERS}
    for place, title in enumerate(source.header):
        key = header_key(title)
        if not key or key in ours:
            continue
        column = names.get(key)
        if column is None:
            unknown.append(title.strip())
        elif column in places:
            raise UnreadableFile(
                "import.duplicate_header", _("The column “%(title)s” stands twice in the header."), params={"title": title.strip()}
            )
        else:
            places[column] = place
    if missing := [title for name, title in required.items() if name not in places]:
        raise UnreadableFile("import.missing_header", _("The header lacks: %(names)s."), params={"names": ", ".join(missing)})
    return places, unknown
