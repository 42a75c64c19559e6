"""Which lots serve an allocation: the first to expire that keep long enough, or those the picker took. Then they ship.

Why nothing is assigned before, and why this is exact: docs/adr/0015.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.words import gettext_noop
from inventory.queries import lot_shelves, share_sql
from inventory.rules.lots import AVAILABLE, Batch, LotShelf, Portion, Promise, first_expired, keep_their_word, without

# Locks as in shipping: allocations by id, then stock by id. What lies there is read by later statements.
_LOCK = """
WITH held AS MATERIALIZED (
    SELECT a.id, a.stock_id FROM inventory_allocation a WHERE a.id = ANY(%(ids)s::bigint[]) AND a.status = 'open' ORDER BY a.id FOR UPDATE
)
SELECT s.id FROM inventory_stock s WHERE s.id = ANY(ARRAY(SELECT stock_id FROM held)) ORDER BY s.id FOR UPDATE
"""
_OPEN = """
SELECT a.id, a.stock_id, a.quantity, a.good_until, a.status, s.has_lots, i.code AS item, l.name AS location,
    (%(at)s::timestamptz AT TIME ZONE c.timezone)::date AS today,
    (SELECT coalesce(sum(p.quantity), 0) FROM inventory_pick p WHERE p.allocation_id = a.id)::int AS picked
FROM inventory_allocation a JOIN inventory_stock s ON s.id = a.stock_id JOIN inventory_stockitem i ON i.id = a.stock_item_id
JOIN inventory_location l ON l.id = a.location_id JOIN core_company c ON c.id = l.company_id
WHERE a.id = ANY(%(ids)s::bigint[]) ORDER BY a.id
"""
_OWN = """
SELECT a.stock_id, p.lot_id, p.quantity FROM inventory_pick p JOIN inventory_allocation a ON a.id = p.allocation_id
WHERE p.allocation_id = ANY(%s::bigint[])
"""
_PICKED = """
SELECT p.allocation_id, p.lot_id, p.quantity, coalesce(lot.number, '') AS number, lot.expires_on
FROM inventory_pick p LEFT JOIN inventory_lot lot ON lot.id = p.lot_id WHERE p.allocation_id = ANY(%s::bigint[])
ORDER BY lot.expires_on, p.id
"""
_PICK = """
WITH portion AS MATERIALIZED (
    SELECT * FROM unnest(%(allocations)s::bigint[], %(stocks)s::bigint[], %(lots)s::bigint[], %(quantities)s::int[])
        AS q (allocation_id, stock_id, lot_id, quantity)
), noted AS (
    INSERT INTO inventory_pick (allocation_id, lot_id, quantity) SELECT allocation_id, lot_id, quantity FROM portion ORDER BY 1, 2
)
UPDATE inventory_stocklot sl SET picked = sl.picked + n.quantity
FROM (SELECT stock_id, lot_id, sum(quantity)::int AS quantity FROM portion GROUP BY 1, 2) n
WHERE sl.stock_id = n.stock_id AND sl.lot_id IS NOT DISTINCT FROM n.lot_id
"""
_UNPICK = """
WITH gone AS (
    DELETE FROM inventory_pick p USING inventory_allocation a WHERE p.allocation_id = ANY(%(ids)s::bigint[]) AND a.id = p.allocation_id
    RETURNING a.stock_id, p.lot_id, p.quantity
)
UPDATE inventory_stocklot sl SET picked = sl.picked - n.quantity
FROM (SELECT stock_id, lot_id, sum(quantity)::int AS quantity FROM gone GROUP BY 1, 2) n
WHERE sl.stock_id = n.stock_id AND sl.lot_id IS NOT DISTINCT FROM n.lot_id
"""

# The shelves are locked and every allocation counted by lot is picked. Goods without lots in the same parcel leave with the others.
_SHIP = f"""
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest(%(ids)s::bigint[], %(causes)s::text[]) AS q (id, cause)
), due AS MATERIALIZED (
    SELECT a.id, a.stock_id, a.stock_item_id, a.location_id, p.lot_id, coalesce(p.quantity, a.quantity) AS quantity, asked.cause,
        p.id IS NOT NULL AS is_picked, s.value AS shelf_value, s.on_hand AS shelf_quantity, sum(coalesce(p.quantity, a.quantity))
            OVER (PARTITION BY a.stock_id ORDER BY a.id, p.id ROWS UNBOUNDED PRECEDING) AS through
    FROM asked JOIN inventory_allocation a ON a.id = asked.id JOIN inventory_stock s ON s.id = a.stock_id
    LEFT JOIN inventory_pick p ON p.allocation_id = a.id
), priced AS MATERIALIZED (
    SELECT *, {share_sql("shelf_value", "through", "shelf_quantity")} - {share_sql("shelf_value", "through - quantity", "shelf_quantity")} AS cost
    FROM due
), gone AS (
    UPDATE inventory_stock s
    SET on_hand = s.on_hand - d.quantity, sellable = s.sellable - d.quantity, allocated = s.allocated - d.quantity,
        value = s.value - d.cost
    FROM (SELECT stock_id, sum(quantity)::int AS quantity, sum(cost)::bigint AS cost FROM priced GROUP BY stock_id) d WHERE s.id = d.stock_id
), emptied AS (
    UPDATE inventory_stocklot sl
    SET on_hand = sl.on_hand - d.quantity, sellable = sl.sellable - d.quantity, picked = sl.picked - d.quantity
    FROM (SELECT stock_id, lot_id, sum(quantity)::int AS quantity FROM due WHERE is_picked GROUP BY 1, 2) d
    WHERE sl.stock_id = d.stock_id AND sl.lot_id IS NOT DISTINCT FROM d.lot_id
), moved AS (
    INSERT INTO inventory_movement (stock_id, stock_item_id, location_id, lot_id, kind, quantity, sellable_quantity, value, cause, reason,
        once_key, at, actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT stock_id, stock_item_id, location_id, lot_id, 'shipment', -quantity, -quantity, -cost, cause, %(reason)s,
        'allocation:' || id || CASE WHEN is_picked THEN ':' || coalesce(lot_id, 0) ELSE '' END,
        %(at)s::timestamptz, %(kind)s, %(id)s, %(label)s, %(for)s
    FROM priced ORDER BY id, lot_id
)
UPDATE inventory_allocation a SET status = 'shipped', closed_at = %(at)s::timestamptz FROM asked WHERE a.id = asked.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PickAsk:
    """Let lots serve an allocation: those named, by number, which must make up its quantity; else those that expire first."""

    allocation_id: int
    lots: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """The lots that serve an allocation; none where its goods are not counted by lot. ``is_new`` is False when they did before."""

    allocation_id: int
    portions: tuple[Portion, ...] = ()
    is_new: bool = True


@operation
def pick_lots(asks: Sequence[PickAsk], *, actor: Actor, at: datetime) -> list[Picked | Refusal]:
    """Every allocation is served by lots from now on, and a pick list can name them; one result per ask.

    First-expired-first-out among the lots that have not expired and keep as long as was promised. Lots that are named take the
    place of those picked before; without names what was picked stays. Six statements for the batch. Locks allocations, then
    stock, each by id. Refuses with "inventory.allocation_not_found", "inventory.allocation_closed", "inventory.bad_quantity"
    (the lots named don't make up the quantity), "inventory.no_such_lot".
    """
    if not asks:
        return []
    ids = [ask.allocation_id for ask in asks]
    rows(_LOCK, {"ids": ids})
    found = {row.id: row for row in rows(_OPEN, {"ids": ids, "at": at})}
    named = {ask.allocation_id: ask.lots for ask in asks if ask.lots}
    results: dict[int, Picked | Refusal] = {}
    for allocation_id in dict.fromkeys(ids):
        refusal = _cannot_pick(found.get(allocation_id), named.get(allocation_id, ()), allocation_id)
        if refusal is not None:
            results[allocation_id] = refusal
    wanted = [row for row in found.values() if row.has_lots and row.id not in results and (not row.picked or row.id in named)]
    chosen, lacking = _choose(wanted, named)
    if again := [row.id for row in wanted if row.picked and row.id in chosen]:
        unpick(again)
    _note(chosen, found)
    results |= lacking
    results |= {allocation_id: Picked(allocation_id=allocation_id, portions=portions) for allocation_id, portions in chosen.items()}
    return [results.get(allocation_id) or Picked(allocation_id=allocation_id, is_new=False) for allocation_id in ids]


def proposed_lots(allocation_ids: Sequence[int], *, at: datetime) -> dict[int, tuple[Portion, ...]]:
    """The lots that serve open allocations, or would if they were picked now. Reads only, and promises nothing."""
    found = [row for row in rows(_OPEN, {"ids": list(allocation_ids), "at": at}) if row.has_lots and row.status == "open"]
    chosen, _lacking = _choose([row for row in found if not row.picked], {})
    for row in rows(_PICKED, ([row.id for row in found if row.picked],)):
        portion = Portion(lot_id=row.lot_id, number=row.number, quantity=row.quantity, expires_on=row.expires_on)
        chosen[row.allocation_id] = (*chosen.get(row.allocation_id, ()), portion)
    return chosen


def unpick(allocation_ids: Sequence[int]) -> None:
    """No lots serve these allocations any more. Their shelves are locked."""
    run(_UNPICK, {"ids": list(allocation_ids)})


def ship_by_lot(causes: Mapping[int, str], *, actor: Actor, at: datetime, reason: str) -> dict[int, Refusal]:
    """The goods of these allocations leave in their lots; answers with those that cannot, whole causes of them.

    Allocations and shelves are locked by the statement before. Where nothing was picked, what expires first is picked now.
    """
    found = {row.id: row for row in rows(_OPEN, {"ids": list(causes), "at": at})}
    chosen, lacking = _choose([row for row in found.values() if row.has_lots and not row.picked], {})
    spoilt: dict[str, Refusal] = {}
    for allocation_id, refusal in lacking.items():
        spoilt.setdefault(causes[allocation_id], refusal)
    going = {allocation_id: cause for allocation_id, cause in causes.items() if cause not in spoilt}
    _note({allocation_id: portions for allocation_id, portions in chosen.items() if allocation_id in going}, found)
    if going:
        run(
            _SHIP,
            {
                "ids": list(going),
                "causes": list(going.values()),
                "at": at,
                "reason": reason,
                "kind": str(actor.kind),
                "id": actor.id,
                "label": actor.label,
                "for": actor.on_behalf_of,
            },
        )
    return {allocation_id: spoilt[cause] for allocation_id, cause in causes.items() if cause in spoilt}


def _cannot_pick(row: Any, lots: Sequence[tuple[str, int]], allocation_id: int) -> Refusal | None:
    told = {"allocation": allocation_id}
    if row is None:
        return Refusal("inventory.allocation_not_found", gettext_noop("There is no such allocation."), told)
    if row.status != "open":
        return Refusal("inventory.allocation_closed", gettext_noop("The goods have shipped, or the stock was given back."), told)
    makes_up = sum(quantity for _, quantity in lots) == row.quantity and all(quantity > 0 for _, quantity in lots)
    if lots and not (makes_up and len({number for number, _ in lots}) == len(lots)):
        return Refusal(
            "inventory.bad_quantity",
            gettext_noop("The lots must make up the quantity of the allocation, %(quantity)s, each named once."),
            {**told, "quantity": row.quantity},
        )
    return None


Chosen = dict[int, tuple[Portion, ...]]


def _choose(wanted: Sequence[Any], named: Mapping[int, Sequence[tuple[str, int]]]) -> tuple[Chosen, dict[int, Refusal]]:
    """Lots for each allocation, and the refusals of those that cannot have any. Named lots are a fact, so they are taken first."""
    shelves = lot_shelves(sorted({row.stock_id for row in wanted}))
    chosen: Chosen = {}
    lacking: dict[int, Refusal] = {}
    for own in rows(_OWN, ([row.id for row in wanted if row.picked],)) if any(row.picked for row in wanted) else ():
        shelf = shelves[own.stock_id]
        shelves[own.stock_id] = replace(
            shelf, batches=without(shelf.batches, [Portion(lot_id=own.lot_id, number="", quantity=-own.quantity)])
        )
    for row in sorted(wanted, key=lambda row: (row.id not in named, row.id)):
        found = _lots_for(row, shelves[row.stock_id], named.get(row.id, ()))
        if isinstance(found, Refusal):
            lacking[row.id] = found
        else:
            chosen[row.id], shelves[row.stock_id] = found
    return chosen, lacking


def _lots_for(row: Any, shelf: LotShelf, named: Sequence[tuple[str, int]]) -> tuple[tuple[Portion, ...], LotShelf] | Refusal:
    """What expires first, has not expired, keeps long enough for this one, and isn't needed by somebody more particular."""
    wanted = named or [("", row.quantity)]
    keeping_until: date = row.good_until or date.min
    promises = list(shelf.promises)
    if row.good_until is not None and not row.picked:
        promises.append(Promise(good_until=row.good_until, quantity=-row.quantity))  # its own
    rest: Sequence[Batch] = shelf.batches
    portions: list[Portion] = []
    for number, quantity in wanted:
        fit = [b for b in rest if (not number or b.number == number) and (b.expires_on is None or b.expires_on >= row.today)]
        taken = first_expired(fit, quantity, keeping_until=keeping_until)
        if taken is None:
            return _no_such_lot(row, number, quantity, sum(b.pieces[AVAILABLE] for b in fit if b.keeps_until >= keeping_until))
        rest = without(rest, taken)
        portions += taken
    if not keep_their_word(rest, promises):
        return _no_such_lot(row, named[0][0] if named else "", row.quantity, 0)
    return tuple(portions), LotShelf(batches=rest, promises=promises)


def _no_such_lot(row: Any, number: str, wanted: int, there: int) -> Refusal:
    told = {
        "item": row.item,
        "location": row.location,
        "lot": number,
        "wanted": wanted,
        "there": there,
        "day": str(row.good_until or row.today),
    }
    if number:
        return Refusal(
            "inventory.no_such_lot",
            gettext_noop(
                "Lot %(lot)s of %(item)s at %(location)s has %(there)s free pieces that keep until %(day)s; %(wanted)s are wanted."
            ),
            told,
        )
    return Refusal(
        "inventory.no_such_lot",
        gettext_noop(
            "Only %(there)s of %(item)s at %(location)s are in lots that keep until %(day)s; %(wanted)s are wanted."
            " Receive a fresher lot, or allocate the order again."
        ),
        told,
    )


def _note(chosen: Mapping[int, Sequence[Portion]], found: Mapping[int, Any]) -> None:
    """Write down which lots serve which allocations."""
    portions = [(allocation_id, portion) for allocation_id, some in chosen.items() for portion in some]
    if portions:
        run(
            _PICK,
            {
                "allocations": [allocation_id for allocation_id, _ in portions],
                "stocks": [found[allocation_id].stock_id for allocation_id, _ in portions],
                "lots": [portion.lot_id for _, portion in portions],
                "quantities": [portion.quantity for _, portion in portions],
            },
        )
