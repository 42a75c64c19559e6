"""Mails about parcels under way, where the order's site wants them: each kind once per parcel."""

from datetime import datetime

from orders.events import ShipmentDelayed, ShipmentDelivered, ShipmentTracked
from orders.handlers.mails import owe_order_mail
from orders.queries import order_view, pickups_of_order, site_tells
from orders.rules import DelayReason, DeliveryNews

_OF_STATES = (DeliveryNews.OUT_FOR_DELIVERY, DeliveryNews.ATTEMPTED, DeliveryNews.WAITING_PICKUP)


def mail_tracked(event: ShipmentTracked, *, at: datetime) -> None:
    """Tell the buyer what they can act on: be in today, ask for another delivery, pick it up."""
    if event.state in _OF_STATES:
        _tell(event.order_id, event.shipment_id, DeliveryNews(event.state))


def mail_delivered(event: ShipmentDelivered, *, at: datetime) -> None:
    """Tell the buyer that a parcel arrived, whoever said so; who fetched it knows."""
    if event.shipment_id not in pickups_of_order(event.order_id):
        _tell(event.order_id, event.shipment_id, DeliveryNews.DELIVERED)


def mail_delayed(event: ShipmentDelayed, *, at: datetime) -> None:
    """Tell the buyer that a parcel is late; what else staff follow up is no news of theirs."""
    if event.reason == DelayReason.LATE:
        _tell(event.order_id, event.shipment_id, DeliveryNews.DELAYED)


def _tell(order_id: int, shipment_id: int, news: DeliveryNews) -> None:
    order = order_view(order_id)
    parcel = next((p for p in order.parcels if p.key == shipment_id), None) if order else None
    if order is None or parcel is None or not site_tells(order.site_id, news, channel_id=order.channel_id):
        return
    if parcel.delivered_at and news is not DeliveryNews.DELIVERED:
        return  # it has arrived meanwhile
    owe_order_mail(order_id, kind=f"delivery_{news}", key=f"delivery_{news}:{shipment_id}", parcel_key=shipment_id)
