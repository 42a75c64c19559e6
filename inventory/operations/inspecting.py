"""Returned and doubtful goods are looked at: sold again, sold as B-grade, repaired or scrapped."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.words import gettext_noop
from inventory.operations.ledger import Moved, write_moves
from inventory.rules import Inspection, StockState
from inventory.rules.moves import steps_of_inspection

_B_GRADE = "SELECT id, code, b_grade_item_id FROM inventory_stockitem WHERE id = ANY(%s::bigint[]) AND company_id = %s"


@operation
def inspect_stock(found: Sequence[Inspection], *, company_id: int, reason: str, actor: Actor, at: datetime) -> list[Moved | Refusal]:
    """Pieces that could not be sold are what the inspection says, all or none of an inspection, once per key.

    What may be sold again is available; what is B-grade is stock of the item's B-grade at the same place, in a lot of the same
    number where both are tracked; what is repaired waits in repair; what is scrapped is gone. Locks stock by id. Refuses with
    "inventory.no_b_grade" where the item names none, and like ``turn_stock``. Announces StockAdjusted.
    """
    items = {row.id: row for row in rows(_B_GRADE, ([one.stock_item_id for one in found], company_id))}
    named = [replace(one, b_grade_item_id=items[one.stock_item_id].b_grade_item_id) if one.stock_item_id in items else one for one in found]
    homeless = {index for index, one in enumerate(named) if one.b_grade > 0 and one.b_grade_item_id is None}
    senseless = {
        index
        for index, one in enumerate(named)
        if min(one.restock, one.b_grade, one.repair, one.scrap) < 0
        or one.from_state is StockState.AVAILABLE
        or (one.repair and one.from_state is StockState.IN_REPAIR)
    }
    results = write_moves(
        named, steps_of_inspection, company_id=company_id, actor=actor, at=at, reason=reason, impossible=homeless | senseless
    )
    for index in homeless - senseless:
        item = items.get(named[index].stock_item_id)
        results[index] = Refusal(
            "inventory.no_b_grade",
            gettext_noop("%(item)s names no B-grade item. Name one on the item’s page, then inspect again."),
            {"item": item.code if item else ""},
            f"/{index}/b_grade",
        )
    return results
