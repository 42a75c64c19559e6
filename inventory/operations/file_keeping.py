"""Files are kept as they came or went, with what became of each row."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from inventory.rules import FileStatus, FileWay, RowFate, RowNote


@dataclass(frozen=True, slots=True, kw_only=True)
class FileNote:
    """A file and its rows, to be kept."""

    company_id: int
    location_id: int | None
    kind: str
    way: FileWay
    status: FileStatus
    name: str
    content: bytes
    about: str = ""
    encoding: str = ""
    rows: tuple[RowNote, ...] = ()
    row_count: int | None = None
    replaced_count: int = 0
    file_id: int = 0


_KEEP = """
INSERT INTO inventory_exchangefile (id, company_id, location_id, kind, way, status, name, about, encoding, content, content_hash, row_count,
    refused_count, replaced_count, at, actor_kind, actor_id, actor_label, on_behalf_of)
VALUES (%(file)s, %(company)s, %(location)s::bigint, %(kind)s, %(way)s, %(status)s, %(name)s, %(about)s, %(encoding)s, %(content)s, %(hash)s, %(rows)s,
    %(refused)s, %(replaced)s, %(at)s, %(actor)s, %(id)s, %(label)s, %(for)s)
RETURNING id
"""
_ROWS = """
INSERT INTO inventory_exchangerow (file_id, number, key, "column", fate, code, message, params)
SELECT %s, q.number, q.key, q.place, q.fate, q.code, q.message, q.params::jsonb
FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
    AS q (number, key, place, fate, code, message, params)
"""


def next_file_id() -> int:
    """The id of a file that will be kept, for rows that are to point at it."""
    taken: int = rows("SELECT nextval(pg_get_serial_sequence('inventory_exchangefile', 'id')) AS id")[0].id
    return taken


@operation
def keep_file(note: FileNote, *, actor: Actor, at: datetime) -> int:
    """The file stands in the history with its rows; answers with its id. Two statements."""
    refused = sum(row.fate is RowFate.REFUSED for row in note.rows)
    file_id: int = rows(
        _KEEP,
        {
            "file": note.file_id or next_file_id(), "company": note.company_id, "location": note.location_id, "kind": note.kind, "way": str(note.way), "status": str(note.status),
            "name": note.name[-200:], "about": note.about, "encoding": note.encoding, "content": note.content,
            "hash": hashlib.sha256(note.content).hexdigest(), "rows": len(note.rows) if note.row_count is None else note.row_count,
            "refused": refused, "replaced": note.replaced_count, "at": at,
            "actor": str(actor.kind), "id": actor.id, "label": actor.label, "for": actor.on_behalf_of,
        },
    )[0].id  # fmt: skip
    keep_rows(file_id, note.rows)
    return file_id


def keep_rows(file_id: int, notes: Sequence[RowNote]) -> None:
    """What became of the rows of a file. One statement."""
    said = [(note, note.refusal or Refusal("", "")) for note in notes]
    run(
        _ROWS,
        (
            file_id,
            [note.number for note, _r in said],
            [note.key[:120] for note, _r in said],
            [refusal.field[:80] for _n, refusal in said],
            [str(note.fate) for note, _r in said],
            [refusal.code[:80] for _n, refusal in said],
            [refusal.message[:400] for _n, refusal in said],
            [orjson.dumps(dict(refusal.params), default=str).decode() for _n, refusal in said],
        ),
    )


@operation
def forget_files(file_ids: Sequence[int], *, actor: Actor, at: datetime) -> int:
    """The contents of these files are thrown away, for they hold personal data; that they came or went stays known."""
    return run(
        "UPDATE inventory_exchangefile SET content = ''::bytea, content_ended_at = %s WHERE id = ANY(%s::bigint[]) AND content_ended_at IS NULL",
        (at, list(file_ids)),
    )


@operation
def note_handed_over(file_ids: Sequence[int], *, actor: Actor, at: datetime) -> int:
    """These outgoing files lie in their folders."""
    return run(
        "UPDATE inventory_exchangefile SET handed_over_at = %s WHERE id = ANY(%s::bigint[]) AND way = 'out' AND handed_over_at IS NULL",
        (at, list(file_ids)),
    )
