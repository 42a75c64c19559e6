"""Lines of a transfer that name no lot are told which lots leave: the first to expire that have not expired."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from core.clock import business_date
from core.db import rows, run
from core.errors import Refusal
from core.queries import company_context
from core.words import gettext_noop
from inventory.queries import TransferLineRow, lot_shelves, transfer_lines
from inventory.rules.lots import AVAILABLE, LotShelf, Portion, may_leave, without

Place = tuple[int, int]  # stock item, location

_SHELVES = """
SELECT s.id, s.stock_item_id, s.location_id FROM inventory_stock s
WHERE (s.stock_item_id, s.location_id) IN (SELECT * FROM unnest(%s::bigint[], %s::bigint[])) ORDER BY s.id
"""
_WRITE = """
INSERT INTO inventory_stocktransferline AS l (transfer_id, stock_item_id, lot_number, quantity)
SELECT q.transfer_id, q.stock_item_id, q.lot_number, q.quantity
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::int[]) WITH ORDINALITY AS q (transfer_id, stock_item_id, lot_number, quantity, turn)
ORDER BY q.turn ON CONFLICT (transfer_id, stock_item_id, lot_number) DO UPDATE SET quantity = l.quantity + excluded.quantity
"""


def name_lots(
    leaving: Sequence[Any], lines: dict[int, tuple[TransferLineRow, ...]], *, at: datetime
) -> tuple[dict[int, tuple[TransferLineRow, ...]], dict[int, Refusal]]:
    """The lines of these transfers, every one of goods tracked by lot with its lot, and the transfers that no lots suffice for.

    Their shelves are locked. Lots that lines name are kept for them. Four statements where a line names none, else none.
    """
    wanted = [(t, line) for t in leaving for line in lines[t.id] if line.is_lot_tracked and not line.lot_number]
    if not wanted:
        return lines, {}
    shelves = _lying([(line.stock_item_id, t.from_location_id) for t, line in wanted])
    for transfer in leaving:
        for line in lines[transfer.id]:
            if line.lot_number and (place := (line.stock_item_id, transfer.from_location_id)) in shelves:
                shelves[place] = _without_named(shelves[place], line)
    days = {company_id: business_date(at, company_context(company_id).timezone) for company_id in {t.company_id for t, _line in wanted}}
    chosen: list[tuple[int, TransferLineRow, Portion]] = []
    short: dict[int, Refusal] = {}
    for transfer, line in wanted:
        place = line.stock_item_id, transfer.from_location_id
        portions = _first_expiring(shelves.get(place, LotShelf(batches=())), line.quantity, today=days[transfer.company_id])
        there = sum(portion.quantity for portion in portions)
        if there < line.quantity:
            short.setdefault(transfer.id, _too_few(transfer, line, there))
            continue
        shelves[place] = LotShelf(batches=without(shelves[place].batches, portions), promises=shelves[place].promises)
        chosen += [(transfer.id, line, portion) for portion in portions]
    named = [one for one in chosen if one[0] not in short]
    _write(named)
    return {**lines, **transfer_lines(sorted({transfer_id for transfer_id, _line, _portion in named}))}, short


def _lying(places: Sequence[Place]) -> dict[Place, LotShelf]:
    found = rows(_SHELVES, ([item for item, _location in places], [location for _item, location in places]))
    lots = lot_shelves([row.id for row in found])
    return {(row.stock_item_id, row.location_id): lots[row.id] for row in found}


def _without_named(shelf: LotShelf, line: TransferLineRow) -> LotShelf:
    batch = next((batch for batch in shelf.batches if batch.number == line.lot_number), None)
    if batch is None:
        return shelf
    portion = Portion(lot_id=batch.lot_id, number=batch.number, quantity=min(line.quantity, batch.pieces.get(AVAILABLE, 0)))
    return LotShelf(batches=without(shelf.batches, [portion]), promises=shelf.promises)


def _first_expiring(shelf: LotShelf, quantity: int, *, today: date) -> list[Portion]:
    """So many pieces of the lots that expire first, or as many as there are: nothing expired, nothing that promises need."""
    portions: list[Portion] = []
    for batch in sorted(shelf.batches, key=lambda batch: batch.turn):
        if batch.expires_on is not None and batch.expires_on < today:
            continue
        taken = may_leave(next(b for b in shelf.batches if b.lot_id == batch.lot_id), shelf, free=quantity)
        if taken:
            portion = Portion(lot_id=batch.lot_id, number=batch.number, quantity=taken, expires_on=batch.expires_on)
            portions.append(portion)
            shelf = LotShelf(batches=without(shelf.batches, [portion]), promises=shelf.promises)
            quantity -= taken
    return portions


def _write(named: Sequence[tuple[int, TransferLineRow, Portion]]) -> None:
    """Each line without a lot gives way to lines with one; pieces whose lot nobody ever named stay without."""
    if not named:
        return
    run("DELETE FROM inventory_stocktransferline WHERE id = ANY(%s::bigint[])", (sorted({line.id for _transfer, line, _portion in named}),))
    run(
        _WRITE,
        (
            [transfer_id for transfer_id, _line, _portion in named],
            [line.stock_item_id for _transfer, line, _portion in named],
            [portion.number for _transfer, _line, portion in named],
            [portion.quantity for _transfer, _line, portion in named],
        ),
    )


def _too_few(transfer: Any, line: TransferLineRow, there: int) -> Refusal:
    words = gettext_noop("%(number)s cannot leave: of %(item)s only %(there)s are in lots that have not expired and are not promised.")
    return Refusal("inventory.no_such_lot", words, {"number": transfer.number, "item": line.item, "there": there})
