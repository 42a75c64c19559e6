"""What every step of a transfer needs: the locked rows, the road between two places, the end, and the words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, override

from core.actor import Actor
from core.db import rows, run
from core.errors import Refusal, Refused
from core.outbox import announce
from core.queries import company_context
from core.words import gettext_noop
from inventory.events import TransferEnded
from inventory.operations.ledger import Moved
from inventory.operations.masters import LocationAsk, open_locations
from inventory.queries import TransferLineRow
from inventory.rules import LocationKind, TransferStatus

IN_TRANSIT = LocationAsk(code="in-transit", name=gettext_noop("In transit"), kind=LocationKind.IN_TRANSIT, can_ship=False, priority=9_999)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferStep:
    """The transfer has this status; ``repeated`` when the same was done before."""

    transfer_id: int
    number: str
    status: TransferStatus
    repeated: bool = False


def locked_transfers(transfer_ids: Sequence[int]) -> dict[int, Any]:
    found = rows(
        """
        SELECT id, number, company_id, from_location_id, to_location_id, status
        FROM inventory_stocktransfer WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE
        """,
        (sorted(set(transfer_ids)),),
    )
    return {row.id: row for row in found}


def sorted_out(
    ids: Sequence[int], *, to: TransferStatus | None, fault: Callable[[Any], Refusal | None]
) -> tuple[list[Any], list[TransferStep | Refusal]]:
    """The transfers to change, and a result for every id in the order asked; without a status to reach, each ends closed once."""
    transfers = locked_transfers(ids)
    reached = to or TransferStatus.CLOSED
    done: dict[int, Any] = {}
    results: list[TransferStep | Refusal] = []
    for one in ids:
        transfer = transfers.get(one)
        if transfer is None:
            results.append(not_found())
        elif transfer.status == to or one in done:
            results.append(TransferStep(transfer_id=one, number=transfer.number, status=reached, repeated=True))
        elif refused := fault(transfer):
            results.append(refused)
        else:
            done[one] = transfer
            results.append(TransferStep(transfer_id=one, number=transfer.number, status=reached))
    return list(done.values()), results


def roads_of(company_ids: set[int], *, actor: Actor, at: datetime) -> dict[int, int]:
    """Each company's location for goods on the road, opened where there is none yet."""
    found = rows(
        """
        SELECT DISTINCT ON (company_id) company_id, id FROM inventory_location
        WHERE company_id = ANY(%s::bigint[]) AND kind = 'in_transit' AND ended_at IS NULL ORDER BY company_id, id
        """,
        (sorted(company_ids),),
    )
    roads = {row.company_id: row.id for row in found}
    for company_id in sorted(company_ids - set(roads)):
        with override(company_context(company_id).language):
            road = replace(IN_TRANSIT, name=gettext(IN_TRANSIT.name))
        [roads[company_id]] = open_locations([road], company_id=company_id, actor=actor, at=at)
    return roads


def end_transfers(done: Sequence[Any], status: TransferStatus, lines: dict[int, tuple[TransferLineRow, ...]], *, at: datetime) -> None:
    run(
        "UPDATE inventory_stocktransfer SET status = %s, closed_at = %s::timestamptz WHERE id = ANY(%s::bigint[])",
        (str(status), at, [transfer.id for transfer in done]),
    )
    announce(*(TransferEnded(**told_of(t, [line.stock_item_id for line in lines.get(t.id, ())], at=at), status=str(status)) for t in done))


def insist_moved(results: Sequence[Moved | Refusal]) -> None:
    """Everything was looked at before under the same locks; what is refused all the same undoes the whole batch."""
    if refused := [result for result in results if isinstance(result, Refusal)]:
        raise Refused(refused[0].code, refused[0].message, params=refused[0].params, errors=refused)
    if again := [result for result in results if isinstance(result, Moved) and not result.is_new]:
        raise RuntimeError(f"{again[0].once_key} stands in the ledger already: what was about to be counted would move nothing.")


def not_found() -> Refusal:
    return Refusal("transfer.not_found", gettext_noop("There is no such transfer."))


def nothing_on_the_road(transfer: Any) -> Refusal:
    words = gettext_noop("Nothing of %(number)s is on the road: it has not left yet, or it has ended.")
    return Refusal("transfer.not_on_the_road", words, {"number": transfer.number})


def told_of(transfer: Any, items: Sequence[int], *, at: datetime) -> dict[str, Any]:
    return {
        "company_id": transfer.company_id,
        "transfer_id": transfer.id,
        "number": transfer.number,
        "from_location_id": transfer.from_location_id,
        "to_location_id": transfer.to_location_id,
        "stock_item_ids": tuple(dict.fromkeys(items)),
        "at": at,
    }
