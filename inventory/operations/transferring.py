"""Goods leave for another place: planned, sent off, or called off before they left."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.clock import business_date
from core.db import operation, rows, run
from core.errors import Refusal
from core.operations import series_for
from core.outbox import announce
from core.queries import company_context
from core.text import clean_text
from core.words import gettext_noop
from inventory.events import TransferSent
from inventory.operations.moving import transfer_stock
from inventory.operations.transfer_lots import name_lots
from inventory.operations.transfer_rows import TransferStep, end_transfers, insist_moved, roads_of, sorted_out, told_of
from inventory.queries import TransferLineRow, named_items, transfer_lines
from inventory.rules import ON_THE_ROAD, Transfer, TransferAsk, TransferStatus
from inventory.rules.moves import MOST

MOST_LINES = 500
MOST_NOTE = 500

_PLAN = """
WITH ask AS MATERIALIZED (
    SELECT * FROM unnest(%(places)s::int[], %(froms)s::bigint[], %(tos)s::bigint[], %(dates)s::date[], %(notes)s::text[], %(keys)s::text[])
        AS q (place, from_id, to_id, expected_on, note, once_key)
), made AS (
    INSERT INTO inventory_stocktransfer (company_id, number, from_location_id, to_location_id, expected_on, note, planned_at, once_key,
        actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT %(company)s, {number}, from_id, to_id, expected_on, note, %(at)s::timestamptz, once_key, %(kind)s, %(id)s, %(label)s, %(for)s
    FROM ask ORDER BY place ON CONFLICT (once_key) DO NOTHING RETURNING id, number, once_key
), line AS (
    INSERT INTO inventory_stocktransferline (transfer_id, stock_item_id, lot_number, quantity)
    SELECT made.id, l.stock_item_id, l.lot_number, l.quantity
    FROM unnest(%(line_places)s::int[], %(items)s::bigint[], %(lots)s::text[], %(quantities)s::int[]) WITH ORDINALITY
        AS l (place, stock_item_id, lot_number, quantity, turn) JOIN ask USING (place) JOIN made USING (once_key) ORDER BY l.turn
)
SELECT id, number, once_key FROM made
"""

_FREE = """
SELECT s.stock_item_id, s.location_id, s.sellable - s.allocated - s.reserved AS free
FROM inventory_stock s WHERE (s.stock_item_id, s.location_id) IN (SELECT * FROM unnest(%s::bigint[], %s::bigint[])) ORDER BY s.id FOR UPDATE
"""


@operation
def plan_transfers(asks: Sequence[TransferAsk], *, company_id: int, actor: Actor, at: datetime) -> list[TransferStep | Refusal]:
    """A transfer stands for every ask, once per key; nothing has moved yet. One result per ask.

    Refuses with "transfer.no_location", "transfer.same_location", "transfer.no_lines", "transfer.item_twice",
    "purchase.no_item", "inventory.bad_quantity", "transfer.note_too_long".
    """
    known = _known([ask.once_key for ask in asks])
    items = named_items([line.stock_item_id for ask in asks for line in ask.lines], company_id=company_id)
    places = _places([place for ask in asks for place in (ask.from_location_id, ask.to_location_id)], company_id=company_id)
    results: dict[int, TransferStep | Refusal] = {}
    fresh: dict[int, TransferAsk] = {}
    for place, ask in enumerate(asks):
        if ask.once_key in known:
            results[place] = known[ask.once_key]
        elif refused := _fault_of_plan(ask, items=items, places=places):
            results[place] = refused
        elif all(ask.once_key != other.once_key for other in fresh.values()):
            fresh[place] = ask
    if fresh:
        _plan(fresh, company_id=company_id, actor=actor, at=at)
    if len(results) < len(asks):
        made = _known([ask.once_key for ask in asks])
        first = {ask.once_key: place for place, ask in reversed(fresh.items())}
        for place, ask in enumerate(asks):
            if place not in results:
                step = made[ask.once_key]
                results[place] = TransferStep(
                    transfer_id=step.transfer_id, number=step.number, status=step.status, repeated=first.get(ask.once_key) != place
                )
    return [results[place] for place in range(len(asks))]


@operation
def send_transfers(transfer_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[TransferStep | Refusal]:
    """The goods have left and lie "in transit", where nobody sells them; one result per id, a transfer wholly or not at all.

    Lines of goods tracked by lot that name none become lines of the lots that expire first. Locks the transfers by id, then stock
    by id. Announces TransferSent. Refuses with "transfer.not_found", "transfer.not_planned", "inventory.promised" when less would
    be left than is promised to orders, "inventory.no_such_lot" where the rest has expired.
    """

    def fault(transfer: Any) -> Refusal | None:
        if transfer.status == TransferStatus.PLANNED:
            return None
        return Refusal("transfer.not_planned", gettext_noop("%(number)s has left or ended before."), {"number": transfer.number})

    done, results = sorted_out(transfer_ids, to=TransferStatus.IN_TRANSIT, fault=fault)
    lines = transfer_lines([transfer.id for transfer in done])
    roads = roads_of({transfer.company_id for transfer in done}, actor=actor, at=at)
    short = _short(done, lines, roads=roads)
    lines, lacking = name_lots([transfer for transfer in done if transfer.id not in short], lines, at=at)
    short |= lacking
    leaving = [transfer for transfer in done if transfer.id not in short]
    for company_id in sorted({transfer.company_id for transfer in leaving}):
        moves = [
            Transfer(
                stock_item_id=line.stock_item_id,
                from_location_id=transfer.from_location_id,
                to_location_id=roads[company_id],
                quantity=line.quantity,
                lot_number=line.lot_number if line.is_lot_tracked else "",
                once_key=f"transfer:{line.id}:sent",
                cause=f"transfer:{transfer.number}",
            )
            for transfer in leaving
            if transfer.company_id == company_id
            for line in lines[transfer.id]
        ]
        insist_moved(transfer_stock(moves, company_id=company_id, actor=actor, at=at))
    run(
        "UPDATE inventory_stocktransfer SET status = 'in_transit', sent_at = %s::timestamptz WHERE id = ANY(%s::bigint[])",
        (at, [transfer.id for transfer in leaving]),
    )
    announce(*(TransferSent(**told_of(t, [line.stock_item_id for line in lines[t.id]], at=at)) for t in leaving))
    return [
        short.get(one, result) if isinstance(result, TransferStep) else result for one, result in zip(transfer_ids, results, strict=True)
    ]


@operation
def cancel_transfers(transfer_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[TransferStep | Refusal]:
    """Planned transfers are off; one result per id. What has left is not cancelled: it arrives, comes home or is written off.

    Locks the transfers by id. Announces TransferEnded. Refuses with "transfer.not_found", "transfer.on_the_road",
    "transfer.ended".
    """

    def fault(transfer: Any) -> Refusal | None:
        if transfer.status in ON_THE_ROAD:
            return Refusal(
                "transfer.on_the_road",
                gettext_noop("The goods of %(number)s are on the road. Settle it instead: the rest comes home, or is written off."),
                {"number": transfer.number},
            )
        if transfer.status == TransferStatus.PLANNED:
            return None
        return Refusal("transfer.ended", gettext_noop("%(number)s has ended."), {"number": transfer.number})

    done, results = sorted_out(transfer_ids, to=TransferStatus.CANCELLED, fault=fault)
    end_transfers(done, TransferStatus.CANCELLED, transfer_lines([transfer.id for transfer in done]), at=at)
    return results


def _known(keys: Sequence[str]) -> dict[str, TransferStep]:
    found = rows("SELECT id, number, status, once_key FROM inventory_stocktransfer WHERE once_key = ANY(%s::text[])", (list(keys),))
    return {
        row.once_key: TransferStep(transfer_id=row.id, number=row.number, status=TransferStatus(row.status), repeated=True) for row in found
    }


def _places(location_ids: Sequence[int], *, company_id: int) -> frozenset[int]:
    """Those of the locations where goods of ours may leave and arrive."""
    found = rows(
        """
        SELECT id FROM inventory_location
        WHERE company_id = %s AND ended_at IS NULL AND kind IN ('warehouse', 'store', 'quarantine') AND id = ANY(%s::bigint[])
        """,
        (company_id, sorted(set(location_ids))),
    )
    return frozenset(row.id for row in found)


def _fault_of_plan(ask: TransferAsk, *, items: Any, places: frozenset[int]) -> Refusal | None:
    for location, field in ((ask.from_location_id, "/from"), (ask.to_location_id, "/to")):
        if location not in places:
            words = gettext_noop("Goods go between warehouses, stores and quarantine that are in use.")
            return Refusal("transfer.no_location", words, field=field)
    if ask.from_location_id == ask.to_location_id:
        return Refusal("transfer.same_location", gettext_noop("Choose another location than the one they lie at."), field="/to")
    if len(ask.note) > MOST_NOTE:
        return Refusal("transfer.note_too_long", gettext_noop("The note has at most %(most)s letters."), {"most": MOST_NOTE}, "/note")
    if not 1 <= len(ask.lines) <= MOST_LINES:
        return Refusal("transfer.no_lines", gettext_noop("A transfer has 1 to %(most)s lines."), {"most": MOST_LINES}, "/lines")
    often = Counter((line.stock_item_id, line.lot_number.strip()) for line in ask.lines)
    for place, line in enumerate(ask.lines):
        item = items.get(line.stock_item_id)
        if item is None:
            return Refusal("purchase.no_item", gettext_noop("There is no such stock item, or it has ended."), field=f"/lines/{place}/item")
        if not 1 <= line.quantity <= MOST:
            words = gettext_noop("Move 1 to %(most)s pieces.")
            return Refusal("inventory.bad_quantity", words, {"most": MOST}, f"/lines/{place}/quantity")
        if often[item.id, line.lot_number.strip()] > 1:
            words = gettext_noop("%(item)s stands in two lines. Write one line with the sum.")
            return Refusal("transfer.item_twice", words, {"item": item.code}, f"/lines/{place}/item")
    return None


def _plan(fresh: dict[int, TransferAsk], *, company_id: int, actor: Actor, at: datetime) -> None:
    series = series_for(company_id, kind="stock_transfer", prefix="TR{yy}{mm}-", digits=5)
    lines = [(place, line) for place, ask in fresh.items() for line in ask.lines]
    rows(
        _PLAN.format(number=series.sql(business_date(at, company_context(company_id).timezone))),
        {
            "places": list(fresh),
            "froms": [ask.from_location_id for ask in fresh.values()],
            "tos": [ask.to_location_id for ask in fresh.values()],
            "dates": [ask.expected_on for ask in fresh.values()],
            "notes": [clean_text(ask.note) for ask in fresh.values()],
            "keys": [ask.once_key for ask in fresh.values()],
            "company": company_id,
            "at": at,
            "kind": str(actor.kind),
            "id": actor.id,
            "label": actor.label,
            "for": actor.on_behalf_of,
            "line_places": [place for place, _ in lines],
            "items": [line.stock_item_id for _, line in lines],
            "lots": [line.lot_number.strip() for _, line in lines],
            "quantities": [line.quantity for _, line in lines],
        },
    )


def _short(done: Sequence[Any], lines: dict[int, tuple[TransferLineRow, ...]], *, roads: dict[int, int]) -> dict[int, Refusal]:
    """Why transfers cannot leave, one after another in the order asked; locks every shelf that they touch, by id."""
    wanted = [(t, line) for t in done for line in lines[t.id]]
    touched = [(line.stock_item_id, place) for t, line in wanted for place in (t.from_location_id, roads[t.company_id])]
    free = {
        (row.stock_item_id, row.location_id): row.free
        for row in rows(_FREE, ([item for item, _ in touched], [place for _, place in touched]))
    }
    short: dict[int, Refusal] = {}
    for transfer in done:
        asked: Counter[int] = Counter()
        for line in lines[transfer.id]:
            asked[line.stock_item_id] += line.quantity
            left = free.get((line.stock_item_id, transfer.from_location_id), 0)
            if asked[line.stock_item_id] > left and transfer.id not in short:
                short[transfer.id] = Refusal(
                    "inventory.promised",
                    gettext_noop("%(number)s cannot leave: of %(item)s only %(free)s are free there, and %(quantity)s should go."),
                    {"number": transfer.number, "item": line.item, "free": left, "quantity": asked[line.stock_item_id]},
                )
        if transfer.id not in short:
            for item, quantity in asked.items():
                free[item, transfer.from_location_id] -= quantity
    return short
