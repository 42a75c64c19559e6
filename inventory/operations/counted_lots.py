"""Which lot a count means: one that the books know of the item, or a new one with the day it expires."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.db import rows
from core.errors import Conflict, Refusal
from core.words import gettext_noop
from inventory.queries import Read, items_read
from inventory.rules import UNNAMED, CountEntry, Label, typed_code

MOST_LOT = 64

_KNOWN = """
SELECT lot.id, lot.stock_item_id, lot.number, lot.expires_on FROM inventory_lot lot
WHERE (lot.stock_item_id, lot.number) IN (SELECT * FROM unnest(%(items)s::bigint[], %(numbers)s::text[]))
"""
# Who else a number belongs to, and which of the item's own lots a spreadsheet may have made it of.
_LIKE = """
WITH told AS MATERIALIZED (SELECT * FROM unnest(%(items)s::bigint[], %(numbers)s::text[]) AS q (stock_item_id, number))
SELECT told.stock_item_id, told.number, i.code AS item, lot.number AS like_number, lot.expires_on, false AS is_own
FROM told JOIN inventory_lot lot ON lot.number = told.number JOIN inventory_stockitem i ON i.id = lot.stock_item_id
WHERE i.company_id = %(company)s
UNION ALL
SELECT told.stock_item_id, told.number, '', lot.number, lot.expires_on, true
FROM told JOIN inventory_lot lot ON lot.stock_item_id = told.stock_item_id AND ltrim(lot.number, '0') = ltrim(told.number, '0')
"""
_MAKE = """
INSERT INTO inventory_lot (stock_item_id, number, expires_on)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::date[]) AS q (stock_item_id, number, expires_on) ORDER BY 1, 2
ON CONFLICT (stock_item_id, number) DO NOTHING RETURNING id, stock_item_id, number
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An entry whose code was read; ``label`` where that code was a GS1 barcode."""

    index: int
    entry: CountEntry
    read: Read
    label: Label | None = None

    @property
    def lot(self) -> str:
        """The lot as it was typed or scanned."""
        return self.entry.lot_number.strip() or (self.label.lot_number if self.label else "")

    @property
    def is_unnamed(self) -> bool:
        """Whether somebody says that no lot can be read."""
        return typed_code(self.lot) == UNNAMED

    @property
    def day(self) -> date | None:
        """The day of expiry that came with it."""
        return self.entry.expires_on or (self.label.expires_on if self.label and not self.entry.lot_number.strip() else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """A lot of the item; ``lot_id`` 0 where the books do not know it yet."""

    number: str
    expires_on: date | None
    lot_id: int = 0


Lots = dict[tuple[int, str], Any]  # by stock item and number


def lots_meant(wanted: Sequence[Seen], *, company_id: int) -> dict[int, Meant | Refusal]:
    """The lot that each entry means, by its index; entries without one, or of pieces that bear none, are left out. One statement,
    two or three where a lot is new.

    A lot that stands on a label of goods which are not tracked by lot says nothing; one that was typed is refused with
    "inventory.lot_not_tracked". A number without a day that is the code of goods was scanned one step too late:
    "inventory.lot_is_a_code". Refuses "inventory.lot_expires_otherwise", "inventory.unknown_lot" (a new one needs the day it
    expires), "inventory.lot_of_another" (another item's, unless the day told is none of its), "inventory.lot_too_long".
    """
    named = [seen for seen in wanted if seen.lot and (seen.read.is_lot_tracked or seen.entry.lot_number.strip())]
    known = _known([seen for seen in named if seen.read.is_lot_tracked])
    named = [seen for seen in named if not seen.is_unnamed or _found(seen, known) is not None]
    tracked = [seen for seen in named if seen.read.is_lot_tracked]
    new = [seen for seen in tracked if _found(seen, known) is None]
    like = _like(new, company_id=company_id)
    bare = [typed_code(seen.lot) for seen in new if seen.day is None]
    codes = {code: read for code, read in items_read(bare, company_id=company_id).items() if isinstance(read, Read)} if bare else {}
    told: dict[tuple[int, str], date | None] = {}
    meant: dict[int, Meant | Refusal] = {}
    for seen in named:
        slip = _code_of_goods(seen, codes) if _found(seen, known) is None and seen.read.is_lot_tracked else None
        lot = slip or _meaning(seen, known, like, told)
        meant[seen.index] = lot.at(f"/{seen.index}/{lot.field}") if isinstance(lot, Refusal) else lot
    return meant


def make_lots(lots: Sequence[tuple[int, Meant]]) -> dict[tuple[int, str], int]:
    """The books know these lots (item, lot); answers with their ids. Raises Conflict where somebody else made one just now."""
    if not lots:
        return {}
    made = rows(_MAKE, ([item for item, _lot in lots], [lot.number for _item, lot in lots], [lot.expires_on for _item, lot in lots]))
    if len(made) < len(lots):
        raise Conflict
    return {(row.stock_item_id, row.number): row.id for row in made}


def _known(tracked: Sequence[Seen]) -> Lots:
    asked = list(dict.fromkeys((seen.read.stock_item_id, number) for seen in tracked for number in (seen.lot, typed_code(seen.lot))))
    if not asked:
        return {}
    found = rows(_KNOWN, {"items": [item for item, _n in asked], "numbers": [number for _i, number in asked]}, prepare=False)
    return {(row.stock_item_id, row.number): row for row in found}


def _found(seen: Seen, known: Lots) -> Any | None:
    """The lot by the number as it stands there, else by that with its width folded."""
    item = seen.read.stock_item_id
    return known.get((item, seen.lot)) or known.get((item, typed_code(seen.lot)))


def _like(new: Sequence[Seen], *, company_id: int) -> dict[tuple[int, str], list[Any]]:
    asked = list(dict.fromkeys((seen.read.stock_item_id, typed_code(seen.lot)) for seen in new))
    found: dict[tuple[int, str], list[Any]] = {}
    if asked:
        told = {"items": [item for item, _n in asked], "numbers": [number for _i, number in asked], "company": company_id}
        for row in rows(_LIKE, told, prepare=False):
            found.setdefault((row.stock_item_id, row.number), []).append(row)
    return found


def _meaning(seen: Seen, known: Lots, like: dict[tuple[int, str], list[Any]], told: dict[tuple[int, str], date | None]) -> Meant | Refusal:
    if not seen.read.is_lot_tracked:
        words = gettext_noop("This item is not tracked by lot. Leave the lot out, or track the item by lot first.")
        return Refusal("inventory.lot_not_tracked", words, {"lot": seen.lot[:MOST_LOT]}, "lot")
    row, number = _found(seen, known), typed_code(seen.lot)
    about = {"item": seen.read.item, "name": seen.read.name, "lot": number[:MOST_LOT]}
    if row is not None:
        return _on_its_day(seen, row.number, row.expires_on) or Meant(number=row.number, expires_on=row.expires_on, lot_id=row.id)
    if len(number) > MOST_LOT:
        words = gettext_noop("A lot number has at most %(most)s signs: %(lot)s…")
        return Refusal("inventory.lot_too_long", words, {**about, "most": MOST_LOT}, "lot")
    key = seen.read.stock_item_id, number
    if refusal := _taken_for_another(seen, like.get(key, ()), about):
        return refusal
    if seen.day is None and key not in told:
        words = gettext_noop("The books know no lot %(lot)s of %(item)s. If it is right, write the day it expires too.")
        return Refusal("inventory.unknown_lot", words, about, "expires_on")
    day = told.setdefault(key, seen.day)
    return _on_its_day(seen, number, day) or Meant(number=number, expires_on=day)


def _code_of_goods(seen: Seen, codes: dict[str, Read]) -> Refusal | None:
    read = codes.get(typed_code(seen.lot))
    if read is None or seen.day is not None:
        return None
    words = gettext_noop("“%(lot)s” is the code of %(other)s, not a lot. Scan the lot of %(item)s first.")
    return Refusal("inventory.lot_is_a_code", words, {"lot": seen.lot[:MOST_LOT], "other": read.item, "item": seen.read.item}, "lot")


def _on_its_day(seen: Seen, number: str, expires_on: date | None) -> Refusal | None:
    if seen.day in (None, expires_on):
        return None
    return Refusal(
        "inventory.lot_expires_otherwise",
        gettext_noop("Lot %(lot)s is known to expire on %(known)s, not on %(told)s. Correct the lot, or use another number."),
        {"lot": number, "known": str(expires_on or "–"), "told": str(seen.day)},
        "expires_on",
    )


def _taken_for_another(seen: Seen, like: Sequence[Any], about: dict[str, Any]) -> Refusal | None:
    """Why a number that the item's books do not know is likely a slip: it lost its zeros, or stands on other goods."""
    own = next((row for row in like if row.is_own), None)
    if own is not None:
        words = gettext_noop("The books know no lot %(lot)s of %(item)s, but %(known)s. Keep the zeros before it; in a sheet, as text.")
        return Refusal("inventory.unknown_lot", words, {**about, "known": own.like_number}, "lot")
    other = next((row for row in like if not row.is_own and seen.day in (None, row.expires_on)), None)
    if other is not None:
        words = gettext_noop("Lot %(lot)s is one of %(other)s, not of %(item)s. Look at the label again.")
        return Refusal("inventory.lot_of_another", words, {**about, "other": other.item}, "lot")
    return None
