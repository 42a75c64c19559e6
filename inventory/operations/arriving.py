"""Goods on the road arrive, come home, or are written off."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Conflict, Refusal
from core.outbox import announce
from core.words import gettext_noop
from inventory.events import TransferReceived
from inventory.operations.moving import adjust_stock, transfer_stock
from inventory.operations.transfer_rows import (
    TransferStep,
    end_transfers,
    insist_moved,
    locked_transfers,
    not_found,
    nothing_on_the_road,
    roads_of,
    sorted_out,
    told_of,
)
from inventory.queries import TransferLineRow, transfer_lines
from inventory.rules import ON_THE_ROAD, Adjustment, ArrivalAsk, Discrepancy, SettlementAsk, Transfer, TransferLineAsk, TransferStatus
from inventory.rules.moves import MOST
from inventory.rules.transfers import status_after_arrival


@operation
def receive_transfers(asks: Sequence[ArrivalAsk], *, actor: Actor, at: datetime) -> list[TransferStep | Refusal]:
    """What arrived lies at its new place; one result per ask, once per key. A transfer ends when nothing is on the road.

    Locks the transfers by id, then stock by id. Announces TransferReceived and TransferEnded. Refuses with
    "transfer.not_found", "transfer.not_on_the_road", "transfer.no_lines", "transfer.not_sent", "inventory.bad_quantity",
    "inventory.lot_missing" (several lots are on the road, and none is named), "transfer.more_than_sent".
    """
    transfers = locked_transfers([ask.transfer_id for ask in asks])
    lines = transfer_lines(sorted(transfers))
    known = rows(
        "SELECT once_key, transfer_id FROM inventory_transferarrival WHERE once_key = ANY(%s::text[])", ([a.once_key for a in asks],)
    )
    keys = {row.once_key: row.transfer_id for row in known}
    roads = roads_of({transfer.company_id for transfer in transfers.values()}, actor=actor, at=at)
    arrived: dict[int, int] = defaultdict(int)  # by line
    results: list[TransferStep | Refusal] = []
    taken: list[tuple[ArrivalAsk, list[tuple[TransferLineRow, int]]]] = []
    for ask in asks:
        transfer = transfers.get(ask.transfer_id)
        if transfer is None:
            results.append(not_found())
            continue
        if keys.get(ask.once_key, transfer.id) != transfer.id:
            words = gettext_noop("This reference was used for another transfer before. Nothing was changed; give the arrival its own.")
            results.append(Refusal("transfer.reference_used", words, field="/reference"))
            continue
        if ask.once_key in keys:
            results.append(_step(transfer, lines[transfer.id], arrived, repeated=True))
            continue
        found = _arriving(ask, transfer, lines[transfer.id], arrived)
        if isinstance(found, Refusal):
            results.append(found)
            continue
        for line, quantity in found:
            arrived[line.id] += quantity
        keys[ask.once_key] = transfer.id
        taken.append((ask, found))
        results.append(_step(transfer, lines[transfer.id], arrived))
    if taken:
        arrivals = _write_arrivals([ask for ask, _found in taken], actor=actor, at=at)
        _move(taken, transfers, arrivals, roads, actor=actor, at=at)
        _note_arrivals([ask.transfer_id for ask, _found in taken], transfers, lines, arrived, at=at)
    return results


@operation
def settle_transfers(asks: Sequence[SettlementAsk], *, reason: str, actor: Actor, at: datetime) -> list[TransferStep | Refusal]:
    """Everything still on the road came home, or is written off, for a reason; the transfers have ended. One result per ask.

    Locks the transfers by id, then stock by id. Announces TransferEnded. Refuses with "transfer.not_found",
    "transfer.not_on_the_road".
    """
    wanted = {ask.transfer_id: ask.outcome for ask in asks}

    def fault(transfer: Any) -> Refusal | None:
        return None if transfer.status in ON_THE_ROAD else nothing_on_the_road(transfer)

    done, results = sorted_out([ask.transfer_id for ask in asks], to=None, fault=fault)
    lines = transfer_lines([transfer.id for transfer in done])
    roads = roads_of({transfer.company_id for transfer in done}, actor=actor, at=at)
    for company_id in sorted(roads):
        left = [(t, line) for t in done if t.company_id == company_id for line in lines[t.id] if line.on_the_road]
        home = [
            Transfer(
                stock_item_id=line.stock_item_id,
                from_location_id=roads[company_id],
                to_location_id=transfer.from_location_id,
                quantity=line.on_the_road,
                lot_number=line.lot_number if line.is_lot_tracked else "",
                once_key=f"transfer:{line.id}:home",
                cause=f"transfer:{transfer.number}",
            )
            for transfer, line in left
            if wanted[transfer.id] is Discrepancy.COMES_HOME
        ]
        lost = [
            Adjustment(
                stock_item_id=line.stock_item_id,
                location_id=roads[company_id],
                quantity=-line.on_the_road,
                lot_number=line.lot_number if line.is_lot_tracked else "",
                once_key=f"transfer:{line.id}:lost",
                cause=f"transfer:{transfer.number}",
            )
            for transfer, line in left
            if wanted[transfer.id] is Discrepancy.WRITTEN_OFF
        ]
        insist_moved(transfer_stock(home, company_id=company_id, actor=actor, at=at, reason=reason))
        insist_moved(adjust_stock(lost, company_id=company_id, actor=actor, at=at, reason=reason))
    for outcome, column in ((Discrepancy.COMES_HOME, "home_quantity"), (Discrepancy.WRITTEN_OFF, "lost_quantity")):
        run(
            f"""
            UPDATE inventory_stocktransferline SET {column} = quantity - received_quantity - home_quantity - lost_quantity
            WHERE transfer_id = ANY(%s::bigint[])
            """,
            ([transfer.id for transfer in done if wanted[transfer.id] is outcome],),
        )
    end_transfers(done, TransferStatus.CLOSED, lines, at=at)
    return results


def _arriving(
    ask: ArrivalAsk, transfer: Any, lines: Sequence[TransferLineRow], arrived: dict[int, int]
) -> list[tuple[TransferLineRow, int]] | Refusal:
    """Which lines the arrival is of and how many of each, or the first reason why not."""
    if transfer.status not in ON_THE_ROAD or not any(line.on_the_road > arrived[line.id] for line in lines):
        return nothing_on_the_road(transfer)
    if not ask.lines:
        return Refusal("transfer.no_lines", gettext_noop("Say what arrived."), field="/lines")
    came: Counter[int] = Counter()
    for place, told, line in _by_line(ask.lines, lines, arrived):
        if isinstance(line, Refusal):
            return line.at(f"/lines/{place}/lot")
        if line is None:
            words = gettext_noop("%(number)s does not carry this item or lot.")
            return Refusal("transfer.not_sent", words, {"number": transfer.number}, f"/lines/{place}/item")
        if not 1 <= told.quantity <= MOST:
            words = gettext_noop("Move 1 to %(most)s pieces.")
            return Refusal("inventory.bad_quantity", words, {"most": MOST}, f"/lines/{place}/quantity")
        came[line.id] += told.quantity
        left = line.on_the_road - arrived[line.id]
        if came[line.id] > left:
            return Refusal(
                "transfer.more_than_sent",
                gettext_noop(
                    "%(came)s of %(item)s arrived, but %(left)s are on the road. Confirm those, and correct the stock by the rest."
                ),
                {"came": came[line.id], "item": line.item, "left": left},
                f"/lines/{place}/quantity",
            )
    by_id = {line.id: line for line in lines}
    return [(by_id[line_id], quantity) for line_id, quantity in came.items()]


def _by_line(
    told: Sequence[TransferLineAsk], lines: Sequence[TransferLineRow], arrived: dict[int, int]
) -> list[tuple[int, TransferLineAsk, TransferLineRow | Refusal | None]]:
    """What arrived, each part with its place in the ask and its line. Who names no lot means the only one on the road, or all of them."""
    found: list[tuple[int, TransferLineAsk, TransferLineRow | Refusal | None]] = []
    for place, one in enumerate(told):
        of_item = [line for line in lines if line.stock_item_id == one.stock_item_id]
        exact = next((line for line in of_item if line.lot_number == one.lot_number.strip()), None)
        waiting = [line for line in of_item if line.on_the_road > arrived[line.id]]
        if exact is not None or one.lot_number.strip() or not waiting:
            found.append((place, one, exact))
        elif len(waiting) == 1:
            found.append((place, one, waiting[0]))
        elif one.quantity == sum(line.on_the_road - arrived[line.id] for line in waiting):
            found += [(place, replace(one, quantity=line.on_the_road - arrived[line.id]), line) for line in waiting]
        else:
            words = gettext_noop("Several lots of %(item)s are on the road. Name the lot that arrived.")
            found.append((place, one, Refusal("inventory.lot_missing", words, {"item": waiting[0].item})))
    return found


def _write_arrivals(taken: Sequence[ArrivalAsk], *, actor: Actor, at: datetime) -> dict[str, int]:
    """The id of each arrival by its key: references may be as long as they like, the movements are told apart by this."""
    written = rows(
        """
        INSERT INTO inventory_transferarrival (transfer_id, at, once_key, actor_kind, actor_id, actor_label, on_behalf_of)
        SELECT q.transfer_id, %s::timestamptz, q.once_key, %s, %s, %s, %s FROM unnest(%s::bigint[], %s::text[]) AS q (transfer_id, once_key)
        ON CONFLICT (once_key) DO NOTHING RETURNING id, once_key
        """,
        (
            at, str(actor.kind), actor.id, actor.label, actor.on_behalf_of, [ask.transfer_id for ask in taken], [ask.once_key for ask in taken],
        ),
    )  # fmt: skip
    if len(written) < len(taken):  # another transfer arrived under the same key meanwhile
        raise Conflict
    return {row.once_key: row.id for row in written}


def _move(
    taken: Sequence[tuple[ArrivalAsk, list[tuple[TransferLineRow, int]]]],
    transfers: dict[int, Any],
    arrivals: dict[str, int],
    roads: dict[int, int],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    moves: dict[int, list[Transfer]] = defaultdict(list)  # by company
    for ask, found in taken:
        transfer = transfers[ask.transfer_id]
        moves[transfer.company_id] += [
            Transfer(
                stock_item_id=line.stock_item_id,
                from_location_id=roads[transfer.company_id],
                to_location_id=transfer.to_location_id,
                quantity=quantity,
                lot_number=line.lot_number if line.is_lot_tracked else "",
                once_key=f"arrival:{arrivals[ask.once_key]}:{line.id}",
                cause=f"transfer:{transfer.number}",
            )
            for line, quantity in found
        ]
    for company_id, of_company in sorted(moves.items()):
        insist_moved(transfer_stock(of_company, company_id=company_id, actor=actor, at=at))


def _note_arrivals(
    transfer_ids: Sequence[int],
    transfers: dict[int, Any],
    lines: dict[int, tuple[TransferLineRow, ...]],
    arrived: dict[int, int],
    *,
    at: datetime,
) -> None:
    run(
        """
        UPDATE inventory_stocktransferline l SET received_quantity = l.received_quantity + q.quantity
        FROM unnest(%s::bigint[], %s::int[]) AS q (id, quantity) WHERE l.id = q.id
        """,
        (list(arrived), list(arrived.values())),
    )
    told = [transfers[transfer_id] for transfer_id in dict.fromkeys(transfer_ids)]
    ended = [t for t in told if _step(t, lines[t.id], arrived).status == TransferStatus.CLOSED]
    run(
        "UPDATE inventory_stocktransfer SET status = 'partly_received' WHERE id = ANY(%s::bigint[])",
        ([transfer.id for transfer in told if transfer not in ended],),
    )
    for transfer in told:
        announce(TransferReceived(**told_of(transfer, [line.stock_item_id for line in lines[transfer.id] if arrived[line.id]], at=at)))
    end_transfers(ended, TransferStatus.CLOSED, lines, at=at)


def _step(transfer: Any, lines: Sequence[TransferLineRow], arrived: dict[int, int], *, repeated: bool = False) -> TransferStep:
    status = TransferStatus(transfer.status)
    if status in ON_THE_ROAD:
        status = status_after_arrival(
            [(l.quantity, l.received_quantity + arrived[l.id], l.home_quantity + l.lost_quantity) for l in lines]  # noqa: E741
        )
    return TransferStep(transfer_id=transfer.id, number=transfer.number, status=status, repeated=repeated)
