"""Papers of the warehouse: their kinds, their way from wish to file, and how long one takes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.words import gettext_noop as _

MOST_ON_PAPER = 2_000
"""So many parcels in one file; the rest go into the next."""


class PickingWay(StrEnum):
    """How goods are fetched: all of a batch in one walk and then sorted, or parcel by parcel."""

    TOTAL = "total"
    BY_PARCEL = "by_parcel"

    @classmethod
    def labels(cls) -> dict["PickingWay", str]:
        return {cls.TOTAL: _("All in one walk, then sorted"), cls.BY_PARCEL: _("Parcel by parcel")}


class PaperKind(StrEnum):
    """What a file of papers holds."""

    DELIVERY_NOTES = "delivery_notes"
    TOTAL_LIST = "total_list"
    PARCEL_LISTS = "parcel_lists"

    @classmethod
    def labels(cls) -> dict["PaperKind", str]:
        return {
            cls.DELIVERY_NOTES: _("Delivery notes"),
            cls.TOTAL_LIST: _("Total picking list"),
            cls.PARCEL_LISTS: _("Picking lists by parcel"),
        }


class PaperState(StrEnum):
    """A file's way: asked for, being set, there; or what went wrong."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"

    @classmethod
    def labels(cls) -> dict["PaperState", str]:
        return {
            cls.WAITING: _("Waiting for the press"),
            cls.WORKING: _("Being set"),
            cls.DONE: _("Ready"),
            cls.FAILED: _("Could not be set"),
        }


USUAL_MS = 20
"""What a parcel takes where nothing has been set yet."""


def seconds_left(*, parcels: int, done: int, spent_ms: int, usual_ms: int) -> int:
    """How long a file still takes, in whole seconds and at least one: by its own pace once it has one, else by the usual one.

    >>> seconds_left(parcels=500, done=100, spent_ms=2_000, usual_ms=1), seconds_left(parcels=500, done=0, spent_ms=0, usual_ms=20)
    (8, 10)
    """
    left = max(parcels - done, 0)
    each = spent_ms / done if done else max(usual_ms, 1)
    return max(1, round(left * each / 1_000))


@dataclass(frozen=True, slots=True, kw_only=True)
class PickedPiece:
    """Pieces of a stock item in a parcel, of one lot where lots were chosen. ``mark`` is where they lie."""

    shipment_id: int
    stock_item_id: int
    item: str
    name: str
    jan: str = ""
    mark: str = ""
    lot: str = ""
    expires_on: date | None = None
    quantity: int
    is_insert: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PickLine:
    """A stop on the walk: so many pieces of an item (of one lot) from a shelf."""

    mark: str
    item: str
    name: str
    jan: str
    lot: str
    expires_on: date | None
    quantity: int
    parcels: int
    is_insert: bool


def pick_lines(pieces: Iterable[PickedPiece]) -> list[PickLine]:
    """One line per shelf, item and lot in the order of the walk: shelves by their marks, those without at the end, lots first-expired."""
    sums: dict[tuple[str, int, str], list[PickedPiece]] = {}
    for piece in pieces:
        sums.setdefault((piece.mark, piece.stock_item_id, piece.lot), []).append(piece)
    lines = [
        PickLine(
            mark=own[0].mark, item=own[0].item, name=own[0].name, jan=own[0].jan, lot=own[0].lot, expires_on=own[0].expires_on,
            quantity=sum(piece.quantity for piece in own), parcels=len({piece.shipment_id for piece in own}),
            is_insert=all(piece.is_insert for piece in own),
        )
        for own in sums.values()
    ]  # fmt: skip
    return sorted(lines, key=lambda n: (n.mark == "", n.mark, n.item, n.expires_on or date.max, n.lot))


def chunks_of(ids: Sequence[int], size: int) -> list[Sequence[int]]:
    """The ids in pieces of at most ``size``."""
    return [ids[start : start + size] for start in range(0, len(ids), size)]
