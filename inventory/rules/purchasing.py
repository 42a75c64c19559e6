"""What is bought from suppliers: the life of a purchase order, the terms it keeps to, and what a delivery brings."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.errors import Refusal
from core.words import gettext_noop
from inventory.rules.moves import MOST

MOST_COST = 100_000_000
"""No single piece costs more minor units than this; it is a slip of the finger."""


class PurchaseStatus(StrEnum):
    """The life of a purchase order."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENT = "sent"
    PARTLY_RECEIVED = "partly_received"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {
            cls.DRAFT: gettext_noop("Draft"),
            cls.APPROVED: gettext_noop("Approved"),
            cls.SENT: gettext_noop("Sent to the supplier"),
            cls.PARTLY_RECEIVED: gettext_noop("Partly received"),
            cls.CLOSED: gettext_noop("Completed"),
            cls.CANCELLED: gettext_noop("Cancelled"),
        }


OPEN = (PurchaseStatus.DRAFT, PurchaseStatus.APPROVED, PurchaseStatus.SENT, PurchaseStatus.PARTLY_RECEIVED)
FIRM = (PurchaseStatus.SENT, PurchaseStatus.PARTLY_RECEIVED)
"""The supplier knows of it: the goods are coming, as far as anybody can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a supplier asks for one item: cost a piece in minor units without tax, least quantity, multiples, days until it comes."""

    unit_cost: int
    minimum_quantity: int = 1
    order_multiple: int = 1
    lead_time_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseLineAsk:
    """So many pieces of an item; the cost a piece is the supplier's unless told otherwise."""

    stock_item_id: int
    quantity: int
    unit_cost: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseAsk:
    """A purchase order to draft, once per key. Without a date its goods are expected when the lead time says."""

    supplier_id: int
    location_id: int
    lines: tuple[PurchaseLineAsk, ...]
    once_key: str
    expected_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredLine:
    """So many pieces of an item came, of which some cannot be sold."""

    stock_item_id: int
    quantity: int
    unsellable_quantity: int = 0
    lot_number: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAsk:
    """What a delivery note of a purchase order brought. More than was ordered is only taken in where ``takes_more`` says so."""

    purchase_order_id: int
    delivery_note: str
    lines: tuple[DeliveredLine, ...]
    once_key: str
    takes_more: bool = False


def order_quantity(wanted: int, terms: Terms) -> int:
    """The least quantity that covers what is wanted and keeps to the terms; nothing where nothing is wanted.

    >>> order_quantity(25, Terms(unit_cost=100, minimum_quantity=12, order_multiple=12))
    36
    """
    if wanted <= 0:
        return 0
    least = max(wanted, terms.minimum_quantity)
    return -(-least // terms.order_multiple) * terms.order_multiple


def fault_of_quantity(quantity: int, terms: Terms, *, item: str, field: str) -> Refusal | None:
    """Why a supplier does not take an order of so many, with the next quantity it does take."""
    if not 1 <= quantity <= MOST:
        return Refusal("inventory.bad_quantity", gettext_noop("Order 1 to %(most)s pieces."), {"most": MOST}, field)
    told = {
        "item": item,
        "quantity": quantity,
        "minimum": terms.minimum_quantity,
        "multiple": terms.order_multiple,
        "next": order_quantity(quantity, terms),
    }
    if quantity < terms.minimum_quantity:
        return Refusal(
            "purchase.below_minimum",
            gettext_noop("The supplier takes no order of %(item)s below %(minimum)s. Order %(next)s."),
            told,
            field,
        )
    if quantity % terms.order_multiple:
        return Refusal(
            "purchase.not_a_multiple",
            gettext_noop("%(item)s comes in multiples of %(multiple)s. Order %(next)s instead of %(quantity)s."),
            told,
            field,
        )
    return None


def status_after_delivery(lines: list[tuple[int, int]]) -> PurchaseStatus:
    """What (ordered, received) of every line make of a sent order: closed once nothing is missing."""
    if all(received >= ordered for ordered, received in lines):
        return PurchaseStatus.CLOSED
    return PurchaseStatus.PARTLY_RECEIVED if any(received for _ordered, received in lines) else PurchaseStatus.SENT
