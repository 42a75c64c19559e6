"""Lots as operations, staff and partners read them: what lies where, until when it keeps, and what is promised of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.db import rows
from inventory.rules import UNSELLABLE, StockState
from inventory.rules.lots import Batch, LotShelf, Promise

# Promises that want goods to keep until a day, and that no lot has been picked for yet.
PARTICULAR = """
SELECT a.stock_id, a.good_until, a.quantity FROM inventory_allocation a
WHERE a.status = 'open' AND a.good_until IS NOT NULL AND a.stock_id {of} AND NOT EXISTS (SELECT FROM inventory_pick p WHERE p.allocation_id = a.id)
UNION ALL
SELECT r.stock_id, r.good_until, r.quantity FROM inventory_reservation r WHERE r.good_until IS NOT NULL AND r.stock_id {of}
"""
FREE = "s.sellable - s.allocated - s.reserved"


def keeps_until(day: str, *, but_held_by: str = "") -> str:
    """SQL: how many pieces of the shelf ``s`` may yet be promised to keep until ``day``; NULL where nobody has to ask.

    For that day and every earlier one that others were promised: what keeps so long, less what is promised to keep so long. The
    least of these (docs/adr/0015). Only shelves counted by lot are looked at more closely. What the holders ``but_held_by`` have
    reserved is not counted as promised.
    """
    particular = PARTICULAR.format(of="= s.id") + (f" AND r.holder_id <> ALL({but_held_by})" if but_held_by else "")
    return f"""
    CASE WHEN s.has_lots AND {day} IS NOT NULL THEN (
        SELECT min(
            (SELECT coalesce(sum(sl.sellable - sl.picked), 0) FROM inventory_stocklot sl JOIN inventory_lot lot ON lot.id = sl.lot_id
             WHERE sl.stock_id = s.id AND coalesce(lot.expires_on, 'infinity'::date) >= bound.day)
            - (SELECT coalesce(sum(p.quantity), 0) FROM ({particular}) p WHERE p.good_until >= bound.day))
        FROM (SELECT {day} AS day UNION SELECT p.good_until FROM ({particular}) p WHERE p.good_until < {day}) bound
    )::int END"""


def free_until(day: str) -> str:
    """SQL: what is free on the shelf ``s`` for somebody who wants goods to keep until ``day``; all that is free where it is NULL."""
    return f"least({FREE}, {keeps_until(day)})"


def drawable(free: str, keeps: str, buffer: str, own: str) -> str:
    """SQL: what a channel may draw: above the buffer what is free, with its own quota, and never more than keeps long enough.

    The same in Python: ``rules.drawable``. A quota sets pieces aside, not lots (docs/adr/0016).
    """
    return f"greatest(least(greatest(least({free}, {keeps}) - {buffer}, 0) + {own}, {keeps}), 0)"


_BATCHES = f"""
SELECT sl.stock_id, sl.lot_id, coalesce(lot.number, '') AS number, lot.expires_on, lot.received_on, sl.sellable - sl.picked AS available,
    {", ".join(f"sl.{state}" for state in UNSELLABLE)}
FROM inventory_stocklot sl LEFT JOIN inventory_lot lot ON lot.id = sl.lot_id
WHERE sl.stock_id = ANY(%(stocks)s::bigint[]) AND sl.on_hand > 0 ORDER BY sl.id
"""
_PROMISES = f"""
SELECT stock_id, good_until, sum(quantity)::int AS quantity FROM ({PARTICULAR.format(of="= ANY(%(stocks)s::bigint[])")}) p GROUP BY 1, 2 ORDER BY 1, 2
"""


def lot_shelves(stock_ids: Sequence[int]) -> dict[int, LotShelf]:
    """The lots that lie on these shelves and the promises that are particular about the day, in two statements."""
    if not stock_ids:
        return {}
    asked = {"stocks": list(stock_ids)}
    batches: dict[int, list[Batch]] = {stock_id: [] for stock_id in stock_ids}
    for row in rows(_BATCHES, asked):
        batches[row.stock_id].append(_batch(row))
    promises: dict[int, list[Promise]] = {}
    for row in rows(_PROMISES, asked):
        promises.setdefault(row.stock_id, []).append(Promise(good_until=row.good_until, quantity=row.quantity))
    return {stock_id: LotShelf(batches=found, promises=promises.get(stock_id, ())) for stock_id, found in batches.items()}


def _batch(row: Any) -> Batch:
    pieces: dict[StockState, int] = {state: getattr(row, state) for state in UNSELLABLE if getattr(row, state)}
    return Batch(
        lot_id=row.lot_id,
        number=row.number,
        expires_on=row.expires_on,
        received_on=row.received_on,
        pieces={StockState.AVAILABLE: row.available, **pieces},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedLot:
    """A lot with the item it is of."""

    lot_id: int
    number: str
    expires_on: date | None
    received_on: date | None
    item: str
    name: str
    on_hand: int
    company_id: int


def lots_named(number: str) -> list[NamedLot]:
    """The lots of that number, of whatever item, with what is still here of them; in one statement."""
    found = rows(
        """
        SELECT lot.id AS lot_id, lot.number, lot.expires_on, lot.received_on, i.code AS item, i.name, i.company_id,
            (SELECT coalesce(sum(sl.on_hand), 0) FROM inventory_stocklot sl WHERE sl.lot_id = lot.id)::int AS on_hand
        FROM inventory_lot lot JOIN inventory_stockitem i ON i.id = lot.stock_item_id WHERE lot.number = %s ORDER BY lot.id LIMIT 50
        """,
        (number,),
    )
    return [NamedLot(**row._asdict()) for row in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class LotPortion:
    """So many pieces of a lot that serve an allocation, or did; without a number where nobody named the lot."""

    lot_number: str
    expires_on: date | None
    quantity: int


def lots_of_allocations(allocation_ids: Sequence[int]) -> dict[int, list[LotPortion]]:
    """The lots picked for allocations, by allocation, also once they have left; those that are not counted by lot are left out."""
    found: dict[int, list[LotPortion]] = {}
    for row in rows(
        "SELECT p.allocation_id, coalesce(lot.number, '') AS lot_number, lot.expires_on, p.quantity"
        " FROM inventory_pick p LEFT JOIN inventory_lot lot ON lot.id = p.lot_id"
        " WHERE p.allocation_id = ANY(%s::bigint[]) ORDER BY p.allocation_id, p.id",
        (list(allocation_ids),),
    ):
        portion = LotPortion(lot_number=row.lot_number, expires_on=row.expires_on, quantity=row.quantity)
        found.setdefault(row.allocation_id, []).append(portion)
    return found
