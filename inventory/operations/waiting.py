"""Demands wait for what is not here: they get in line under a cap, leave it filled or cancelled, and are told when their day moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from inventory.queries import free_of, outlooks
from inventory.rules import Demand, Outlook, Supply, Wait, WaitKind, can_wait
from inventory.rules.promising import not_later_than, with_more_waiting

# Whoever joins the line of an item holds its terms, so that the cap is counted by one at a time. Others' rows are read afterwards,
# in a statement of its own: one that has waited for its lock still sees them as they were.
_LOCK = "SELECT id FROM inventory_backorderterms WHERE stock_item_id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE"

_WAIT = """
INSERT INTO inventory_backorder (demand_id, stock_item_id, variant_id, kind, quantity, units, promised_on, rank_level)
SELECT q.demand_id, q.stock_item_id, q.variant_id, q.kind, q.quantity, q.units, q.promised_on, coalesce((
    SELECT max(r.level) FROM customers_customerrank r WHERE q.rank_code <> '' AND r.code = q.rank_code AND r.company_id = %(company)s
), 0)
FROM unnest(%(demands)s::uuid[], %(items)s::bigint[], %(variants)s::bigint[], %(kinds)s::text[], %(quantities)s::int[], %(units)s::int[],
    %(days)s::date[], %(ranks)s::text[]) AS q (demand_id, stock_item_id, variant_id, kind, quantity, units, promised_on, rank_code)
ON CONFLICT (demand_id, stock_item_id) DO NOTHING
"""

_KNOWN = """
SELECT demand_id, min(kind) AS kind, min(promised_on) AS promised_on FROM inventory_backorder
WHERE demand_id = ANY(%s::uuid[]) GROUP BY demand_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitAsk:
    """A demand that is to wait, until the day that was agreed at the latest, with the rank of whose it is ("" for none)."""

    demand: Demand
    until: date
    rank_code: str = ""


@operation
def wait_for_stock(
    asks: Sequence[WaitAsk], *, supply: Supply, company_id: int, today: date, actor: Actor, at: datetime
) -> dict[UUID, Wait | Refusal]:
    """The demands are in line, each with the day it is promised: a result per demand. A kit waits for all its parts.

    ``supply`` as for ``allocate``. Five statements whatever the number. Locks the terms of the items by id, so never more
    wait than the cap allows; take stock only afterwards. All demands of an order get in line, or none. Refuses like
    ``rules.can_wait``, and with "inventory.promise_moved" what would come later than agreed. A demand that is in line
    already (or was) keeps its place and its day.
    """
    if not asks:
        return {}
    items = sorted({part.stock_item_id for ask in asks for part in supply.parts[ask.demand.variant_id]})
    run(_LOCK, (items,))
    results: dict[UUID, Wait | Refusal] = {
        row.demand_id: Wait(kind=WaitKind(row.kind), promised_on=row.promised_on)
        for row in rows(_KNOWN, ([ask.demand.demand_id for ask in asks],))
    }
    ahead: Mapping[int, Outlook] = outlooks(items, company_id=company_id, today=today)
    free = free_of(supply)
    fresh: list[tuple[WaitAsk, Wait]] = []
    for _key, group in groupby(sorted(asks, key=_order), key=_order):
        asked = [ask for ask in group if ask.demand.demand_id not in results]
        reached, waits = ahead, list[tuple[WaitAsk, Wait]]()
        for ask in asked:
            parts = supply.parts[ask.demand.variant_id]
            sku = supply.skus.get(ask.demand.variant_id, "")
            answer = not_later_than(ask.until, can_wait(ask.demand, parts, reached, free=free, today=today, sku=sku), sku=sku)
            results[ask.demand.demand_id] = answer
            if isinstance(answer, Wait):
                waits.append((ask, answer))
                reached = with_more_waiting(reached, parts, ask.demand.quantity)
        if len(waits) == len(asked):
            ahead = reached
            fresh += waits
    if fresh:
        run(_WAIT, {"company": company_id, **_columns(fresh, supply)})
    return results


def _order(ask: WaitAsk) -> int:
    return ask.demand.order_key


def _columns(fresh: Sequence[tuple[WaitAsk, Wait]], supply: Supply) -> dict[str, list[Any]]:
    flat = [(ask, wait, part) for ask, wait in fresh for part in supply.parts[ask.demand.variant_id]]
    return {
        "demands": [ask.demand.demand_id for ask, _wait, _part in flat],
        "items": [part.stock_item_id for _ask, _wait, part in flat],
        "variants": [ask.demand.variant_id for ask, _wait, _part in flat],
        "kinds": [str(wait.kind) for _ask, wait, _part in flat],
        "quantities": [ask.demand.quantity * part.quantity for ask, _wait, part in flat],
        "units": [ask.demand.quantity for ask, _wait, _part in flat],
        "days": [wait.promised_on for _ask, wait, _part in flat],
        "ranks": [ask.rank_code for ask, _wait, _part in flat],
    }


_HOLD = "SELECT DISTINCT demand_id FROM (SELECT demand_id FROM inventory_backorder WHERE demand_id = ANY(%s::uuid[]) AND status = 'waiting' ORDER BY id FOR UPDATE) h"


@operation
def hold_back_orders(demand_ids: Sequence[UUID], *, actor: Actor, at: datetime) -> set[UUID]:
    """Those of the demands that still wait, held until the transaction ends: nobody else fills or cancels them meanwhile."""
    return {row.demand_id for row in rows(_HOLD, (list(demand_ids),))} if demand_ids else set()


_CLOSE = """
WITH held AS MATERIALIZED (
    SELECT id FROM inventory_backorder WHERE demand_id = ANY(%(demands)s::uuid[]) AND status = 'waiting' ORDER BY id FOR UPDATE
)
UPDATE inventory_backorder b SET status = %(status)s, closed_at = %(at)s FROM held WHERE b.id = held.id
"""


@operation
def fill_back_orders(demand_ids: Sequence[UUID], *, actor: Actor, at: datetime) -> int:
    """The demands have what they waited for; answers with how many rows did wait. Twice changes nothing."""
    return run(_CLOSE, {"demands": list(demand_ids), "status": "filled", "at": at}) if demand_ids else 0


@operation
def cancel_back_orders(demand_ids: Sequence[UUID], *, actor: Actor, at: datetime) -> int:
    """The demands wait no longer and free their place under the cap; answers with how many rows did. Twice changes nothing."""
    return run(_CLOSE, {"demands": list(demand_ids), "status": "cancelled", "at": at}) if demand_ids else 0
