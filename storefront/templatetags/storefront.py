"""Orders in words that customers use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import template
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from billing.rules import PaymentMethod
from orders.queries import OrderRow, OrderView

register = template.Library()


@register.filter
def at(mapping: Mapping[Any, Any], key: Any) -> Any:
    """The value under a key, nought where there is none."""
    return mapping.get(key, 0)


@register.filter
def media(name: str) -> str:
    """Where an uploaded file is read."""
    return default_storage.url(name)


@dataclass(frozen=True)
class Step:
    """A step of an order's way: done, now, ahead or off."""

    label: str
    state: str
    at: datetime | None = None


@register.filter
def track(order: OrderView) -> list[Step]:
    """The way of an order from acceptance to the door."""
    if order.status == "cancelled":
        return [Step(_("Order received"), "done", order.placed_at), Step(_("Cancelled"), "off", order.cancelled_at)]
    gone = [p.shipped_at for p in order.parcels if p.shipped_at]
    come = [p.delivered_at for p in order.parcels if p.delivered_at]
    shipped = order.fulfilment_status in ("shipped", "delivered")
    delivered = order.fulfilment_status == "delivered"
    waits = order.payment_method == "bank_transfer" and order.payment_status != "paid"
    return [
        Step(_("Order received"), "done", order.placed_at),
        Step(_("Waiting for your payment") if waits else _("Being prepared"), "done" if shipped else "now"),
        Step(
            _("Partly shipped") if order.fulfilment_status == "partly_shipped" else _("Shipped"),
            _state(shipped, delivered),
            max(gone, default=None),
        ),
        Step(_("Delivered"), "done" if delivered else "ahead", max(come, default=None)),
    ]


def _state(shipped: bool, delivered: bool) -> str:
    if delivered:
        return "done"
    return "now" if shipped else "ahead"


@register.filter
def order_state(order: OrderRow) -> str:
    """One word for a list."""
    if order.status == "cancelled":
        return _("Cancelled")
    return {"shipped": _("Shipped"), "delivered": _("Delivered"), "partly_shipped": _("Partly shipped")}.get(
        order.fulfilment_status, _("Being prepared")
    )


@register.filter
def parcel_state(status: str) -> str:
    """What a parcel's status means to its receiver."""
    return {"shipped": _("On its way"), "delivered": _("Delivered")}.get(status, _("Being prepared"))


@register.filter
def payment_state(status: str) -> str:
    """What a payment status means to who pays."""
    words = {"paid": _("Paid"), "partly_paid": _("Partly paid"), "voided": _("Nothing to pay"), "refunded": _("Will be given back")}
    return words.get(status, _("Not yet paid"))


@register.filter
def method_name(method: str) -> str:
    """How it is paid, in words."""
    words = {
        PaymentMethod.CASH_ON_DELIVERY: _("Cash on delivery"), PaymentMethod.BANK_TRANSFER: _("Bank transfer (in advance)"),
        PaymentMethod.CARD: _("Card"), PaymentMethod.CONVENIENCE_STORE: _("Convenience store"), PaymentMethod.DEFERRED: _("Pay later"),
        PaymentMethod.MARKETPLACE: _("Paid at the marketplace"), PaymentMethod.CASH_AT_STORE: _("Paid at the store"), PaymentMethod.FREE: _("Free"),
    }  # fmt: skip
    return words.get(PaymentMethod(method), _("Other"))


@register.filter
def carrier_name(code: str) -> str:
    """The carrier's name."""
    return {"yamato": _("Yamato Transport"), "sagawa": _("Sagawa Express"), "japanpost": _("Japan Post")}.get(code, "")
