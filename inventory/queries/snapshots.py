"""A warehouse tells what lies with it: compared with our books of that moment, item by item."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.db import rows
from core.errors import Refusal
from core.words import gettext_noop
from inventory.queries.stocktakes import items_read
from inventory.rules import FilePlace, FileRow, RowFate, RowNote, counted_quantity, share, typed_code
from inventory.rules.warehouse import read_moment

_BOOKS = """
SELECT s.stock_item_id, i.code, s.on_hand AS now, s.value,
    (s.on_hand - coalesce(since.quantity, 0))::int AS on_hand
FROM inventory_stock s JOIN inventory_stockitem i ON i.id = s.stock_item_id
LEFT JOIN (
    SELECT stock_id, sum(quantity) AS quantity FROM inventory_movement WHERE location_id = %(location)s AND at > %(moment)s GROUP BY stock_id
) since ON since.stock_id = s.id
WHERE s.location_id = %(location)s ORDER BY i.code
"""


@dataclass(slots=True)
class _Seen:
    """An item in the file; several rows of it (lots, shelves) add up, and it is told at the last of them."""

    number: int
    item: str
    quantity: int = 0


def compare_snapshot(told: Sequence[FileRow], *, place: FilePlace, at: datetime) -> list[RowNote]:
    """What became of each row: it agrees, differs, or cannot be read; what the file leaves out and our books hold, as line 0.

    The books are those of the moment the file tells (its latest), or of now. An item of which a row cannot be read is not
    compared. Changes nothing: a difference is looked into, then counted. Three statements.
    """
    codes = [typed_code(row.values.get("item", "")) or typed_code(row.values.get("jan", "")) for row in told]
    reads = items_read(codes, company_id=place.company_id)
    timezone = rows("SELECT timezone FROM core_company WHERE id = %s", (place.company_id,))[0].timezone
    notes: list[RowNote] = []
    seen: dict[int, _Seen] = {}
    unsure: set[int] = set()
    moments: list[datetime] = []
    for row, code in zip(told, codes, strict=True):
        read, quantity = reads[code], counted_quantity(row.values.get("quantity", ""))
        moment = read_moment(row.values["taken_at"], timezone=timezone) if row.values.get("taken_at", "").strip() else at
        if not isinstance(moment, Refusal) and moment > at:
            words = gettext_noop("The snapshot is of a moment to come: %(moment)s.")
            moment = Refusal("inventory.bad_moment", words, {"moment": row.values["taken_at"].strip()[:40]}, "/taken_at")
        if isinstance(read, Refusal) or isinstance(quantity, Refusal) or isinstance(moment, Refusal):
            notes.append(RowNote(number=row.number, key=code, fate=RowFate.REFUSED, refusal=_first(read, quantity, moment)))
            if not isinstance(read, Refusal):
                unsure.add(read.stock_item_id)
            continue
        moments.append(moment)
        one = seen.setdefault(read.stock_item_id, _Seen(row.number, read.item))
        one.number, one.quantity = row.number, one.quantity + quantity * read.pieces
    if not seen:
        return notes
    books = {row.stock_item_id: row for row in rows(_BOOKS, {"location": place.location_id, "moment": max(moments)}, prepare=False)}
    notes += [_note(one.number, one.item, one.quantity, books.get(item)) for item, one in seen.items() if item not in unsure]
    left = [row for item, row in books.items() if item not in seen and item not in unsure and row.on_hand]
    return [*notes, *(_note(0, row.code, 0, row) for row in left)]


def _first(read: object, quantity: object, moment: object) -> Refusal:
    told = ((read, "/item"), (quantity, "/quantity"), (moment, "/taken_at"))
    return next(refusal.at(column) for refusal, column in told if isinstance(refusal, Refusal))


def _note(number: int, item: str, theirs: int, book: Any) -> RowNote:
    ours = book.on_hand if book else 0
    if theirs == ours:
        return RowNote(number=number, key=item, fate=RowFate.DONE)
    worth = share(book.value, theirs - ours, book.now) if book and book.now > 0 else None
    return RowNote(
        number=number,
        key=item,
        fate=RowFate.DIFFERS,
        refusal=Refusal(
            "inventory.snapshot_differs",
            gettext_noop("%(item)s: the warehouse has %(theirs)s, our books say %(ours)s (%(difference)s)."),
            {"item": item, "theirs": theirs, "ours": ours, "difference": f"{theirs - ours:+d}", "value": "" if worth is None else worth},
        ),
    )
