"""Parcels that nobody took come back: stock in again (in the lots it left in), the invoice credited, the order closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from billing.operations import issue_credit_notes
from billing.queries import invoices_of_shipments
from billing.rules import CreditAsk
from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.outbox import announce
from core.words import gettext_noop as _
from inventory.operations import receive_stock
from inventory.queries import LotPortion, allocated_goods, lots_of_allocations
from inventory.rules import MovementKind, Receipt
from orders.events import ShipmentReturned
from orders.operations.return_undeliverable import open_undelivered, parcels_in_cases
from orders.operations.shipping import hold_parcels, in_box_with, settle_ended
from orders.operations.statuses import refresh_statuses
from orders.rules import ShipmentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBack:
    """A parcel that is here again; `repeated` when it was before."""

    shipment_id: int
    order_id: int
    repeated: bool = False


_CONTENTS = """
SELECT s.public_id, s.company_id, sl.allocation_id FROM orders_shipment s JOIN LATERAL (
    SELECT n.allocation_id FROM orders_shipmentline n WHERE n.shipment_id = s.id
    UNION ALL SELECT n.allocation_id FROM orders_shipmentinsert n WHERE n.shipment_id = s.id AND n.ended_at IS NULL AND s.insert_count > 0
) sl ON true
WHERE s.id = ANY(%s::bigint[]) AND sl.allocation_id IS NOT NULL ORDER BY sl.allocation_id
"""
_BACK = """
UPDATE orders_shipment SET status = 'returned', returned_at = %(at)s, version = version + 1 WHERE id = ANY(%(ids)s::bigint[])
"""


@operation
def return_undelivered(
    shipment_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime, sellable: bool = True
) -> list[CameBack | Refusal]:
    """Parcels that could not be handed over are back where they left from: in stock again, their invoices credited whole.

    What had been paid is the customer's deposit, to be refunded. `sellable=False` puts the goods on hand, but not up for
    sale. A box comes back with all that is in it. Each parcel has a case among the returns, to be sent once more or closed. Refuses "order.not_found",
    "order.not_on_its_way" (not shipped yet, or delivered), "order.parcel_in_a_return". Repeating it changes nothing.
    Announces ShipmentReturned.
    """
    orders, held = hold_parcels(shipment_ids)
    shipments = {s.id: s for s in held}
    asked = [shipments[i] for i in sorted(set(shipment_ids)) if i in shipments]
    on_its_way = {m.id: m for s in asked for m in in_box_with(s, held, (ShipmentStatus.SHIPPED,)) if m.status == ShipmentStatus.SHIPPED}
    in_cases = parcels_in_cases(sorted(on_its_way))
    back = [on_its_way[i] for i in sorted(on_its_way) if i not in in_cases]
    if back:
        _take_in([s.id for s in back], reason=reason, sellable=sellable, actor=actor, at=at)
        credited = _credit([s.public_id for s in back], reason=reason, actor=actor, at=at)
        run(_BACK, {"ids": [s.id for s in back], "at": at})
        settle_ended([s.id for s in back], actor=actor, at=at)
        open_undelivered([s.id for s in back], credited=credited, sellable=sellable, reason=reason, actor=actor, at=at)
        refresh_statuses(sorted({s.order_id for s in back}), actor=actor, at=at)
        announce(*(_event(s, orders[s.order_id]) for s in back))
    return [_answer(shipments.get(i), in_cases.get(i, "")) for i in shipment_ids]


def _take_in(shipment_ids: Sequence[int], *, reason: str, sellable: bool, actor: Actor, at: datetime) -> None:
    contents = rows(_CONTENTS, (list(shipment_ids),))
    goods = allocated_goods([c.allocation_id for c in contents])
    lots = lots_of_allocations([c.allocation_id for c in contents])
    for company_id in sorted({c.company_id for c in contents}):
        receipts = [
            Receipt(
                stock_item_id=goods[c.allocation_id].stock_item_id,
                location_id=goods[c.allocation_id].location_id,
                quantity=portion.quantity,
                sellable_quantity=portion.quantity if sellable else 0,
                kind=MovementKind.RETURN,
                cause=f"shipment:{c.public_id}",
                once_key=f"returned:{c.allocation_id}" + (f":{nth}" if nth else ""),
                lot_number=portion.lot_number,
                expires_on=portion.expires_on,
            )
            for c in contents
            if c.company_id == company_id
            for nth, portion in enumerate(
                lots.get(c.allocation_id) or [LotPortion(lot_number="", expires_on=None, quantity=goods[c.allocation_id].quantity)]
            )
        ]
        receive_stock(receipts, company_id=company_id, actor=actor, at=at, reason=reason)


def _credit(shipment_refs: Sequence[Any], *, reason: str, actor: Actor, at: datetime) -> dict[UUID, tuple[int, int]]:
    """What each parcel's invoice gave back, and what of it had been paid."""
    invoices = [i for i in invoices_of_shipments(shipment_refs) if i.uncredited > 0]
    asks = [CreditAsk(invoice_id=i.invoice_id, once_key=f"returned:{i.shipment_ref}", reason=reason) for i in invoices]
    made = issue_credit_notes(asks, actor=actor, at=at, reason=reason)
    return {i.shipment_ref: (one.total, one.freed) for i, one in zip(invoices, made, strict=True) if not isinstance(one, Refusal)}


def _event(shipment: Any, order: Any) -> ShipmentReturned:
    return ShipmentReturned(
        order_id=order.id,
        order_ref=order.public_id,
        company_id=order.company_id,
        customer_id=order.customer_id,
        shipment_id=shipment.id,
        shipment_ref=shipment.public_id,
    )


def _answer(shipment: Any, case: str) -> CameBack | Refusal:
    """As it was before this call: what was on its way has come back now."""
    if shipment is None:
        return Refusal("order.not_found", _("There is no such shipment."))
    if case:
        return Refusal("order.parcel_in_a_return", _("Goods of this parcel are in case %(number)s. Receive them there."), {"number": case})
    if shipment.status in (ShipmentStatus.SHIPPED, ShipmentStatus.RETURNED):
        return CameBack(shipment_id=shipment.id, order_id=shipment.order_id, repeated=shipment.status == ShipmentStatus.RETURNED)
    return Refusal("order.not_on_its_way", _("Only a parcel that is on its way can come back undelivered."))
