"""Goods come in before they run out, move to the store, and now and then break."""

from datetime import date, datetime, timedelta
from typing import Final

from config.simulation.scene import Scene
from core.db import rows
from inventory.operations import adjust_stock, receive_stock, transfer_stock
from inventory.rules import Adjustment, Receipt, Transfer

SCARCE: Final = 20
"""What opened with this little is never ordered in quantity: it stays scarce."""

_SHELVES = """
SELECT i.id AS item_id, i.code, i.is_lot_tracked, st.location_id, l.kind, st.sellable - st.allocated - st.reserved AS free,
    coalesce((SELECT sum(m.quantity) FROM inventory_movement m WHERE m.stock_id = st.id AND m.kind = 'opening'), 0)::bigint AS opening,
    coalesce((SELECT -sum(m.quantity) FROM inventory_movement m
        WHERE m.stock_id = st.id AND m.kind = 'shipment' AND m.at > %(at)s::timestamptz - interval '21 days'), 0)::bigint AS used
FROM inventory_stock st JOIN inventory_stockitem i ON i.id = st.stock_item_id JOIN inventory_location l ON l.id = st.location_id
WHERE i.company_id = %(company)s AND i.ended_at IS NULL AND l.kind IN ('warehouse', 'store') ORDER BY st.id
"""
_COST = """
SELECT DISTINCT ON (co.stock_item_id) co.stock_item_id AS id, pr.amount * 2 / 5 AS cost FROM inventory_component co
JOIN catalog_variant v ON v.id = co.variant_id JOIN catalog_price pr ON pr.variant_id = v.id AND pr.until_at IS NULL AND pr.min_quantity = 1
JOIN catalog_pricelist pl ON pl.id = pr.price_list_id AND pl.channel_id IS NULL AND pl.rank_code = '' AND pl.purchase_type IS NULL
    AND pl.until_at IS NULL
WHERE v.company_id = %s ORDER BY co.stock_item_id, co.variant_id, pr.id
"""


def restock(scene: Scene, day: date, at: datetime) -> int:
    """Warehouses get what covers five weeks of the last three weeks' pace; the store is filled from the first warehouse."""
    shelves = rows(_SHELVES, {"company": scene.company.id, "at": at}, prepare=False)
    costs = {row.id: row.cost for row in rows(_COST, (scene.company.id,), prepare=False)}
    receipts, transfers = [], []
    depot = next((place for place in scene.places if place.kind == "warehouse"), None)
    reserve = {row.item_id: row.free for row in shelves if depot and row.location_id == depot.id}
    for row in shelves:
        wanted = row.opening if row.opening <= SCARCE and row.kind == "warehouse" else max(row.opening, row.used * 5 // 3)
        if row.free >= max(wanted // 2, 1):
            continue
        key = f"simulated:{scene.company.code}:{day}:{row.code}:{row.location_id}"
        lacking = wanted - max(row.free, 0)
        if row.kind == "store" and depot is not None:
            lacking = min(lacking, max(0, reserve.get(row.item_id, 0) // 3))
            if lacking > 0:
                transfers.append(
                    Transfer(
                        stock_item_id=row.item_id,
                        from_location_id=depot.id,
                        to_location_id=row.location_id,
                        quantity=lacking,
                        once_key=key,
                        cause="店舗補充",
                    )
                )
        elif lacking > 0 and row.kind == "warehouse":
            lacking = -(-lacking // 10) * 10 if row.opening > SCARCE else lacking
            receipts.append(
                Receipt(
                    stock_item_id=row.item_id,
                    location_id=row.location_id,
                    quantity=lacking,
                    once_key=key,
                    cause="仕入",
                    lot_number=f"{day:%y%m%d}-{row.code}"[:60] if row.is_lot_tracked else "",
                    expires_on=day + timedelta(days=420) if row.is_lot_tracked else None,
                    value=lacking * costs.get(row.item_id, 0) or None,
                )
            )
    keeper = scene.person("warehouse")
    if receipts:
        receive_stock(receipts, company_id=scene.company.id, actor=keeper, at=at)
    if transfers:
        transfer_stock(transfers, company_id=scene.company.id, actor=keeper, at=at)
    return len(receipts) + len(transfers)


def count_breakage(scene: Scene, day: date, at: datetime) -> int:
    """Once a month a handful of pieces are found broken or missing."""
    shelves = rows(_SHELVES, {"company": scene.company.id, "at": at}, prepare=False)
    chosen = [row for row in shelves if row.free > 12 and scene.chance.happens(0.08, "breaks", day, row.code, row.location_id)]
    asks = [
        Adjustment(
            stock_item_id=row.item_id,
            location_id=row.location_id,
            quantity=-scene.chance.between(1, 3, "broken", day, row.code),
            once_key=f"simulated:{scene.company.code}:{day}:{row.code}:{row.location_id}:breakage",
            cause="棚卸",
        )
        for row in chosen
    ]
    if asks:
        adjust_stock(asks, company_id=scene.company.id, reason="破損・汚損", actor=scene.person("warehouse"), at=at)
    return len(asks)
