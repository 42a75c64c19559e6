"""Goods come in, are corrected, change places, change state, or are looked at and sorted."""

from collections.abc import Sequence
from datetime import datetime

from core.actor import Actor
from core.db import operation
from core.errors import Refusal
from inventory.operations.ledger import Moved, write_moves
from inventory.rules import Adjustment, Receipt, Transfer, Turn
from inventory.rules.moves import steps_of_adjustment, steps_of_correction, steps_of_receipt, steps_of_transfer, steps_of_turn


@operation
def receive_stock(receipts: Sequence[Receipt], *, company_id: int, actor: Actor, at: datetime, reason: str = "") -> list[Moved | Refusal]:
    """The goods are on hand, once per key; one result per receipt. Opens the shelf where there was none.

    Locks stock by id. Refuses with "inventory.no_such_shelf", "inventory.bad_quantity", "inventory.bad_value"; of goods tracked by
    lot also with "inventory.lot_missing", "inventory.lot_expires_otherwise", of others with "inventory.lot_not_tracked". Announces
    StockReceived.
    """
    negative = {index for index, receipt in enumerate(receipts) if receipt.quantity < 0}
    return write_moves(receipts, steps_of_receipt, company_id=company_id, actor=actor, at=at, reason=reason, impossible=negative)


@operation
def adjust_stock(adjustments: Sequence[Adjustment], *, company_id: int, reason: str, actor: Actor, at: datetime) -> list[Moved | Refusal]:
    """What is on hand is corrected, once per key, for a reason; one result per adjustment.

    Adjustments of one shelf in one call stand or fall together. Locks stock by id. Refuses with "inventory.promised"
    when less would be left than is allocated and reserved, "inventory.not_that_many", "inventory.no_such_shelf",
    "inventory.bad_quantity"; of goods tracked by lot also with "inventory.not_in_lot", and with "inventory.lot_promised" when
    too little would be left that keeps as long as was promised. Announces StockAdjusted.
    """
    return write_moves(adjustments, steps_of_adjustment, company_id=company_id, actor=actor, at=at, reason=reason)


@operation
def correct_shelves(
    corrections: Sequence[Sequence[Adjustment]], *, company_id: int, reason: str, actor: Actor, at: datetime
) -> list[Moved | Refusal]:
    """The adjustments of each correction, all of one shelf, are done together or not at all; one result per correction.

    What comes in counts against what leaves: pieces that lie in another lot than the books say are missing from nobody. Locks stock
    by id. Refuses like ``adjust_stock``. Announces StockAdjusted for each adjustment.
    """
    return write_moves(corrections, steps_of_correction, company_id=company_id, actor=actor, at=at, reason=reason)


@operation
def transfer_stock(
    transfers: Sequence[Transfer], *, company_id: int, actor: Actor, at: datetime, reason: str = ""
) -> list[Moved | Refusal]:
    """Sellable goods lie at another location, once per key: both movements or neither; one result per transfer.

    Locks stock by id. Refuses like ``adjust_stock``. Announces StockAdjusted where they left, StockReceived where they came.
    """
    backwards = {index for index, t in enumerate(transfers) if t.quantity < 1 or t.from_location_id == t.to_location_id}
    return write_moves(transfers, steps_of_transfer, company_id=company_id, actor=actor, at=at, reason=reason, impossible=backwards)


@operation
def turn_stock(turns: Sequence[Turn], *, company_id: int, reason: str, actor: Actor, at: datetime) -> list[Moved | Refusal]:
    """Goods on hand are in another state: to be sold or not (damaged, quality check, quarantine); one result per turn.

    Locks stock by id. Refuses like ``adjust_stock``. Announces StockAdjusted.
    """
    nowhere = {index for index, turn in enumerate(turns) if turn.quantity < 1 or turn.from_state is turn.to_state}
    return write_moves(turns, steps_of_turn, company_id=company_id, actor=actor, at=at, reason=reason, impossible=nowhere)
