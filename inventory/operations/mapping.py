"""Column maps are written: always a new version, so that every old file can still be understood."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.actor import Actor
from core.db import LockSpace, lock_advisory, operation, rows, run
from core.errors import Refusal
from core.words import gettext_noop
from inventory.ports import FILE_DESK
from inventory.rules import FileEncoding, FileKind, MapColumn


@dataclass(frozen=True, slots=True, kw_only=True)
class MapSaved:
    """This version is in force from now on."""

    map_id: int
    version: int


def kind_of(code: str) -> FileKind | None:
    """The kind of file with this code."""
    return next((kind for desk in FILE_DESK.all() for kind in desk.file_kinds() if kind.code == code), None)


_NEXT = """
INSERT INTO inventory_columnmap (company_id, location_id, kind, version, encoding, file_name)
SELECT %(company)s::bigint, %(location)s::bigint, %(kind)s::text, coalesce(max(version), 0) + 1, %(encoding)s::text, %(name)s::text FROM inventory_columnmap
WHERE company_id = %(company)s::bigint AND kind = %(kind)s::text AND location_id IS NOT DISTINCT FROM %(location)s::bigint
RETURNING id, version
"""
_COLUMNS = """
INSERT INTO inventory_mappedcolumn (column_map_id, position, heading, field, constant, date_pattern, most_bytes, codes)
SELECT %s, q.place, q.heading, q.field, q.constant, q.pattern, q.bytes, q.codes
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::int[], %s::text[]) WITH ORDINALITY
    AS q (heading, field, constant, pattern, bytes, codes, place)
"""


@operation
def save_column_map(
    kind: str, columns: Sequence[MapColumn], *, company_id: int, location_id: int | None, encoding: FileEncoding, file_name: str, actor: Actor,
    at: datetime,
) -> MapSaved | Refusal:  # fmt: skip
    """A new version of how this kind of file names its columns is in force; older versions stay readable.

    Refuses "inventory.no_such_file_kind", "inventory.bad_map": a heading or needed field missing, unknown or named twice.
    """
    known = kind_of(kind)
    if known is None:
        return Refusal("inventory.no_such_file_kind", gettext_noop("There is no kind of file “%(kind)s”."), {"kind": kind[:40]})
    wrong = _wrong(known, columns)
    if wrong or not file_name.strip():
        return Refusal(
            "inventory.bad_map", gettext_noop("These columns make no map: %(columns)s."), {"columns": ", ".join(wrong) or "file_name"}
        )
    lock_advisory(LockSpace.NUMBER_SERIES, f"column map:{company_id}:{kind}")
    told = {"company": company_id, "location": location_id, "kind": kind, "encoding": str(encoding), "name": file_name.strip()[:40]}
    [row] = rows(_NEXT, told)
    run(
        _COLUMNS,
        (
            row.id,
            [c.heading for c in columns],
            [c.field for c in columns],
            [c.constant for c in columns],
            [c.date_pattern for c in columns],
            [c.most_bytes for c in columns],
            ["\n".join(f"{ours}={theirs}" for ours, theirs in c.codes.items()) for c in columns],
        ),
    )
    return MapSaved(map_id=row.id, version=row.version)


def _wrong(kind: FileKind, columns: Sequence[MapColumn]) -> list[str]:
    fields = {field.code for field in kind.fields}
    headings, told = [c.heading for c in columns], [c.field for c in columns if c.field]
    wrong = [c.heading or "?" for c in columns if not c.heading or (c.field and c.field not in fields)]
    wrong += sorted({h for h in headings if headings.count(h) > 1} | {f for f in told if told.count(f) > 1})
    return wrong + [field.heading for field in kind.fields if field.is_needed and field.code not in told]


@operation
def make_standard_maps(company_id: int, *, actor: Actor, at: datetime) -> int:
    """Every kind of file that has no map yet has one with our own headings; answers with how many were made."""
    known = {
        row.kind
        for row in rows("SELECT DISTINCT kind FROM inventory_columnmap WHERE company_id = %s AND location_id IS NULL", (company_id,))
    }
    made = 0
    for kind in (kind for desk in FILE_DESK.all() for kind in desk.file_kinds() if kind.code not in known):
        columns = [MapColumn(heading=field.heading, field=field.code, codes={}) for field in kind.fields]
        save_column_map(
            kind.code,
            columns,
            company_id=company_id,
            location_id=None,
            encoding=FileEncoding.CP932,
            file_name=kind.code,
            actor=actor,
            at=at,
        )
        made += 1
    return made
