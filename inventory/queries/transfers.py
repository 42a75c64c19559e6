"""What a transfer carries, and how far it has come."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.db import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLineRow:
    """A line as people and machines read it."""

    id: int
    transfer_id: int
    stock_item_id: int
    item: str
    name: str
    is_lot_tracked: bool
    lot_number: str
    quantity: int
    received_quantity: int
    home_quantity: int
    lost_quantity: int

    @property
    def on_the_road(self) -> int:
        """How many are neither here nor there, once the transfer has left."""
        return self.quantity - self.received_quantity - self.home_quantity - self.lost_quantity


def transfer_lines(transfer_ids: Sequence[int]) -> dict[int, tuple[TransferLineRow, ...]]:
    """The lines of transfers in the order they were written. One statement."""
    found = rows(
        """
        SELECT l.id, l.transfer_id, l.stock_item_id, i.code AS item, i.name, i.is_lot_tracked, l.lot_number, l.quantity, l.received_quantity,
            l.home_quantity, l.lost_quantity
        FROM inventory_stocktransferline l JOIN inventory_stockitem i ON i.id = l.stock_item_id
        WHERE l.transfer_id = ANY(%s::bigint[]) ORDER BY l.transfer_id, l.id
        """,
        (sorted(set(transfer_ids)),),
    )
    lines: dict[int, tuple[TransferLineRow, ...]] = {}
    for row in found:
        lines[row.transfer_id] = (*lines.get(row.transfer_id, ()), TransferLineRow(**row._asdict()))
    return lines
