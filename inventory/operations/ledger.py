"""The stock ledger is written: the one place that puts movements down and counts them, shelf by shelf and lot by lot."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from core.actor import Actor
from core.db import rows
from core.errors import Conflict, Refusal
from core.events import Event
from core.outbox import announce
from core.words import gettext_noop
from inventory.events import AvailabilityChanged, StockAdjusted, StockReceived
from inventory.operations.lots import count_lots, refuse_foreign_lots, spread_over_lots
from inventory.queries import AVERAGE_SQL, share_sql
from inventory.rules import UNSELLABLE, MovementKind
from inventory.rules.moves import Step, is_dear, is_sane

Ask = TypeVar("Ask")
COMING_IN = (MovementKind.OPENING, MovementKind.RECEIPT, MovementKind.RETURN, MovementKind.TRANSFER_IN)
FAR_ENDS = (MovementKind.TRANSFER_IN, MovementKind.STATE_ENTERED, MovementKind.REGRADED_IN, MovementKind.LOT_ENTERED)
"""What these bring left elsewhere by the line before."""

# A shelf is opened when something comes to it; both must belong to the company. Answers with the items tracked by lot.
_OPEN_SHELVES = """
WITH opened AS (
INSERT INTO inventory_stock (stock_item_id, location_id, has_lots)
SELECT DISTINCT i.id, l.id, i.is_lot_tracked
FROM unnest(%(items)s::bigint[], %(locations)s::bigint[], %(quantities)s::int[]) AS q (stock_item_id, location_id, quantity)
JOIN inventory_stockitem i ON i.id = q.stock_item_id AND i.company_id = %(company)s
JOIN inventory_location l ON l.id = q.location_id AND l.company_id = %(company)s
WHERE q.quantity > 0
  AND NOT EXISTS (SELECT FROM inventory_stock s WHERE s.stock_item_id = i.id AND s.location_id = l.id)
ORDER BY 1, 2
ON CONFLICT (stock_item_id, location_id) DO NOTHING
)
SELECT i.id FROM inventory_stockitem i WHERE i.id = ANY(%(items)s::bigint[]) AND i.company_id = %(company)s AND i.is_lot_tracked
"""

# Only what an ask takes away on the whole counts against a shelf, so that leaving one out can never make another one impossible.
# What leaves is worth its share of the shelf as it was locked; what comes is worth what was said, what left elsewhere for it (the
# line before it), or the average in force (ADR 0020).
_MOVE = f"""
WITH step AS MATERIALIZED (
    SELECT * FROM unnest(%(asks)s::int[], %(kinds)s::text[], %(items)s::bigint[], %(locations)s::bigint[], %(quantities)s::int[],
        %(sellables)s::int[], %(keys)s::text[], %(causes)s::text[], %(states)s::text[], %(lots)s::text[], %(values)s::bigint[])
        WITH ORDINALITY AS q (ask, kind, stock_item_id, location_id, quantity, sellable_quantity, once_key, cause, state, lot_number, value, place)
), again AS MATERIALIZED (
    SELECT step.ask FROM step JOIN inventory_movement m ON m.once_key = step.once_key
), shelf AS MATERIALIZED (
    SELECT s.* FROM inventory_stock s JOIN inventory_location l ON l.id = s.location_id AND l.company_id = %(company)s
    WHERE (s.stock_item_id, s.location_id) IN (SELECT stock_item_id, location_id FROM step)
    ORDER BY s.id FOR UPDATE OF s
), fresh AS MATERIALIZED (
    SELECT step.*, shelf.id AS stock_id FROM step LEFT JOIN shelf USING (stock_item_id, location_id)
    WHERE step.ask NOT IN (SELECT ask FROM again)
), taken AS (
    SELECT stock_id, sum(sellable_quantity) AS sellable,
        {", ".join(f"coalesce(sum(least(quantity - sellable_quantity, 0)) FILTER (WHERE state = '{state}'), 0) AS {state}" for state in UNSELLABLE)},
        sum(greatest(quantity, 0)) AS coming
    FROM fresh GROUP BY stock_id, ask
), leaving AS (
    SELECT stock_id, sum(least(sellable, 0)) AS sellable, {", ".join(f"sum({state}) AS {state}" for state in UNSELLABLE)}, sum(coming) AS coming
    FROM taken GROUP BY stock_id
), short AS (
    SELECT shelf.id FROM shelf JOIN leaving ON leaving.stock_id = shelf.id
    WHERE shelf.sellable + leaving.sellable < shelf.allocated + shelf.reserved
       OR {" OR ".join(f"shelf.{state} + leaving.{state} < 0" for state in UNSELLABLE)}
       OR shelf.on_hand + leaving.coming > 2000000000
), refused AS MATERIALIZED (
    SELECT ask FROM fresh WHERE stock_id IS NULL OR stock_id IN (SELECT id FROM short)
), good AS MATERIALIZED (
    SELECT f.*, shelf.on_hand AS shelf_quantity, shelf.value AS shelf_value,
        sum(greatest(-f.quantity, 0)) OVER (PARTITION BY f.stock_id ORDER BY f.place) AS through
    FROM fresh f JOIN shelf ON shelf.id = f.stock_id WHERE f.ask NOT IN (SELECT ask FROM refused)
), leaving_cost AS MATERIALIZED (
    SELECT place, ask,
        {share_sql("shelf_value", "through", "shelf_quantity")} - {share_sql("shelf_value", "through + quantity", "shelf_quantity")} AS cost
    FROM good WHERE quantity < 0
), priced AS MATERIALIZED (
    SELECT g.*, CASE
        WHEN g.quantity < 0 THEN -c.cost
        WHEN g.quantity = 0 OR i.owner_kind <> 'own' THEN 0
        ELSE coalesce(g.value, came.cost, {AVERAGE_SQL}) END AS worth
    FROM good g JOIN inventory_stockitem i ON i.id = g.stock_item_id
    LEFT JOIN leaving_cost c ON c.place = g.place
    LEFT JOIN leaving_cost came ON g.kind = ANY(%(far_ends)s::text[]) AND came.ask = g.ask AND came.place = g.place - 1
), moved AS (
    INSERT INTO inventory_movement (stock_id, stock_item_id, location_id, lot_id, kind, quantity, sellable_quantity, state, value, cause, reason,
        once_key, at, actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT f.stock_id, f.stock_item_id, f.location_id, lot.id, f.kind, f.quantity, f.sellable_quantity, f.state, f.worth, f.cause, %(reason)s,
        f.once_key, %(at)s::timestamptz, %(kind)s, %(id)s, %(label)s, %(for)s
    FROM priced f LEFT JOIN inventory_lot lot ON lot.stock_item_id = f.stock_item_id AND lot.number = f.lot_number
    ORDER BY f.place
    ON CONFLICT (once_key) DO NOTHING
    RETURNING stock_id, quantity, sellable_quantity, state, value, once_key
), counted AS (
    UPDATE inventory_stock s
    SET on_hand = l.on_hand + m.quantity, sellable = l.sellable + m.sellable, allocated = l.allocated, reserved = l.reserved, value = l.value + m.value,
        {", ".join(f"{state} = l.{state} + m.{state}" for state in UNSELLABLE)}
    FROM (SELECT stock_id, sum(quantity)::int AS quantity, sum(sellable_quantity)::int AS sellable, sum(value)::bigint AS value,
        {", ".join(f"coalesce(sum(quantity - sellable_quantity) FILTER (WHERE state = '{state}'), 0)::int AS {state}" for state in UNSELLABLE)}
        FROM moved GROUP BY stock_id) m
    JOIN shelf l ON l.id = m.stock_id
    WHERE s.id = m.stock_id
    RETURNING s.id, s.on_hand, s.sellable - s.allocated - s.reserved AS free
)
SELECT step.ask, step.place, shelf.id AS stock_id, shelf.on_hand, shelf.sellable, shelf.allocated, shelf.reserved, shelf.has_lots,
    CASE step.state {" ".join(f"WHEN '{state}' THEN shelf.{state}" for state in UNSELLABLE)} END AS in_state,
    step.ask IN (SELECT ask FROM refused) AS is_refused, shelf.id IS NULL OR shelf.id IN (SELECT id FROM short) AS is_short, moved.once_key IS NOT NULL AS is_new,
    counted.on_hand AS on_hand_after, counted.free AS free_after, i.code AS item, l.name AS location
FROM step
LEFT JOIN shelf USING (stock_item_id, location_id)
LEFT JOIN moved ON moved.once_key = step.once_key
LEFT JOIN counted ON counted.id = shelf.id
LEFT JOIN inventory_stockitem i ON i.id = step.stock_item_id AND i.company_id = %(company)s
LEFT JOIN inventory_location l ON l.id = step.location_id AND l.company_id = %(company)s
ORDER BY step.place
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The ledger has it; ``is_new`` is False when it had it before under the same key. ``on_hand`` is what lies there now."""

    once_key: str
    on_hand: int
    is_new: bool = True


def write_moves(
    asks: Sequence[Ask],
    steps_of: Callable[[int, Ask], tuple[Step, ...]],
    *,
    company_id: int,
    actor: Actor,
    at: datetime,
    reason: str,
    impossible: Collection[int] = (),
) -> list[Moved | Refusal]:
    """Write the steps of all asks: open shelves, then one statement, then one to announce; a few more where lots are counted."""
    results: dict[int, Moved | Refusal] = {}
    steps: list[Step] = []
    for index, ask in enumerate(asks):
        wanted = steps_of(index, ask)
        if index in impossible or not wanted or not all(map(is_sane, wanted)):
            results[index] = Refusal("inventory.bad_quantity", gettext_noop("This quantity cannot be moved."), field=f"/{index}/quantity")
        elif any(map(is_dear, wanted)):
            results[index] = Refusal("inventory.bad_value", gettext_noop("Goods cannot be worth this."), field=f"/{index}/value")
        else:
            steps += wanted
    if steps:
        tracked = {row.id for row in rows(_OPEN_SHELVES, _shelves_of(steps, company_id=company_id))}
        results |= refuse_foreign_lots(steps, tracked)
        steps = [step for step in steps if step.ask not in results]
        if tracked:
            spread = spread_over_lots(steps, tracked, company_id=company_id, at=at)
            results |= spread.refused
            steps = spread.steps
    if steps:
        _write(steps, tracked, results, company_id=company_id, actor=actor, at=at, reason=reason)
    return [results[index] for index in range(len(asks))]


def _shelves_of(steps: Sequence[Step], *, company_id: int) -> dict[str, Any]:
    return {
        "items": [step.stock_item_id for step in steps],
        "locations": [step.location_id for step in steps],
        "quantities": [step.quantity for step in steps],
        "company": company_id,
    }


def _write(
    steps: Sequence[Step],
    tracked: set[int],
    results: dict[int, Moved | Refusal],
    *,
    company_id: int,
    actor: Actor,
    at: datetime,
    reason: str,
) -> None:
    """Put the lines down, note what came of each ask, count the lots and announce."""
    answer = rows(
        _MOVE,
        _shelves_of(steps, company_id=company_id)
        | {
            "asks": [step.ask for step in steps],
            "kinds": [str(step.kind) for step in steps],
            "sellables": [step.sellable_quantity for step in steps],
            "keys": [step.once_key for step in steps],
            "causes": [step.cause for step in steps],
            "states": [str(step.state) for step in steps],
            "lots": [step.lot_number for step in steps],
            "values": [step.value for step in steps],
            "far_ends": [str(kind) for kind in FAR_ENDS],
            "at": at,
            "reason": reason,
            "kind": str(actor.kind),
            "id": actor.id,
            "label": actor.label,
            "for": actor.on_behalf_of,
        },
    )
    if any(row.has_lots and step.stock_item_id not in tracked for step, row in zip(steps, answer, strict=True)):
        raise Conflict  # the item was put under lots between looking and locking: nothing is kept
    first = {step.once_key: step for step in reversed(steps)}
    for step, row in zip(steps, answer, strict=True):
        if step.ask not in results or (row.is_refused and row.is_short):
            results[step.ask] = _result(step, row, is_first=first.get(step.once_key) is step)
    done = [(step, row) for step, row in zip(steps, answer, strict=True) if row.is_new and first[step.once_key] is step]
    if tracked and done:
        count_lots([step.once_key for step, row in done if row.has_lots])
    announce(*_events(done, company_id=company_id, at=at))


def _result(step: Step, row: Any, *, is_first: bool) -> Moved | Refusal:
    if not row.is_refused:
        return Moved(once_key=step.once_key, on_hand=row.on_hand_after if row.is_new else row.on_hand, is_new=row.is_new and is_first)
    where = f"/{step.ask}/quantity"
    if row.stock_id is None:
        return Refusal(
            "inventory.no_such_shelf",
            gettext_noop("This item was never stocked at this location."),
            {"item": row.item or "", "location": row.location or ""},
            where,
        )
    told = {"item": row.item, "location": row.location, "on_hand": row.on_hand, "promised": row.allocated + row.reserved}
    free = row.sellable - row.allocated - row.reserved
    if step.sellable_quantity < 0:
        return Refusal(
            "inventory.promised",
            gettext_noop("At most %(free)s of %(item)s can leave %(location)s: %(promised)s of %(on_hand)s are promised to orders."),
            {**told, "free": free},
            where,
        )
    return Refusal(
        "inventory.not_that_many",
        gettext_noop("There are only %(there)s of %(item)s in this state at %(location)s; %(wanted)s are wanted."),
        {**told, "there": row.in_state, "wanted": abs(step.unsellable_quantity)},
        where,
    )


def _events(done: Sequence[tuple[Step, Any]], *, company_id: int, at: datetime) -> list[Event]:
    told: list[Event] = []
    turned: dict[int, AvailabilityChanged] = {}
    for step, row in done:
        kind = StockReceived if step.kind in COMING_IN else StockAdjusted
        told.append(
            kind(
                company_id=company_id,
                stock_item_id=step.stock_item_id,
                location_id=step.location_id,
                quantity=step.quantity,
                sellable_quantity=step.sellable_quantity,
                cause=step.cause,
                at=at,
            )
        )
        if (row.sellable - row.allocated - row.reserved > 0) != (row.free_after > 0):
            turned[row.stock_id] = AvailabilityChanged(
                company_id=company_id,
                stock_item_id=step.stock_item_id,
                location_id=step.location_id,
                is_available=row.free_after > 0,
                at=at,
            )
    return [*told, *turned.values()]
