"""What was wanted day by day, and what is missing: read from the days of shelves, never from the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.db import rows

HISTORY_DAYS = 364
QUIET_DAYS = 91
"""A shelf that nothing has left for so long is not forecast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """How many pieces left a shelf on each day from ``first_on`` up to yesterday; days without one are 0."""

    stock_id: int
    stock_item_id: int
    location_id: int
    first_on: date
    counts: tuple[int, ...]


def moving_shelves(company_id: int, *, today: date) -> list[int]:
    """The shelves something was shipped from lately, by id. One statement over the days of the last quarter."""
    found = rows(
        """
        SELECT DISTINCT d.stock_id FROM inventory_stockday d
        JOIN inventory_location l ON l.id = d.location_id AND l.company_id = %s AND l.ended_at IS NULL
        JOIN inventory_stockitem i ON i.id = d.stock_item_id AND i.ended_at IS NULL
        WHERE d.day >= %s::date AND d.day < %s::date AND d.kind = 'shipment' ORDER BY 1
        """,
        (company_id, today - timedelta(days=QUIET_DAYS), today),
        prepare=False,
    )
    return [row.stock_id for row in found]


def demand_histories(stock_ids: Sequence[int], *, today: date, days: int = HISTORY_DAYS) -> list[History]:
    """What was shipped from each shelf a day, from its first shipment on, a year back at most. One statement."""
    found = rows(
        """
        SELECT d.stock_id, d.stock_item_id, d.location_id, min(d.day) AS first_on,
            array_agg(d.day ORDER BY d.day) AS days, array_agg(-d.quantity ORDER BY d.day) AS quantities
        FROM inventory_stockday d
        WHERE d.stock_id = ANY(%s::bigint[]) AND d.kind = 'shipment' AND d.day >= %s::date AND d.day < %s::date GROUP BY 1, 2, 3 ORDER BY 1
        """,
        (list(stock_ids), today - timedelta(days=days), today),
        prepare=False,
    )
    histories = []
    for row in found:
        counts = [0] * (today - row.first_on).days
        for day, quantity in zip(row.days, row.quantities, strict=True):
            counts[(day - row.first_on).days] = quantity
        histories.append(
            History(
                stock_id=row.stock_id,
                stock_item_id=row.stock_item_id,
                location_id=row.location_id,
                first_on=row.first_on,
                counts=tuple(counts),
            )
        )
    return histories


def item_shares(variant_ids: Sequence[int], *, company_id: int, today: date) -> dict[int, list[tuple[int, int, int, int]]]:
    """By variant, where its pieces leave from: (stock, item, pieces of the item a variant, pieces shipped in a quarter).

    Locations that shipped nothing are left out, unless none did: then the first warehouse has it all. One statement.
    """
    found = rows(
        """
        SELECT c.variant_id, s.id AS stock_id, c.stock_item_id, c.quantity,
            coalesce((SELECT -sum(d.quantity) FROM inventory_stockday d WHERE d.stock_id = s.id AND d.kind = 'shipment'
                AND d.day >= %(since)s::date), 0)::bigint AS shipped
        FROM inventory_component c JOIN inventory_stock s ON s.stock_item_id = c.stock_item_id
        JOIN inventory_location l ON l.id = s.location_id AND l.company_id = %(company)s AND l.ended_at IS NULL AND l.can_ship
        WHERE c.variant_id = ANY(%(variants)s::bigint[]) ORDER BY c.variant_id, c.stock_item_id, l.priority, s.id
        """,
        {"variants": sorted(set(variant_ids)), "company": company_id, "since": today - timedelta(days=QUIET_DAYS)},
        prepare=False,
    )
    shares: dict[int, list[tuple[int, int, int, int]]] = {}
    for row in found:
        shares.setdefault(row.variant_id, []).append((row.stock_id, row.stock_item_id, row.quantity, row.shipped))
    return shares
