"""Picking batches and their papers: what is picked, what was printed, what is due to be set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from core.db import rows
from orders.queries.contents import marks_of, pieces_of_parcels
from orders.queries.leaving import may_leave_sql
from orders.rules import USUAL_MS, PaperKind, PaperState, PickedPiece


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelOnList:
    """A parcel as a picking list names it."""

    shipment_id: int
    ref: UUID
    number: str
    order_number: str
    recipient: str
    prefecture: str
    carrier: str
    box: UUID | None
    position: int
    status: str
    planned_on: date | None
    inspected_at: datetime | None
    ended_at: datetime | None
    remark: str


_PARCELS = """
SELECT s.id AS shipment_id, s.public_id AS ref, s.number, o.number AS order_number, d.name AS recipient, d.prefecture, s.carrier, s.box,
    coalesce(p.position, 0) AS position, s.status, s.planned_on, s.inspected_at, p.ended_at, o.remark
FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id JOIN orders_destination d ON d.id = s.destination_id
LEFT JOIN orders_pickingparcel p ON p.shipment_id = s.id AND {which}
"""


def parcels_of_batch(batch_id: int) -> list[ParcelOnList]:
    """Every parcel that is or was in a batch, in its order. One statement."""
    sql = _PARCELS.format(which="p.batch_id = %(batch)s") + " WHERE p.batch_id = %(batch)s ORDER BY p.position"
    return [ParcelOnList(**row._asdict()) for row in rows(sql, {"batch": batch_id})]


def parcels_on_list(shipment_ids: Sequence[int]) -> list[ParcelOnList]:
    """These parcels as lists name them, in the order of their batches, else of their keys. One statement."""
    sql = _PARCELS.format(which="p.ended_at IS NULL") + " WHERE s.id = ANY(%(ids)s::bigint[]) ORDER BY position, s.id"
    return [ParcelOnList(**row._asdict()) for row in rows(sql, {"ids": list(shipment_ids)}, prepare=False)]


_BATCHES = """
SELECT p.shipment_id, b.number, b.public_id AS ref FROM orders_pickingparcel p JOIN orders_pickingbatch b ON b.id = p.batch_id
WHERE p.shipment_id = ANY(%s::bigint[]) AND p.ended_at IS NULL
"""


def batches_of_parcels(shipment_ids: Sequence[int]) -> Mapping[int, tuple[str, UUID]]:
    """In which batch each parcel is: its number and public id. One statement."""
    return {row.shipment_id: (row.number, row.ref) for row in rows(_BATCHES, (list(shipment_ids),))}


def pieces_and_marks(shipment_ids: Sequence[int]) -> tuple[list[PickedPiece], dict[int, str]]:
    """What parcels hold, and the same as short texts. One statement."""
    pieces = pieces_of_parcels(shipment_ids)
    return pieces, marks_of(pieces, shipment_ids)


_READY = f"""
SELECT s.id FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id
WHERE s.location_id = %(location)s AND s.status IN ('planned', 'instructed') AND {may_leave_sql()}
  AND (s.planned_on IS NULL OR s.planned_on <= %(until)s)
  AND NOT EXISTS (SELECT FROM orders_pickingparcel p WHERE p.shipment_id = s.id AND p.ended_at IS NULL)
ORDER BY s.id LIMIT %(most)s
"""


def parcels_to_pick(location_id: int, *, until: date, limit: int) -> list[int]:
    """Parcels of a location that may leave by a day and are in no batch, the oldest first. One statement."""
    asked = {"location": location_id, "until": until, "most": limit}
    return [row.id for row in rows(_READY, asked, prepare=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperProgress:
    """How far a file of papers is; ``usual_ms`` is what a parcel took in the last file of its kind."""

    file_id: int
    state: PaperState
    parcels: int
    done: int
    spent_ms: int
    usual_ms: int
    fault: str


_PROGRESS = """
SELECT f.id AS file_id, f.state, f.parcel_count AS parcels, f.done_count AS done, f.spent_ms, f.fault, coalesce((
    SELECT l.spent_ms / greatest(l.parcel_count, 1) FROM orders_paperfile l
    WHERE l.company_id = f.company_id AND l.kind = f.kind AND l.state = 'done' ORDER BY l.id DESC LIMIT 1), %s)::int AS usual_ms
FROM orders_paperfile f WHERE f.id = %s
"""


def paper_progress(file_id: int) -> PaperProgress:
    """How far a file is. One statement."""
    (row,) = rows(_PROGRESS, (USUAL_MS, file_id))
    return PaperProgress(**{**row._asdict(), "state": PaperState(row.state)})


_PRINTED = """
SELECT p.shipment_id FROM orders_printedpaper p JOIN orders_shipment s ON s.id = p.shipment_id
WHERE p.file_id = %s AND s.status <> 'cancelled' ORDER BY p.id
"""


def parcels_on_papers(file_id: int) -> list[int]:
    """The parcels of a file that were not cancelled since it was asked for, in its order. One statement."""
    return [row.shipment_id for row in rows(_PRINTED, (file_id,))]


_COPIES = """
SELECT shipment_id, max(copy) AS copies FROM orders_printedpaper WHERE shipment_id = ANY(%s::bigint[]) AND kind = %s GROUP BY shipment_id
"""


def copies_printed(shipment_ids: Sequence[int], kind: PaperKind) -> Mapping[int, int]:
    """How often each parcel's paper was printed; those never printed are missing. One statement."""
    return {row.shipment_id: row.copies for row in rows(_COPIES, (list(shipment_ids), str(kind)))}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOfPapers:
    """Where papers are for, and who asked."""

    batch: str
    location: str
    asked_by: str


_PLACE = """
SELECT coalesce(b.number, '') AS batch, l.name AS location, f.actor_label AS asked_by FROM orders_paperfile f
JOIN inventory_location l ON l.id = f.location_id LEFT JOIN orders_pickingbatch b ON b.id = f.batch_id WHERE f.id = %s
"""


def place_of_papers(file_id: int) -> PlaceOfPapers:
    """Where a file of papers is for. One statement."""
    return PlaceOfPapers(**rows(_PLACE, (file_id,))[0]._asdict())


def copies_in_file(file_id: int) -> int:
    """The highest copy in a file: 1 where everything is printed for the first time. One statement."""
    found = rows("SELECT coalesce(max(copy), 1) AS copy FROM orders_printedpaper WHERE file_id = %s", (file_id,))
    return int(found[0].copy)


def papers_by_key(file_ids: Sequence[int]) -> dict[int, tuple[UUID, str]]:
    """Public id and kind of files of papers, by their keys. One statement."""
    found = rows("SELECT id, public_id, kind FROM orders_paperfile WHERE id = ANY(%s::bigint[]) ORDER BY id", (sorted(set(file_ids)),))
    return {row.id: (row.public_id, row.kind) for row in found}


def paper_by_ref(ref: UUID, *, company_id: int) -> tuple[int, UUID, str] | None:
    """Key, public id and kind of a company's file of papers. One statement."""
    found = rows("SELECT id, public_id, kind FROM orders_paperfile WHERE public_id = %s AND company_id = %s", (ref, company_id))
    return (found[0].id, found[0].public_id, found[0].kind) if found else None


def paper_content(file_id: int) -> bytes | None:
    """The PDF of a file; None where it is not ready, or not kept any more. One statement."""
    sql = "SELECT content FROM orders_paperfile WHERE id = %s AND state = 'done' AND content_ended_at IS NULL"
    found = rows(sql, (file_id,))
    return bytes(found[0].content) if found else None
