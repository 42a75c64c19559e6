"""Deliveries of purchase orders are taken in: once per delivery note, with lots and costs, over and short."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Conflict, Refusal
from core.events import Event
from core.outbox import announce
from core.text import clean_line
from core.words import gettext_noop
from inventory.events import PurchaseOrderEnded, PurchaseOrderReceived
from inventory.operations.moving import receive_stock
from inventory.operations.ordering import locked_orders, not_found
from inventory.operations.transfer_rows import insist_moved
from inventory.queries import PurchaseLineRow, purchase_lines
from inventory.rules import FIRM, DeliveredLine, DeliveryAsk, PurchaseStatus, Receipt
from inventory.rules.moves import MOST
from inventory.rules.purchasing import status_after_delivery

MOST_NOTE = 64
MOST_LOT = 64
MOST_IN_ALL = 1_000_000_000

_RECEIPTS = """
INSERT INTO inventory_goodsreceipt (purchase_order_id, delivery_note, at, once_key, actor_kind, actor_id, actor_label, on_behalf_of)
SELECT order_id, note, %(at)s::timestamptz, once_key, %(kind)s, %(id)s, %(label)s, %(for)s
FROM unnest(%(orders)s::bigint[], %(notes)s::text[], %(keys)s::text[]) WITH ORDINALITY AS q (order_id, note, once_key, turn) ORDER BY turn
ON CONFLICT (once_key) DO NOTHING
RETURNING id, once_key
"""

_LINES = """
INSERT INTO inventory_goodsreceiptline (receipt_id, order_line_id, quantity, unsellable_quantity, lot_id)
SELECT l.receipt_id, l.line_id, l.quantity, l.unsellable, lot.id
FROM unnest(%(receipts)s::bigint[], %(lines)s::bigint[], %(items)s::bigint[], %(quantities)s::int[], %(unsellables)s::int[], %(lots)s::text[])
    WITH ORDINALITY AS l (receipt_id, line_id, stock_item_id, quantity, unsellable, lot_number, turn)
LEFT JOIN inventory_lot lot ON lot.stock_item_id = l.stock_item_id AND lot.number = l.lot_number AND l.lot_number <> ''
ORDER BY l.turn
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The delivery is taken in and the order has this status; ``repeated`` when it was before under the same key."""

    purchase_order_id: int
    number: str
    status: PurchaseStatus
    missing: int
    """How many pieces of the order have still not come."""
    repeated: bool = False


@operation
def receive_deliveries(
    asks: Sequence[DeliveryAsk], *, company_id: int, actor: Actor, at: datetime, reason: str = ""
) -> list[Delivered | Refusal]:
    """What the deliveries brought is on hand at the orders' locations, at the orders' costs; one result per ask.

    Once per key, and once per order and delivery note. An order is closed when nothing of it is missing. Locks the orders by
    id, then stock. Announces StockReceived, PurchaseOrderReceived and PurchaseOrderEnded. Refuses with "purchase.not_found",
    "purchase.not_coming", "purchase.no_note", "purchase.note_received", "purchase.no_lines", "purchase.not_ordered",
    "inventory.bad_quantity", "purchase.no_lot", "purchase.over_delivery", and "purchase.reference_used" where the key was used for
    another order or note.
    """
    dock = _dock(asks, company_id=company_id)
    results: dict[int, Delivered | Refusal] = {}
    taken: list[DeliveryAsk] = []
    for place, ask in enumerate(asks):
        order = dock.orders.get(ask.purchase_order_id)
        if order is None or order.company_id != company_id:
            results[place] = not_found()
        elif ask.once_key in dock.keys:
            results[place] = dock.again(order, ask)
        elif refused := dock.fault(order, ask):
            results[place] = refused
        else:
            dock.take(ask)
            taken.append(ask)
            results[place] = dock.result(order)
    if taken:
        receipts = _write_receipts(taken, actor=actor, at=at)
        _move(dock, taken, receipts, company_id=company_id, actor=actor, at=at, reason=reason)
        _write_lines(dock, taken, receipts, at=at)
        announce(*_events(dock, taken, at=at))
    return [results[place] for place in range(len(asks))]


class _Dock:
    """The orders that deliveries have come for, and how far each has come as one delivery after another is taken in."""

    def __init__(
        self,
        orders: Mapping[int, Any],
        lines: Mapping[int, tuple[PurchaseLineRow, ...]],
        keys: dict[str, tuple[int, str]],
        notes: dict[tuple[int, str], str],
    ) -> None:
        self.orders, self.lines, self.keys, self.notes = orders, lines, keys, notes
        self.received = {line.id: line.received_quantity for of_order in lines.values() for line in of_order}

    def line(self, order_id: int, stock_item_id: int) -> PurchaseLineRow | None:
        """The line that orders the item."""
        return next((line for line in self.lines.get(order_id, ()) if line.stock_item_id == stock_item_id), None)

    def status(self, order_id: int) -> PurchaseStatus:
        """What the order has come to."""
        order = self.orders[order_id]
        if order.status not in FIRM:
            return PurchaseStatus(order.status)
        return status_after_delivery([(line.quantity, self.received[line.id]) for line in self.lines[order_id]])

    def result(self, order: Any, *, repeated: bool = False) -> Delivered:
        """What is said of a delivery that was taken in."""
        missing = sum(max(line.quantity - self.received[line.id], 0) for line in self.lines.get(order.id, ()))
        return Delivered(purchase_order_id=order.id, number=order.number, status=self.status(order.id), missing=missing, repeated=repeated)

    def again(self, order: Any, ask: DeliveryAsk) -> Delivered | Refusal:
        """What is said where the key was used before: for the same delivery, or wrongly for another one."""
        if self.keys[ask.once_key] == (order.id, clean_line(ask.delivery_note)):
            return self.result(order, repeated=True)
        return Refusal(
            "purchase.reference_used",
            gettext_noop("This reference was used for another delivery before. Nothing was changed; give the delivery its own."),
            field="/reference",
        )

    def fault(self, order: Any, ask: DeliveryAsk) -> Refusal | None:
        """Why this delivery is not taken in."""
        note = clean_line(ask.delivery_note)
        if not 1 <= len(note) <= MOST_NOTE:
            words = gettext_noop("Give the number of the delivery note, of at most %(most)s letters.")
            return Refusal("purchase.no_note", words, {"most": MOST_NOTE}, "/delivery_note")
        if (order.id, note) in self.notes:
            return _received(order, note, by=self.notes[order.id, note])
        if order.status not in FIRM or self.status(order.id) == PurchaseStatus.CLOSED:
            return Refusal(
                "purchase.not_coming",
                gettext_noop("No goods are expected of %(number)s: it was not sent to the supplier, or it has ended."),
                {"number": order.number},
            )
        if not ask.lines:
            return Refusal("purchase.no_lines", gettext_noop("Say what was delivered."), field="/lines")
        faults = (self._line_fault(order, ask, line, f"/lines/{place}") for place, line in enumerate(ask.lines))
        return next((fault for fault in faults if fault), None) or self._too_much(order, ask)

    def _line_fault(self, order: Any, ask: DeliveryAsk, told: DeliveredLine, field: str) -> Refusal | None:
        line = self.line(order.id, told.stock_item_id)
        if line is None:
            words = gettext_noop("%(number)s does not order this item. Put it aside, and receive it without the order if it stays.")
            return Refusal("purchase.not_ordered", words, {"number": order.number}, f"{field}/item")
        most = min(MOST, MOST_IN_ALL - self.received[line.id])
        if not (1 <= told.quantity <= most and 0 <= told.unsellable_quantity <= told.quantity):
            words = gettext_noop("Of %(item)s, 1 to %(most)s pieces can come, and no more of them unsellable than came.")
            return Refusal("inventory.bad_quantity", words, {"item": line.item, "most": most}, f"{field}/quantity")
        if (line.is_lot_tracked and not told.lot_number.strip()) or len(told.lot_number) > MOST_LOT:
            words = gettext_noop("%(item)s is tracked by lot: give the lot number, of at most %(most)s letters.")
            return Refusal("purchase.no_lot", words, {"item": line.item, "most": MOST_LOT}, f"{field}/lot")
        return None

    def _too_much(self, order: Any, ask: DeliveryAsk) -> Refusal | None:
        if ask.takes_more:
            return None
        came: dict[int, int] = defaultdict(int)
        for place, told in enumerate(ask.lines):
            came[told.stock_item_id] += told.quantity
            line = self.line(order.id, told.stock_item_id)
            assert line is not None
            missing = max(line.quantity - self.received[line.id], 0)
            if came[told.stock_item_id] > missing:
                return Refusal(
                    "purchase.over_delivery",
                    gettext_noop("%(came)s of %(item)s came, but only %(missing)s are missing. Count again, or take more in on purpose."),
                    {"came": came[told.stock_item_id], "item": line.item, "missing": missing},
                    f"/lines/{place}/quantity",
                )
        return None

    def take(self, ask: DeliveryAsk) -> None:
        """From here on the delivery counts."""
        self.keys[ask.once_key] = ask.purchase_order_id, clean_line(ask.delivery_note)
        for told in ask.lines:
            line = self.line(ask.purchase_order_id, told.stock_item_id)
            assert line is not None
            self.received[line.id] += told.quantity
        self.notes[ask.purchase_order_id, clean_line(ask.delivery_note)] = ""


def _received(order: Any, note: str, *, by: str) -> Refusal:
    """The note was taken in before, by somebody with a name, or by a machine or earlier in the same batch."""
    told = {"note": note, "number": order.number, "who": by}
    if by:
        words = gettext_noop("Delivery note %(note)s of %(number)s was already taken in by %(who)s. Nothing was changed.")
    else:
        words = gettext_noop("Delivery note %(note)s of %(number)s was already taken in. Nothing was changed.")
    return Refusal("purchase.note_received", words, told, "/delivery_note")


def _dock(asks: Sequence[DeliveryAsk], *, company_id: int) -> _Dock:
    orders = locked_orders([ask.purchase_order_id for ask in asks])
    known = rows(
        """
        SELECT purchase_order_id, delivery_note, once_key, actor_label FROM inventory_goodsreceipt
        WHERE purchase_order_id = ANY(%(orders)s::bigint[]) AND delivery_note = ANY(%(notes)s::text[]) OR once_key = ANY(%(keys)s::text[])
        """,
        {
            "orders": sorted(orders),
            "notes": [clean_line(ask.delivery_note) for ask in asks],
            "keys": [ask.once_key for ask in asks],
        },
    )
    notes = {(row.purchase_order_id, row.delivery_note): row.actor_label for row in known}
    return _Dock(orders, purchase_lines(sorted(orders)), {row.once_key: (row.purchase_order_id, row.delivery_note) for row in known}, notes)


def _write_receipts(taken: Sequence[DeliveryAsk], *, actor: Actor, at: datetime) -> dict[str, int]:
    """The id of each receipt by its key: references may be as long as they like, the movements are told apart by this."""
    written = rows(
        _RECEIPTS,
        {
            "orders": [ask.purchase_order_id for ask in taken],
            "notes": [clean_line(ask.delivery_note) for ask in taken],
            "keys": [ask.once_key for ask in taken],
            "at": at,
            "kind": str(actor.kind),
            "id": actor.id,
            "label": actor.label,
            "for": actor.on_behalf_of,
        },
    )
    if len(written) < len(taken):  # another order took in a delivery under the same key meanwhile
        raise Conflict
    return {row.once_key: row.id for row in written}


def _move(
    dock: _Dock, taken: Sequence[DeliveryAsk], receipts: Mapping[str, int], *, company_id: int, actor: Actor, at: datetime, reason: str
) -> None:
    """The shelves get what came. Everything was looked at before, so a refusal here undoes the whole batch."""
    coming = []
    for ask in taken:
        order = dock.orders[ask.purchase_order_id]
        for place, told in enumerate(ask.lines):
            line = dock.line(order.id, told.stock_item_id)
            assert line is not None
            coming.append(
                Receipt(
                    stock_item_id=told.stock_item_id,
                    location_id=order.location_id,
                    quantity=told.quantity,
                    sellable_quantity=told.quantity - told.unsellable_quantity,
                    once_key=f"delivery:{receipts[ask.once_key]}:{place}",
                    cause=f"purchase:{order.number}",
                    lot_number=told.lot_number.strip() if line.is_lot_tracked else "",
                    expires_on=told.expires_on,
                    value=told.quantity * line.unit_cost,
                )
            )
    insist_moved(receive_stock(coming, company_id=company_id, actor=actor, at=at, reason=reason))


def _write_lines(dock: _Dock, taken: Sequence[DeliveryAsk], receipts: Mapping[str, int], *, at: datetime) -> None:
    told = [(ask, line) for ask in taken for line in ask.lines]
    order_lines = [dock.line(ask.purchase_order_id, line.stock_item_id) for ask, line in told]
    run(
        _LINES,
        {
            "receipts": [receipts[ask.once_key] for ask, _ in told],
            "lines": [line.id for line in order_lines if line],
            "items": [line.stock_item_id for _, line in told],
            "quantities": [line.quantity for _, line in told],
            "unsellables": [line.unsellable_quantity for _, line in told],
            "lots": [line.lot_number.strip() for _, line in told],
        },
    )
    changed = sorted({line.id for line in order_lines if line})
    run(
        """
        UPDATE inventory_purchaseorderline l SET received_quantity = q.received
        FROM unnest(%s::bigint[], %s::int[]) AS q (id, received) WHERE l.id = q.id
        """,
        (changed, [dock.received[line_id] for line_id in changed]),
    )
    order_ids = sorted({ask.purchase_order_id for ask in taken})
    run(
        """
        UPDATE inventory_purchaseorder p SET status = q.status, closed_at = CASE WHEN q.status = 'closed' THEN %s::timestamptz END
        FROM unnest(%s::bigint[], %s::text[]) AS q (id, status) WHERE p.id = q.id
        """,
        (at, order_ids, [str(dock.status(order_id)) for order_id in order_ids]),
    )


def _events(dock: _Dock, taken: Any, *, at: datetime) -> list[Event]:
    told: list[Event] = []
    ended: dict[int, PurchaseOrderEnded] = {}
    for ask in taken:
        order = dock.orders[ask.purchase_order_id]
        about = {
            "company_id": order.company_id,
            "purchase_order_id": order.id,
            "number": order.number,
            "supplier_id": order.supplier_id,
            "location_id": order.location_id,
            "at": at,
        }
        items = tuple(dict.fromkeys(line.stock_item_id for line in ask.lines))
        told.append(PurchaseOrderReceived(**about, stock_item_ids=items, delivery_note=clean_line(ask.delivery_note)))
        if dock.status(order.id) == PurchaseStatus.CLOSED:
            every = tuple(line.stock_item_id for line in dock.lines[order.id])
            ended[order.id] = PurchaseOrderEnded(**about, stock_item_ids=every, status=str(PurchaseStatus.CLOSED))
    return [*told, *ended.values()]
