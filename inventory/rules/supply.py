"""What is wanted, what could be given, and what was given: values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from core.errors import Refusal
from core.words import gettext_noop as _
from inventory.rules.kinds import RoutingKind

UNLIMITED = 2**31 - 1
"""What may be promised of a variant that is made of nothing stocked, such as a service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A quantity of a variant wanted for one order; ``demand_id`` is the opaque id of the line above us.

    ``holder_id`` names who holds stock for it already (its checkout), ``prefecture`` where it goes. Nothing of it comes from the
    shelves of ``not_from`` (ids of stock): there it was looked for in vain, or some of it lies already.
    """

    order_key: int
    demand_id: UUID
    variant_id: int
    quantity: int
    holder_id: UUID | None = None
    prefecture: str = ""
    not_from: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError("A demand wants at least one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """So many of a stock item go into one unit of a variant."""

    stock_item_id: int
    quantity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One stock item at one location, as a channel may draw on it.

    ``free`` is what is left above the buffer, with what is left of the channel's own quota there (``quota_id``).
    ``oldest_on`` is the day its oldest lot expires, else came in; told where a rule asks.
    """

    stock_id: int
    stock_item_id: int
    location_id: int
    free: int
    buffer: int = 0
    quota_id: int | None = None
    oldest_on: date | None = None


def drawable(free: int, *, keeps: int | None, buffer: int, own: int) -> int:
    """What a channel may draw from a shelf: above the buffer what is free, with its own quota, never more than keeps long enough.

    ``keeps`` is None where the channel does not mind, or the shelf is not counted by lot.
    """
    if keeps is None:
        return max(free - buffer, 0) + own
    return max(min(max(min(free, keeps) - buffer, 0) + own, keeps), 0)


@dataclass(frozen=True, slots=True)
class Place:
    """What the rules of routing want to know of a location."""

    kind: str
    prefecture: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of the operator's order: docs/algorithms/routing.md. With a ``prefecture`` only for orders that go there."""

    kind: RoutingKind
    prefecture: str = ""
    location_id: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What some variants are made of and where it lies, read without a lock: advice for routing, never a promise.

    ``parts`` by variant (empty: nothing stocked is needed), ``shelves`` by stock item with the preferred source first,
    ``locations`` the sources that have shelves of these, the preferred one first. ``good_until`` is the day until which goods
    tracked by lot must keep for the channel, None where it doesn't mind. ``excluded`` variants are not for this channel.
    ``holds`` is what checkouts hold, by holder and shelf; the shelves' ``free`` leaves it out. ``rules`` are the operator's, in
    their order, with the ``places`` they are about; both empty where there are none.
    """

    parts: Mapping[int, tuple[Part, ...]]
    shelves: Mapping[int, tuple[Shelf, ...]]
    locations: tuple[int, ...]
    skus: Mapping[int, str] = field(default_factory=dict)
    good_until: date | None = None
    excluded: frozenset[int] = frozenset()
    holds: Mapping[UUID, Mapping[int, int]] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    places: Mapping[int, Place] = field(default_factory=dict)

    @property
    def is_shared(self) -> bool:
        """Whether holds or quotas are drawn on, so that more than shelves must be locked."""
        return bool(self.holds) or any(shelf.quota_id is not None for shelves in self.shelves.values() for shelf in shelves)


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A planned taking: ``quantity`` of a stock item for ``line_quantity`` units of the line, from one shelf."""

    demand_id: UUID
    variant_id: int
    stock_id: int
    stock_item_id: int
    location_id: int
    quantity: int
    line_quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    """Why an order cannot be given: too little of a variant; ``available`` units could be."""

    variant_id: int
    wanted: int
    available: int


def out_of_stock(shortage: Shortage, *, supply: Supply) -> Refusal:
    """The shortage as a refusal that names the SKU and what could be had."""
    return Refusal(
        "inventory.out_of_stock",
        _("%(sku)s is out of stock: %(wanted)s wanted, %(available)s available."),
        {"sku": supply.skus.get(shortage.variant_id, ""), "wanted": shortage.wanted, "available": shortage.available},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocated:
    """Stock promised to a demand at one location.

    ``quantity`` counts the stock item, ``line_quantity`` the units of the line it serves. A kit has one of these for
    every part at every location, each with the same ``line_quantity``: count units once per (demand, location).
    """

    allocation_id: int
    demand_id: UUID
    variant_id: int
    stock_item_id: int
    location_id: int
    quantity: int
    line_quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipAsk:
    """Let an allocation leave the house; ``cause`` names the parcel ("shipment:…")."""

    allocation_id: int
    cause: str
