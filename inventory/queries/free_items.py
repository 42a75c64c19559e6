"""What lies free of stock items themselves, for whatever is not sold."""

from collections.abc import Sequence

from core.db import rows

_FREE = """
SELECT s.stock_item_id, s.location_id, greatest(s.sellable - s.allocated - s.reserved, 0) AS free FROM inventory_stock s
WHERE s.stock_item_id = ANY(%s::bigint[]) AND s.location_id = ANY(%s::bigint[])
"""


def free_items(stock_item_ids: Sequence[int], *, location_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    """Free pieces by (stock item, location), read without a lock; where there is no shelf the key is missing. One statement."""
    found = rows(_FREE, (sorted(set(stock_item_ids)), sorted(set(location_ids))))
    return {(row.stock_item_id, row.location_id): row.free for row in found}
