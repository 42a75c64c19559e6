"""Somebody went to the shelf and found fewer pieces than were allocated: the allocation is cut to what is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal, Refused
from core.outbox import announce
from inventory.events import StockReleased
from inventory.operations.moving import turn_stock
from inventory.operations.picking import unpick
from inventory.rules import STATES_OF_LOCKED, StockState, Turn

# Locks: allocations, quotas, then stock, each by id, before anything is written: all shelves of the items, because what is missing is
# looked for at others next, in the same transaction. What came from a quota and is here after all goes back
# to it; pieces of a quota that are not here make it smaller.
_CUT = f"""
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest(%(ids)s::bigint[], %(keeps)s::int[], %(missing)s::int[]) AS q (id, keep, missing)
), held AS MATERIALIZED (
    SELECT a.* FROM inventory_allocation a WHERE a.id = ANY(%(ids)s::bigint[]) AND a.status = 'open' ORDER BY a.id FOR UPDATE
), due AS MATERIALIZED (
    SELECT held.*, asked.keep, asked.missing, held.quota_quantity - least(held.quota_quantity, asked.keep) AS undrawn
    FROM held JOIN asked ON asked.id = held.id
    WHERE asked.keep >= 0 AND asked.missing >= 0 AND asked.keep < held.quantity AND asked.keep + asked.missing <= held.quantity
), quota AS MATERIALIZED (
    SELECT q.id, q.quantity, q.remaining FROM inventory_stockquota q
    WHERE q.id = ANY(ARRAY(SELECT quota_id FROM due WHERE undrawn > 0)) AND q.ended_at IS NULL ORDER BY q.id FOR UPDATE
), locked AS MATERIALIZED (
    SELECT s.* FROM inventory_stock s
    WHERE s.stock_item_id = ANY(ARRAY(SELECT stock_item_id FROM due)) AND (SELECT count(*) FROM quota) >= 0 ORDER BY s.id FOR UPDATE
), ready AS MATERIALIZED (
    SELECT due.*, CASE WHEN quota.id IS NULL THEN 0 ELSE least(due.undrawn, due.quantity - due.keep - due.missing) END AS back,
        CASE WHEN quota.id IS NULL THEN NULL ELSE due.quota_id END AS live_quota_id
    FROM due LEFT JOIN quota ON quota.id = due.quota_id WHERE (SELECT count(*) FROM locked) > 0
), returned AS (
    UPDATE inventory_stockquota q SET quantity = k.quantity - d.gone, remaining = k.remaining + d.back
    FROM (SELECT live_quota_id, sum(back)::int AS back, sum(undrawn - back)::int AS gone FROM ready GROUP BY live_quota_id) d
    JOIN quota k ON k.id = d.live_quota_id WHERE q.id = k.id
), given AS (
    UPDATE inventory_stock s
    SET on_hand = l.on_hand, sellable = l.sellable, allocated = l.allocated - d.quantity, reserved = l.reserved + d.back,
        {STATES_OF_LOCKED}
    FROM (SELECT stock_id, sum(quantity - keep)::int AS quantity, sum(back)::int AS back FROM ready GROUP BY stock_id) d
    JOIN locked l ON l.id = d.stock_id WHERE s.id = d.stock_id
), cut AS (
    UPDATE inventory_allocation a
    SET quantity = CASE WHEN r.keep = 0 THEN r.quantity ELSE r.keep END, quota_quantity = least(r.quota_quantity, r.keep),
        status = CASE WHEN r.keep = 0 THEN 'released' ELSE 'open' END, closed_at = CASE WHEN r.keep = 0 THEN %(at)s::timestamptz END
    FROM ready r WHERE a.id = r.id
)
SELECT r.id, r.stock_item_id, r.location_id, r.quantity, r.keep, r.missing, r.back, l.company_id, s.has_lots,
    ARRAY(SELECT coalesce(lot.number, '') FROM inventory_pick p LEFT JOIN inventory_lot lot ON lot.id = p.lot_id
        WHERE p.allocation_id = r.id ORDER BY lot.expires_on DESC NULLS FIRST, p.id DESC) AS lots,
    ARRAY(SELECT p.quantity FROM inventory_pick p LEFT JOIN inventory_lot lot ON lot.id = p.lot_id
        WHERE p.allocation_id = r.id ORDER BY lot.expires_on DESC NULLS FIRST, p.id DESC) AS lot_quantities
FROM ready r JOIN inventory_location l ON l.id = r.location_id JOIN inventory_stock s ON s.id = r.stock_id ORDER BY r.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Of an allocation ``keep`` pieces stay, ``missing`` were not found on the shelf; the rest may be sold again."""

    allocation_id: int
    keep: int
    missing: int


class CannotCut(Refused):
    """The shelf cannot do without these pieces; nothing was cut."""


@operation
def cut_allocations(cuts: Sequence[Cut], *, reason: str, actor: Actor, at: datetime) -> set[int]:
    """The allocations keep only what was found; answers with the ids of those that were cut now, each once.

    Missing pieces are on hand still, but in quarantine, so that nobody is promised them until somebody has counted: in the lots they
    were to be picked from, those that expire last first. A statement for the batch, one more where lots are counted, and the moves. Raises
    CannotCut as a whole where somebody was promised goods to keep of which too few would be left. Announces StockReleased, StockAdjusted.
    """
    found = rows(
        _CUT,
        {
            "ids": [cut.allocation_id for cut in cuts],
            "keeps": [cut.keep for cut in cuts],
            "missing": [cut.missing for cut in cuts],
            "at": at,
        },
    )
    if counted := [row.id for row in found if row.has_lots]:
        unpick(counted)
    by_company: dict[int, list[Turn]] = {}
    for row in found:
        by_company.setdefault(row.company_id, []).extend(_turns(row))
    for company_id, turns in by_company.items():
        for result in turn_stock(turns, company_id=company_id, reason=reason, actor=actor, at=at) if turns else ():
            if isinstance(result, Refusal):
                raise CannotCut(result.code, result.message, params=result.params)
    announce(
        *(
            StockReleased(company_id=row.company_id, stock_item_id=row.stock_item_id, location_id=row.location_id, quantity=spare, at=at)
            for row in found
            if (spare := row.quantity - row.keep - row.missing)
        )
    )
    return {row.id for row in found}


def _turns(row: Any) -> list[Turn]:
    left, portions = row.missing, list(zip(row.lots, row.lot_quantities, strict=True)) or [("", row.missing)]
    turns = []
    for number, quantity in portions:
        pieces = min(left, quantity)
        left -= pieces
        if pieces:
            turns.append(
                Turn(
                    stock_item_id=row.stock_item_id,
                    location_id=row.location_id,
                    quantity=pieces,
                    once_key=f"short:{row.id}:{row.quantity}:{row.keep}:{number}",
                    from_state=StockState.AVAILABLE,
                    to_state=StockState.QUARANTINE,
                    cause=f"allocation:{row.id}",
                    lot_number=number,
                )
            )
    return turns
