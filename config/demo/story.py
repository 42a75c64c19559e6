"""The last page of the demo's year: the orders and customers that somebody showing the demo wants to find."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from billing.operations import receive_payments
from billing.rules import PaymentAsk
from config.demo.files import exchange_with_warehouse
from config.demo.finding import Cast
from config.demo.orders import TOKYO, Told, fresh, notable
from config.demo.people import give_states
from config.demo.returns import tell_returns
from config.demo.states import contracts_told, give_lives
from config.demo.stocktaking import take_stock
from config.demo.tracking import number_for, tell_tracking
from core.actor import SYSTEM
from core.db import rows
from core.errors import Refusal
from orders.operations import (
    ChangeOpened,
    Confirming,
    Leaving,
    cancel_orders,
    confirm_change,
    mark_delivered,
    open_change,
    place_orders,
    raise_holds,
    ship_shipments,
    take_payments,
)
from orders.rules import ChangeItem, ChangeKind, HoldKind, Placed

_STORY: Final = UUID("6f1f2a3c-3a5e-4a0b-8f2d-0b0a64656d6f")

_PARCELS: Final = "SELECT id FROM orders_shipment WHERE order_id = %s AND status IN ('planned', 'shipped') ORDER BY id"


@dataclass(slots=True)
class _Order:
    told: Told
    placed: Placed


def tell_story(cast: Cast, *, since_on: date, now: datetime) -> int:
    """The states and orders of note are there; answers with how many orders were placed. Told twice, it changes nothing."""
    if not rows("SELECT 1 AS told FROM customers_customer WHERE id = %s AND status = 'erased'", (cast.people[54].customer_id,)):
        give_states(cast.house, cast.people, staff=cast.staff.actor("support"), at=now)
    orders = _place([told for told in notable(cast, now=now) if told.at.date() > since_on])
    for order in _fated(orders, "held"):
        if not order.placed.repeated and not order.told.draft.remark:  # those with a remark are held by a rule
            desk, why = cast.staff.actor("order_desk"), "注意のあるお客様"
            raise_holds([order.placed.order_id], kind=HoldKind.ATTENTION, reason=why, actor=desk, at=order.told.at + timedelta(minutes=5))
    for order in orders:
        if order.told.name == "waiting by phone" and not order.placed.repeated:
            _change_by_phone(order, cast)
    orders += _place([told for told in contracts_told(cast, now=now) if told.at.date() > since_on])
    charged = [order.placed.order_id for order in _fated(orders, "charged")]
    if charged:
        take_payments(charged, actor=SYSTEM, at=now - timedelta(days=1))
    _send(_fated(orders, "usual"), cast, now=now)
    give_lives(cast, now=now)
    for order in _fated(orders, "cancelled"):
        support, at = cast.staff.actor("support"), order.told.at + timedelta(hours=3)
        _sure(cancel_orders([order.placed.order_id], reason="お客様のご都合", actor=support, at=at))
    for order in _fated(orders, "paid"):
        at = min(order.told.at + timedelta(days=1, hours=2), now - timedelta(minutes=30))
        _sure(receive_payments([_money(order, cast, at)], actor=cast.staff.actor("accounting"), at=at))
    tell_returns(cast, now=now)
    take_stock(cast, now=now)
    exchange_with_warehouse(cast, now=now)
    tell_tracking(cast, now=now)
    return len(orders)


def _send(orders: Sequence[_Order], cast: Cast, *, now: datetime) -> None:
    """What was ordered the usual way some days ago has left and arrived."""
    keeper = cast.staff.actor("warehouse")
    for order in orders:
        parcels = [row.id for row in rows(_PARCELS, (order.placed.order_id,))]
        leaves_at, arrives_at = order.told.at + timedelta(days=1), order.told.at + timedelta(days=2, hours=3)
        if parcels and leaves_at < now:
            leaving = [Leaving(shipment_id=key, carrier="yamato", tracking_number=number_for(key)) for key in parcels]
            _sure(ship_shipments(leaving, actor=keeper, at=leaves_at))
        if parcels and arrives_at < now:
            mark_delivered(parcels, actor=keeper, at=arrives_at)


def tell_fresh(cast: Cast, *, now: datetime) -> int:
    """Three orders of this very morning: told to the relays, so that their mails are really sent."""
    return len(_place(fresh(cast, now=now)))


def _place(told: Sequence[Told]) -> list[_Order]:
    orders = []
    for one in told:
        [result] = place_orders([one.with_key(uuid5(_STORY, f"{one.name}|{one.draft.company_id}"))], actor=one.actor, at=one.at)
        if not isinstance(result, Placed):
            reasons = "; ".join(f"{reason.code} {reason.text()}" for reason in result.reasons)
            raise RuntimeError(f"The demo's order “{one.name}” was refused: {reasons}")
        orders.append(_Order(one, result))
    return orders


def _change_by_phone(order: _Order, cast: Cast) -> None:
    """The buyer calls again: one box more, and something sweet; the order desk changes the order."""
    desk, at = cast.staff.actor("order_desk"), order.told.at + timedelta(hours=2)
    (line,) = rows("SELECT public_id FROM orders_line WHERE order_id = %s AND until_revision IS NULL", (order.placed.order_id,))
    items = (
        ChangeItem(kind=ChangeKind.QUANTITY, target=str(line.public_id), before="1", after="2"),
        ChangeItem(kind=ChangeKind.ADDED, target="FOOD-YOKAN-6", after="1"),
    )
    opened = open_change(order.placed.order_id, items=items, reason="お電話で追加のご注文", actor=desk, at=at)
    if isinstance(opened, ChangeOpened):
        confirm_change(Confirming(change_id=opened.change_id), actor=desk, at=at + timedelta(minutes=4))


def _fated(orders: Sequence[_Order], fate: str) -> list[_Order]:
    return [order for order in orders if order.told.fate == fate]


def _money(order: _Order, cast: Cast, at: datetime) -> PaymentAsk:
    person = order.told.draft.person
    return PaymentAsk(
        company_id=cast.house.company_id,
        method=order.told.draft.payment_method,
        currency=order.placed.currency,
        amount=order.placed.total,
        received_on=at.astimezone(TOKYO).date(),
        once_key=f"demo:payment:{order.placed.number}",
        reference="振込",
        payer_name=f"{person.family_kana} {person.given_kana}" if person else "",
        order_ref=order.placed.public_id,
    )


def _sure(results: Sequence[object]) -> None:
    for result in results:
        if isinstance(result, Refusal):
            raise RuntimeError(f"The demo's own deed was refused: {result.code} {result.text()}")
