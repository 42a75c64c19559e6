"""What partners hear of orders, holds, parcels, returns and repairs: ids, numbers and codes, never a name, an address or an amount."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from core.db import rows
from core.ids import public
from core.ports import ForPartners, WebhookType
from core.words import gettext_noop as _
from orders.events import (
    DeliveryAttempted,
    HoldRaised,
    HoldReleased,
    OrderAccepted,
    OrderCancelled,
    OrderChanged,
    OrderEvent,
    OrderPaid,
    OrderPlaced,
    PaymentApprovalAsked,
    PaymentApprovalDecided,
    PickupHandedOver,
    PickupLapsed,
    PickupReady,
    ReturnApproved,
    ReturnReceived,
    ReturnRefused,
    ReturnRequested,
    ReturnSettled,
    ServiceAccepted,
    ServiceDecided,
    ServiceEnded,
    ServiceEstimated,
    ServiceEvent,
    ServiceReceived,
    ServiceRefused,
    ServiceRequested,
    ShipmentDelayed,
    ShipmentDelivered,
    ShipmentReturned,
    ShipmentShipped,
    ShipmentTracked,
    WaitingAllocated,
)
from orders.rules import ApprovalState, DelayReason, ServiceStatus, TrackingState

_ORDERS = """
SELECT o.id, o.number, c.code AS channel FROM orders_order o JOIN core_saleschannel c ON c.id = o.channel_id WHERE o.id = ANY (%s::bigint[])
"""
_SHIPMENTS = "SELECT id, number FROM orders_shipment WHERE id = ANY (%s::bigint[])"
_CASES = "SELECT id, number FROM orders_returncase WHERE id = ANY (%s::bigint[])"
_SERVICES = "SELECT id, number FROM orders_servicerequest WHERE id = ANY (%s::bigint[])"

_ID = "00000000000000000000000000000000"
_ORDER = {"id": f"ord_{_ID}", "number": "K-000001", "channel": "web", "path": f"/api/v1/orders/ord_{_ID}"}
_PARCEL = {"id": f"shp_{_ID}", "number": "K-000001-1"}
_CASE = {"id": f"ret_{_ID}", "number": "R00000001", "kind": "return", "path": f"/api/v1/returns/ret_{_ID}"}
_SERVICE = {"id": f"srv_{_ID}", "number": "V00000001", "kind": "repair", "path": f"/api/v1/service-requests/srv_{_ID}"}
PARCELS = ("shipment", "tracking", "delay")
"""What is told of a parcel: that it is meant, where it is, why it is late."""
CASES = ("return", "return_ended", "return_received")
"""What is told of a return: that it is meant, whether it was withdrawn, whether all of it is here."""


def _tell(events: Sequence[OrderEvent], *, more: str = "") -> list[ForPartners | None]:
    """One statement for the orders, and one for their parcels where the events are about parcels."""
    orders = {row.id: row for row in rows(_ORDERS, (sorted({event.order_id for event in events}),))}
    parcels = {row.id: row.number for row in rows(_SHIPMENTS, ([e.shipment_id for e in events],))} if more in PARCELS else {}  # type: ignore[attr-defined]
    cases = {row.id: row.number for row in rows(_CASES, ([e.case_id for e in events],))} if more in CASES else {}  # type: ignore[attr-defined]
    return [_told(event, orders[event.order_id], parcels | cases, more) if event.order_id in orders else None for event in events]


def _told(event: Any, order: Any, numbers: Mapping[int, str], more: str) -> ForPartners:
    ref = public("ord", event.order_ref)
    data: dict[str, Any] = {"order": {"id": ref, "number": order.number, "channel": order.channel, "path": f"/api/v1/orders/{ref}"}}
    if more in PARCELS:
        data["shipment"] = {"id": public("shp", event.shipment_ref), "number": numbers.get(event.shipment_id, "")}
    if more == "tracking":
        data["tracking"] = {"state": event.state if event.state in set(TrackingState) else ""}
    if more == "delay":
        data["delay"] = {"reason": event.reason if event.reason in set(DelayReason) else ""}
    if more == "hold":
        data["hold"] = {"kind": event.kind}
    if more == "approval":
        data["approval"] = {"state": _approval(event), "path": f"/api/v1/orders/{ref}/payment-approval"}
    if more in CASES:
        case = public("ret", event.case_ref)
        data["return"] = {"id": case, "number": numbers.get(event.case_id, ""), "kind": event.kind, "path": f"/api/v1/returns/{case}"}
    if more == "return_ended":
        data["return"]["withdrawn"] = event.withdrawn
    if more == "return_received":
        data["return"]["complete"] = event.complete
    return ForPartners(event.company_id, data)


def _approval(event: PaymentApprovalAsked | PaymentApprovalDecided) -> str:
    state = event.state if isinstance(event, PaymentApprovalDecided) else ApprovalState.REQUESTED
    return str(state) if state in set(ApprovalState) else ""


def _tell_services(events: Sequence[ServiceEvent], *, more: str = "") -> list[ForPartners | None]:
    """One statement for the numbers of the requests; ``more`` names a field of the event that is told as well."""
    numbers = {row.id: row.number for row in rows(_SERVICES, ([event.service_id for event in events],))}
    told: list[ForPartners | None] = []
    for event in events:
        ref = public("srv", event.service_ref)
        shown = {"id": ref, "number": numbers.get(event.service_id, ""), "kind": event.kind, "path": f"/api/v1/service-requests/{ref}"}
        if more == "outcome":
            outcome = getattr(event, more)
            shown["outcome"] = outcome if outcome in set(ServiceStatus) else ""
        elif more:
            shown[more] = getattr(event, more)
        told.append(ForPartners(event.company_id, {"service": shown}))
    return told


def webhook_types() -> Sequence[WebhookType]:
    """The published events of orders."""
    return (*_of_orders(), *_of_returns(), *_of_services())


def _of_orders() -> Sequence[WebhookType]:
    of_order, of_hold, of_parcel = _tell, partial(_tell, more="hold"), partial(_tell, more="shipment")
    order, hold, parcel = {"order": _ORDER}, {"order": _ORDER, "hold": {"kind": "manual"}}, {"order": _ORDER, "shipment": _PARCEL}
    read, parcels = "orders:read", "shipments:read"
    of_state, of_delay = partial(_tell, more="tracking"), partial(_tell, more="delay")
    of_approval, where = partial(_tell, more="approval"), f"{_ORDER['path']}/payment-approval"
    asked, decided = ({"order": _ORDER, "approval": {"state": state, "path": where}} for state in ("requested", "approved"))
    state, delay = parcel | {"tracking": {"state": "out_for_delivery"}}, parcel | {"delay": {"reason": "late"}}
    return (
        WebhookType("order.placed", OrderPlaced, read, _("An order was placed. One paid by card may still be declined."), of_order, order),
        WebhookType("order.accepted", OrderAccepted, read, _("An order that waited for its card is accepted."), of_order, order),
        WebhookType("order.paid", OrderPaid, read, _("Everything an order owes has come."), of_order, order),
        WebhookType("order.changed", OrderChanged, read, _("What was agreed of an order is another now."), of_order, order),
        WebhookType("order.cancelled", OrderCancelled, read, _("An order was cancelled."), of_order, order),
        WebhookType("order.allocated", WaitingAllocated, read, _("Goods that an order waited for are allocated to it."), of_order, order),
        WebhookType("hold.raised", HoldRaised, read, _("An order must not ship until somebody looked at it."), of_hold, hold),
        WebhookType("hold.released", HoldReleased, read, _("A reason not to ship is gone."), of_hold, hold),
        WebhookType(
            "approval.requested",
            PaymentApprovalAsked,
            read,
            _("Somebody is to answer for a payment after delivery; told again when the sum is another."),
            of_approval,
            asked,
        ),
        WebhookType(
            "approval.decided", PaymentApprovalDecided, read, _("A payment after delivery is approved or declined."), of_approval, decided
        ),
        WebhookType("shipment.shipped", ShipmentShipped, parcels, _("A parcel left its location."), of_parcel, parcel),
        WebhookType("shipment.delivered", ShipmentDelivered, parcels, _("A parcel arrived."), of_parcel, parcel),
        WebhookType("shipment.tracked", ShipmentTracked, parcels, _("A parcel is somewhere else on its way."), of_state, state),
        WebhookType("shipment.attempted", DeliveryAttempted, parcels, _("The carrier came, but nobody was in."), of_parcel, parcel),
        WebhookType("shipment.delayed", ShipmentDelayed, parcels, _("A parcel is not where it should be by now."), of_delay, delay),
        WebhookType(
            "pickup.ready", PickupReady, parcels, _("A parcel lies ready in the store where its buyer fetches it."), of_parcel, parcel
        ),
        WebhookType("pickup.handed_over", PickupHandedOver, parcels, _("A parcel was handed over in its store."), of_parcel, parcel),
        WebhookType(
            "pickup.lapsed", PickupLapsed, parcels, _("Nobody fetched a parcel in time; its order is cancelled."), of_parcel, parcel
        ),
        WebhookType("shipment.returned", ShipmentReturned, parcels, _("A parcel nobody took is back."), of_parcel, parcel),
    )


def _of_returns() -> Sequence[WebhookType]:
    read = "returns:read"
    of_return, of_end, of_arrival = (
        partial(_tell, more="return"),
        partial(_tell, more="return_ended"),
        partial(_tell, more="return_received"),
    )
    shown = {"order": _ORDER, "return": _CASE}
    ended, arrived = {"order": _ORDER, "return": _CASE | {"withdrawn": False}}, {"order": _ORDER, "return": _CASE | {"complete": True}}
    return (
        WebhookType("return.requested", ReturnRequested, read, _("A return, exchange or claim is asked for."), of_return, shown),
        WebhookType("return.approved", ReturnApproved, read, _("A return goes on: its goods are awaited."), of_return, shown),
        WebhookType("return.refused", ReturnRefused, read, _("A return was refused or withdrawn."), of_end, ended),
        WebhookType("return.received", ReturnReceived, read, _("Goods of a return are here, to be inspected."), of_arrival, arrived),
        WebhookType(
            "return.settled", ReturnSettled, read, _("A return is settled: credited, and the refund made or proposed."), of_return, shown
        ),
    )


def _of_services() -> Sequence[WebhookType]:
    read = "returns:read"
    of_end, of_decision, of_outcome = (partial(_tell_services, more=name) for name in ("withdrawn", "agreed", "outcome"))
    shown = {"service": _SERVICE}
    ended, decided = {"service": _SERVICE | {"withdrawn": False}}, {"service": _SERVICE | {"agreed": True}}
    return (
        WebhookType(
            "service.requested", ServiceRequested, read, _("A repair, collection or purchase is asked for."), _tell_services, shown
        ),
        WebhookType("service.accepted", ServiceAccepted, read, _("A repair, collection or purchase is accepted."), _tell_services, shown),
        WebhookType(
            "service.refused", ServiceRefused, read, _("A repair, collection or purchase was declined or withdrawn."), of_end, ended
        ),
        WebhookType("service.received", ServiceReceived, read, _("Goods of a customer are here, to be looked at."), _tell_services, shown),
        WebhookType(
            "service.estimated", ServiceEstimated, read, _("A customer is told what it costs, or what we would pay."), _tell_services, shown
        ),
        WebhookType("service.decided", ServiceDecided, read, _("A customer agreed to the estimate, or not."), of_decision, decided),
        WebhookType(
            "service.ended",
            ServiceEnded,
            read,
            _("A repair, collection or purchase is over."),
            of_outcome,
            {"service": _SERVICE | {"outcome": "repaired"}},
        ),
    )
