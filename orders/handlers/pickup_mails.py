"""Mails to whoever fetches their goods in a store: ready with its code, about to run out, and given up."""

from datetime import datetime

from orders.events import PickupLapsed, PickupReady, PickupReminded
from orders.handlers.mails import owe_order_mail
from orders.queries import pickups_of_order
from orders.rules import PickupState


def mail_pickup_ready(event: PickupReady, *, at: datetime) -> None:
    """Tell the buyer that it can be fetched, with the code, once per code; who was quicker than the mail needs none."""
    _tell(event.order_id, event.shipment_id, kind="pickup_ready", by_code=True)


def mail_pickup_reminded(event: PickupReminded, *, at: datetime) -> None:
    """Remind the buyer before the last day, once."""
    _tell(event.order_id, event.shipment_id, kind="pickup_reminded")


def mail_pickup_lapsed(event: PickupLapsed, *, at: datetime) -> None:
    """Tell the buyer that the order was given up, once."""
    owe_order_mail(event.order_id, kind="pickup_lapsed", key=f"pickup_lapsed:{event.shipment_id}")


def _tell(order_id: int, shipment_id: int, *, kind: str, by_code: bool = False) -> None:
    pickup = pickups_of_order(order_id).get(shipment_id)
    if pickup is not None and pickup.state is PickupState.READY:
        key = f"{kind}:{shipment_id}:{pickup.code}" if by_code else f"{kind}:{shipment_id}"  # a new code is a new mail
        owe_order_mail(order_id, kind=kind, key=key, parcel_key=shipment_id, more={"pickup": pickup})
