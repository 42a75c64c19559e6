"""The stock ledger is written: goods come in, are corrected, change places, or may no longer be sold."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.events import Event
from core.outbox import announce
from core.words import gettext_noop
from inventory.events import AvailabilityChanged, StockAdjusted, StockReceived
from inventory.queries import AVERAGE_SQL, share_sql
from inventory.rules import Adjustment, MovementKind, Receipt, Transfer, Turn
from inventory.rules.moves import Step, is_dear, is_sane, steps_of_adjustment, steps_of_receipt, steps_of_transfer, steps_of_turn

Ask = TypeVar("Ask")
COMING_IN = (MovementKind.OPENING, MovementKind.RECEIPT, MovementKind.RETURN, MovementKind.TRANSFER_IN)

# A shelf is opened when something comes to it; both must belong to the company.
_OPEN_SHELVES = """
INSERT INTO inventory_stock (stock_item_id, location_id)
SELECT DISTINCT i.id, l.id
FROM unnest(%(items)s::bigint[], %(locations)s::bigint[], %(quantities)s::int[]) AS q (stock_item_id, location_id, quantity)
JOIN inventory_stockitem i ON i.id = q.stock_item_id AND i.company_id = %(company)s
JOIN inventory_location l ON l.id = q.location_id AND l.company_id = %(company)s
WHERE q.quantity > 0
  AND NOT EXISTS (SELECT FROM inventory_stock s WHERE s.stock_item_id = i.id AND s.location_id = l.id)
ORDER BY 1, 2
ON CONFLICT (stock_item_id, location_id) DO NOTHING
"""

_LOTS = """
WITH told AS (
    SELECT DISTINCT ON (stock_item_id, number) * FROM unnest(%(items)s::bigint[], %(numbers)s::text[], %(expiries)s::date[])
        AS q (stock_item_id, number, expires_on)
)
INSERT INTO inventory_lot (stock_item_id, number, expires_on, received_on)
SELECT i.id, told.number, told.expires_on, (%(at)s::timestamptz AT TIME ZONE c.timezone)::date
FROM told JOIN inventory_stockitem i ON i.id = told.stock_item_id AND i.company_id = %(company)s JOIN core_company c ON c.id = i.company_id
ORDER BY i.id, told.number
ON CONFLICT (stock_item_id, number) DO NOTHING
"""

# Only what leaves counts against a shelf, so that leaving an ask out can never make another one impossible.
# What leaves is worth its share of the shelf as it was locked; what comes is worth what was said, what left elsewhere for it,
# or the average in force (ADR 0020).
_MOVE = f"""
WITH step AS MATERIALIZED (
    SELECT * FROM unnest(%(asks)s::int[], %(kinds)s::text[], %(items)s::bigint[], %(locations)s::bigint[], %(quantities)s::int[],
        %(sellables)s::int[], %(keys)s::text[], %(causes)s::text[], %(lots)s::text[], %(values)s::bigint[]) WITH ORDINALITY
        AS q (ask, kind, stock_item_id, location_id, quantity, sellable_quantity, once_key, cause, lot_number, value, place)
), again AS MATERIALIZED (
    SELECT step.ask FROM step JOIN inventory_movement m ON m.once_key = step.once_key
), shelf AS MATERIALIZED (
    SELECT s.id, s.stock_item_id, s.location_id, s.on_hand, s.sellable, s.allocated, s.reserved, s.value
    FROM inventory_stock s JOIN inventory_location l ON l.id = s.location_id AND l.company_id = %(company)s
    WHERE (s.stock_item_id, s.location_id) IN (SELECT stock_item_id, location_id FROM step)
    ORDER BY s.id FOR UPDATE OF s
), fresh AS MATERIALIZED (
    SELECT step.*, shelf.id AS stock_id FROM step LEFT JOIN shelf USING (stock_item_id, location_id)
    WHERE step.ask NOT IN (SELECT ask FROM again)
), leaving AS (
    SELECT stock_id, sum(least(sellable_quantity, 0)) AS sellable, sum(least(quantity - sellable_quantity, 0)) AS unsellable,
        sum(greatest(quantity, 0)) AS coming
    FROM fresh GROUP BY stock_id
), short AS (
    SELECT shelf.id FROM shelf JOIN leaving ON leaving.stock_id = shelf.id
    WHERE shelf.sellable + leaving.sellable < shelf.allocated + shelf.reserved
       OR shelf.on_hand - shelf.sellable + leaving.unsellable < 0
       OR shelf.on_hand + leaving.coming > 2000000000
), refused AS MATERIALIZED (
    SELECT ask FROM fresh WHERE stock_id IS NULL OR stock_id IN (SELECT id FROM short)
), good AS MATERIALIZED (
    SELECT f.*, shelf.on_hand AS shelf_quantity, shelf.value AS shelf_value,
        sum(greatest(-f.quantity, 0)) OVER (PARTITION BY f.stock_id ORDER BY f.place) AS through
    FROM fresh f JOIN shelf ON shelf.id = f.stock_id WHERE f.ask NOT IN (SELECT ask FROM refused)
), leaving_cost AS MATERIALIZED (
    SELECT place, ask, stock_item_id,
        {share_sql("shelf_value", "through", "shelf_quantity")} - {share_sql("shelf_value", "through + quantity", "shelf_quantity")} AS cost
    FROM good WHERE quantity < 0
), priced AS MATERIALIZED (
    SELECT g.*, CASE
        WHEN g.quantity < 0 THEN -c.cost
        WHEN g.quantity = 0 OR i.owner_kind <> 'own' THEN 0
        ELSE coalesce(g.value, came.cost, {AVERAGE_SQL}) END AS worth
    FROM good g JOIN inventory_stockitem i ON i.id = g.stock_item_id
    LEFT JOIN leaving_cost c ON c.place = g.place
    LEFT JOIN leaving_cost came ON g.kind = 'transfer_in' AND came.ask = g.ask AND came.stock_item_id = g.stock_item_id
), moved AS (
    INSERT INTO inventory_movement (stock_id, stock_item_id, location_id, lot_id, kind, quantity, sellable_quantity, value, cause, reason,
        once_key, at, actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT f.stock_id, f.stock_item_id, f.location_id, lot.id, f.kind, f.quantity, f.sellable_quantity, f.worth, f.cause, %(reason)s,
        f.once_key, %(at)s::timestamptz, %(kind)s, %(id)s, %(label)s, %(for)s
    FROM priced f LEFT JOIN inventory_lot lot ON lot.stock_item_id = f.stock_item_id AND lot.number = f.lot_number
    ORDER BY f.place
    ON CONFLICT (once_key) DO NOTHING
    RETURNING stock_id, quantity, sellable_quantity, value, once_key
), counted AS (
    UPDATE inventory_stock s
    SET on_hand = l.on_hand + m.quantity, sellable = l.sellable + m.sellable, allocated = l.allocated, reserved = l.reserved,
        value = l.value + m.value
    FROM (
        SELECT stock_id, sum(quantity)::int AS quantity, sum(sellable_quantity)::int AS sellable, sum(value)::bigint AS value
        FROM moved GROUP BY stock_id
    ) m
    JOIN shelf l ON l.id = m.stock_id
    WHERE s.id = m.stock_id
    RETURNING s.id, s.on_hand, s.sellable - s.allocated - s.reserved AS free
)
SELECT step.ask, step.place, shelf.id AS stock_id, shelf.on_hand, shelf.sellable, shelf.allocated, shelf.reserved,
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


@operation
def receive_stock(receipts: Sequence[Receipt], *, company_id: int, actor: Actor, at: datetime, reason: str = "") -> list[Moved | Refusal]:
    """The goods are on hand, once per key; one result per receipt. Opens the shelf where there was none.

    Locks stock by id. Refuses with "inventory.no_such_shelf", "inventory.bad_quantity", "inventory.bad_value". Announces
    StockReceived.
    """
    lots = [receipt for receipt in receipts if receipt.lot_number]
    if lots:
        run(
            _LOTS,
            {
                "items": [lot.stock_item_id for lot in lots],
                "numbers": [lot.lot_number for lot in lots],
                "expiries": [lot.expires_on for lot in lots],
                "at": at,
                "company": company_id,
            },
        )
    negative = {index for index, receipt in enumerate(receipts) if receipt.quantity < 0}
    return _move(receipts, steps_of_receipt, company_id=company_id, actor=actor, at=at, reason=reason, impossible=negative)


@operation
def adjust_stock(adjustments: Sequence[Adjustment], *, company_id: int, reason: str, actor: Actor, at: datetime) -> list[Moved | Refusal]:
    """What is on hand is corrected, once per key, for a reason; one result per adjustment.

    Adjustments of one shelf in one call stand or fall together. Locks stock by id. Refuses with "inventory.promised"
    when less would be left than is allocated and reserved, "inventory.not_that_many", "inventory.no_such_shelf",
    "inventory.bad_quantity". Announces StockAdjusted.
    """
    return _move(adjustments, steps_of_adjustment, company_id=company_id, actor=actor, at=at, reason=reason)


@operation
def transfer_stock(
    transfers: Sequence[Transfer], *, company_id: int, actor: Actor, at: datetime, reason: str = ""
) -> list[Moved | Refusal]:
    """Sellable goods lie at another location, once per key: both movements or neither; one result per transfer.

    Locks stock by id. Refuses like ``adjust_stock``. Announces StockAdjusted where they left, StockReceived where they came.
    """
    backwards = {index for index, t in enumerate(transfers) if t.quantity < 1 or t.from_location_id == t.to_location_id}
    return _move(transfers, steps_of_transfer, company_id=company_id, actor=actor, at=at, reason=reason, impossible=backwards)


@operation
def turn_stock(turns: Sequence[Turn], *, company_id: int, reason: str, actor: Actor, at: datetime) -> list[Moved | Refusal]:
    """Goods on hand may be sold, or may no longer be (damaged, quality check, quarantine); one result per turn.

    Locks stock by id. Refuses like ``adjust_stock``. Announces StockAdjusted.
    """
    return _move(turns, steps_of_turn, company_id=company_id, actor=actor, at=at, reason=reason)


def _move(
    asks: Sequence[Ask],
    steps_of: Callable[[int, Ask], tuple[Step, ...]],
    *,
    company_id: int,
    actor: Actor,
    at: datetime,
    reason: str,
    impossible: Collection[int] = (),
) -> list[Moved | Refusal]:
    """Write the steps of all asks: open shelves, then one statement, then one to announce."""
    results: dict[int, Moved | Refusal] = {}
    steps: list[Step] = []
    for index, ask in enumerate(asks):
        wanted = steps_of(index, ask)
        if index in impossible or not all(map(is_sane, wanted)):
            results[index] = Refusal("inventory.bad_quantity", gettext_noop("This quantity cannot be moved."), field=f"/{index}/quantity")
        elif any(map(is_dear, wanted)):
            results[index] = Refusal("inventory.bad_value", gettext_noop("Goods cannot be worth this."), field=f"/{index}/value")
        else:
            steps += wanted
    if steps:
        answer = _write(steps, company_id=company_id, actor=actor, at=at, reason=reason)
        first = {step.once_key: step for step in reversed(steps)}
        for step, row in zip(steps, answer, strict=True):
            if step.ask not in results or (row.is_refused and row.is_short):
                results[step.ask] = _result(step, row, is_first=first.get(step.once_key) is step)
        done = [(step, row) for step, row in zip(steps, answer, strict=True) if row.is_new and first[step.once_key] is step]
        announce(*_events(done, company_id=company_id, at=at))
    return [results[index] for index in range(len(asks))]


def _write(steps: Sequence[Step], *, company_id: int, actor: Actor, at: datetime, reason: str) -> list[Any]:
    shelves = {
        "items": [step.stock_item_id for step in steps],
        "locations": [step.location_id for step in steps],
        "quantities": [step.quantity for step in steps],
        "company": company_id,
    }
    run(_OPEN_SHELVES, shelves)
    return rows(
        _MOVE,
        shelves
        | {
            "asks": [step.ask for step in steps],
            "kinds": [str(step.kind) for step in steps],
            "sellables": [step.sellable_quantity for step in steps],
            "keys": [step.once_key for step in steps],
            "causes": [step.cause for step in steps],
            "lots": [step.lot_number for step in steps],
            "values": [step.value for step in steps],
            "at": at,
            "reason": reason,
            "kind": str(actor.kind),
            "id": actor.id,
            "label": actor.label,
            "for": actor.on_behalf_of,
        },
    )


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
        gettext_noop("There are not that many of %(item)s in this state at %(location)s: %(unsellable)s of %(on_hand)s cannot be sold."),
        {**told, "unsellable": row.on_hand - row.sellable},
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
