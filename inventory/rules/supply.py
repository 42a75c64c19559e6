"""What is wanted, what could be given, and what was given: values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from core.errors import Refusal
from core.words import gettext_noop as _

UNLIMITED = 2**31 - 1
"""What may be promised of a variant that is made of nothing stocked, such as a service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A quantity of a variant wanted for one order; ``demand_id`` is the opaque id of the line above us."""

    order_key: int
    demand_id: UUID
    variant_id: int
    quantity: int

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
    """One stock item at one location, as a channel may draw on it: ``free`` is what is left above the buffer."""

    stock_id: int
    stock_item_id: int
    location_id: int
    free: int
    buffer: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What some variants are made of and where it lies, read without a lock: advice for routing, never a promise.

    ``parts`` by variant (empty: nothing stocked is needed), ``shelves`` by stock item with the preferred source first,
    ``locations`` the sources that have shelves of these, the preferred one first. ``good_until`` is the day until which goods
    tracked by lot must keep for the channel, None where it doesn't mind.
    """

    parts: Mapping[int, tuple[Part, ...]]
    shelves: Mapping[int, tuple[Shelf, ...]]
    locations: tuple[int, ...]
    skus: Mapping[int, str] = field(default_factory=dict)
    good_until: date | None = None


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
