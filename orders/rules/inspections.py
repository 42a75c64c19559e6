"""Inspection by scan: what a box must hold, what a scan means for it, and what proves that nothing changed since."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from core.errors import Refusal
from core.words import gettext_noop as _


class InspectionStatus(StrEnum):
    """An inspection is under way, finished, or given up."""

    OPEN = "open"
    FINISHED = "finished"
    DISCARDED = "discarded"

    @classmethod
    def labels(cls) -> dict["InspectionStatus", str]:
        return {cls.OPEN: _("Under way"), cls.FINISHED: _("Finished"), cls.DISCARDED: _("Given up")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a box holds of one stock item; ``lots`` says how many of which, where it is counted by lot."""

    stock_item_id: int
    item: str
    name: str
    quantity: int
    lots: Mapping[str, int] = field(default_factory=dict)
    jan: str = ""
    mark: str = ""
    is_insert: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRead:
    """What was scanned: so many pieces of an item, of a lot where the code or the person named one."""

    stock_item_id: int
    item: str
    pieces: int = 1
    lot: str = ""


def scan_fault(scan: ScanRead, expected: Sequence[Expected], counted: Mapping[tuple[int, str], int]) -> Refusal | None:
    """Why these pieces must not go into the box; None when they belong there. ``counted`` is what was scanned so far, by item and lot."""
    wanted = next((one for one in expected if one.stock_item_id == scan.stock_item_id), None)
    about: dict[str, object] = {"item": scan.item, "lot": scan.lot}
    if wanted is None:
        return Refusal("order.not_in_box", _("WRONG ITEM: %(item)s does not belong in this box. Put it aside."), about, "/code")
    about["name"] = wanted.name
    if wanted.lots and not scan.lot and len(wanted.lots) > 1:
        return Refusal("order.scan_the_lot", _("%(item)s is counted by lot. Scan the lot of this piece next."), about, "/lot")
    if wanted.lots and scan.lot and scan.lot not in wanted.lots:
        told = {**about, "lots": ", ".join(sorted(wanted.lots))}
        words = _(
            "WRONG LOT: %(lot)s of %(item)s was not picked for this box, but %(lots)s. Exchange it, or enter the lots that were taken."
        )
        return Refusal("order.wrong_lot", words, told, "/lot")
    here = sum(pieces for (item, _lot), pieces in counted.items() if item == scan.stock_item_id)
    if here + scan.pieces > wanted.quantity:
        told = {**about, "wanted": wanted.quantity, "here": here}
        words = _("TOO MANY: %(item)s is wanted %(wanted)s times, and %(here)s are in the box already. Put this one aside.")
        return Refusal("order.too_many_in_box", words, told, "/code")
    lot = lot_meant(scan, wanted)
    if lot and counted.get((scan.stock_item_id, lot), 0) + scan.pieces > wanted.lots[lot]:
        words = _("TOO MANY of lot %(lot)s: only %(wanted)s of %(item)s were picked from it.")
        return Refusal("order.too_many_of_lot", words, {**about, "lot": lot, "wanted": wanted.lots[lot]}, "/lot")
    return None


def lot_meant(scan: ScanRead, wanted: Expected) -> str:
    """The lot of the pieces: the one that was named, else the only one there is."""
    return (scan.lot or next(iter(wanted.lots))) if wanted.lots else ""


def contents_mark(contents: Iterable[tuple[int, str, int]]) -> str:
    """The contents of a parcel as one short text: (stock item, lot, pieces) in any order. Another content has another mark."""
    told = sorted((item, lot, pieces) for item, lot, pieces in contents if pieces)
    return hashlib.sha256("\n".join(f"{item}\t{lot}\t{pieces}" for item, lot, pieces in told).encode()).hexdigest()[:32]
