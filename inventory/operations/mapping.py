"""Column maps are written: always a new version, so that every old file can still be understood."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.actor import Actor
from core.db import LockSpace, lock_advisory, operation, rows, run
from core.errors import Refusal
from core.words import gettext_noop
from inventory.queries import kind_of
from inventory.rules import FileEncoding, MapColumn, map_faults

MOST_FILE_NAME = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class MapSaved:
    """This version is in force from now on."""

    map_id: int
    version: int


_NEXT = """
INSERT INTO inventory_columnmap (company_id, location_id, kind, version, encoding, file_name, at, actor_kind, actor_id, actor_label, on_behalf_of)
SELECT %(company)s::bigint, %(location)s::bigint, %(kind)s::text, coalesce(max(version), 0) + 1, %(encoding)s::text, %(name)s::text, %(at)s,
    %(actor)s, %(id)s, %(label)s, %(for)s
FROM inventory_columnmap
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
) -> MapSaved | list[Refusal]:  # fmt: skip
    """A new version of how this kind of file names its columns is in force; older versions stay readable.

    Refuses "inventory.no_such_file_kind", "inventory.no_such_location", and "inventory.bad_map" with everything that is wrong:
    a heading or needed field missing, unknown or named twice.
    """
    known = kind_of(kind)
    if known is None:
        return [Refusal("inventory.no_such_file_kind", gettext_noop("There is no kind of file “%(kind)s”."), {"kind": kind[:40]}, "/kind")]
    if location_id and not rows("SELECT 1 FROM inventory_location WHERE id = %s AND company_id = %s", (location_id, company_id)):
        return [Refusal("inventory.no_such_location", gettext_noop("There is no such location."), field="/location")]
    faults = map_faults(known, columns)
    name = file_name.strip()
    if not name or len(name) > MOST_FILE_NAME or not all(sign.isalnum() or sign in "-_" for sign in name):
        words = gettext_noop("The beginning of the file name has 1 to 40 letters, digits, - and _.")
        faults.append(Refusal("inventory.bad_map", words, field="/file_name"))
    if faults:
        return faults
    lock_advisory(LockSpace.NUMBER_SERIES, f"column map:{company_id}:{kind}")
    told = {
        "company": company_id, "location": location_id, "kind": kind, "encoding": str(encoding), "name": name, "at": at,
        "actor": str(actor.kind), "id": actor.id, "label": actor.label, "for": actor.on_behalf_of,
    }  # fmt: skip
    [row] = rows(_NEXT, told)
    run(
        _COLUMNS,
        (
            row.id,
            [c.heading.strip() for c in columns],
            [c.field for c in columns],
            [c.constant for c in columns],
            [c.date_pattern for c in columns],
            [c.most_bytes for c in columns],
            ["\n".join(f"{ours}={theirs}" for ours, theirs in c.codes.items()) for c in columns],
        ),
    )
    return MapSaved(map_id=row.id, version=row.version)
