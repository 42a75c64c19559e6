"""Files come in and go out by their column map: each content once, each row told."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.csv import Bad, Column, ExportWriter, Replaced, Table, UnreadableFile, read
from core.db import operation, rows
from core.errors import Refusal
from core.words import gettext_noop
from inventory.operations.file_keeping import FileNote, keep_file, next_file_id
from inventory.operations.mapping import kind_of
from inventory.operations.stocktaking import HOLD_LOCATION
from inventory.ports import FILE_DESK, FileDesk
from inventory.rules import FileKind, FilePlace, FileRow, FileStatus, FileWay, MapColumn, RowFate, RowNote, code_pairs, read_back, written

MOST_BYTES = 20 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTaken:
    """A file that was read to its end: how many rows took effect, were known, or wait for a person."""

    file_id: int
    done: int
    repeated: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileGiven:
    """A file that went out, and how many signs its encoding could not hold."""

    file_id: int
    name: str
    content: bytes
    rows: int
    replaced: int


@dataclass(frozen=True, slots=True)
class _Map:
    encoding: str
    file_name: str
    columns: tuple[MapColumn, ...]


_MAP = """
SELECT m.encoding, m.file_name, c.heading, c.field, c.constant, c.date_pattern, c.most_bytes, c.codes
FROM (SELECT * FROM inventory_columnmap WHERE company_id = %(company)s AND kind = %(kind)s AND (location_id = %(location)s OR location_id IS NULL)
      ORDER BY location_id NULLS LAST, version DESC LIMIT 1) m
JOIN inventory_mappedcolumn c ON c.column_map_id = m.id ORDER BY c.position
"""
_KNOWN = """
SELECT name FROM inventory_exchangefile WHERE company_id = %s AND kind = %s AND about = %s AND content_hash = %s AND way = 'in' AND status = 'done'
"""


@operation
def take_file(kind: str, content: bytes, *, name: str, place: FilePlace, actor: Actor, at: datetime) -> FileTaken | Refusal:
    """The rows of a file take effect, each once; what became of each is kept with the file.

    Two files at once wait for each other. Refuses "inventory.no_such_location", "inventory.no_such_file_kind",
    "inventory.no_column_map", "inventory.file_too_large", "inventory.file_known", "csv.*" where it cannot be read.
    """
    ready = _ready(kind, place)
    if isinstance(ready, Refusal):
        return ready
    desk, known, about, columns = ready
    if len(content) > MOST_BYTES:
        return Refusal("inventory.file_too_large", gettext_noop("The file is larger than %(most)s MB."), {"most": MOST_BYTES // 2**20})
    mark = hashlib.sha256(content).hexdigest()
    if before := rows(_KNOWN, (place.company_id, kind, about, mark)):
        return Refusal(
            "inventory.file_known",
            gettext_noop("This very file was taken in before as “%(name)s”. Nothing was done twice."),
            {"name": before[0].name},
        )
    try:
        table = read(io.BytesIO(content), columns=_wanted(known, columns))
        found, bad = _read(table, columns)
    except UnreadableFile as error:
        return error.refusal
    place = replace(place, file_id=next_file_id())
    notes = [*bad, *desk.take_rows(kind, found, place=place, actor=actor, at=at)]
    fates = [note.fate for note in notes]
    counts = any(fate in (RowFate.DONE, RowFate.REPEATED, RowFate.DIFFERS) for fate in fates)
    file_id = keep_file(
        FileNote(
            company_id=place.company_id, location_id=place.location_id, kind=kind, way=FileWay.IN,
            status=FileStatus.DONE if counts else FileStatus.FAILED, name=name, about=about, encoding=table.encoding, file_id=place.file_id, content=content,
            rows=tuple(notes), row_count=len(found) + len(bad),
        ),
        actor=actor,
        at=at,
    )  # fmt: skip
    return FileTaken(
        file_id=file_id,
        done=fates.count(RowFate.DONE),
        repeated=fates.count(RowFate.REPEATED),
        refused=fates.count(RowFate.REFUSED) + fates.count(RowFate.DIFFERS),
    )


@operation
def give_file(kind: str, *, place: FilePlace, actor: Actor, at: datetime) -> FileGiven | Refusal:
    """What is to go out of this kind goes out now, and is kept as it went; signs its encoding cannot hold are listed by row.

    Refuses like ``take_file``, and "inventory.nothing_to_give".
    """
    ready = _ready(kind, place)
    if isinstance(ready, Refusal):
        return ready
    desk, _known, about, columns = ready
    place = replace(place, file_id=next_file_id())
    given = desk.give_rows(kind, place=place, actor=actor, at=at)
    if not given:
        return Refusal("inventory.nothing_to_give", gettext_noop("Nothing of this kind is to go out now."))
    file = io.BytesIO()
    writer = ExportWriter(file, header=[c.heading for c in columns.columns], encoding=columns.encoding)
    for row in given:
        writer.write([written(column, row.get(column.field)) for column in columns.columns])
    writer.close()
    name = f"{columns.file_name}_{about}_{at:%Y%m%d%H%M%S}.csv"
    file_id = keep_file(
        FileNote(
            company_id=place.company_id, location_id=place.location_id, kind=kind, way=FileWay.OUT, status=FileStatus.DONE, name=name,
            about=about, encoding=columns.encoding, file_id=place.file_id, content=file.getvalue(), rows=tuple(_replaced(writer.replaced)), row_count=len(given),
            replaced_count=writer.replaced_count,
        ),
        actor=actor,
        at=at,
    )  # fmt: skip
    return FileGiven(file_id=file_id, name=name, content=file.getvalue(), rows=len(given), replaced=writer.replaced_count)


def _ready(kind: str, place: FilePlace) -> tuple[FileDesk, FileKind, str, _Map] | Refusal:
    if not rows(HOLD_LOCATION, (place.location_id, place.company_id)):
        return Refusal("inventory.no_such_location", gettext_noop("There is no such location."), field="/location")
    known = kind_of(kind)
    desk = next((desk for desk in FILE_DESK.all() if known in desk.file_kinds()), None)
    if known is None or desk is None:
        return Refusal("inventory.no_such_file_kind", gettext_noop("There is no kind of file “%(kind)s”."), {"kind": kind[:40]})
    found = rows(_MAP, {"company": place.company_id, "kind": kind, "location": place.location_id})
    if not found:
        return Refusal(
            "inventory.no_column_map",
            gettext_noop("Nobody has said how the columns of “%(kind)s” are called. Make the standard maps, or one of your own."),
            {"kind": kind},
        )
    about = rows("SELECT code FROM inventory_location WHERE id = %s", (place.location_id,))[0].code
    return desk, known, about, _Map(found[0].encoding, found[0].file_name, tuple(map(_column, found)))


def _column(row: Any) -> MapColumn:
    pairs = code_pairs(row.codes)
    return MapColumn(
        heading=row.heading, field=row.field, constant=row.constant, date_pattern=row.date_pattern, most_bytes=row.most_bytes,
        codes={} if isinstance(pairs, Refusal) else pairs,
    )  # fmt: skip


def _wanted(kind: FileKind, columns: _Map) -> list[Column]:
    needed = {field.code for field in kind.fields if field.is_needed}
    return [Column(c.field, names=(c.heading,), required=c.field in needed) for c in columns.columns if c.field]


def _read(table: Table, columns: _Map) -> tuple[list[FileRow], list[RowNote]]:
    by_field = {c.field: c for c in columns.columns if c.field}
    found: list[FileRow] = []
    bad: list[RowNote] = []
    for record in table:
        if isinstance(record, Bad):
            bad.append(RowNote(number=record.number, key="", fate=RowFate.REFUSED, refusal=record.refusal))
        else:
            values: Mapping[str, str] = {field: read_back(column, record[field]) for field, column in by_field.items()}
            found.append(FileRow(number=record.number, values=values))
    return found, bad


def _replaced(found: Sequence[Replaced]) -> list[RowNote]:
    told = gettext_noop("%(column)s: “%(sign)s” cannot be written in this encoding.")
    return [
        RowNote(
            number=one.row, key=one.sign, fate=RowFate.REPLACED,
            refusal=Refusal("csv.sign_lost" if one.lost else "csv.sign_replaced", told, {"column": one.column, "sign": one.sign}),
        )
        for one in found
    ]  # fmt: skip
