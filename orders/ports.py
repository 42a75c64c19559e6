"""What orders asks of the apps above it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from core.actor import Actor
from core.errors import Refusal
from core.hooks import Hook
from inventory.rules import FileKind
from orders.rules import IntakeColumn, LabelLayout, NumberRead, OrderDraft, ReadDocument, Standing, TrackingAsk, TrackingSaid


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedCart:
    """An order about to be placed or quoted with codes typed for it, as far as an offer needs to know; amounts in minor units."""

    key: int
    company_id: int
    channel_id: int
    customer_id: int | None
    """None: nobody we know, or nobody who said so yet."""
    currency: str
    goods_total: int
    """What the lines come to, other discounts taken off."""
    lines: tuple[tuple[int, int, int], ...]
    """(variant id, quantity, amount), other discounts taken off."""
    codes: tuple[str, ...]
    """As typed, none twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedDiscount:
    """Minor units off a cart for one of its codes: where it stems from, why, and over which lines (by place; () is all) it is spread."""

    key: int
    code: str
    amount: int
    source: str
    reason: str
    lines: tuple[int, ...] = ()
    campaign_ref: str = ""
    campaign_name: str = ""
    """What the lines' response came from, where they do not know it otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOffered:
    """Why a code takes nothing off this cart; the cart is refused with it."""

    key: int
    code: str
    reason: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class CodesClaimed:
    """The codes of an order that is about to take its stock, now that it is known who buys."""

    key: int
    company_id: int
    customer_id: int
    codes: tuple[str, ...]


class OfferSource(Protocol):
    """Whoever knows what codes are worth."""

    def discounts(self, carts: Sequence[PricedCart], *, at: datetime) -> Sequence[OfferedDiscount | NotOffered]:
        """An answer for each code of each cart that is known here. Writes and locks nothing."""
        ...

    def claim(self, orders: Sequence[CodesClaimed], *, actor: Actor, at: datetime) -> Sequence[Refusal | None]:
        """The codes are used by these orders, or why not any more; an answer per order.

        Inside the placing transaction, before anything is locked but customers; what is claimed is undone with it.
        """
        ...


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
    by_codes: tuple[tuple[str, int], ...] = ()
    """(code as typed, minor units taken off for it)"""


class PlacingParticipant(Protocol):
    """Whoever must write in the placing transaction, such as a subscription contract for a subscription line."""

    def placed(self, orders: Sequence[PlacedOrder], *, actor: Actor, at: datetime) -> Sequence[Refusal | None]:
        """One answer per order; a refusal undoes the placing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A way to subscribe to a variant: ``choice`` is its code and interval, as "tea|1m"; the usual one comes first."""

    variant_id: int
    choice: str
    label: str


class CourseSource(Protocol):
    """Whoever knows by which courses articles are subscribed to."""

    def courses(self, variant_ids: Sequence[int], *, company_id: int, at: datetime) -> Sequence[Course]:
        """The open courses of these variants, in the language of the moment."""
        ...


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


COURSE_SOURCE: Hook[CourseSource] = Hook("orders.CourseSource", CourseSource)
LABEL_CARRIER: Hook[LabelCarrier] = Hook("orders.LabelCarrier", LabelCarrier)
OFFER_SOURCE: Hook[OfferSource] = Hook("orders.OfferSource", OfferSource)
PLACING_PARTICIPANT: Hook[PlacingParticipant] = Hook("orders.PlacingParticipant", PlacingParticipant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """That a parcel of an outside order left, for the counter it came from. ``carrier`` is in the counter's word."""

    number: str
    ref: str
    parcel: int
    destination: str
    carrier: str
    tracking_number: str
    shipped_on: date
    items: tuple[tuple[str, int], ...]
    """(the counter's own line, pieces)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDoor:
    """Where a counter is called, and with which secrets."""

    base_url: str
    secrets: Mapping[str, str]


class Declined(Exception):
    """The counter said no; asking the same again is pointless."""

    def __init__(self, code: str, message: str = "") -> None:
        self.code, self.message = code, message
        super().__init__(code)


class NoAnswer(Exception):
    """Nobody knows what became of a call; the same call may be made again."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSeen:
    """An order that a counter's list names, with what the list itself tells of it."""

    number: str
    said_at: str = ""
    """When it was last changed there, comparable as text; "" where the list doesn't say."""
    standing: Standing | None = None


def missing_secrets(wanted: Sequence[str], given: Mapping[str, object]) -> list[str]:
    """Which secrets are not there; "a|b+c" stands for either a, or b and c."""
    ways = [[way.split("+") for way in one.split("|")] for one in wanted]
    return [either[0][0] for either in ways if not any(all(given.get(name) for name in way) for way in either)]


class IntakeSource(Protocol):
    """An outside counter: how it writes orders, and how it hears that parcels left."""

    code: str
    label: str
    columns: Sequence[IntakeColumn]
    """How its CSV names columns where no map of one's own is in force."""
    out_columns: Sequence[IntakeColumn]
    payments: Mapping[str, str]
    """Its words for ways to pay, and ours."""
    carriers: Mapping[str, str]
    """Our carriers, and its words for them."""
    base_url: str
    secrets: Sequence[str]
    """Which secrets calling it takes, as `missing_secrets` reads them."""
    fetches: bool
    """Whether it can be asked for its orders."""

    def list_orders(self, since: datetime, until: datetime, door: NoticeDoor) -> Sequence[OrderSeen]:
        """The orders that may be new or another since then. Raises Declined or NoAnswer."""
        ...

    def fetch_orders(self, asked: Sequence[OrderSeen], door: NoticeDoor) -> Iterator[bytes]:
        """These orders as the counter answers, in documents that ``read_orders`` reads. Raises Declined or NoAnswer."""
        ...

    def read_orders(self, raw: bytes, *, columns: Sequence[IntakeColumn], statuses: Mapping[str, str]) -> ReadDocument:
        """The orders of a document; raises UnreadableDocument where it is none of this counter's."""
        ...

    def tell(self, notice: Notice, door: NoticeDoor) -> None:
        """The counter knows that the parcel left; telling it again is harmless. Raises Declined or NoAnswer."""
        ...


INTAKE_SOURCE: Hook[IntakeSource] = Hook("orders.IntakeSource", IntakeSource)


class TrackingSource(Protocol):
    """Whoever knows where parcels are and may be asked."""

    code: str
    label: str
    base_url: str
    secrets: Sequence[str]
    most: int
    """Numbers one call may name."""

    def events(self, asked: Sequence[TrackingAsk], door: NoticeDoor) -> Sequence[TrackingSaid]:
        """Everything known of these numbers, also what was told before. Raises Declined or NoAnswer."""
        ...


TRACKING_SOURCE: Hook[TrackingSource] = Hook("orders.TrackingSource", TrackingSource)
