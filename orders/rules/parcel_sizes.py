"""How large goods are together: the sizes carriers charge by, and what fits into one parcel. Pure; docs/algorithms/delivery.md."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from core.text import plain
from core.words import gettext_noop as _


class ParcelSize(StrEnum):
    """The three sides together in centimetres; packets go through the slot of a letter box."""

    PACKET = "packet"
    COMPACT = "compact"
    S60 = "60"
    S80 = "80"
    S100 = "100"
    S120 = "120"
    S140 = "140"
    S160 = "160"
    S170 = "170"
    S180 = "180"
    S200 = "200"

    @classmethod
    def labels(cls) -> dict["ParcelSize", str]:
        return {
            cls.PACKET: _("Letter-box packet"),
            cls.COMPACT: _("Compact box"),
            **{size: size.value for size in cls if size.value.isdigit()},
        }


SIZES: Final = tuple(ParcelSize)
SMALLEST: Final = ParcelSize.PACKET
UNKNOWN: Final = ParcelSize.S60
"""What an article goes into whose size nobody wrote down: it might not fit through a letter box."""
_ROOM: Final = {
    ParcelSize.PACKET: 2_100,
    ParcelSize.COMPACT: 2_500,
    **{size: (int(size) ** 3) // 27 for size in SIZES if size.value.isdigit()},
}
"""Cubic centimetres: of a cube with these sides, for packets and compact boxes what their carriers name."""
_WRITTEN: Final = re.compile(r"(packet|compact|\d{2,3})(?:\s*/\s*([1-9]\d{0,2}))?")


def rank(size: ParcelSize) -> int:
    """The place of a size among all, the smallest first."""
    return SIZES.index(size)


@dataclass(frozen=True, slots=True)
class GoodsSize:
    """The smallest parcel an article fits into, and how many of it fill that."""

    size: ParcelSize
    share: int = 1


@lru_cache(maxsize=2_048)
def read_size(text: str) -> GoodsSize | None:
    """The size written with an article: "80", or "60/4" where four of it fill a parcel of 60. None where nothing readable is written.

    >>> read_size("60/4")
    GoodsSize(size=<ParcelSize.S60: '60'>, share=4)
    """
    found = _WRITTEN.fullmatch(plain(text).strip().casefold())
    if found is None or found[1] not in set(ParcelSize):
        return None
    return GoodsSize(ParcelSize(found[1]), int(found[2] or 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """So many pieces of an article, with its size and weight as far as they are known."""

    quantity: int
    size: GoodsSize | None = None
    grams: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """Goods as they travel: in so many pieces of this size."""

    size: ParcelSize
    pieces: int
    grams: int


def _bins(goods: Sequence[Goods], most_grams: int) -> int:
    """Parcels needed so that none is too heavy: the heaviest articles first, each into the first parcel that still takes it.

    Parcels that are alike are kept together as (grams free, how many), so that ten thousand pieces are counted as quickly as ten.
    """
    bins: list[tuple[int, int]] = []
    for one in sorted(goods, key=lambda g: -(g.grams or 0)):
        left, weight = one.quantity, one.grams or 0
        if not weight:
            break
        kept: list[tuple[int, int]] = []
        for free, count in (*bins, (most_grams, left)):
            each = free // weight
            full = min(left // each, count) if each else 0
            rest = left - full * each if each and full < count else 0
            left -= full * each + rest
            kept += [(free - each * weight, full), (free - rest * weight, int(rest > 0)), (free, count - full - int(rest > 0))]
        bins = [(free, count) for free, count in kept if count and free < most_grams]
    return sum(count for _free, count in bins)


def pack(goods: Sequence[Goods], *, most: ParcelSize | None = None, most_grams: int | None = None, most_pieces: int = 1) -> Packed | None:
    """The smallest parcel everything fits into, else as many of the largest as room and weight ask for; None where that is too many.

    An article whose size nobody wrote down goes into a box and takes no room there; one without a weight weighs nothing.
    """
    largest = most or SIZES[-1]
    if most_grams is not None and any((g.grams or 0) > most_grams for g in goods):
        return None
    room = sum(-(-_ROOM[g.size.size] * g.quantity // g.size.share) for g in goods if g.size is not None)
    grams = sum((g.grams or 0) * g.quantity for g in goods)
    least = max((rank(g.size.size if g.size is not None else UNKNOWN) for g in goods), default=rank(SMALLEST))
    if least > rank(largest):
        return None
    if most_grams is None or grams <= most_grams:
        fits = next((size for size in SIZES[least : rank(largest) + 1] if _ROOM[size] >= room), None)
        if fits is not None:
            return Packed(size=fits, pieces=1, grams=grams)
    by_weight = _bins(goods, most_grams) if most_grams else 1
    pieces = max(-(-room // _ROOM[largest]), by_weight, 1)
    if pieces > most_pieces:
        return None
    size = next((s for s in SIZES[least : rank(largest) + 1] if _ROOM[s] * pieces >= room), largest)
    return Packed(size=size, pieces=pieces, grams=grams)
