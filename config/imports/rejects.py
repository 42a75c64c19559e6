"""The file of rows that were left out: which row, which column, why, and the row itself, ready to be mended and handed in again."""

import csv
import os
from pathlib import Path
from types import TracebackType
from typing import TextIO

from django.utils.translation import gettext, override

from config.imports.cells import Fault
from config.imports.reading import REJECT_HEADERS, RowFault, Source

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


class Rejects:
    """Opened with the first rejected row; without one there is no file. Readable by its owner only: it holds personal data."""

    def __init__(self, path: Path, *, source: Source, places: dict[str, int], language: str) -> None:
        self.path, self.source, self.language = path, source, language
        self.titles = {name: source.header[place].strip() for name, place in places.items()}
        self.file: TextIO | None = None

    def __enter__(self) -> "Rejects":
        self.path.unlink(missing_ok=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.file:
            self.file.close()

    @property
    def written_to(self) -> Path | None:
        return self.path if self.file else None

    def write(self, row: RowFault) -> None:
        """One line per row; further faults of the row are told in the same line."""
        if self.file is None:
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self.file = os.fdopen(handle, "w", encoding="utf-8-sig", newline="")
            self.writer = csv.writer(self.file, lineterminator="\r\n")
            self.writer.writerow([*REJECT_HEADERS, *self.source.header])
        with override(self.language):
            said = [self._told("", row.fault), *(self._told(name, fault) for name, fault in row.more)]
        self.writer.writerow(
            [row.number, self.titles.get(row.field, row.field), row.fault.code, " / ".join(said), *map(harmless, row.cells)]
        )

    def _told(self, column: str, fault: Fault) -> str:
        text = gettext(fault.message)
        text = text % fault.params if fault.params else text.replace("%%", "%")
        return f"{self.titles.get(column, column)}: {text}" if column else text


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; the reader takes the mark off again. Plain numbers stay."""
    if cell[:1] in _FORMULA and cell and not cell[1:].replace(".", "", 1).replace("-", "").isdigit():
        return f"'{cell}"
    return cell
