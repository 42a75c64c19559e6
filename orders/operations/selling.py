"""Sales over a store's counter: placed, paid, taken off the shelf, handed over and invoiced in one transaction, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from core.actor import Actor
from core.clock import business_date
from core.db import constraint_of, in_operation, operation, rows, run
from core.errors import Busy, Refusal
from core.errors import Refused as RuleRefused
from core.outbox import announce
from core.words import gettext_noop as _
from orders.events import PickupHandedOver
from orders.operations.estimate_settling import EstimateDecided
from orders.operations.placing import FIRST_WINS, ParticipantRefused, StockWentMeanwhile, place_orders
from orders.operations.shipping import Leaving, mark_delivered, ship_shipments
from orders.operations.till import LaidDown, take_at_till
from orders.queries import PickupStore, selling_stores
from orders.rules import DraftDestination, OrderDraft, Placed, Refused, Tender, on_this_shelf, sale_faults, to_walk_in

TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSale:
    """Somebody buys at a store's counter and pays there; ``handed`` takes the goods along, else they are sent to the draft's address.

    ``slip`` is the number that the card terminal printed.
    """

    draft: OrderDraft
    store_id: int
    handed: bool = True
    tender: Tender = Tender.CASH
    slip: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """The order of a sale that stands; ``repeated`` when the same cart had made it before."""

    order_id: int
    public_id: UUID
    number: str
    total: int
    currency: str
    invoice_numbers: tuple[str, ...] = ()
    repeated: bool = False


class NotSold(RuleRefused):
    """Something of a sale could not be done; nothing of it was."""


_UNDONE = (NotSold, ParticipantRefused, EstimateDecided)


def sell_in_store(sale: StoreSale, *, actor: Actor, at: datetime) -> Sold | Refused:
    """The sale stands whole: order, payment, stock, invoice, and the goods in the buyer's hands; or nothing of it, with the reason.

    Goods that are handed over come from this store's shelves alone. The same cart is one sale: a repeat answers with it. A buyer who is
    not named is the store's walk-in customer. Refuses "order.no_such_store", what ``sale_faults``, ``place_orders``,
    ``ship_shipments`` and ``receive_payments`` refuse ("inventory.out_of_stock", "order.on_hold"), and "order.placed_before" (the cart made an
    order that was not sold over this counter). Inside another operation what undoes the sale is raised. Announces OrderPlaced, and for
    what is handed over ShipmentShipped, ShipmentDelivered and PickupHandedOver.
    """
    for _try in range(TRIES):
        try:
            return _sell(sale, actor=actor, at=at)
        except StockWentMeanwhile:
            if in_operation():
                raise  # the same page may have been quicker: then the next look finds its order
        except IntegrityError as error:
            if in_operation() or constraint_of(error) not in FIRST_WINS:
                raise
        except _UNDONE as error:
            if in_operation():
                raise
            return Refused.because(error.refusal)
    raise Busy


def sale_draft(sale: StoreSale) -> OrderDraft | Refusal:
    """The order that a sale amounts to, to be priced before it is made. One statement. Refuses "order.no_such_store"."""
    store = _store_of(sale)
    return store if isinstance(store, Refusal) else _as_sold(sale, store)


def _store_of(sale: StoreSale) -> PickupStore | Refusal:
    found = selling_stores(sale.draft.company_id, ids=[sale.store_id])
    return found[0] if found else Refusal("order.no_such_store", _("Choose a store that is open."), {}, "/store")


@operation
def _sell(sale: StoreSale, *, actor: Actor, at: datetime) -> Sold | Refused:
    store = _store_of(sale)
    if isinstance(store, Refusal):
        return Refused.because(store)
    draft = _as_sold(sale, store)
    if faults := sale_faults(draft, handed=sale.handed, slip=sale.slip):
        return Refused(tuple(faults))
    (placed,) = place_orders([draft], actor=actor, at=at)
    if isinstance(placed, Refused):
        return Refused(on_this_shelf(placed.reasons, store=store.name)) if sale.handed else placed
    if placed.repeated:
        return _sold_before(placed, sale)
    invoices = _hand_over(placed, store, actor=actor, at=at) if sale.handed else ()
    _take_payment(placed, sale, store, actor=actor, at=at)
    return _sold(placed, invoices)


def _as_sold(sale: StoreSale, store: PickupStore) -> OrderDraft:
    draft = to_walk_in(sale.draft, store_code=store.code, store_name=store.name) if sale.handed else sale.draft
    if not sale.handed:
        return replace(draft, taken_at_id=store.id)
    given = draft.destinations[0] if draft.destinations else DraftDestination(place=store.nobody)
    here = replace(given, place=store.address_for(given.place), pickup_at_id=store.id, wished_on=None, time_band="", service="")
    lines = tuple(replace(line, waits_until=None) for line in draft.lines)
    return replace(draft, lines=lines, destinations=(here, *draft.destinations[1:]), taken_at_id=store.id, handed_over=True)


_PARCELS = """
SELECT s.id, s.public_id, o.customer_id, o.company_id FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id
WHERE s.order_id = %s ORDER BY s.id
"""
_HANDED = """
INSERT INTO orders_pickup (shipment_id, company_id, location_id, state, code, is_sale, ready_at, until_on, handed_at, handed_by, ended_at,
    actor_kind, actor_id, actor_label, on_behalf_of)
SELECT s.id, s.company_id, s.location_id, 'handed_over', '', true, %(at)s, %(day)s, %(at)s, %(by)s, %(at)s, %(kind)s, %(who)s, %(label)s, %(for)s
FROM orders_shipment s WHERE s.id = ANY(%(ids)s::bigint[])
"""


def _hand_over(placed: Placed, store: PickupStore, *, actor: Actor, at: datetime) -> tuple[str, ...]:
    parcels = rows(_PARCELS, (placed.order_id,))
    if not parcels:
        raise NotSold("order.nothing_to_hand_over", _("Nothing of this lies on a shelf, so nothing can be handed over."))
    ids = [parcel.id for parcel in parcels]
    who = {"kind": actor.kind, "who": actor.id, "label": actor.label, "for": actor.on_behalf_of, "by": (actor.label or actor.id)[:128]}
    run(_HANDED, {**who, "ids": ids, "at": at, "day": business_date(at, store.timezone)})
    left = ship_shipments([Leaving(shipment_id=i, handed=True) for i in ids], actor=actor, at=at)
    invoices = []
    for answer in left:
        if isinstance(answer, Refusal):
            raise NotSold(answer.code, answer.message, params=answer.params, field=answer.field)
        invoices.append(answer.invoice_number)
    mark_delivered(ids, actor=actor, at=at)
    announce(*(_event(parcel, placed) for parcel in parcels))
    return tuple(invoices)


def _event(parcel: Any, placed: Placed) -> PickupHandedOver:
    return PickupHandedOver(
        order_id=placed.order_id, order_ref=placed.public_id, company_id=parcel.company_id, customer_id=parcel.customer_id,
        shipment_id=parcel.id, shipment_ref=parcel.public_id,
    )  # fmt: skip


def _take_payment(placed: Placed, sale: StoreSale, store: PickupStore, *, actor: Actor, at: datetime) -> None:
    if not placed.total:
        return
    laid = LaidDown(
        order_id=placed.order_id, order_ref=placed.public_id, company_id=sale.draft.company_id, customer_id=placed.customer_id,
        currency=placed.currency, amount=placed.total, store=store.name, timezone=store.timezone, once_key=f"sale:{placed.public_id}",
        tender=sale.tender, slip=sale.slip,
    )  # fmt: skip
    if refusal := take_at_till(laid, actor=actor, at=at):
        raise NotSold(refusal.code, refusal.message, params=refusal.params, field=refusal.field)


_BEFORE = """
SELECT o.taken_at_id, EXISTS (SELECT FROM billing_payment p WHERE p.order_ref = o.public_id AND p.once_key = 'sale:' || o.public_id) AS is_paid,
    EXISTS (SELECT FROM orders_pickup p JOIN orders_shipment s ON s.id = p.shipment_id WHERE s.order_id = o.id AND p.is_sale) AS is_handed,
    ARRAY(SELECT v.number FROM billing_invoice v JOIN orders_shipment s ON s.public_id = v.shipment_ref WHERE s.order_id = o.id ORDER BY v.id) AS invoices
FROM orders_order o WHERE o.id = %s
"""


def _sold_before(placed: Placed, sale: StoreSale) -> Sold | Refused:
    (row,) = rows(_BEFORE, (placed.order_id,))
    if row.taken_at_id != sale.store_id or row.is_handed != sale.handed or (placed.total and not row.is_paid):
        words = _("Order %(number)s was taken from this page before, in another way. Open it, or begin a new page.")
        return Refused.because(Refusal("order.placed_before", words, {"number": placed.number}))
    return _sold(placed, row.invoices)


def _sold(placed: Placed, invoices: Sequence[str]) -> Sold:
    return Sold(
        order_id=placed.order_id, public_id=placed.public_id, number=placed.number, total=placed.total, currency=placed.currency,
        invoice_numbers=tuple(invoices), repeated=placed.repeated,
    )  # fmt: skip
