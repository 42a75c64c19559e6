"""The states an order, its money and its parcels can be in, and how they follow from what happened."""

from collections.abc import Sequence
from enum import StrEnum

from core.words import gettext_noop as _


class OrderStatus(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"

    @classmethod
    def labels(cls) -> dict["OrderStatus", str]:
        return {
            cls.PENDING: _("Being confirmed"),
            cls.CONFIRMED: _("Accepted"),
            cls.COMPLETED: _("Completed"),
            cls.CANCELLED: _("Cancelled"),
        }


class OrderPaymentStatus(StrEnum):
    UNPAID = "unpaid"
    AUTHORISED = "authorised"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    REFUNDED = "refunded"
    VOIDED = "voided"

    @classmethod
    def labels(cls) -> dict["OrderPaymentStatus", str]:
        return {
            cls.UNPAID: _("Unpaid"),
            cls.AUTHORISED: _("Authorised"),
            cls.PARTLY_PAID: _("Partly paid"),
            cls.PAID: _("Paid"),
            cls.REFUNDED: _("To be refunded"),
            cls.VOIDED: _("Nothing owed"),
        }


class FulfilmentStatus(StrEnum):
    WAITING = "waiting"
    """All that is still to leave waits for goods, or was not found."""
    PLANNED = "planned"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    NOTHING_TO_SHIP = "nothing_to_ship"

    @classmethod
    def labels(cls) -> dict["FulfilmentStatus", str]:
        return {
            cls.WAITING: _("Waiting for goods"),
            cls.PLANNED: _("Preparing"),
            cls.PARTLY_SHIPPED: _("Partly shipped"),
            cls.SHIPPED: _("Shipped"),
            cls.DELIVERED: _("Delivered"),
            cls.RETURNED: _("Came back"),
            cls.CANCELLED: _("Not shipped"),
            cls.NOTHING_TO_SHIP: _("Nothing to ship"),
        }


class ShipmentStatus(StrEnum):
    PLANNED = "planned"
    INSTRUCTED = "instructed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNED = "returned"
    """Nobody took it: it is back in stock, and its invoice was credited."""
    CANCELLED = "cancelled"

    @classmethod
    def labels(cls) -> dict["ShipmentStatus", str]:
        return {
            cls.PLANNED: _("Planned"),
            cls.INSTRUCTED: _("Instructed"),
            cls.SHIPPED: _("Shipped"),
            cls.DELIVERED: _("Delivered"),
            cls.RETURNED: _("Came back"),
            cls.CANCELLED: _("Cancelled"),
        }


class FeeKind(StrEnum):
    SHIPPING = "shipping"
    COOL = "cool"
    REMOTE = "remote"
    CASH_ON_DELIVERY = "cash_on_delivery"
    GIFT = "gift"
    OTHER = "other"

    @classmethod
    def labels(cls) -> dict["FeeKind", str]:
        return {
            cls.SHIPPING: _("Postage"),
            cls.COOL: _("Surcharge for chilled and frozen goods"),
            cls.REMOTE: _("Surcharge for islands and remote places"),
            cls.CASH_ON_DELIVERY: _("Cash-on-delivery fee"),
            cls.GIFT: _("Gift wrapping"),
            cls.OTHER: _("Other fee"),
        }


class ChangeState(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"

    @classmethod
    def labels(cls) -> dict["ChangeState", str]:
        return {cls.OPEN: _("Being changed"), cls.CONFIRMED: _("Confirmed"), cls.DISCARDED: _("Discarded")}


class HoldKind(StrEnum):
    REMARK = "remark"
    ADDRESS = "address"
    DUPLICATE = "duplicate"
    AMOUNT = "amount"
    ATTENTION = "attention"
    PAYMENT = "payment"
    SHORT = "short"
    """The reason says of what how many units: language-free, "SKU × units"."""
    EXCHANGE = "exchange"
    """What it is sent for is not back yet; goes when the goods are received."""
    GATE = "gate"
    """Something a workflow profile asks for was not told when the order came in or was changed."""
    WORDS = "words"
    QUANTITY = "quantity"
    CREDIT = "credit"
    APPROVAL = "approval"
    """Paying after delivery waits for its approval; goes when it is given, or the order is paid otherwise."""
    MANUAL = "manual"

    @classmethod
    def labels(cls) -> dict["HoldKind", str]:
        return {
            cls.REMARK: _("Customer's remark"),
            cls.ADDRESS: _("Address to be checked"),
            cls.DUPLICATE: _("Possibly ordered twice"),
            cls.AMOUNT: _("High amount"),
            cls.ATTENTION: _("Attention customer"),
            cls.PAYMENT: _("Payment"),
            cls.SHORT: _("Not found when picking, and nowhere else"),
            cls.EXCHANGE: _("Exchange: goods not back yet"),
            cls.GATE: _("Workflow: still to be asked"),
            cls.WORDS: _("Words in address or remark"),
            cls.QUANTITY: _("Large quantity"),
            cls.CREDIT: _("Credit limit"),
            cls.APPROVAL: _("Deferred payment not approved"),
            cls.MANUAL: _("By hand"),
        }


class Visibility(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"

    @classmethod
    def labels(cls) -> dict["Visibility", str]:
        return {
            cls.CUSTOMER: _("Customer may read"),
            cls.STAFF: _("Staff only"),
        }


class AuthorKind(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"
    PARTNER = "partner"
    SYSTEM = "system"
    RULE = "rule"

    @classmethod
    def labels(cls) -> dict["AuthorKind", str]:
        return {
            cls.CUSTOMER: _("Customer"),
            cls.STAFF: _("Staff"),
            cls.PARTNER: _("Partner"),
            cls.SYSTEM: _("System"),
            cls.RULE: _("Rule"),
        }


class OriginKind(StrEnum):
    PLACED = "placed"
    IMPORTED = "imported"

    @classmethod
    def labels(cls) -> dict["OriginKind", str]:
        return {
            cls.PLACED: _("Placed here"),
            cls.IMPORTED: _("Imported"),
        }


CARRIERS = {"yamato": _("Yamato Transport"), "sagawa": _("Sagawa Express"), "japanpost": _("Japan Post"), "other": _("Other")}
"""The carriers staff choose from, by code; partners may name others."""

SHIPS_BEFORE_PAYMENT = frozenset(
    {
        "cash_on_delivery",
        "card",
        "deferred",
        "convenience_store",
        "direct_debit",
        "points",
        "store_credit",
        "marketplace",
        "cash_at_store",
        "free",
    }
)
"""Payment methods whose goods may leave before the money came; a bank transfer is waited for."""
PAID_ELSEWHERE = frozenset({"marketplace", "cash_at_store"})
"""Payment methods by which the money is safe or taken at the counter, whatever the order says of it."""
ON_CREDIT = frozenset({"cash_on_delivery", "deferred", "convenience_store", "direct_debit"})
"""Payment methods by which the house trusts the buyer: goods leave, and nobody holds the money for us."""


def money_lets_it_leave(*, method: str, payment_status: str, paid_first: bool) -> bool:
    """Whether a parcel may leave as far as its payment goes; ``paid_first``: a profile wants the money, or a card that holds it, before."""
    if payment_status == OrderPaymentStatus.PAID:
        return True
    if not paid_first or method in PAID_ELSEWHERE:
        return method in SHIPS_BEFORE_PAYMENT
    return payment_status == OrderPaymentStatus.AUTHORISED


def order_status(*, pending: bool, lines: int, cancelled_lines: int, fulfilment: FulfilmentStatus, owed: int, paid: int) -> OrderStatus:
    """The order's status, from its parts: cancelled when every line is, completed when all went out and is paid."""
    if lines and cancelled_lines == lines:
        return OrderStatus.CANCELLED
    if pending:
        return OrderStatus.PENDING
    if fulfilment is FulfilmentStatus.RETURNED:
        return OrderStatus.COMPLETED
    gone = fulfilment in (FulfilmentStatus.SHIPPED, FulfilmentStatus.DELIVERED, FulfilmentStatus.NOTHING_TO_SHIP)
    return OrderStatus.COMPLETED if gone and paid >= owed else OrderStatus.CONFIRMED


def payment_status(*, cancelled: bool, owed: int, paid: int, authorised: bool = False) -> OrderPaymentStatus:
    """What has come of what is owed, in the order's minor units."""
    if cancelled:
        return OrderPaymentStatus.REFUNDED if paid > 0 else OrderPaymentStatus.VOIDED
    if paid >= owed:
        return OrderPaymentStatus.PAID
    if paid > 0:
        return OrderPaymentStatus.PARTLY_PAID
    return OrderPaymentStatus.AUTHORISED if authorised else OrderPaymentStatus.UNPAID


def fulfilment_status(shipments: Sequence[ShipmentStatus], *, waits: bool = False) -> FulfilmentStatus:
    """How far the parcels are; cancelled parcels don't count while others remain.

    ``waits``: units of a line are in no parcel, because they wait for goods or nobody found them.
    """
    if not shipments and not waits:
        return FulfilmentStatus.NOTHING_TO_SHIP
    alive = [s for s in shipments if s is not ShipmentStatus.CANCELLED]
    if not alive and waits:
        return FulfilmentStatus.WAITING
    if not alive:
        return FulfilmentStatus.CANCELLED
    gone = [s for s in alive if s in (ShipmentStatus.SHIPPED, ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED)]
    if not gone:
        return FulfilmentStatus.PLANNED
    if len(gone) < len(alive) or waits:
        return FulfilmentStatus.PARTLY_SHIPPED
    kept = [s for s in gone if s is not ShipmentStatus.RETURNED]
    if not kept:
        return FulfilmentStatus.RETURNED
    if all(s is ShipmentStatus.DELIVERED for s in kept):
        return FulfilmentStatus.DELIVERED
    return FulfilmentStatus.SHIPPED
