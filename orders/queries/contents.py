"""What parcels hold, piece by piece: lines and inserts, where they lie, and the lots that were chosen."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from core.db import rows
from orders.rules import PickedPiece, contents_mark

_PIECES = """
SELECT c.shipment_id, a.stock_item_id, i.code AS item, i.name, coalesce(v.jan, '') AS jan, coalesce(k.mark, '') AS mark,
    coalesce(lot.number, '') AS lot, lot.expires_on, coalesce(p.quantity, a.quantity) AS quantity, c.is_insert
FROM (
    SELECT n.shipment_id, n.allocation_id, false AS is_insert FROM orders_shipmentline n WHERE n.shipment_id = ANY(%(ids)s::bigint[])
    UNION ALL
    SELECT n.shipment_id, n.allocation_id, true FROM orders_shipmentinsert n WHERE n.shipment_id = ANY(%(ids)s::bigint[]) AND n.ended_at IS NULL
) c JOIN inventory_allocation a ON a.id = c.allocation_id JOIN inventory_stockitem i ON i.id = a.stock_item_id
LEFT JOIN inventory_shelfmark k ON k.stock_id = a.stock_id LEFT JOIN inventory_pick p ON p.allocation_id = a.id
LEFT JOIN inventory_lot lot ON lot.id = p.lot_id
LEFT JOIN LATERAL (
    SELECT v.jan FROM inventory_component x JOIN catalog_variant v ON v.id = x.variant_id
    WHERE x.stock_item_id = i.id AND v.jan <> '' ORDER BY x.quantity, v.id LIMIT 1
) v ON true
ORDER BY c.shipment_id, c.is_insert, mark = '', mark, item, lot.expires_on, lot
"""


def pieces_of_parcels(shipment_ids: Sequence[int]) -> list[PickedPiece]:
    """Every piece of these parcels, in the order of the walk. One statement."""
    return [PickedPiece(**row._asdict()) for row in rows(_PIECES, {"ids": list(shipment_ids)}, prepare=False)]


def marks_of_parcels(shipment_ids: Sequence[int]) -> dict[int, str]:
    """The contents of each parcel as one short text. One statement."""
    return marks_of(pieces_of_parcels(shipment_ids), shipment_ids)


def marks_of(pieces: Iterable[PickedPiece], shipment_ids: Sequence[int]) -> dict[int, str]:
    """The same, of pieces that were read."""
    held: dict[int, dict[tuple[int, str], int]] = {i: {} for i in shipment_ids}
    for piece in pieces:
        own, key = held[piece.shipment_id], (piece.stock_item_id, piece.lot)
        own[key] = own.get(key, 0) + piece.quantity
    return {i: contents_mark((item, lot, n) for (item, lot), n in own.items()) for i, own in held.items()}


_INSPECTED = """
SELECT DISTINCT ON (shipment_id) shipment_id, contents_mark FROM orders_parcelinspected WHERE shipment_id = ANY(%s::bigint[])
ORDER BY shipment_id, id DESC
"""


def changed_since_inspected(shipment_ids: Sequence[int]) -> set[int]:
    """Of these parcels, those that hold something else now than when they were inspected last. Two statements."""
    if not shipment_ids:
        return set()
    seen = {row.shipment_id: row.contents_mark for row in rows(_INSPECTED, (list(shipment_ids),))}
    now = marks_of_parcels(shipment_ids)
    return {i for i in shipment_ids if seen.get(i) != now[i]}


_BY_CODE = """
SELECT s.id, s.status FROM orders_shipment s WHERE s.company_id = %(company)s AND (s.number = %(code)s OR (s.tracking_number = %(bare)s AND %(bare)s <> '')
    OR s.id IN (SELECT n.shipment_id FROM orders_trackingnumber n WHERE n.number = %(bare)s AND n.ended_at IS NULL))
ORDER BY s.status IN ('planned', 'instructed') DESC, s.number = %(code)s DESC, s.id LIMIT 1
"""


def parcel_by_code(code: str, *, company_id: int) -> int | None:
    """The parcel whose number, or number of a carrier, was scanned; one still to leave before one that left. One statement."""
    bare = code.replace("-", "").replace(" ", "")
    found = rows(_BY_CODE, {"company": company_id, "code": code, "bare": bare})
    return found[0].id if found else None


_BOX = """
SELECT m.id, m.public_id AS ref, m.number FROM orders_shipment s
JOIN orders_shipment m ON m.id = s.id OR (m.box = s.box AND m.box IS NOT NULL AND m.status IN ('planned', 'instructed'))
WHERE s.id = %s ORDER BY m.id
"""


def parcels_in_box(shipment_id: int) -> list[tuple[int, UUID, str]]:
    """A parcel and what still leaves with it in one box: key, public id and number, the first on the label first. One statement."""
    return [(row.id, row.ref, row.number) for row in rows(_BOX, (shipment_id,))]
