"""Kinds of file that are exchanged with warehouses, and how each names its columns at a location."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.db import rows
from core.errors import Refusal
from inventory.ports import FILE_DESK, FileDesk
from inventory.rules.maps import FileEncoding, FileKind, MapColumn, code_pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class MapInForce:
    """How a kind of file is written at a location; version 0 is what holds where nobody has said anything."""

    version: int
    map_id: int | None
    location_id: int | None
    encoding: FileEncoding
    file_name: str
    columns: tuple[MapColumn, ...]

    def heading(self, field: str) -> str:
        """What the partner calls a field of ours; nothing where the file has no such column."""
        return next((column.heading for column in self.columns if column.field == field), "")


# The one of the location before the one of the company, the newest of it.
_IN_FORCE = """
SELECT m.id, m.version, m.location_id, m.encoding, m.file_name, c.heading, c.field, c.constant, c.date_pattern, c.most_bytes, c.codes
FROM (SELECT * FROM inventory_columnmap
      WHERE company_id = %(company)s AND kind = %(kind)s AND (location_id = %(location)s::bigint OR location_id IS NULL)
      ORDER BY location_id NULLS LAST, version DESC LIMIT 1) m
JOIN inventory_mappedcolumn c ON c.column_map_id = m.id ORDER BY c.position
"""


def file_kinds() -> tuple[FileKind, ...]:
    """Every kind of file that somebody answers for."""
    return tuple(kind for desk in FILE_DESK.all() for kind in desk.file_kinds())


def kind_of(code: str) -> FileKind | None:
    """The kind of file with this code."""
    return next((kind for kind in file_kinds() if kind.code == code), None)


def desk_of(code: str) -> FileDesk | None:
    """Who answers for a kind of file."""
    return next((desk for desk in FILE_DESK.all() for kind in desk.file_kinds() if kind.code == code), None)


def people_in_file(file_id: int) -> list[str]:
    """Whose personal data a file holds, as the record of such readings names them."""
    return [subject for desk in FILE_DESK.all() for subject in desk.people_in(file_id)]


def standard_map(kind: FileKind) -> MapInForce:
    """How a kind of file is written where nothing was agreed: our headings in our order, in Shift_JIS."""
    return MapInForce(
        version=0, map_id=None, location_id=None, encoding=FileEncoding.CP932, file_name=kind.file_name or kind.code,
        columns=kind.standard or tuple(MapColumn(heading=field.heading, field=field.code) for field in kind.fields),
    )  # fmt: skip


def map_in_force(kind: FileKind, *, company_id: int, location_id: int | None) -> MapInForce:
    """How this kind of file is written at the location now. One statement."""
    found = rows(_IN_FORCE, {"company": company_id, "kind": kind.code, "location": location_id})
    if not found:
        return standard_map(kind)
    first = found[0]
    return MapInForce(
        version=first.version, map_id=first.id, location_id=first.location_id, encoding=FileEncoding(first.encoding),
        file_name=first.file_name, columns=tuple(map(_column, found)),
    )  # fmt: skip


def _column(row: Any) -> MapColumn:
    pairs = code_pairs(row.codes)
    return MapColumn(
        heading=row.heading, field=row.field, constant=row.constant, date_pattern=row.date_pattern, most_bytes=row.most_bytes,
        codes={} if isinstance(pairs, Refusal) else pairs,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FileShown:
    """A file that came or went, without its content."""

    id: int
    public_id: UUID
    kind: str
    way: str
    status: str
    name: str
    location: str
    encoding: str
    row_count: int
    refused_count: int
    replaced_count: int
    at: datetime


_FILES = """
SELECT f.id, f.public_id, f.kind, f.way, f.status, f.name, coalesce(l.code, '') AS location, f.encoding, f.row_count, f.refused_count,
    f.replaced_count, f.at
FROM inventory_exchangefile f LEFT JOIN inventory_location l ON l.id = f.location_id
"""


def file_page(
    company_id: int | None, *, limit: int, before_id: int | None = None, kind: str | None = None, way: str | None = None,
    location: str | None = None,
) -> list[FileShown]:  # fmt: skip
    """Files of a company, the newest first. One statement."""
    asked = {"company": company_id, "before": before_id, "kind": kind, "way": way, "location": location, "limit": limit}
    found = rows(
        f"""{_FILES} WHERE f.company_id = %(company)s AND (%(before)s::bigint IS NULL OR f.id < %(before)s)
        AND (%(kind)s::text IS NULL OR f.kind = %(kind)s) AND (%(way)s::text IS NULL OR f.way = %(way)s)
        AND (%(location)s::text IS NULL OR l.code = %(location)s) ORDER BY f.id DESC LIMIT %(limit)s""",
        asked,
        prepare=False,
    )
    return [FileShown(**row._asdict()) for row in found]


def file_by_ref(public_id: UUID, *, company_id: int) -> FileShown | None:
    """A file of a company."""
    found = rows(f"{_FILES} WHERE f.public_id = %s AND f.company_id = %s", (public_id, company_id))
    return FileShown(**found[0]._asdict()) if found else None


def file_by_id(file_id: int) -> FileShown:
    """A file that is known to be there."""
    return FileShown(**rows(f"{_FILES} WHERE f.id = %s", (file_id,))[0]._asdict())


def file_content(file_id: int) -> bytes | None:
    """The file byte for byte; None once its content was thrown away."""
    found = rows("SELECT content, content_ended_at FROM inventory_exchangefile WHERE id = %s", (file_id,))[0]
    return None if found.content_ended_at else bytes(found.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShown:
    """What became of a row that somebody must look at."""

    number: int
    key: str
    column: str
    fate: str
    code: str
    message: str
    params: dict[str, Any]


def rows_to_look_at(file_id: int, *, limit: int) -> list[RowShown]:
    """Rows of a file that were refused, differ or were not written as they are. One statement."""
    found = rows(
        'SELECT number, key, "column", fate, code, message, params FROM inventory_exchangerow'
        " WHERE file_id = %s AND fate IN ('refused', 'differs', 'replaced') ORDER BY number, id LIMIT %s",
        (file_id, limit),
    )
    return [RowShown(**row._asdict()) for row in found]
