"""A warehouse tells what lies with it: compared with our books, item by item."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.db import rows
from core.errors import Refusal
from core.words import gettext_noop
from inventory.queries.stocktakes import items_read
from inventory.rules import FilePlace, FileRow, RowFate, RowNote, counted_quantity, typed_code

_BOOKS = """
SELECT s.stock_item_id, i.code, s.on_hand FROM inventory_stock s JOIN inventory_stockitem i ON i.id = s.stock_item_id
WHERE s.location_id = %s ORDER BY i.code
"""


@dataclass(slots=True)
class _Seen:
    """An item in the file; several rows of it (lots, shelves) add up, and it is told at the last of them."""

    number: int
    item: str
    quantity: int = 0


def compare_snapshot(told: Sequence[FileRow], *, place: FilePlace) -> list[RowNote]:
    """What became of each row: it agrees, differs, or cannot be read; what the file leaves out and our books hold, as line 0.

    Changes nothing: a difference is looked into, then counted. Two statements.
    """
    codes = [typed_code(row.values.get("item", "")) or typed_code(row.values.get("jan", "")) for row in told]
    reads = items_read(codes, company_id=place.company_id)
    books = {row.stock_item_id: row for row in rows(_BOOKS, (place.location_id,))}
    notes: list[RowNote] = []
    seen: dict[int, _Seen] = {}
    for row, code in zip(told, codes, strict=True):
        read, quantity = reads[code], counted_quantity(row.values.get("quantity", ""))
        wrong = read if isinstance(read, Refusal) else quantity if isinstance(quantity, Refusal) else None
        if wrong is not None:
            notes.append(RowNote(number=row.number, key=code, fate=RowFate.REFUSED, refusal=wrong))
        elif not isinstance(read, Refusal) and not isinstance(quantity, Refusal):
            one = seen.setdefault(read.stock_item_id, _Seen(row.number, read.item))
            one.number, one.quantity = row.number, one.quantity + quantity * read.pieces
    for item, one in seen.items():
        ours = books[item].on_hand if item in books else 0
        notes.append(_note(one.number, one.item, theirs=one.quantity, ours=ours))
    left = [row for item, row in books.items() if item not in seen and row.on_hand]
    return sorted([*notes, *(_note(0, row.code, theirs=0, ours=row.on_hand) for row in left)], key=lambda note: (note.number, note.key))


def _note(number: int, item: str, *, theirs: int, ours: int) -> RowNote:
    if theirs == ours:
        return RowNote(number=number, key=item, fate=RowFate.DONE)
    return RowNote(
        number=number,
        key=item,
        fate=RowFate.DIFFERS,
        refusal=Refusal(
            "inventory.snapshot_differs",
            gettext_noop("%(item)s: the warehouse has %(theirs)s, our books say %(ours)s (%(difference)s)."),
            {"item": item, "theirs": theirs, "ours": ours, "difference": f"{theirs - ours:+d}"},
        ),
    )
