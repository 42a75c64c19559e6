"""Orders in words that customers use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import template
from django.core.files.storage import default_storage
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from billing.queries import MeansRow
from billing.rules import PaymentMethod
from customers.rules import PointKind
from orders.queries import CaseView, OrderView, ParcelView, PhotoView, ServiceView, Track
from orders.rules import OPEN_CASES, Knot, NoshiPlacement, PickupState, ServiceKind, ServiceStatus, TrackingState

register = template.Library()


@register.filter
def at(mapping: Mapping[Any, Any], key: Any) -> Any:
    """The value under a key, nought where there is none."""
    return mapping.get(key, 0)


@register.filter
def of(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """The value under a key, None where there is none."""
    return mapping.get(key) if mapping else None


@register.filter
def knot_name(knot: str) -> str:
    """A knot in words."""
    return _(Knot.labels()[Knot(knot)]) if knot else ""


@register.filter
def placement_name(placement: str) -> str:
    """Where a noshi goes, in words."""
    return _(NoshiPlacement.labels()[NoshiPlacement(placement)])


@register.filter
def pickup_state(state: PickupState | None) -> str:
    """How something that is fetched stands, in the words of who fetches it."""
    words = {
        PickupState.READY: _("Ready for you"),
        PickupState.HANDED_OVER: _("Fetched"),
        PickupState.LAPSED: _("Not fetched in time"),
        PickupState.CANCELLED: _("Cancelled"),
    }
    return words[state] if state else _("Being prepared")


@register.filter
def percent_off(usual: int, now: int) -> int:
    """How much less it is, in whole per cent, rounded down so that nothing is promised that isn't kept."""
    return (usual - now) * 100 // usual if usual else 0


@register.filter
def expired(card: MeansRow, on: datetime) -> bool:
    """Whether the month printed on a card is over."""
    return card.has_expired(on)


@register.filter
def point_words(kind: PointKind) -> str:
    """What happened to points."""
    return _(PointKind.labels()[kind])


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
    if order.fulfilment_status == "returned":
        return [
            Step(_("Order received"), "done", order.placed_at),
            Step(_("Shipped"), "done", max(gone, default=None)),
            Step(_("Came back to us"), "off"),
        ]
    come = [p.delivered_at for p in order.parcels if p.delivered_at]
    if any(place.pickup_at for place in order.destinations):
        is_fetched = order.fulfilment_status == "delivered"
        return [
            Step(_("Order received"), "done", order.placed_at),
            Step(_preparing(order), "done" if is_fetched else "now"),
            Step(_("Fetched"), "done" if is_fetched else "ahead", max(come, default=None)),
        ]
    shipped = order.fulfilment_status in ("shipped", "delivered")
    delivered = order.fulfilment_status == "delivered"
    return [
        Step(_("Order received"), "done", order.placed_at),
        Step(_preparing(order), "done" if shipped else "now"),
        Step(
            _("Partly shipped") if order.fulfilment_status == "partly_shipped" else _("Shipped"),
            _state(shipped, delivered),
            max(gone, default=None),
        ),
        Step(_("Delivered"), "done" if delivered else "ahead", max(come, default=None)),
    ]


def _preparing(order: OrderView) -> str:
    if order.payment_method == "bank_transfer" and order.payment_status != "paid":
        return _("Waiting for your payment")
    return _("Waiting for goods") if order.fulfilment_status == "waiting" else _("Being prepared")


def _state(shipped: bool, delivered: bool) -> str:
    if delivered:
        return "done"
    return "now" if shipped else "ahead"


@register.filter
def order_state(order: OrderView) -> str:
    """One word for a list."""
    if order.status == "cancelled":
        return _("Cancelled")
    if order.status == "pending":
        return _("Payment is being confirmed")
    if order.fulfilment_status == "planned" and order.payment_method == "bank_transfer" and order.payment_status != "paid":
        return _("Waiting for your payment")
    words = {
        "waiting": _("Waiting for goods"),
        "shipped": _("Shipped"),
        "delivered": _("Delivered"),
        "partly_shipped": _("Partly shipped"),
        "returned": _("Came back to us"),
    }
    return words.get(order.fulfilment_status, _("Being prepared"))


@register.filter
def case_kind(case: CaseView) -> str:
    """What the shopper asked for."""
    words = {"exchange": _("Exchange"), "claim": _("Problem with the goods"), "undelivered": _("Parcel that came back")}
    return words.get(case.kind, _("Return"))


@register.filter
def case_state(case: CaseView) -> str:
    """How a return stands, in the words of who waits for it."""
    words = {
        "requested": _("We are looking at your request"),
        "approved": _("Please send it back") if case.lines and case.lines[0].comes_back else _("We are taking care of it"),
        "refused": _("We could not accept it"),
        "withdrawn": _("Withdrawn"),
        "partly_received": _("Part of it is here"),
        "received": _("Here, being looked at"),
        "inspected": _("Looked at"),
    }
    return words.get(case.status, _("Done"))


@register.filter
def case_tone(case: CaseView) -> str:
    """The colour of a return's state."""
    return {"refused": "off", "withdrawn": "off", "settled": "good", "approved": "wait"}.get(case.status, "")


@register.filter
def photos_of(photos: Mapping[tuple[str, int], list[PhotoView]] | None, case: CaseView) -> list[PhotoView]:
    """The photos that go with a return."""
    return (photos or {}).get(("case", case.key), [])


@register.filter
def is_open(case: CaseView) -> bool:
    """Whether photos may still be added to a return."""
    return case.status in OPEN_CASES


@register.filter
def service_state(service: ServiceView) -> str:
    """How a repair, a collection or a purchase stands, in the words of who waits for it."""
    words = {
        "requested": _("We are looking at your request"),
        "accepted": _("Please send it to us"),
        "declined": _("We could not accept it"),
        "withdrawn": _("Withdrawn"),
        "received": _("Here, being looked at"),
        "estimated": _("Please look at the estimate"),
        "agreed": _("We are taking care of it"),
        "disagreed": _("We write to you about your goods"),
    }
    return words.get(service.status) or _(ServiceStatus.labels()[ServiceStatus(service.status)])


@register.filter
def service_kind(service: ServiceView) -> str:
    """What is to be done with the goods."""
    return _(ServiceKind.labels()[ServiceKind(service.kind)])


@register.filter
def service_tone(service: ServiceView) -> str:
    """The colour of its state."""
    if service.status in ("declined", "withdrawn"):
        return "off"
    return "good" if service.ended_at else "wait" if service.status in ("accepted", "estimated") else ""


@register.filter
def parcel_state(status: str) -> str:
    """What a parcel's status means to its receiver."""
    return {"shipped": _("On its way"), "delivered": _("Delivered"), "returned": _("Came back to us")}.get(status, _("Being prepared"))


@register.filter
def payment_state(status: str) -> str:
    """What a payment status means to who pays."""
    words = {
        "authorised": _("Reserved; charged when it leaves"),
        "paid": _("Paid"),
        "partly_paid": _("Partly paid"),
        "voided": _("Nothing to pay"),
        "refunded": _("Will be given back"),
    }
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


@register.filter
def order_tone(order: OrderView) -> str:
    """How the state of an order looks: good, wait, warn or off."""
    if order.status == "cancelled" or order.fulfilment_status == "returned":
        return "off"
    if order.status == "pending" or (order.payment_method == "bank_transfer" and order.payment_status != "paid"):
        return "warn"
    return "good" if order.fulfilment_status in ("shipped", "partly_shipped", "delivered") else "wait"


TRACKING = {
    "yamato": "https://toi.kuronekoyamato.co.jp/cgi-bin/tneko?number=",
    "sagawa": "https://k2k.sagawa-exp.co.jp/p/web/okurijosearch.do?okurijoNo=",
    "japanpost": "https://trackings.post.japanpost.jp/services/srv/search/direct?reqCodeNo1=",
}
"""Where each carrier tells about a parcel; the number follows."""


@register.filter
def tracking_url(parcel: ParcelView) -> str:
    """The carrier's own page about a parcel, or an empty text."""
    number = "".join(c for c in parcel.tracking_number if c.isascii() and c.isalnum())
    return f"{TRACKING[parcel.carrier]}{number}" if number and parcel.carrier in TRACKING else ""


@register.filter
def told_state(state: TrackingState) -> str:
    """Where a parcel is, in the words of whoever waits for it."""
    return _(TrackingState.told()[state])


@register.filter
def whereabouts(parcel: ParcelView, tracks: Mapping[int, Track] | None) -> Track | None:
    """The way of a parcel, where its carrier told any of it."""
    return tracks.get(parcel.key) if tracks else None


@register.filter
def waits_for_money(order: OrderView) -> bool:
    """Whether nothing leaves before a transfer has come."""
    return order.payment_method == "bank_transfer" and order.payment_status != "paid" and order.status != "cancelled"


ICONS = {
    "home": "M4 11.5 12 4l8 7.5V20h-5.5v-5h-5v5H4z",
    "box": "M4 7.5 12 3l8 4.5v9L12 21l-8-4.5zM4 7.5l8 4.5 8-4.5M12 12v9",
    "gift": "M4 11h16v9H4zM3 7h18v4H3zM12 7v13M12 7c-2-4-6-3-5 0M12 7c2-4 6-3 5 0",
    "repeat": "M5 12a7 7 0 0 1 12-5l2 2M19 4v5h-5M19 12a7 7 0 0 1-12 5l-2-2M5 20v-5h5",
    "tool": "M14.500 6.500a4 4 0 0 0-5 5L4 17l3 3 5.500-5.500a4 4 0 0 0 5-5L15 12l-3-3z",
    "pin": "M12 21s-6.5-6-6.5-11a6.5 6.5 0 0 1 13 0c0 5-6.5 11-6.5 11zM12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
    "card": "M3.5 6h17v12h-17zM3.5 10h17M7 15h4",
    "star": "m12 4 2.4 5 5.6.7-4.1 3.8 1.1 5.5-5-2.8-5 2.8 1.1-5.5L4 9.7 9.600 9z",
    "user": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20.500c1-4 4-6 7.500-6s6.500 2 7.500 6",
    "bell": "M6 17h12l-1.500-2v-4a4.500 4.500 0 0 0-9 0v4zM10.500 20h3",
    "link": "M10 14a4 4 0 0 0 6 .4l2.500-2.500a4 4 0 0 0-5.700-5.700L11.500 7.500M14 10a4 4 0 0 0-6-.4l-2.500 2.500a4 4 0 0 0 5.700 5.700l1.300-1.300",
    "file": "M6 3.500h8l4 4v13H6zM14 3.500v4h4M9 13h6M9 16.500h6",
    "truck": "M3 7h11v9H3zM14 10h4l3 3v3h-7M7 18.500a1.800 1.800 0 1 0 0-3.600 1.800 1.800 0 0 0 0 3.600zM17.500 18.500a1.800 1.800 0 1 0 0-3.600 1.800 1.800 0 0 0 0 3.600z",
    "leaf": "M5 19c0-9 5-14 15-14 0 10-5 15-12 14M5 21c1-6 4-9 8-11",
    "shield": "M12 3.500 5 6v6c0 4.500 3 7.500 7 9 4-1.500 7-4.500 7-9V6zM9 12l2.200 2.200L15.500 10",
    "check": "m5 12.500 4.500 4.500L19 7.500",
    "out": "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
}


@register.simple_tag
def icon(name: str, size: int = 20) -> SafeString:
    """A small drawing beside words; it says nothing by itself."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" width="{0}" height="{0}" aria-hidden="true"><path d="{1}" fill="none" stroke="currentColor"'
        ' stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/></svg>',
        size,
        ICONS[name],
    )
