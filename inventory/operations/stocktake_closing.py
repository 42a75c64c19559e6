"""A second person approves a stocktake: the differences go into the books, and it is closed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal, Refused
from core.outbox import announce
from core.words import gettext_noop
from inventory.events import StocktakeClosed
from inventory.operations.moving import adjust_stock
from inventory.operations.stocktaking import NO_STOCKTAKE, locked, not_counted
from inventory.queries import may_count
from inventory.rules import Adjustment, StocktakeStatus, may_approve


class CannotApprove(Refused):
    """Some of the differences cannot go into the books; none of them has."""

    code = "inventory.cannot_approve"
    message = gettext_noop("Not every difference can be put into the books.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The books say what was counted."""

    stocktake_id: int
    adjusted: int
    value: int
    repeated: bool = False


_COUNTERS = """
SELECT actor_kind || ':' || actor_id AS who FROM inventory_stocktakecount WHERE stocktake_id = %(id)s
UNION SELECT submitted_by FROM inventory_stocktake WHERE id = %(id)s
"""
_DIFFERENCES = """
SELECT n.id, n.stock_item_id, n.difference, n.difference_value, i.code,
    EXISTS (SELECT FROM inventory_stock s JOIN inventory_movement m ON m.stock_id = s.id
            WHERE s.stock_item_id = n.stock_item_id AND s.location_id = n.location_id AND m.kind = 'adjustment' AND m.at > n.counted_at
              AND m.quantity <> 0) AS is_corrected
FROM inventory_stocktakeline n JOIN inventory_stockitem i ON i.id = n.stock_item_id
WHERE n.stocktake_id = %s AND n.difference <> 0 ORDER BY n.stock_item_id
"""
_CLOSE = """
UPDATE inventory_stocktake SET status = 'closed', closed_at = %(at)s, approved_by = %(who)s, approver_label = %(label)s, reason = %(reason)s,
    version = version + 1 WHERE id = %(id)s
"""


@operation
def approve_stocktake(stocktake_id: int, *, reason: str, actor: Actor, at: datetime) -> Closed | Refusal:
    """The differences are in the books, on top of whatever moved since the count, and the stocktake is closed.

    Refuses "inventory.no_such_stocktake", "inventory.stocktake_not_counted", "inventory.counter_cannot_approve",
    "inventory.not_your_location". Raises CannotApprove with a reason per item where the pieces that are missing are promised
    to orders, or where somebody corrected the shelf after it was counted; nothing is changed then. Locks the stocktake, then
    stock by id. Announces StocktakeClosed. Approving twice changes nothing.
    """
    take = locked(stocktake_id)
    if take is None:
        return NO_STOCKTAKE
    if take.status == StocktakeStatus.CLOSED:
        return Closed(stocktake_id=take.id, adjusted=0, value=0, repeated=True)
    if take.status != StocktakeStatus.COUNTED:
        return not_counted(take)
    if not may_approve(actor.ref, counters=[row.who for row in rows(_COUNTERS, {"id": take.id})]):
        return Refusal(
            "inventory.counter_cannot_approve",
            gettext_noop("You counted in %(number)s or handed it in. Somebody else must approve it."),
            {"number": take.number},
        )
    if not may_count(actor, take.location_id):
        return Refusal("inventory.not_your_location", gettext_noop("You work at another location; its staff count there."))
    differing = rows(_DIFFERENCES, (take.id,))
    _correct(take, differing, reason=reason, actor=actor, at=at)
    run(_CLOSE, {"at": at, "who": actor.ref, "label": actor.label, "reason": reason[:200], "id": take.id})
    run("UPDATE inventory_stocktakeline SET is_open = false WHERE stocktake_id = %s", (take.id,))
    value = sum(row.difference_value or 0 for row in differing)
    announce(
        StocktakeClosed(
            company_id=take.company_id,
            location_id=take.location_id,
            stocktake_id=take.id,
            number=take.number,
            differences=len(differing),
            quantity=sum(row.difference for row in differing),
            value=value,
            at=at,
        )
    )
    return Closed(stocktake_id=take.id, adjusted=len(differing), value=value)


def _correct(take: Any, differing: list[Any], *, reason: str, actor: Actor, at: datetime) -> None:
    corrected = [
        Refusal(
            "inventory.corrected_meanwhile",
            gettext_noop("%(item)s was corrected by hand after it was counted. Ask for a second count."),
            {"item": row.code},
        )
        for row in differing
        if row.is_corrected
    ]
    if corrected:
        raise CannotApprove(errors=corrected)
    adjustments = [
        Adjustment(
            stock_item_id=row.stock_item_id,
            location_id=take.location_id,
            quantity=row.difference,
            once_key=f"stocktake:{row.id}",
            cause=f"stocktake:{take.number}",
        )
        for row in differing
    ]
    answers = adjust_stock(adjustments, company_id=take.company_id, reason=reason, actor=actor, at=at)
    refused = [answer for answer in answers if isinstance(answer, Refusal)]
    if refused:
        raise CannotApprove(errors=refused)
