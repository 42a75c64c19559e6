"""Files come in and go out by their column map: each content once, each row told."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from core.actor import Actor
from core.csv import Bad, Column, ExportWriter, Table, UnreadableFile, read
from core.db import operation, rows
from core.errors import Refusal
from core.text import clean_line
from core.words import gettext_noop
from inventory.operations.file_keeping import FileNote, keep_file, next_file_id
from inventory.operations.stocktaking import HOLD_LOCATION
from inventory.ports import FileDesk
from inventory.queries import MapInForce, desk_of, kind_of, map_in_force, zone_of
from inventory.rules import FileKind, FilePlace, FileRow, FileStatus, FileWay, MapColumn, RowFate, RowNote, fitted, read_back, written

MOST_BYTES = 20 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTaken:
    """A file stands in the history: how many rows took effect, were known, differ, or wait for a person.

    ``unread`` says why it could not be read at all.
    """

    file_id: int
    status: FileStatus
    done: int = 0
    repeated: int = 0
    differing: int = 0
    refused: int = 0
    unread: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileGiven:
    """A file that went out, and how many signs its encoding could not hold or its columns had no room for."""

    file_id: int
    name: str
    content: bytes
    rows: int
    replaced: int


_KNOWN = """
SELECT name FROM inventory_exchangefile WHERE company_id = %s AND kind = %s AND about = %s AND content_hash = %s AND way = 'in' AND status = 'done'
"""


_LAST = """
SELECT name, content_hash FROM inventory_exchangefile WHERE company_id = %s AND kind = %s AND about = %s AND way = 'out' ORDER BY id DESC LIMIT 1
"""


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@operation
def take_file(kind: str, content: bytes, *, name: str, place: FilePlace, actor: Actor, at: datetime) -> FileTaken | Refusal:
    """The rows of a file take effect, each once; what became of each is kept with the file.

    Two files of a location wait for each other. A file of which every row counted is known by its content; one with refused rows
    may come again, and what counted before counts no second time. One that cannot be read as a table is kept as such.
    Refuses "inventory.no_such_location", "inventory.no_such_file_kind", "inventory.file_too_large", "inventory.file_known".
    """
    ready = _ready(kind, place)
    if isinstance(ready, Refusal):
        return ready
    desk, known, about, columns = ready
    if not known.comes:
        return _no_kind(kind)
    if len(content) > MOST_BYTES:
        return Refusal("inventory.file_too_large", gettext_noop("The file is larger than %(most)s MB."), {"most": MOST_BYTES // 2**20})
    mark = _hash(content)
    if before := rows(_KNOWN, (place.company_id, kind, about, mark)):
        return Refusal(
            "inventory.file_known",
            gettext_noop("This very file was taken in before as “%(name)s”. Nothing was done twice."),
            {"name": before[0].name},
        )
    kept = FileNote(
        company_id=place.company_id, location_id=place.location_id, kind=kind, way=FileWay.IN, status=FileStatus.FAILED,
        name=clean_line(name), about=about, content=content, file_id=next_file_id(),
    )  # fmt: skip
    try:
        table = read(io.BytesIO(content), columns=_wanted(known, columns), headings=known.headings)
        found, bad = _read(table, columns)
    except UnreadableFile as error:
        note = RowNote(number=0, key="", fate=RowFate.REFUSED, refusal=error.refusal)
        file_id = keep_file(replace(kept, rows=(note,), row_count=0), actor=actor, at=at)
        return FileTaken(file_id=file_id, status=FileStatus.FAILED, refused=1, unread=error.refusal)
    notes = [*bad, *desk.take_rows(kind, found, place=replace(place, file_id=kept.file_id), actor=actor, at=at)]
    notes = sorted((_as_headed(note, columns) for note in notes), key=lambda note: (note.number, note.key))
    fates = [note.fate for note in notes]
    taken = FileTaken(
        file_id=kept.file_id,
        status=_status(fates),
        done=fates.count(RowFate.DONE),
        repeated=fates.count(RowFate.REPEATED),
        differing=fates.count(RowFate.DIFFERS),
        refused=fates.count(RowFate.REFUSED),
    )
    whole = replace(kept, status=taken.status, encoding=table.encoding, rows=tuple(notes), row_count=len(found) + len(bad))
    keep_file(whole, actor=actor, at=at)
    return taken


@operation
def give_file(kind: str, *, place: FilePlace, actor: Actor, at: datetime) -> FileGiven | Refusal:
    """What is to go out of this kind goes out now, and is kept as it went; what could not be written as it is, is listed by row.

    Refuses like ``take_file``, and "inventory.nothing_to_give".
    """
    ready = _ready(kind, place)
    if isinstance(ready, Refusal):
        return ready
    desk, known, about, columns = ready
    if not known.goes:
        return _no_kind(kind)
    place = replace(place, file_id=next_file_id())
    given = desk.give_rows(kind, place=place, actor=actor, at=at)
    if not given:
        return Refusal("inventory.nothing_to_give", gettext_noop("Nothing of this kind is to go out now."))
    file = io.BytesIO()
    writer = ExportWriter(file, header=[c.heading for c in columns.columns], encoding=str(columns.encoding))
    notes: list[RowNote] = []
    keys = [_key(known, row) for row in given]
    for number, row in enumerate(given, start=2):
        cells = [written(column, row.get(column.field)) for column in columns.columns]
        fit = [fitted(column, cell) for column, cell in zip(columns.columns, cells, strict=True)]
        notes.append(RowNote(number=number, key=keys[number - 2], fate=RowFate.DONE))
        notes += [
            _cut(number, keys[number - 2], column, cell, short)
            for column, cell, short in zip(columns.columns, cells, fit, strict=True)
            if cell != short
        ]
        writer.write(fit)
    writer.close()
    told = gettext_noop("“%(sign)s” cannot be written in this encoding. Write it on the slip by hand, or tell the warehouse.")
    notes += [
        RowNote(
            number=one.row + 1, key=keys[one.row - 1] if one.row else "", fate=RowFate.REPLACED,
            refusal=Refusal("csv.sign_lost" if one.lost else "csv.sign_replaced", told, {"sign": one.sign}, one.column),
        )
        for one in writer.replaced
    ]  # fmt: skip
    replaced = writer.replaced_count + sum(note.refusal is not None and note.refusal.code == "csv.cell_cut" for note in notes)
    if known.is_state and (before := rows(_LAST, (place.company_id, kind, about))) and before[0].content_hash == _hash(file.getvalue()):
        words = gettext_noop("Nothing has changed since “%(name)s”: download that one again.")
        return Refusal("inventory.nothing_to_give", words, {"name": before[0].name})
    local = at.astimezone(ZoneInfo(zone_of(place.company_id)))
    name = f"{columns.file_name}_{about}_{local:%Y%m%d%H%M%S}_{place.file_id}.csv"
    keep_file(
        FileNote(
            company_id=place.company_id, location_id=place.location_id, kind=kind, way=FileWay.OUT, status=FileStatus.DONE, name=name,
            about=about, encoding=str(columns.encoding), file_id=place.file_id, content=file.getvalue(),
            rows=tuple(sorted(notes, key=lambda note: note.number)), row_count=len(given), replaced_count=replaced,
        ),
        actor=actor,
        at=at,
    )  # fmt: skip
    return FileGiven(file_id=place.file_id, name=name, content=file.getvalue(), rows=len(given), replaced=replaced)


def _ready(kind: str, place: FilePlace) -> tuple[FileDesk, FileKind, str, MapInForce] | Refusal:
    if not rows(HOLD_LOCATION, (place.location_id, place.company_id)):
        return Refusal("inventory.no_such_location", gettext_noop("There is no such location."), field="/location")
    known, desk = kind_of(kind), desk_of(kind)
    if known is None or desk is None:
        return _no_kind(kind)
    about = rows("SELECT code FROM inventory_location WHERE id = %s", (place.location_id,))[0].code
    return desk, known, about, map_in_force(known, company_id=place.company_id, location_id=place.location_id)


def _no_kind(kind: str) -> Refusal:
    return Refusal("inventory.no_such_file_kind", gettext_noop("There is no kind of file “%(kind)s”."), {"kind": kind[:40]}, "/kind")


def _status(fates: Sequence[RowFate]) -> FileStatus:
    if not any(fate in (RowFate.DONE, RowFate.REPEATED, RowFate.DIFFERS) for fate in fates):
        return FileStatus.FAILED
    return FileStatus.PARTLY if RowFate.REFUSED in fates else FileStatus.DONE


def _wanted(kind: FileKind, columns: MapInForce) -> list[Column]:
    needed = {field.code for field in kind.fields if field.is_needed}
    return [Column(c.field, names=(c.heading,), required=c.field in needed) for c in columns.columns if c.field]


def _read(table: Table, columns: MapInForce) -> tuple[list[FileRow], list[RowNote]]:
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


def _as_headed(note: RowNote, columns: MapInForce) -> RowNote:
    """The column at fault under the name the partner gave it."""
    if note.refusal is None or not note.refusal.field.startswith("/"):
        return note
    return replace(note, refusal=replace(note.refusal, field=columns.heading(note.refusal.field[1:])))


def _key(kind: FileKind, row: Mapping[str, object]) -> str:
    """What a row is about."""
    return str(row.get(kind.key) or "")


def _cut(number: int, key: str, column: MapColumn, cell: str, short: str) -> RowNote:
    words = gettext_noop("Only %(most)s bytes fit: the last %(count)s signs were left off. Tell the warehouse the rest.")
    return RowNote(
        number=number, key=key, fate=RowFate.REPLACED,
        refusal=Refusal("csv.cell_cut", words, {"most": column.most_bytes, "count": len(cell) - len(short)}, column.heading),
    )  # fmt: skip
