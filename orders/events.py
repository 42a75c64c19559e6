"""What orders announce: ids, codes and amounts, never personal values."""

from dataclasses import dataclass
from uuid import UUID

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class EstimateEvent(Event):
    """What every event of an estimate tells."""

    estimate_id: int
    estimate_ref: UUID
    company_id: int
    customer_id: int

    @property
    def stream(self) -> str:
        return f"estimate:{self.estimate_id}"


@dataclass(frozen=True, kw_only=True)
class EstimateIssued(EstimateEvent):
    """Prices are promised to a customer until a day."""

    name = "orders.EstimateIssued"
    number: str
    total: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class EstimateDeclined(EstimateEvent):
    """The customer does not want what an estimate offered. One that is ordered is told by the order."""

    name = "orders.EstimateDeclined"


@dataclass(frozen=True, kw_only=True)
class OrderEvent(Event):
    """What every event of an order tells."""

    order_id: int
    order_ref: UUID
    company_id: int
    customer_id: int

    @property
    def stream(self) -> str:
        return f"order:{self.order_id}"


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(OrderEvent):
    """An order stands and its stock is allocated; while ``pending``, its card has yet to be authorised before it is accepted."""

    name = "orders.OrderPlaced"
    channel_id: int
    number: str
    total: int
    currency: str
    payment_method: str
    pending: bool = False


@dataclass(frozen=True, kw_only=True)
class OrderAccepted(OrderEvent):
    """An order that waited for its card is accepted: the amount is held for us."""

    name = "orders.OrderAccepted"
    number: str
    total: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(OrderEvent):
    """An order was cancelled; its stock is free again.

    One that was ``declined`` was never accepted: its card wasn't authorised; ``told`` when the buyer saw so at the counter.
    """

    name = "orders.OrderCancelled"
    reason: str
    declined: bool = False
    told: bool = False


@dataclass(frozen=True, kw_only=True)
class OrderChanged(OrderEvent):
    """What was agreed is another now: the order's next revision stands; while ``pending``, its card has yet to hold the new total."""

    name = "orders.OrderChanged"
    change_ref: UUID
    revision: int
    total_before: int
    total: int
    currency: str
    pending: bool = False
    untold: bool = False
    """The buyer gets no mail of it."""


@dataclass(frozen=True, kw_only=True)
class PaymentApprovalAsked(OrderEvent):
    """Somebody is to answer for so much of an order that is paid after delivery; told again when the sum is another."""

    name = "orders.PaymentApprovalAsked"
    amount: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class PaymentApprovalDecided(OrderEvent):
    """A payment after delivery is "approved" or "declined"."""

    name = "orders.PaymentApprovalDecided"
    state: str


@dataclass(frozen=True, kw_only=True)
class WaitingAllocated(OrderEvent):
    """What lines of an order waited for has come: it is allocated to them and a parcel is planned."""

    name = "orders.WaitingAllocated"
    line_refs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class OrderPaid(OrderEvent):
    """Everything an order owes has come."""

    name = "orders.OrderPaid"
    amount: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class ShipmentShipped(OrderEvent):
    """A parcel left its location."""

    name = "orders.ShipmentShipped"
    shipment_id: int
    shipment_ref: UUID
    carrier: str
    tracking_number: str


@dataclass(frozen=True, kw_only=True)
class ShipmentDelivered(OrderEvent):
    """A parcel arrived."""

    name = "orders.ShipmentDelivered"
    shipment_id: int
    shipment_ref: UUID


@dataclass(frozen=True, kw_only=True)
class PickupReady(OrderEvent):
    """A parcel lies ready in the store where its buyer fetches it."""

    name = "orders.PickupReady"
    shipment_id: int
    shipment_ref: UUID


@dataclass(frozen=True, kw_only=True)
class PickupReminded(OrderEvent):
    """A parcel that lies ready will be kept for some days only; its buyer is reminded."""

    name = "orders.PickupReminded"
    shipment_id: int
    shipment_ref: UUID


@dataclass(frozen=True, kw_only=True)
class PickupHandedOver(OrderEvent):
    """A parcel was handed over in its store, against its code."""

    name = "orders.PickupHandedOver"
    shipment_id: int
    shipment_ref: UUID


@dataclass(frozen=True, kw_only=True)
class PickupLapsed(OrderEvent):
    """Nobody fetched a parcel in time: its order was cancelled, and the goods are on sale again."""

    name = "orders.PickupLapsed"
    shipment_id: int
    shipment_ref: UUID


@dataclass(frozen=True, kw_only=True)
class ShipmentReturned(OrderEvent):
    """Nobody took a parcel: it is back in stock and its invoice was credited."""

    name = "orders.ShipmentReturned"
    shipment_id: int
    shipment_ref: UUID


@dataclass(frozen=True, kw_only=True)
class ShipmentTracked(OrderEvent):
    """A parcel is somewhere else than before, as its carrier says; ``state`` is one of ours."""

    name = "orders.ShipmentTracked"
    shipment_id: int
    shipment_ref: UUID
    state: str


@dataclass(frozen=True, kw_only=True)
class DeliveryAttempted(OrderEvent):
    """The carrier was at the door, and nobody was in; told for every attempt."""

    name = "orders.DeliveryAttempted"
    shipment_id: int
    shipment_ref: UUID


@dataclass(frozen=True, kw_only=True)
class ShipmentDelayed(OrderEvent):
    """A parcel is not where it should be by now; told once per parcel and reason."""

    name = "orders.ShipmentDelayed"
    shipment_id: int
    shipment_ref: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class HoldRaised(OrderEvent):
    """An order must not ship until somebody looked at it."""

    name = "orders.HoldRaised"
    kind: str


@dataclass(frozen=True, kw_only=True)
class HoldReleased(OrderEvent):
    """A reason not to ship is gone."""

    name = "orders.HoldReleased"
    kind: str


@dataclass(frozen=True, kw_only=True)
class ReturnEvent(OrderEvent):
    """What every event of a return, exchange or claim tells."""

    case_id: int
    case_ref: UUID
    kind: str


@dataclass(frozen=True, kw_only=True)
class ReturnRequested(ReturnEvent):
    """Somebody wants to send goods back, or claims that something was wrong with them."""

    name = "orders.ReturnRequested"


@dataclass(frozen=True, kw_only=True)
class ReturnApproved(ReturnEvent):
    """A case was approved; what comes back is awaited, and what is sent for it is ordered."""

    name = "orders.ReturnApproved"


@dataclass(frozen=True, kw_only=True)
class ReturnRefused(ReturnEvent):
    """A case was refused, or ``withdrawn``; nothing of it goes on."""

    name = "orders.ReturnRefused"
    withdrawn: bool = False


@dataclass(frozen=True, kw_only=True)
class ReturnReceived(ReturnEvent):
    """Goods of a case are here, to be inspected; ``complete`` once all are."""

    name = "orders.ReturnReceived"
    pieces: int
    complete: bool


@dataclass(frozen=True, kw_only=True)
class ReturnSettled(ReturnEvent):
    """What was accepted is credited; ``refund`` of it is to go back to the customer."""

    name = "orders.ReturnSettled"
    credited: int
    charged: int
    refund: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class ServiceEvent(Event):
    """What every event of a repair, a collection or a purchase tells."""

    service_id: int
    service_ref: UUID
    company_id: int
    customer_id: int
    kind: str

    @property
    def stream(self) -> str:
        return f"service:{self.service_id}"


@dataclass(frozen=True, kw_only=True)
class ServiceRequested(ServiceEvent):
    """A customer wants goods repaired, collected or bought by us."""

    name = "orders.ServiceRequested"


@dataclass(frozen=True, kw_only=True)
class ServiceAccepted(ServiceEvent):
    """We do it: the goods are awaited."""

    name = "orders.ServiceAccepted"


@dataclass(frozen=True, kw_only=True)
class ServiceRefused(ServiceEvent):
    """We don't, or it was ``withdrawn``; nothing of it goes on."""

    name = "orders.ServiceRefused"
    withdrawn: bool = False


@dataclass(frozen=True, kw_only=True)
class ServiceReceived(ServiceEvent):
    """The goods are here, to be looked at."""

    name = "orders.ServiceReceived"


@dataclass(frozen=True, kw_only=True)
class ServiceEstimated(ServiceEvent):
    """What it costs, or what we would pay, is said; the customer is to decide."""

    name = "orders.ServiceEstimated"
    amount: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class ServiceDecided(ServiceEvent):
    """The customer agreed to the estimate, or not."""

    name = "orders.ServiceDecided"
    agreed: bool


@dataclass(frozen=True, kw_only=True)
class ServiceEnded(ServiceEvent):
    """It is over: repaired, given back, bought, kept or disposed of; ``charged`` is invoiced, ``payout`` is what we pay."""

    name = "orders.ServiceEnded"
    outcome: str
    charged: int
    payout: int
    currency: str
