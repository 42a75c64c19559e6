"""Inspections under way: what a box must hold, what was seen, and who inspected what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import rows
from orders.queries.contents import parcels_in_box, pieces_of_parcels
from orders.rules import Expected, InspectionStatus, PickedPiece, contents_mark


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanTold:
    """A scan, taken, refused or taken back, as the screen tells it."""

    code: str
    item: str
    lot: str
    quantity: int
    fault: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionView:
    """An inspection as it stands."""

    key: int
    ref: UUID
    number: str
    parcels: tuple[tuple[int, UUID, str], ...]
    status: InspectionStatus
    contents_mark: str
    expected: tuple[Expected, ...]
    counted: Mapping[tuple[int, str], int]
    pieces_in: Mapping[int, int]
    """How many pieces each parcel of the box holds."""
    latest: tuple[ScanTold, ...]
    begun_by: str
    ended_by: str
    ended_at: datetime | None

    def seen(self, stock_item_id: int) -> int:
        """How many pieces of an item were seen."""
        return sum(pieces for (item, _lot), pieces in self.counted.items() if item == stock_item_id)

    @property
    def wanted(self) -> int:
        return sum(one.quantity for one in self.expected)

    @property
    def done(self) -> int:
        return sum(self.counted.values())


_HEAD = """
SELECT i.id AS key, i.public_id AS ref, s.number, i.status, i.contents_mark, i.shipment_id, i.actor_label AS begun_by, i.ended_by, i.ended_at,
    ARRAY(SELECT p.shipment_id FROM orders_parcelinspected p WHERE p.inspection_id = i.id ORDER BY p.shipment_id) AS sealed
FROM orders_inspection i JOIN orders_shipment s ON s.id = i.shipment_id WHERE i.id = %s
"""
_COUNTED = """
SELECT stock_item_id, lot, sum(quantity)::int AS pieces FROM orders_inspectionscan WHERE inspection_id = %s AND quantity <> 0 GROUP BY 1, 2
HAVING sum(quantity) > 0
"""
_LATEST = """
SELECT n.code, coalesce(i.code, '') AS item, n.lot, n.quantity, n.fault, n.at FROM orders_inspectionscan n
LEFT JOIN inventory_stockitem i ON i.id = n.stock_item_id WHERE n.inspection_id = %s ORDER BY n.id DESC LIMIT 8
"""


def inspection_view(inspection_id: int) -> InspectionView:
    """An inspection with its box, in five statements."""
    head = rows(_HEAD, (inspection_id,))[0]._asdict()
    sealed, shipment_id = head.pop("sealed"), head.pop("shipment_id")
    parcels = parcels_in_box(shipment_id)
    pieces = pieces_of_parcels(sealed or [key for key, _ref, _number in parcels])
    counts: dict[int, int] = {key: 0 for key, _ref, _number in parcels}
    for piece in pieces:
        counts[piece.shipment_id] = counts.get(piece.shipment_id, 0) + piece.quantity
    return InspectionView(
        **{**head, "status": InspectionStatus(head["status"])},
        parcels=tuple(parcels), expected=_expected(pieces), pieces_in=counts,
        counted={(row.stock_item_id, row.lot): row.pieces for row in rows(_COUNTED, (inspection_id,))},
        latest=tuple(ScanTold(**row._asdict()) for row in rows(_LATEST, (inspection_id,))),
    )  # fmt: skip


def _expected(pieces: Sequence[PickedPiece]) -> tuple[Expected, ...]:
    held: dict[int, list[PickedPiece]] = {}
    for piece in pieces:
        held.setdefault(piece.stock_item_id, []).append(piece)
    return tuple(
        Expected(
            stock_item_id=item, item=own[0].item, name=own[0].name, quantity=sum(p.quantity for p in own), jan=own[0].jan, mark=own[0].mark,
            lots=_lots(own), is_insert=all(p.is_insert for p in own),
        )
        for item, own in held.items()
    )  # fmt: skip


def _lots(own: Sequence[PickedPiece]) -> dict[str, int]:
    """How many of which lot; nothing where the lot of some pieces is not known, for then no lot can be wrong."""
    if any(not piece.lot for piece in own):
        return {}
    return {lot: sum(piece.quantity for piece in own if piece.lot == lot) for lot in dict.fromkeys(piece.lot for piece in own)}


def contents_mark_of_box(shipment_ids: Sequence[int]) -> str:
    """Which parcels a box holds, and what they hold, as one short text. One statement."""
    pieces = pieces_of_parcels(shipment_ids)
    return contents_mark((p.stock_item_id, f"{p.shipment_id}/{p.lot}", p.quantity) for p in pieces)


def inspection_key(ref: UUID, *, company_id: int | None) -> tuple[int, int] | None:
    """The key of an inspection, and of its first parcel. One statement."""
    sql = "SELECT id, shipment_id FROM orders_inspection WHERE public_id = %s AND (%s::bigint IS NULL OR company_id = %s::bigint)"
    found = rows(sql, (ref, company_id, company_id))
    return (found[0].id, found[0].shipment_id) if found else None
