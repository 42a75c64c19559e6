"""Lots are taken off sale: by hand, and by the clock once they have expired. What is promised to orders stays and is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.ids import new_id
from core.words import gettext_noop
from inventory.operations.ledger import Moved
from inventory.operations.moving import turn_stock
from inventory.queries import lot_shelves, lots_on_shelves
from inventory.queries.expiring import LotOnShelf
from inventory.rules import StockState, Turn
from inventory.rules.lots import AVAILABLE, LotShelf, Portion, may_leave, without

# The shelves first, by id; what lies there is read by later statements.
_LOCK = """
SELECT s.id, s.stock_item_id, s.location_id, s.sellable - s.allocated - s.reserved AS free, l.company_id, i.code AS item, l.name AS location
FROM inventory_stock s JOIN inventory_location l ON l.id = s.location_id JOIN inventory_stockitem i ON i.id = s.stock_item_id
WHERE s.id = ANY(%s::bigint[]) ORDER BY s.id FOR UPDATE OF s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """So many pieces of a lot may no longer be sold; ``left`` of it still lie there available, because they are promised.

    Where some are left, ``refusal`` says so. ``repeated`` when the same was done before under the same key.
    """

    stock_lot_id: int
    quantity: int
    left: int = 0
    repeated: bool = False
    refusal: Refusal | None = None


@operation
def set_lots_aside(
    stock_lot_ids: Sequence[int], *, to_state: StockState, once_key: str, reason: str, actor: Actor, at: datetime
) -> list[SetAside | Refusal]:
    """Every free piece of these lots on their shelves is in a state that is not sold; one result per id, once per key.

    Pieces that are picked, allocated, reserved, or needed by a promise for a day stay available, and the result says how many.
    Locks stock by id. Refuses with "inventory.lot_missing" for pieces whose lot nobody named, "inventory.promised" where not a
    single piece is free, "inventory.no_such_shelf", "inventory.bad_quantity" (they would stay available). Announces StockAdjusted.
    """
    found = lots_on_shelves(stock_lot_ids, at=at)
    known = _known(stock_lot_ids, once_key)
    going = [one for key in dict.fromkeys(stock_lot_ids) if (one := found.get(key)) and one.lot_id is not None and key not in known]
    done = _set_aside(going, to_state=to_state, once_key=once_key, cause="admin:state", reason=reason, actor=actor, at=at) if (
        to_state is not AVAILABLE
    ) else {}  # fmt: skip
    results: list[SetAside | Refusal] = []
    for key in stock_lot_ids:
        if key not in found:
            results.append(Refusal("inventory.no_such_shelf", gettext_noop("This lot never lay on this shelf.")))
        elif to_state is AVAILABLE:
            results.append(Refusal("inventory.bad_quantity", gettext_noop("Choose a state in which goods are not sold.")))
        elif key in known:
            results.append(SetAside(stock_lot_id=key, quantity=known[key], repeated=True))
        elif found[key].lot_id is None:
            words = gettext_noop("Nobody named the lot of these pieces. Change their state on the page of the shelf.")
            results.append(Refusal("inventory.lot_missing", words))
        else:
            results.append(done[key])
    return results


@operation
def expire_lots(stock_lot_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[SetAside]:
    """Every free piece of those of these lots whose last day has passed is in the state "expired"; one result per lot that had any.

    Allocated pieces stay where they are: ``expired_promises`` names them to people. A second run finds nothing free. Locks stock by
    id. Announces StockAdjusted.
    """
    past = [one for one in lots_on_shelves(stock_lot_ids, at=at).values() if one.expires_on is not None and one.expires_on < one.today]
    results = _set_aside(
        past, to_state=StockState.EXPIRED, once_key=f"expiry:{new_id().hex}", cause="expiry", reason="", actor=actor, at=at
    )
    return [result for result in results.values() if isinstance(result, SetAside)]


def _known(stock_lot_ids: Sequence[int], once_key: str) -> dict[int, int]:
    """What was set aside before under this key, by lot on a shelf."""
    keys = {f"{once_key}:{key}": key for key in stock_lot_ids}
    found = rows("SELECT once_key, sellable_quantity FROM inventory_movement WHERE once_key = ANY(%s::text[])", (list(keys),))
    return {keys[row.once_key]: -row.sellable_quantity for row in found}


def _set_aside(
    lots: Sequence[LotOnShelf], *, to_state: StockState, once_key: str, cause: str, reason: str, actor: Actor, at: datetime
) -> dict[int, SetAside | Refusal]:
    """The free pieces of each lot leave their shelf's available ones, those that expire first before the others."""
    if not lots:
        return {}
    shelves = {row.id: row for row in rows(_LOCK, (sorted({lot.stock_id for lot in lots}),))}
    lying = lot_shelves(list(shelves))
    free = {stock_id: row.free for stock_id, row in shelves.items()}
    done: dict[int, SetAside | Refusal] = {}
    turns: dict[int, list[tuple[LotOnShelf, Turn]]] = {}
    for lot in sorted(lots, key=lambda lot: (lot.stock_id, lot.expires_on is None, lot.expires_on, lot.stock_lot_id)):
        shelf, row = lying[lot.stock_id], shelves[lot.stock_id]
        batch = next((batch for batch in shelf.batches if batch.lot_id == lot.lot_id), None)
        quantity = may_leave(batch, shelf, free=free[lot.stock_id]) if batch else 0
        if quantity == 0:
            done[lot.stock_lot_id] = _nothing_free(lot, row)
            continue
        left = without(shelf.batches, [Portion(lot_id=lot.lot_id, number=lot.number, quantity=quantity)])
        lying[lot.stock_id] = LotShelf(batches=left, promises=shelf.promises)
        free[lot.stock_id] -= quantity
        turn = Turn(
            stock_item_id=row.stock_item_id, location_id=row.location_id, quantity=quantity, to_state=to_state, lot_number=lot.number,
            once_key=f"{once_key}:{lot.stock_lot_id}", cause=cause,
        )  # fmt: skip
        turns.setdefault(row.company_id, []).append((lot, turn))
    for company_id, wanted in sorted(turns.items()):
        results = turn_stock([turn for _lot, turn in wanted], company_id=company_id, reason=reason, actor=actor, at=at)
        for (lot, turn), result in zip(wanted, results, strict=True):
            done[lot.stock_lot_id] = _result(lot, turn, result)
    return _with_what_is_left(done, lots)


def _result(lot: LotOnShelf, turn: Turn, result: Moved | Refusal) -> SetAside | Refusal:
    return result if isinstance(result, Refusal) else SetAside(stock_lot_id=lot.stock_lot_id, quantity=turn.quantity)


def _nothing_free(lot: LotOnShelf, row: Any) -> Refusal:
    return Refusal(
        "inventory.promised",
        gettext_noop("No piece of lot %(lot)s of %(item)s at %(location)s is free: what is on sale there is promised to orders."),
        {"lot": lot.number, "item": row.item, "location": row.location},
    )


def _with_what_is_left(done: dict[int, SetAside | Refusal], lots: Sequence[LotOnShelf]) -> dict[int, SetAside | Refusal]:
    """Say of each lot how many pieces are still available, because orders need them."""
    still = {
        row.id: row.sellable
        for row in rows("SELECT id, sellable FROM inventory_stocklot WHERE id = ANY(%s::bigint[])", (list(done),))
        if row.sellable
    }
    for lot in lots:
        result, left = done[lot.stock_lot_id], still.get(lot.stock_lot_id, 0)
        if isinstance(result, SetAside) and left:
            words = gettext_noop("%(moved)s pieces of lot %(lot)s are set aside; %(left)s stay, because they are promised to orders.")
            told = {"moved": result.quantity, "lot": lot.number, "left": left}
            done[lot.stock_lot_id] = SetAside(
                stock_lot_id=lot.stock_lot_id, quantity=result.quantity, left=left, refusal=Refusal("inventory.promised", words, told)
            )
    return done
