"""What becomes of the demo's orders: placed, paid, shipped, delivered, cancelled, day by day as it would have been."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import F

from billing.operations import receive_payments
from billing.rules import PaymentAsk, PaymentMethod
from config.demo.access import Staff
from config.demo.house import House
from config.demo.orders import TOKYO, Told
from core import operations as house_operations
from core.actor import SYSTEM
from core.db import acting, rows
from core.errors import Refusal
from core.models import MailState, OutgoingMail
from orders.operations import Leaving, cancel_orders, mark_delivered, place_orders, raise_holds, ship_shipments
from orders.rules import HoldKind, Placed

BEFORE_SHIPPING: Final = frozenset({PaymentMethod.BANK_TRANSFER})
AT_THE_DOOR: Final = timedelta(days=2)


@dataclass(slots=True)
class _Order:
    told: Told
    placed: Placed


def live(told: Sequence[Told], house: House, staff: Staff, *, now: datetime, said: Callable[[int, int], None]) -> int:
    """Play the story up to now; answers with how many orders were placed. Events are carried between the deeds, as the relay would."""
    orders = []
    for number, one in enumerate(told, start=1):
        [result] = place_orders([one.draft], actor=one.actor, at=one.at)
        if not isinstance(result, Placed):
            reasons = "; ".join(f"{reason.code} {reason.text()}" for reason in result.reasons)
            raise RuntimeError(f"The demo's order {number} was refused: {reasons}")
        orders.append(_Order(one, result))
        said(number, len(told))
    _hold(orders, staff)
    _cancel(orders, staff, house)
    carry_events(now)
    _pay_in_advance(orders, house, now=now, staff=staff)
    carry_events(now)
    _ship(orders, staff, now=now)
    carry_events(now)
    _pay_on_delivery(orders, house, now=now, staff=staff)
    carry_events(now)
    _settle_mails(house, still_news=[order.placed.order_id for order in _fated(orders, "new")])
    return len(orders)


def _settle_mails(house: House, *, still_news: Sequence[int]) -> None:
    """What was told at the time was told then: only this morning's orders are still to be confirmed by mail."""
    with acting(SYSTEM, reason="demo"):
        owed = OutgoingMail.objects.filter(company_id=house.company_id, state=MailState.QUEUED)
        owed.exclude(about__in=[f"order:{order_id}" for order_id in still_news]).update(state=MailState.SENT, sent_at=F("recorded_at"))


def carry_events(now: datetime) -> None:
    """Everything announced so far has been heard."""
    for _round in range(1_000):
        if house_operations.carry(at=lambda: now, limit=500).idle:
            return


def _fated(orders: Sequence[_Order], *fates: str) -> list[_Order]:
    return [order for order in orders if order.told.fate in fates]


def _hold(orders: Sequence[_Order], staff: Staff) -> None:
    for order in _fated(orders, "held"):
        kind, why = (HoldKind.REMARK, "備考欄の確認") if order.told.draft.remark else (HoldKind.ATTENTION, "注意のあるお客様")
        raise_holds(
            [order.placed.order_id], kind=kind, reason=why, actor=staff.actor("order_desk"), at=order.told.at + timedelta(minutes=5)
        )


def _cancel(orders: Sequence[_Order], staff: Staff, house: House) -> None:
    for order in _fated(orders, "cancelled"):
        _sure(
            cancel_orders(
                [order.placed.order_id], reason="お客様のご都合", actor=staff.actor("support"), at=order.told.at + timedelta(hours=3)
            )
        )


def _money(order: _Order, house: House, at: datetime, *, reference: str) -> PaymentAsk:
    person = order.told.draft.person
    return PaymentAsk(
        company_id=house.company_id,
        method=order.told.draft.payment_method,
        currency=order.placed.currency,
        amount=order.placed.total,
        received_on=at.astimezone(TOKYO).date(),
        once_key=f"demo:payment:{order.placed.number}",
        reference=reference,
        payer_name=f"{person.family_kana} {person.given_kana}" if person else "",
        order_ref=order.placed.public_id,
    )


def _pay_in_advance(orders: Sequence[_Order], house: House, *, now: datetime, staff: Staff) -> None:
    """Bank transfers came the day after, but for those still waited for."""
    for order in _fated(orders, "usual", "paid"):
        paid_at = min(order.told.at + timedelta(days=1, hours=2), now - timedelta(minutes=30))
        if order.told.draft.payment_method in BEFORE_SHIPPING and paid_at > order.told.at:
            _sure(receive_payments([_money(order, house, paid_at, reference="振込")], actor=staff.actor("accounting"), at=paid_at))


def _ship(orders: Sequence[_Order], staff: Staff, *, now: datetime) -> None:
    """What was ordered two days ago or earlier has left; what left two days before now has arrived."""
    going: dict[datetime, list[int]] = {}
    for order in _fated(orders, "usual", "paid"):
        leaves_at = (
            order.told.at
            if order.told.draft.taken_at_id
            else order.told.at + timedelta(days=1, hours=20 - order.told.at.astimezone(TOKYO).hour)
        )
        if order.told.draft.payment_method in BEFORE_SHIPPING:
            leaves_at += timedelta(days=1)
        if leaves_at < now:
            going.setdefault(leaves_at, []).append(order.placed.order_id)
    number = 400_000_000_000
    for leaves_at, order_ids in sorted(going.items()):
        found = rows(
            "SELECT s.id, o.taken_at_id FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id WHERE o.id = ANY(%s::bigint[]) ORDER BY s.id",
            (order_ids,),
        )
        leaving = []
        for shipment in found:
            number += 13
            leaving.append(_leaving(shipment, number))
        _sure(ship_shipments(leaving, actor=staff.actor("warehouse"), at=leaves_at))
        arrives_at = leaves_at + (timedelta(minutes=1) if found[0].taken_at_id else AT_THE_DOOR)
        if arrives_at < now:
            mark_delivered([shipment.id for shipment in found], actor=staff.actor("warehouse"), at=arrives_at)


def _leaving(shipment: Any, number: int) -> Leaving:
    if shipment.taken_at_id:
        return Leaving(shipment_id=shipment.id, carrier="店頭お渡し")
    return Leaving(shipment_id=shipment.id, carrier="yamato", tracking_number=str(number))


def _pay_on_delivery(orders: Sequence[_Order], house: House, *, now: datetime, staff: Staff) -> None:
    """Carriers and the mall settle a week later, the till at once."""
    for order in _fated(orders, "usual"):
        method = order.told.draft.payment_method
        if method in BEFORE_SHIPPING:
            continue
        paid_at = order.told.at + (timedelta(minutes=1) if method == PaymentMethod.CASH_AT_STORE else timedelta(days=10))
        if paid_at < now:
            _sure(receive_payments([_money(order, house, paid_at, reference="精算")], actor=staff.actor("accounting"), at=paid_at))


def _sure(results: Sequence[object]) -> None:
    for result in results:
        if isinstance(result, Refusal):
            raise RuntimeError(f"The demo's own deed was refused: {result.code} {result.text()}")
