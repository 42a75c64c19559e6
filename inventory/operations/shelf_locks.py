"""Whoever gives stock back and takes other stock in one transaction holds all of it first, in the house's order."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from core.actor import Actor
from core.db import operation, rows

# Allocations, quotas, then stock, each by id, as whoever cuts, releases or takes does (ADR 0005); a statement each, so that each waits in turn.
_ALLOCATIONS = """
SELECT a.id, a.stock_item_id FROM inventory_allocation a WHERE a.demand_id = ANY(%s::uuid[]) AND a.status = 'open' ORDER BY a.id FOR UPDATE
"""
_ITEMS = "SELECT DISTINCT stock_item_id FROM inventory_component WHERE variant_id = ANY(%s::bigint[])"
_QUOTAS = """
SELECT q.id FROM inventory_stockquota q WHERE q.stock_item_id = ANY(%s::bigint[]) AND q.ended_at IS NULL ORDER BY q.id FOR UPDATE
"""
_SHELVES = "SELECT id FROM inventory_stock WHERE stock_item_id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE"

_ALLOCATED = (
    "SELECT a.id, a.stock_id FROM inventory_allocation a WHERE a.id = ANY(%s::bigint[]) AND a.status = 'open' ORDER BY a.id FOR UPDATE"
)
_OF_WORK = """
SELECT id FROM inventory_stock WHERE id = ANY(%s::bigint[]) OR (stock_item_id = ANY(%s::bigint[]) AND location_id = ANY(%s::bigint[]))
ORDER BY id FOR UPDATE
"""


@operation
def lock_allocated(
    allocation_ids: Sequence[int], *, besides: Sequence[int] = (), location_ids: Sequence[int] = (), actor: Actor, at: datetime
) -> None:
    """These allocations, their shelves, and those of the items ``besides`` at these locations are held until the transaction ends.

    Call it before allocating something beside what is then picked by lot, so that no shelf is asked for after a later one. Two statements.
    """
    held = rows(_ALLOCATED, (list(allocation_ids),))
    rows(_OF_WORK, (sorted({row.stock_id for row in held}), sorted(set(besides)), sorted(set(location_ids))))


@operation
def lock_shelves(demand_ids: Sequence[UUID], *, variant_ids: Sequence[int], actor: Actor, at: datetime) -> None:
    """What these demands have allocated, and every shelf of that and of these variants, is held until the transaction ends. Four statements.

    Call it before releasing some and allocating others, so that no lock is asked for in the wrong order. Changes nothing.
    """
    held = rows(_ALLOCATIONS, (list(demand_ids),))
    items = {row.stock_item_id for row in held} | {row.stock_item_id for row in rows(_ITEMS, (list(variant_ids),))}
    if items:
        rows(_QUOTAS, (sorted(items),))
        rows(_SHELVES, (sorted(items),))
