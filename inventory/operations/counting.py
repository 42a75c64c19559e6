"""Counts are entered: by scanner, by hand or from a sheet, each once, while goods go on coming and leaving.

What was counted stands against the books of the moment it was counted, so that nothing has to stand still meanwhile. Of goods
counted by lot each lot stands against its own books.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.words import gettext_noop
from inventory.operations.counted_lots import Meant, Seen, lots_meant, make_lots
from inventory.operations.stocktaking import HOLD_LOCATION, NO_STOCKTAKE, NOT_YOURS, locked, not_counting
from inventory.queries import Read, items_read, may_count
from inventory.rules import (
    UNNAMED,
    Counted,
    CountEntry,
    CountMode,
    StocktakeScope,
    StocktakeStatus,
    count_refusal,
    label_read,
    typed_code,
)

_LINES = """
SELECT n.id, n.stock_item_id, n.lot_id, coalesce(lot.number, '') AS lot, n.round, n.counted, n.counted_at, t.number,
    t.id = %(stocktake)s AS is_ours
FROM inventory_stocktakeline n JOIN inventory_stocktake t ON t.id = n.stocktake_id LEFT JOIN inventory_lot lot ON lot.id = n.lot_id
WHERE n.location_id = %(location)s AND n.is_open AND n.stock_item_id = ANY(%(items)s::bigint[])
"""
_FOUND = """
INSERT INTO inventory_stocktakeline (stocktake_id, location_id, stock_item_id, lot_id, expected, round, is_found)
SELECT %s, %s, q.item, q.lot, 0, %s, true FROM unnest(%s::bigint[], %s::bigint[]) AS q (item, lot) RETURNING id, stock_item_id, lot_id
"""
# One statement, so one moment: what lies there now, less what moved since somebody stood before the shelf. Who stands there now
# has the ledger summed for nothing. Ids of a shelf's movements rise as they are written, since each is written under its lock.
_BOOKS = """
SELECT q.line_id, coalesce(CASE WHEN s.has_lots AND t.counts_lots THEN sl.on_hand ELSE s.on_hand END, 0)
    - CASE WHEN q.counted_at >= %(at)s THEN 0 ELSE coalesce(
        (SELECT sum(m.quantity) FROM inventory_movement m WHERE m.stock_id = s.id AND m.at > q.counted_at
            AND (NOT (s.has_lots AND t.counts_lots) OR m.lot_id IS NOT DISTINCT FROM n.lot_id)), 0)::int END AS book,
    coalesce((SELECT m.id FROM inventory_movement m WHERE m.stock_id = s.id ORDER BY m.id DESC LIMIT 1), 0) AS movement
FROM unnest(%(lines)s::bigint[], %(times)s::timestamptz[]) AS q (line_id, counted_at)
JOIN inventory_stocktakeline n ON n.id = q.line_id JOIN inventory_stocktake t ON t.id = n.stocktake_id
LEFT JOIN inventory_stock s ON s.stock_item_id = n.stock_item_id AND s.location_id = n.location_id
LEFT JOIN inventory_stocklot sl ON sl.stock_id = s.id AND sl.lot_id IS NOT DISTINCT FROM n.lot_id
"""
_NOTE = """
INSERT INTO inventory_stocktakecount (stocktake_id, line_id, round, kind, quantity, book, code, is_total, once_key, counted_at, at,
    actor_kind, actor_id, actor_label, on_behalf_of)
SELECT %(stocktake)s, q.line_id, q.round, q.kind, q.quantity, q.book, q.code, q.is_total, q.once_key, q.counted_at, %(at)s,
    %(actor)s, %(id)s, %(label)s, %(for)s
FROM unnest(%(lines)s::bigint[], %(rounds)s::int[], %(kinds)s::text[], %(quantities)s::int[], %(books)s::int[], %(codes)s::text[],
    %(totals)s::boolean[], %(keys)s::text[], %(times)s::timestamptz[])
    AS q (line_id, round, kind, quantity, book, code, is_total, once_key, counted_at)
"""
_COUNT = """
UPDATE inventory_stocktakeline n SET counted = q.counted, book = q.book, counted_at = q.counted_at, book_movement_id = q.movement
FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::timestamptz[], %s::bigint[]) AS q (line_id, counted, book, counted_at, movement)
WHERE n.id = q.line_id
"""


NOT_WRITTEN = Refusal("inventory.not_written", gettext_noop("Not counted, because other rows were refused."))


@dataclass(slots=True)
class _Tally:
    """A line while entries are added to it; it is opened on writing where nobody expected the item or lot (``line_id`` 0)."""

    item_id: int
    line_id: int
    round: int
    counted: int | None
    counted_at: datetime | None = None
    lot: Meant | None = None
    lot_number: str = ""
    book: int = 0
    movement: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Note:
    """An entry that may be written."""

    seen: Seen
    tally: _Tally

    @property
    def entry(self) -> CountEntry:
        return self.seen.entry


@operation
def record_counts(stocktake_id: int, entries: Sequence[CountEntry], *, actor: Actor, at: datetime) -> list[Counted | Refusal]:
    """What was seen is noted, once per key; one result per entry. Locks the stocktake only: sales never wait for a count.

    Refuses "inventory.no_such_stocktake", "inventory.stocktake_not_counting", "inventory.not_your_location",
    "inventory.unknown_code", "inventory.ambiguous_code", "inventory.counts_as_parts" (a kit), "inventory.bad_count",
    "inventory.not_in_this_stocktake", "inventory.counted_elsewhere", "inventory.agreed_before" (in a second count),
    "inventory.counted_before" (where the entry wants to be the first), "inventory.counted_later" (where it would be added to a
    count that was made after it); of lots like ``lots_meant``, and with "inventory.lot_missing".
    """
    take = locked(stocktake_id)
    return [NO_STOCKTAKE] * len(entries) if take is None else enter_counts(take, entries, whole=False, actor=actor, at=at)


def enter_counts(take: Any, entries: Sequence[CountEntry], *, whole: bool, actor: Actor, at: datetime) -> list[Counted | Refusal]:
    """``record_counts`` of a stocktake that is locked; where ``whole``, one refused entry means that none is written."""
    if refusal := _may_enter(take, actor):
        return [refusal] * len(entries)
    known = _known([entry.once_key for entry in entries])
    labels = [label_read(entry.code) for entry in entries]
    codes = [typed_code(entry.code) for entry in entries]
    reads = items_read([*codes, *(label.code for label in labels if label)], company_id=take.company_id)
    results: dict[int, Counted | Refusal] = {}
    wanted: list[Seen] = []
    for index, (entry, code, label) in enumerate(zip(entries, codes, labels, strict=True)):
        own = reads[code]  # a code of ours that happens to look like a label stays one
        read = reads[label.code] if label and isinstance(own, Refusal) else own
        if entry.once_key in known:
            results[index] = replace(known[entry.once_key], repeated=True)
        elif isinstance(read, Refusal):
            results[index] = read.at(f"/{index}/code")
        elif wrong := count_refusal(entry.quantity * read.pieces):
            results[index] = wrong.at(f"/{index}/quantity")
        else:
            wanted.append(Seen(index=index, entry=entry, read=read, label=label if isinstance(own, Refusal) else None))
    notes = _placed(take, wanted, results)
    if notes and not (whole and any(isinstance(result, Refusal) for result in results.values())):
        _open_lines(take, notes)
        _books(notes, at=at)
        _write(take.id, notes, results, actor=actor, at=at)
    return [results.get(index, NOT_WRITTEN) for index in range(len(entries))]


def _may_enter(take: Any | None, actor: Actor) -> Refusal | None:
    if take is None:
        return NO_STOCKTAKE
    if take.status != StocktakeStatus.COUNTING:
        return not_counting(take)
    return None if may_count(actor, take.location_id) else NOT_YOURS


def _known(keys: Sequence[str]) -> dict[str, Counted]:
    found = rows(
        "SELECT c.once_key, c.line_id, i.code, i.name, coalesce(n.counted, 0) AS counted, coalesce(lot.number, '') AS lot"
        " FROM inventory_stocktakecount c JOIN inventory_stocktakeline n ON n.id = c.line_id"
        " JOIN inventory_stockitem i ON i.id = n.stock_item_id LEFT JOIN inventory_lot lot ON lot.id = n.lot_id WHERE c.once_key = ANY(%s::text[])",
        (list(keys),),
    )
    return {row.once_key: Counted(line_id=row.line_id, item=row.code, name=row.name, quantity=row.counted, lot=row.lot) for row in found}


def _placed(take: Any, wanted: Sequence[Seen], results: dict[int, Counted | Refusal]) -> list[_Note]:
    """Which line each entry belongs to; an item or a lot that nobody expected gets one where it belongs to what is counted."""
    items = sorted({seen.read.stock_item_id for seen in wanted})
    asked = {"stocktake": take.id, "location": take.location_id, "items": items}
    found = rows(_LINES, asked)
    if take.scope == StocktakeScope.WHOLE and len({row.stock_item_id for row in found}) < len(items):
        rows(HOLD_LOCATION, (take.location_id, take.company_id))  # nobody opens another stocktake of these meanwhile
        found = rows(_LINES, asked)
    elsewhere = {row.stock_item_id: row.number for row in found if not row.is_ours}
    ours = {row.stock_item_id for row in found if row.is_ours}
    lots = lots_meant(wanted, company_id=take.company_id) if take.counts_lots else {}
    tallies = {
        (row.stock_item_id, row.lot): _Tally(row.stock_item_id, row.id, row.round, row.counted, row.counted_at, None, row.lot)
        for row in found
        if row.is_ours
    }
    notes = []
    for seen in wanted:
        item, lot = seen.read.stock_item_id, lots.get(seen.index)
        belongs = item in ours or (item not in elsewhere and take.scope == StocktakeScope.WHOLE)
        if isinstance(lot, Refusal) and belongs:
            results[seen.index] = lot
            continue
        known = lot if isinstance(lot, Meant) else None
        key = item, known.number if known else ""
        needs_lot = take.counts_lots and seen.read.is_lot_tracked and known is None and not seen.is_unnamed
        if belongs and key not in tallies and not needs_lot:
            tallies[key] = _Tally(item, 0, take.round, None, None, known, key[1])
        tally = tallies.get(key)
        refusal = _not_here(take, seen.read, elsewhere) if not belongs else _lacks_its_lot(seen, tally) if needs_lot else None
        if refusal is None and tally is not None:
            refusal = _not_now(take, seen, key[1], tally)
        if refusal:
            results[seen.index] = refusal.at(f"/{seen.index}/{refusal.field or 'code'}")
        elif tally is not None:
            notes.append(_Note(seen=seen, tally=tally))
    return notes


def _lacks_its_lot(seen: Seen, tally: _Tally | None) -> Refusal | None:
    """Without a lot, only that nothing lies there can be said, of a shelf on which the books have no lot either."""
    if tally is not None and seen.entry.quantity == 0:
        return None
    words = gettext_noop("%(item)s is counted by lot. Name the lot that stands on the goods; “%(none)s” where none can be read.")
    return Refusal("inventory.lot_missing", words, {"item": seen.read.item, "name": seen.read.name, "none": UNNAMED}, "lot")


def _not_here(take: Any, read: Read, elsewhere: Mapping[int, str]) -> Refusal:
    if read.stock_item_id in elsewhere:
        about = {"item": read.item, "number": elsewhere[read.stock_item_id]}
        return Refusal("inventory.counted_elsewhere", gettext_noop("%(item)s is being counted in %(number)s."), about)
    return Refusal(
        "inventory.not_in_this_stocktake",
        gettext_noop("%(item)s does not belong to the part that %(number)s counts."),
        {"item": read.item, "number": take.number},
    )


def _not_now(take: Any, seen: Seen, lot: str, tally: _Tally) -> Refusal | None:
    entry, told = seen.entry, {"item": f"{seen.read.item} {lot}".strip()}
    if tally.round != take.round:
        words = gettext_noop("%(item)s agreed with the books in an earlier round and is not counted again.")
        return Refusal("inventory.agreed_before", words, told)
    if entry.mode is CountMode.FIRST and tally.counted is not None:
        return Refusal(
            "inventory.counted_before",
            gettext_noop("%(item)s was counted before: %(counted)s. Say whether to add to that or to replace it."),
            {**told, "counted": tally.counted},
        )
    if entry.mode is CountMode.ADD and entry.counted_at and tally.counted_at and entry.counted_at < tally.counted_at:
        return Refusal(
            "inventory.counted_later",
            gettext_noop("%(item)s was counted again after this count was made, so the two cannot be added up. Replace it, or count anew."),
            told,
        )
    return None


def _open_lines(take: Any, notes: Sequence[_Note]) -> None:
    """Lines for what nobody expected here, and lots that nobody knew of."""
    new = list({id(note.tally): note.tally for note in notes if not note.tally.line_id}.values())
    if not new:
        return
    made = make_lots([(tally.item_id, tally.lot) for tally in new if tally.lot and not tally.lot.lot_id])
    lot_ids = [(tally.lot.lot_id or made[tally.item_id, tally.lot.number]) if tally.lot else None for tally in new]
    found = rows(_FOUND, (take.id, take.location_id, take.round, [tally.item_id for tally in new], lot_ids))
    line_ids = {(row.stock_item_id, row.lot_id): row.id for row in found}
    for tally, lot_id in zip(new, lot_ids, strict=True):
        tally.line_id = line_ids[tally.item_id, lot_id]


def _books(notes: Sequence[_Note], *, at: datetime) -> None:
    """The books of each line at the latest moment it was counted; what is replaced was counted for nothing."""
    for note in notes:
        seen = min(note.entry.counted_at or at, at)
        is_added = note.tally.counted_at is not None and note.entry.mode is not CountMode.REPLACE
        note.tally.counted_at = max(seen, note.tally.counted_at or seen) if is_added else seen
    latest = {note.tally.line_id: note.tally.counted_at for note in notes}
    books = {row.line_id: row for row in rows(_BOOKS, {"lines": list(latest), "times": list(latest.values()), "at": at})}
    for note in notes:
        note.tally.book, note.tally.movement = books[note.tally.line_id].book, books[note.tally.line_id].movement


def _write(stocktake_id: int, notes: Sequence[_Note], results: dict[int, Counted | Refusal], *, actor: Actor, at: datetime) -> None:
    first: dict[str, Counted] = {}
    changes: list[tuple[_Note, int]] = []
    for note in notes:
        if note.entry.once_key in first:
            results[note.seen.index] = replace(first[note.entry.once_key], repeated=True)
            continue
        read, lot = note.seen.read, note.tally.lot_number
        pieces, before = note.entry.quantity * read.pieces, note.tally.counted or 0
        change = pieces - before if note.entry.mode is CountMode.REPLACE else pieces
        note.tally.counted = before + change
        changes.append((note, change))
        counted = Counted(line_id=note.tally.line_id, item=read.item, name=read.name, quantity=note.tally.counted, lot=lot)
        first[note.entry.once_key] = results[note.seen.index] = counted
    run(
        _NOTE,
        {
            "stocktake": stocktake_id, "at": at, "actor": str(actor.kind), "id": actor.id, "label": actor.label, "for": actor.on_behalf_of,
            "lines": [note.tally.line_id for note, _c in changes],
            "rounds": [note.tally.round for note, _c in changes],
            "kinds": [str(note.entry.kind) for note, _c in changes],
            "quantities": [change for _n, change in changes],
            "books": [note.tally.book for note, _c in changes],
            "codes": [typed_code(note.entry.code)[:80] for note, _c in changes],
            "totals": [note.entry.mode is CountMode.REPLACE for note, _c in changes],
            "keys": [note.entry.once_key for note, _c in changes],
            "times": [min(note.entry.counted_at or at, at) for note, _c in changes],
        },
    )  # fmt: skip
    tallies = list({note.tally.line_id: note.tally for note, _c in changes}.values())
    run(
        _COUNT,
        (
            [t.line_id for t in tallies], [t.counted for t in tallies], [t.book for t in tallies], [t.counted_at for t in tallies],
            [t.movement for t in tallies],
        ),
    )  # fmt: skip


# The newest entry of this person that still counts, and the one before it on the same line. What somebody replaced since then
# is in no total any more.
_LAST = """
SELECT c.id, c.line_id, c.round, c.quantity, c.code, n.counted, n.round AS now, i.code AS item, i.name, coalesce(lot.number, '') AS lot
FROM inventory_stocktakecount c JOIN inventory_stocktakeline n ON n.id = c.line_id JOIN inventory_stockitem i ON i.id = n.stock_item_id
LEFT JOIN inventory_lot lot ON lot.id = n.lot_id
WHERE c.stocktake_id = %(stocktake)s AND c.actor_kind = %(kind)s AND c.actor_id = %(id)s AND c.kind IN ('scan', 'typed') AND c.round = n.round
  AND NOT EXISTS (SELECT FROM inventory_stocktakecount u WHERE u.undoes_id = c.id)
  AND NOT EXISTS (
    SELECT FROM inventory_stocktakecount r WHERE r.line_id = c.line_id AND r.round = c.round AND r.id > c.id AND r.is_total
      AND NOT EXISTS (SELECT FROM inventory_stocktakecount u WHERE u.undoes_id = r.id)
  )
ORDER BY c.id DESC LIMIT 1
"""
_BEFORE = """
SELECT c.counted_at FROM inventory_stocktakecount c
WHERE c.line_id = %s AND c.round = %s AND c.id <> %s AND c.kind <> 'undo'
  AND NOT EXISTS (SELECT FROM inventory_stocktakecount u WHERE u.undoes_id = c.id)
ORDER BY c.id DESC LIMIT 1
"""
_TAKE_BACK = """
INSERT INTO inventory_stocktakecount (stocktake_id, line_id, round, kind, quantity, book, code, undoes_id, once_key, counted_at, at,
    actor_kind, actor_id, actor_label, on_behalf_of)
VALUES (%(stocktake)s, %(line)s, %(round)s, 'undo', %(quantity)s, 0, %(code)s, %(undoes)s, %(key)s, %(at)s, %(at)s,
    %(kind)s, %(id)s, %(label)s, %(for)s)
"""


@operation
def undo_count(stocktake_id: int, *, once_key: str, actor: Actor, at: datetime) -> Counted | Refusal:
    """The last entry this person scanned or typed is taken back, once per key; the entry and its undoing both stay on record.

    Refuses like ``record_counts``, and "inventory.nothing_to_undo".
    """
    take = locked(stocktake_id)
    refusal = _may_enter(take, actor)
    if refusal or take is None:
        return refusal or NO_STOCKTAKE
    if once_key in (known := _known([once_key])):
        return replace(known[once_key], repeated=True)
    who = {"kind": str(actor.kind), "id": actor.id}
    found = rows(_LAST, {"stocktake": take.id, **who})
    if not found or found[0].quantity > found[0].counted:
        return Refusal("inventory.nothing_to_undo", gettext_noop("You have counted nothing in this round that could be taken back."))
    last = found[0]
    before = rows(_BEFORE, (last.line_id, last.round, last.id))
    run(
        _TAKE_BACK,
        {
            "stocktake": take.id, "line": last.line_id, "round": last.round, "quantity": -last.quantity, "code": last.code,
            "undoes": last.id, "key": once_key, "at": at, "label": actor.label, "for": actor.on_behalf_of, **who,
        },
    )  # fmt: skip
    left = last.counted - last.quantity
    if before:
        seen = before[0].counted_at
        book = rows(_BOOKS, {"lines": [last.line_id], "times": [seen], "at": at})[0]
        run(_COUNT, ([last.line_id], [left], [book.book], [seen], [book.movement]))
    else:
        run(
            "UPDATE inventory_stocktakeline SET counted = NULL, book = NULL, counted_at = NULL, book_movement_id = NULL WHERE id = %s",
            (last.line_id,),
        )
    return Counted(line_id=last.line_id, item=last.item, name=last.name, quantity=left, lot=last.lot)
