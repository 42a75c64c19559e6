"""What another place can spare is taken from there instead of being bought: proposals become planned transfers."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from core.actor import Actor
from core.db import operation
from core.errors import Refusal
from core.queries import company_context
from inventory.operations.transfer_rows import TransferStep
from inventory.operations.transferring import plan_transfers
from inventory.queries import transfer_proposals
from inventory.rules import TransferAsk, TransferLineAsk


@operation
def plan_proposed_transfers(stock_ids: Sequence[int], *, company_id: int, actor: Actor, at: datetime) -> list[TransferStep | Refusal]:
    """What these shelves miss and others can spare is planned to go: a transfer for each pair of places; one result per transfer.

    A shelf that nothing can be spared for any more is left out, so pressing twice plans once. Refuses like ``plan_transfers``.
    """
    chosen = set(stock_ids)
    lines: dict[tuple[int, int], list[TransferLineAsk]] = {}
    for stock_id, proposal in transfer_proposals(company_id, today=company_context(company_id).business_date(at)).items():
        if stock_id in chosen:
            ends = proposal.gift.source.location_id, proposal.order.location_id
            lines.setdefault(ends, []).append(TransferLineAsk(stock_item_id=proposal.order.stock_item_id, quantity=proposal.gift.quantity))
    asks = [
        TransferAsk(from_location_id=here, to_location_id=there, lines=tuple(goods), once_key=_key(here, there, goods, at=at))
        for (here, there), goods in sorted(lines.items())
    ]
    return plan_transfers(asks, company_id=company_id, actor=actor, at=at) if asks else []


def _key(here: int, there: int, goods: Sequence[TransferLineAsk], *, at: datetime) -> str:
    told = ";".join(f"{line.stock_item_id}x{line.quantity}" for line in goods)
    return f"spared:{here}:{there}:{sha256(f'{at.isoformat()}|{told}'.encode()).hexdigest()[:32]}"
