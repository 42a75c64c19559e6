"""Parcels have their lots chosen before they leave, so that a pick list can name them, or tell which ones the picker took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal, Refused
from core.words import gettext_noop as _
from inventory.operations import PickAsk, pick_lots, proposed_lots
from inventory.rules import typed_code

_CONTENTS = """
SELECT s.id, s.status, sl.allocation_id FROM orders_shipment s LEFT JOIN LATERAL (
    SELECT n.id, n.allocation_id FROM orders_shipmentline n WHERE n.shipment_id = s.id
    UNION ALL SELECT n.id, n.allocation_id FROM orders_shipmentinsert n WHERE n.shipment_id = s.id AND n.ended_at IS NULL AND s.insert_count > 0
) sl ON true
WHERE s.id = ANY(ARRAY(
    SELECT unnest(%(ids)s::bigint[]) UNION SELECT m.id FROM orders_shipment b JOIN orders_shipment m ON m.box = b.box AND m.box IS NOT NULL
    WHERE b.id = ANY(%(ids)s::bigint[])
)) ORDER BY s.id, sl.allocation_id
"""
TO_SHIP = ("planned", "instructed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelPicked:
    """The parcel's lots are chosen; ``repeated`` when they were before, or when nothing in it is tracked by lot."""

    shipment_id: int
    repeated: bool = False


@operation
def pick_shipments(shipment_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[ParcelPicked | Refusal]:
    """Everything tracked by lot in these parcels is served by lots from now on, the first to expire first; one result per id.

    What was picked before stays. A box is picked with all that is in it. Locks allocations, then stock, each by id. Refuses with "order.not_found",
    "order.not_open" where the parcel has left or was cancelled, and like ``pick_lots`` where no lot keeps long enough.
    """
    found: dict[int, list[int]] = {}
    statuses: dict[int, str] = {}
    for row in rows(_CONTENTS, {"ids": list(shipment_ids)}):
        statuses[row.id] = row.status
        found.setdefault(row.id, []).extend([row.allocation_id] if row.allocation_id is not None else [])
    asked = [allocation for key in sorted(found) if statuses[key] in TO_SHIP for allocation in found[key]]
    picked = dict(zip(asked, pick_lots([PickAsk(allocation_id=one) for one in asked], actor=actor, at=at), strict=True))
    results: list[ParcelPicked | Refusal] = []
    for key in shipment_ids:
        if key not in statuses:
            results.append(Refusal("order.not_found", _("There is no such shipment.")))
        elif statuses[key] not in TO_SHIP:
            results.append(Refusal("order.not_open", _("The parcel has left, or was cancelled.")))
        else:
            answers = [picked[allocation] for allocation in found[key]]
            refusal = next((answer for answer in answers if isinstance(answer, Refusal)), None)
            news = [answer for answer in answers if not isinstance(answer, Refusal) and answer.is_new]
            results.append(refusal or ParcelPicked(shipment_id=key, repeated=not news))
    return results


_HELD = """
SELECT s.status, a.id AS allocation_id, a.quantity, a.stock_id, a.stock_item_id, i.code AS item, stock.has_lots
FROM orders_shipment s LEFT JOIN LATERAL (
    SELECT n.allocation_id FROM orders_shipmentline n WHERE n.shipment_id = s.id
    UNION ALL SELECT n.allocation_id FROM orders_shipmentinsert n WHERE n.shipment_id = s.id AND n.ended_at IS NULL
) sl ON true
LEFT JOIN inventory_allocation a ON a.id = sl.allocation_id AND a.status = 'open'
LEFT JOIN inventory_stock stock ON stock.id = a.stock_id LEFT JOIN inventory_stockitem i ON i.id = a.stock_item_id
WHERE s.id = %s ORDER BY sl.allocation_id
"""
_LOTS_THERE = """
SELECT lot.stock_item_id, lot.number FROM inventory_stocklot sl JOIN inventory_lot lot ON lot.id = sl.lot_id
WHERE sl.stock_id = ANY(%s::bigint[]) AND sl.on_hand > 0 AND upper(lot.number) = ANY(%s::text[])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LotEntry:
    """So many pieces of a lot were taken for a parcel. Without an ``item`` code the lot number says of what."""

    item: str = ""
    lot: str
    quantity: int
    expires_on: date | None = None


class LotsRefused(Refused):
    """Some of the lots cannot serve the parcel; nothing was changed."""


def lots_to_take(shipment_id: int, *, at: datetime) -> list[LotEntry]:
    """The lots picked for a parcel, else those that expire first: what a picker is expected to take. Lots without a number are left out."""
    held = [row for row in rows(_HELD, (shipment_id,)) if row.allocation_id is not None]
    lots = proposed_lots([row.allocation_id for row in held], at=at)
    return [
        LotEntry(item=row.item, lot=portion.number, quantity=portion.quantity, expires_on=portion.expires_on)
        for row in held
        for portion in lots.get(row.allocation_id, ())
        if portion.number
    ]


@operation
def enter_lots(shipment_id: int, entries: Sequence[LotEntry], *, actor: Actor, at: datetime) -> ParcelPicked | Refusal:
    """The parcel is served by the lots that were taken; what no entry names is served by those that expire first.

    Entries of one lot add up, and all of an item make up what the parcel holds of it. They take the place of what was picked before.
    Locks like ``pick_shipments``. Refuses "order.not_found", "order.not_open", "order.not_in_parcel", "order.not_by_lot",
    "order.lot_not_there", "order.lot_of_which_item", "order.lots_do_not_add_up"; raises LotsRefused like ``pick_lots`` where a lot has
    too few free pieces, or does not keep long enough.
    """
    found = rows(_HELD, (shipment_id,))
    if not found:
        return Refusal("order.not_found", _("There is no such shipment."))
    if found[0].status not in TO_SHIP:
        return Refusal("order.not_open", _("The parcel has left, or was cancelled."))
    held = [row for row in found if row.allocation_id is not None]
    taken = _by_item(entries, held)
    if isinstance(taken, Refusal):
        return taken
    named = {}
    for item, lots in taken.items():
        own = [row for row in held if row.stock_item_id == item]
        wanted, said = sum(row.quantity for row in own), sum(lots.values())
        if said != wanted or min(lots.values()) < 1:
            about = {"item": own[0].item, "said": said, "wanted": wanted}
            words = _("%(said)s pieces of %(item)s were entered, and the parcel holds %(wanted)s. Enter every lot that was taken.")
            return Refusal("order.lots_do_not_add_up", words, about, "/lots")
        named.update(_spread(lots, own))
    asks = [PickAsk(allocation_id=row.allocation_id, lots=named.get(row.allocation_id, ())) for row in held if row.has_lots]
    answers = pick_lots(asks, actor=actor, at=at)
    for answer in answers:
        if isinstance(answer, Refusal):
            raise LotsRefused(answer.code, answer.message, params=answer.params)
    return ParcelPicked(shipment_id=shipment_id, repeated=not any(not isinstance(answer, Refusal) and answer.is_new for answer in answers))


def _by_item(entries: Sequence[LotEntry], held: Sequence[Any]) -> dict[int, dict[str, int]] | Refusal:
    """Pieces by lot number of every item that is named, by its code or by one of its lots."""
    codes = {row.item.upper(): row for row in held}
    numbers = [typed_code(entry.lot) for entry in entries]
    there: dict[str, dict[int, str]] = {}
    for lot in rows(_LOTS_THERE, ([row.stock_id for row in held], [number.upper() for number in numbers])):
        there.setdefault(lot.number.upper(), {})[lot.stock_item_id] = lot.number
    taken: dict[int, dict[str, int]] = {}
    for entry, number in zip(entries, numbers, strict=True):
        told = {"item": entry.item[:64], "lot": number[:64]}
        here, of = there.get(number.upper(), {}), codes.get(typed_code(entry.item).upper())
        if entry.item and of is None:
            return Refusal("order.not_in_parcel", _("Nothing of %(item)s is in this parcel."), told, "/lots")
        if of is not None and not of.has_lots:
            return Refusal("order.not_by_lot", _("%(item)s is not counted by lot. Leave it out."), told, "/lots")
        items = [of.stock_item_id] if of is not None else list(here)
        if not here or items[0] not in here:
            return Refusal("order.lot_not_there", _("No lot %(lot)s of this parcel’s goods lies at its location."), told, "/lots")
        if len(items) > 1:
            words = _("Several items of this parcel have a lot %(lot)s. Write the item’s code before it.")
            return Refusal("order.lot_of_which_item", words, told, "/lots")
        lots = taken.setdefault(items[0], {})
        lots[here[items[0]]] = lots.get(here[items[0]], 0) + entry.quantity
    return taken


def _spread(lots: dict[str, int], own: Sequence[Any]) -> dict[int, tuple[tuple[str, int], ...]]:
    """The lots of an item serve its allocations in the parcel one after another."""
    left, named = dict(lots), {}
    for row in own:
        wanted, portions = row.quantity, []
        for number in [number for number, pieces in left.items() if pieces]:
            now = min(wanted, left[number])
            if now:
                portions.append((number, now))
                wanted, left[number] = wanted - now, left[number] - now
        named[row.allocation_id] = tuple(portions)
    return named
