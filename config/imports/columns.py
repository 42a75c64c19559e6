"""What the columns of a file mean: header names, how a cell is read, where it goes in the staging table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from config.imports.cells import NULL, Fault, Reader, header_key
from config.imports.reading import Chunk, RowFault
from core.queries import CompanyContext
from core.words import gettext_noop as _

REMEMBERED: Final = 50_000
"""So many different cells of a column are remembered; most repeat, and reading one again is the dearest part."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file. `reader` is made per company, because amounts, moments and phones depend on it."""

    name: str
    headers: tuple[str, ...]
    """The first is the Japanese name, the second the English one; others are understood too."""
    reader: Callable[[CompanyContext], Reader]
    sql: str = "text NOT NULL"
    """The staging column's type; several columns, divided by commas, when the reader answers with several values."""
    needed: bool = False
    """The header must have it and no cell may be blank."""
    note: str = ""

    @property
    def staged(self) -> tuple[str, ...]:
        """The names of the staging columns: its own, and `<name>_key` for a value that is also compared."""
        return (self.name,) if self.sql.count(",") == 0 else (self.name, f"{self.name}_key")

    @property
    def blank(self) -> str:
        """What COPY gets where the file lacks the column."""
        return "\t" * (len(self.staged) - 1) if "NOT NULL" in self.sql else NULL


def fixed(reader: Reader) -> Callable[[CompanyContext], Reader]:
    """A reader that is the same for every company."""
    return lambda _company: reader


_BLANK: Final = Fault("import.blank", _("This cell must not be empty."))


class Memory(dict[str, str]):
    """Cells of one column already read. Looking up is done by the interpreter's own dictionary, in no Python of ours."""

    def __init__(self, read: Reader, *, needed: bool) -> None:
        super().__init__()
        self.read, self.needed = read, needed
        self.faults: dict[str, Fault] = {}

    def __missing__(self, cell: str) -> str:
        if len(self) >= REMEMBERED:
            self.clear()
        value = _BLANK if self.needed and not cell.strip() else self.read(cell)
        if isinstance(value, Fault):
            self.faults[cell] = value
            return NULL  # not remembered: its row never reaches the stage
        self[cell] = value
        return value


@dataclass(slots=True)
class Derived:
    """Staging columns worked out from several cells of a row, such as the key of a whole name."""

    names: tuple[str, ...]
    sql: str
    sources: tuple[str, ...]
    make: Callable[..., str]
    """Takes the cells as typed ("" where the file lacks the column), answers with the COPY text of all its columns."""


@dataclass(slots=True)
class Staged:
    """A chunk ready for COPY: one text line per row that can be read, and the rows that can't."""

    lines: list[str]
    faults: list[RowFault]
    rows: dict[int, list[str]]


@dataclass(slots=True)
class Staging:
    """Turns chunks of text into lines for COPY, column by column."""

    columns: Sequence[Column]
    derived: Sequence[Derived]
    places: Mapping[str, int]
    company: CompanyContext
    memories: list[tuple[Column, int, Memory]] = field(init=False)
    missing: list[Column] = field(init=False)

    def __post_init__(self) -> None:
        self.memories = [
            (column, self.places[column.name], Memory(column.reader(self.company), needed=column.needed))
            for column in self.columns
            if column.name in self.places
        ]
        self.missing = [column for column in self.columns if column.name not in self.places]

    @property
    def names(self) -> list[str]:
        """The staging columns in the order of the lines."""
        given = [name for column, _place, _memory in self.memories for name in column.staged]
        worked_out = [name for derived in self.derived for name in derived.names]
        return ["row_no", *given, *worked_out, *(name for column in self.missing for name in column.staged)]

    def stage(self, chunk: Chunk) -> Staged:
        """Read every cell; rows with a faulty one are left out with all their faults."""
        if not chunk.rows:
            return Staged([], list(chunk.faults), {})
        cells = list(zip(*chunk.rows, strict=True))
        read, bad = self._read(chunk, cells)
        numbers, rows = chunk.numbers, chunk.rows
        if bad:
            kept = [i for i in range(len(rows)) if i not in bad]
            numbers, rows = [numbers[i] for i in kept], [rows[i] for i in kept]
            cells = list(zip(*rows, strict=True)) if rows else []
            read = [[values[i] for i in kept] for values in read]
        faults = [*chunk.faults, *bad.values()]
        if not rows:
            return Staged([], faults, {})
        texts = [list(map(str, numbers)), *read]
        nothing = ("",) * len(rows)
        for derived in self.derived:
            sources = [cells[self.places[name]] if name in self.places else nothing for name in derived.sources]
            texts.append(list(map(derived.make, *sources)))
        texts += [[column.blank] * len(rows) for column in self.missing]
        return Staged(list(map("\t".join, zip(*texts, strict=True))), faults, dict(zip(numbers, rows, strict=True)))

    def _read(self, chunk: Chunk, cells: Sequence[Sequence[str]]) -> tuple[list[list[str]], dict[int, RowFault]]:
        """Every column read, and the rows with at least one faulty cell by their place in the chunk."""
        read: list[list[str]] = []
        bad: dict[int, RowFault] = {}
        for column, place, memory in self.memories:
            memory.faults.clear()
            read.append(list(map(memory.__getitem__, cells[place])))
            if not memory.faults:
                continue
            for i, cell in enumerate(cells[place]):
                if fault := memory.faults.get(cell):
                    known = bad.get(i)
                    if known is None:
                        bad[i] = RowFault(chunk.numbers[i], column.name, fault, chunk.rows[i])
                    else:
                        bad[i] = replace(known, more=(*known.more, (column.name, fault)))
        return read, bad


def header_names(columns: Sequence[Column]) -> dict[str, str]:
    """Folded header → column, over every name a column is known by."""
    return {header_key(name): column.name for column in columns for name in (*column.headers, column.name)}


def table_of(name: str, columns: Sequence[Column], derived: Sequence[Derived], *, extra: str = "") -> str:
    """The statement that makes the staging table of these columns."""
    parts = ["row_no bigint NOT NULL"]
    for column in columns:
        types = column.sql.split(",")
        parts += [f"{staged} {kind.strip()}" for staged, kind in zip(column.staged, types, strict=True)]
    for one in derived:
        parts += [f"{staged} {kind.strip()}" for staged, kind in zip(one.names, one.sql.split(","), strict=True)]
    return f"CREATE TEMP TABLE {name} ({', '.join(parts)}{extra}) ON COMMIT DELETE ROWS"
