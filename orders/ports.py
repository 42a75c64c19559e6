"""What orders asks of the apps above it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from core.actor import Actor
from core.errors import Refusal
from core.hooks import Hook
from inventory.rules import FileKind
from orders.rules import LabelLayout, NumberRead, OrderDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedCart:
    """An order about to be placed or quoted, as far as an offer needs to know; amounts in minor units."""

    key: int
    company_id: int
    channel_id: int
    customer_id: int | None
    goods_total: int
    lines: tuple[tuple[str, int, int], ...]
    """(SKU, quantity, amount)"""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedDiscount:
    """Minor units off a cart, where it stems from and why."""

    key: int
    amount: int
    source: str
    reason: str


class OfferSource(Protocol):
    """Whoever knows promotions and coupons."""

    def discounts(self, carts: Sequence[PricedCart], *, at: datetime) -> Sequence[OfferedDiscount]:
        """What is taken off each cart; a cart may get none or several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedOrder:
    """An order just written, for those who act in the same transaction."""

    order_id: int
    order_ref: UUID
    number: str
    company_id: int
    customer_id: int
    placed_on: date
    draft: OrderDraft
    lines: tuple[tuple[UUID, int, str, int], ...]
    """(line id, variant id, purchase type, quantity), in the order of the draft's lines"""


class PlacingParticipant(Protocol):
    """Whoever must write in the placing transaction, such as a subscription contract for a subscription line."""

    def placed(self, orders: Sequence[PlacedOrder], *, actor: Actor, at: datetime) -> Sequence[Refusal | None]:
        """One answer per order; a refusal undoes the placing."""


class LabelCarrier(Protocol):
    """A carrier's program on a warehouse's machine: it reads label data as a file, prints, and writes the numbers into another."""

    def carrier(self) -> str:
        """Its code, as parcels name it."""
        ...

    def label_layouts(self) -> Sequence[LabelLayout]:
        """The files it reads; a company's contract names one of them."""
        ...

    def result_kind(self) -> FileKind:
        """The file it writes once labels are printed: "number" is the parcel's, "tracking" the carrier's."""
        ...

    def read_numbers(self, typed: Sequence[str]) -> Sequence[NumberRead | Refusal]:
        """The tracking numbers it wrote, checked by its own rule."""
        ...


LABEL_CARRIER: Hook[LabelCarrier] = Hook("orders.LabelCarrier", LabelCarrier)
OFFER_SOURCE: Hook[OfferSource] = Hook("orders.OfferSource", OfferSource)
PLACING_PARTICIPANT: Hook[PlacingParticipant] = Hook("orders.PlacingParticipant", PlacingParticipant)
