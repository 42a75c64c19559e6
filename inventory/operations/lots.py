"""What movements mean for the lots of a shelf: which of them leave, which come into being, and how they are counted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.db import rows, run
from core.errors import Refusal
from core.words import gettext_noop
from inventory.queries import lot_shelves
from inventory.rules import UNSELLABLE, MovementKind
from inventory.rules.lots import LotShelf, LotShortage, by_lot
from inventory.rules.moves import Step

NAMED_BY_RECEIPT = (MovementKind.OPENING, MovementKind.RECEIPT)

# Lots are read by later statements, when nobody can change the locked shelves' lots any more.
_LOCK = """
SELECT s.id, s.stock_item_id, s.location_id, s.has_lots, i.code AS item, l.name AS location
FROM inventory_stock s JOIN inventory_location l ON l.id = s.location_id AND l.company_id = %(company)s
JOIN inventory_stockitem i ON i.id = s.stock_item_id
WHERE (s.stock_item_id, s.location_id) IN (SELECT * FROM unnest(%(items)s::bigint[], %(locations)s::bigint[]))
ORDER BY s.id FOR UPDATE OF s
"""

# Answers with the lots that were told to expire on another day than they are known to.
_MAKE = """
WITH told AS MATERIALIZED (
    SELECT * FROM unnest(%(items)s::bigint[], %(numbers)s::text[], %(expiries)s::date[]) AS q (stock_item_id, number, expires_on)
), made AS (
    INSERT INTO inventory_lot (stock_item_id, number, expires_on, received_on)
    SELECT i.id, told.number, told.expires_on, (%(at)s::timestamptz AT TIME ZONE c.timezone)::date
    FROM told JOIN inventory_stockitem i ON i.id = told.stock_item_id AND i.company_id = %(company)s JOIN core_company c ON c.id = i.company_id
    ORDER BY i.id, told.number
    ON CONFLICT (stock_item_id, number) DO NOTHING
)
SELECT lot.stock_item_id, lot.number, lot.expires_on FROM told
JOIN inventory_lot lot ON lot.stock_item_id = told.stock_item_id AND lot.number = told.number
WHERE told.expires_on IS NOT NULL AND lot.expires_on IS DISTINCT FROM told.expires_on
"""

_OPEN = """
INSERT INTO inventory_stocklot (stock_id, lot_id)
SELECT DISTINCT m.stock_id, m.lot_id FROM inventory_movement m JOIN inventory_stock s ON s.id = m.stock_id AND s.has_lots
WHERE m.once_key = ANY(%(keys)s::text[]) ORDER BY 1, 2
ON CONFLICT (stock_id, lot_id) DO NOTHING
"""
_COUNT = f"""
UPDATE inventory_stocklot sl
SET on_hand = sl.on_hand + m.quantity, sellable = sl.sellable + m.sellable, {", ".join(f"{state} = sl.{state} + m.{state}" for state in UNSELLABLE)}
FROM (
    SELECT stock_id, lot_id, sum(quantity)::int AS quantity, sum(sellable_quantity)::int AS sellable,
        {", ".join(f"coalesce(sum(quantity - sellable_quantity) FILTER (WHERE state = '{state}'), 0)::int AS {state}" for state in UNSELLABLE)}
    FROM inventory_movement WHERE once_key = ANY(%(keys)s::text[]) GROUP BY stock_id, lot_id
) m
WHERE sl.stock_id = m.stock_id AND sl.lot_id IS NOT DISTINCT FROM m.lot_id
"""


@dataclass(frozen=True, slots=True)
class Spread:
    """The lines to write, each with its lot, and the asks that cannot be done."""

    steps: list[Step]
    refused: dict[int, Refusal]


def refuse_foreign_lots(steps: Sequence[Step], tracked: set[int]) -> dict[int, Refusal]:
    """The asks that name a lot of goods which are not tracked by lot."""
    return {
        step.ask: Refusal(
            "inventory.lot_not_tracked",
            gettext_noop("This item is not tracked by lot. Leave the lot out, or track the item by lot first."),
            {"lot": step.lot_number},
            f"/{step.ask}/lot",
        )
        for step in steps
        if step.lot_number and step.stock_item_id not in tracked
    }


def spread_over_lots(steps: Sequence[Step], tracked: set[int], *, company_id: int, at: datetime) -> Spread:
    """The lines of all asks, each with the lot it moves: the one it names, else those that expire first.

    Locks the shelves by id, reads their lots under the locks, and makes the lots that come in. An ask whose key the ledger
    has already passes as it is: it will not be written again.
    """
    places = {"items": [step.stock_item_id for step in steps], "locations": [step.location_id for step in steps], "company": company_id}
    locked = rows(_LOCK, places)
    lots = lot_shelves([row.id for row in locked if row.has_lots])
    shelves = {(row.stock_item_id, row.location_id): lots.get(row.id, LotShelf(batches=())) for row in locked if row.has_lots}
    names = {(row.stock_item_id, row.location_id): row for row in locked}
    keys = [step.once_key for step in steps]
    known = {row.once_key for row in rows("SELECT once_key FROM inventory_movement WHERE once_key = ANY(%s::text[])", (keys,))}
    by_ask: dict[int, list[Step]] = {}
    for step in steps:
        by_ask.setdefault(step.ask, []).append(step)
    spread = Spread([], {})
    for ask, wanted in by_ask.items():
        if any(step.once_key in known for step in wanted):
            spread.steps.extend(wanted)
        elif any(_lacks_its_lot(step, tracked) for step in wanted):
            spread.refused[ask] = Refusal(
                "inventory.lot_missing", gettext_noop("This item is tracked by lot. Name the lot that came in."), field=f"/{ask}/lot"
            )
        elif isinstance(found := by_lot(wanted, shelves), LotShortage):
            spread.refused[ask] = _too_few(found, names)
        else:
            written, shelves = found
            spread.steps.extend(step if step.stock_item_id in tracked else replace(step, lot_number="") for step in written)
    _make_lots(spread, tracked, known, company_id=company_id, at=at)
    return spread


def _lacks_its_lot(step: Step, tracked: set[int]) -> bool:
    return step.stock_item_id in tracked and not step.lot_number and step.kind in NAMED_BY_RECEIPT


def _make_lots(spread: Spread, tracked: set[int], known: set[str], *, company_id: int, at: datetime) -> None:
    """The lots that come in are known; asks that tell another day of expiry than the lot has are refused."""
    told: dict[tuple[int, str], Any] = {}
    coming = [s for s in spread.steps if s.lot_number and s.quantity > 0 and s.stock_item_id in tracked and s.once_key not in known]
    for step in coming:
        told[step.stock_item_id, step.lot_number] = told.get((step.stock_item_id, step.lot_number)) or step.expires_on
    if not told:
        return
    lots = {
        "items": [item for item, _ in told],
        "numbers": [number for _, number in told],
        "expiries": list(told.values()),
        "at": at,
        "company": company_id,
    }
    differing = {(row.stock_item_id, row.number): row.expires_on for row in rows(_MAKE, lots)}
    for step in coming:
        lot = step.stock_item_id, step.lot_number
        expires_on = differing.get(lot, told[lot])
        if step.expires_on is not None and step.expires_on != expires_on:
            spread.refused[step.ask] = Refusal(
                "inventory.lot_expires_otherwise",
                gettext_noop("Lot %(lot)s is known to expire on %(known)s, not on %(told)s. Correct the lot, or use another number."),
                {"lot": step.lot_number, "known": str(expires_on or "–"), "told": str(step.expires_on)},
                f"/{step.ask}/expires_on",
            )
    spread.steps[:] = [step for step in spread.steps if step.ask not in spread.refused]


def _too_few(short: LotShortage, names: dict[tuple[int, int], Any]) -> Refusal:
    step = short.step
    name = names[step.stock_item_id, step.location_id]
    told = {"item": name.item, "location": name.location, "lot": step.lot_number, "wanted": short.wanted, "there": short.there}
    where = f"/{step.ask}/quantity"
    if short.is_promised:
        return Refusal(
            "inventory.lot_promised",
            gettext_noop("These pieces of %(item)s at %(location)s are promised to channels that want goods to keep so long."),
            told,
            where,
        )
    if step.lot_number:
        return Refusal(
            "inventory.not_in_lot",
            gettext_noop("Lot %(lot)s of %(item)s has only %(there)s free pieces in this state at %(location)s; %(wanted)s are wanted."),
            told,
            where,
        )
    return Refusal(
        "inventory.not_that_many",
        gettext_noop("There are only %(there)s of %(item)s in this state at %(location)s; %(wanted)s are wanted."),
        told,
        where,
    )


def count_lots(keys: Sequence[str]) -> None:
    """The lots of a shelf have what these movements, just written under the shelf's lock, brought and took."""
    told = {"keys": list(keys)}
    run(_OPEN, told)
    run(_COUNT, told)
