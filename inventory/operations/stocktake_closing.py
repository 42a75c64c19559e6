"""How a stocktake ends: a second person approves it and the differences go into the books, or it is given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal, Refused
from core.outbox import announce
from core.words import gettext_noop
from inventory.events import StocktakeClosed
from inventory.operations.moving import correct_shelves
from inventory.operations.stocktaking import NO_STOCKTAKE, NOT_YOURS, locked, not_counted
from inventory.queries import may_count
from inventory.rules import UNSELLABLE, Adjustment, StockState, StocktakeStatus, may_approve, states_of_difference


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
# Nobody corrects a shelf by hand between the look at what was corrected and the difference that is written.
_HOLD = """
SELECT s.id FROM inventory_stock s
WHERE s.location_id = %(location)s
  AND s.stock_item_id IN (SELECT n.stock_item_id FROM inventory_stocktakeline n WHERE n.stocktake_id = %(id)s AND n.difference <> 0)
ORDER BY s.id FOR UPDATE OF s
"""
# A correction is not in the books of a count when it is of later, or when it was written after they were read. Of goods counted by
# lot, only a correction of the same lot is in its way. What lies there is read after the shelves are held.
_DIFFERENCES = f"""
SELECT n.id, n.stock_item_id, n.difference, n.difference_value, concat_ws(' ', i.code, lot.number) AS code, lot.number AS lot, lot.expires_on,
    i.is_lot_tracked AND t.counts_lots AS by_lot,
    {", ".join(f"coalesce(CASE WHEN i.is_lot_tracked AND t.counts_lots THEN sl.{state} ELSE s.{state} END, 0) AS {state}" for state in UNSELLABLE)},
    EXISTS (SELECT FROM inventory_movement m
            WHERE m.stock_id = s.id AND m.kind = 'adjustment' AND m.quantity <> 0 AND (m.at > n.counted_at OR m.id > n.book_movement_id)
              AND (NOT (i.is_lot_tracked AND t.counts_lots) OR m.lot_id IS NOT DISTINCT FROM n.lot_id)) AS is_corrected
FROM inventory_stocktakeline n JOIN inventory_stocktake t ON t.id = n.stocktake_id JOIN inventory_stockitem i ON i.id = n.stock_item_id
LEFT JOIN inventory_lot lot ON lot.id = n.lot_id
LEFT JOIN inventory_stock s ON s.stock_item_id = n.stock_item_id AND s.location_id = n.location_id
LEFT JOIN inventory_stocklot sl ON sl.stock_id = s.id AND sl.lot_id IS NOT DISTINCT FROM n.lot_id
WHERE n.stocktake_id = %s AND n.difference <> 0 ORDER BY n.stock_item_id, n.id
"""
_CLOSE = """
UPDATE inventory_stocktake SET status = 'closed', closed_at = %(at)s, approved_by = %(who)s, approver_label = %(label)s, reason = %(reason)s,
    version = version + 1 WHERE id = %(id)s
"""


@operation
def approve_stocktake(stocktake_id: int, *, reason: str, actor: Actor, at: datetime) -> Closed | Refusal:
    """The differences are in the books, lot by lot, on top of whatever moved since the count, and the stocktake is closed.

    Refuses "inventory.no_such_stocktake", "inventory.stocktake_not_counted", "inventory.counter_cannot_approve",
    "inventory.not_your_location". Raises CannotApprove with a reason per item where the pieces that are missing are promised
    to orders or picked for them from that lot, where somebody corrected the shelf (or lot) after it was counted, or where pieces are
    blocked in several states and nobody can know which of them are gone; nothing is changed then. Locks the stocktake, then stock by id. Announces StocktakeClosed. Approving twice changes nothing.
    """
    take = locked(stocktake_id)
    if take is None:
        return NO_STOCKTAKE
    if take.status == StocktakeStatus.CLOSED:
        return Closed(stocktake_id=take.id, adjusted=0, value=0, repeated=True)
    if take.status != StocktakeStatus.COUNTED:
        return not_counted(take)
    if not may_approve(actor.ref, counters=_counters(take.id)):
        return Refusal(
            "inventory.counter_cannot_approve",
            gettext_noop("You counted in %(number)s or handed it in. Somebody else must approve it."),
            {"number": take.number},
        )
    if not may_count(actor, take.location_id):
        return NOT_YOURS
    rows(_HOLD, {"location": take.location_id, "id": take.id}, prepare=False)
    differing = rows(_DIFFERENCES, (take.id,), prepare=False)
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


def _correct(take: Any, differing: Sequence[Any], *, reason: str, actor: Actor, at: datetime) -> None:
    wrong = [
        Refusal(
            "inventory.corrected_meanwhile",
            gettext_noop("%(item)s was corrected by hand after it was counted. Ask for a second count."),
            {"item": row.code},
        )
        for row in differing
        if row.is_corrected
    ]
    corrections: dict[int, list[Adjustment]] = {}
    for row in differing:
        parts = states_of_difference(row.difference, blocked={state: getattr(row, state) for state in UNSELLABLE})
        if parts is None:
            wrong.append(
                Refusal(
                    "inventory.missing_of_which_state",
                    gettext_noop(
                        "%(missing)s of %(item)s are missing, and pieces of it are blocked in several states: nobody can tell which are gone."
                        " Correct the stock by hand in the right state, then ask for a second count."
                    ),
                    {"item": row.code, "missing": -row.difference},
                )
            )
            continue
        corrections.setdefault(row.stock_item_id, []).extend(_adjustment(take, row, state, quantity) for state, quantity in parts.items())
    if wrong:
        raise CannotApprove(errors=wrong)
    answers = correct_shelves(list(corrections.values()), company_id=take.company_id, reason=reason, actor=actor, at=at)
    refused = [answer for answer in answers if isinstance(answer, Refusal)]
    if refused:
        raise CannotApprove(errors=refused)


def _adjustment(take: Any, row: Any, state: StockState, quantity: int) -> Adjustment:
    """What a line changes in the books of its own lot; where the shelf was counted as a whole, lots leave by their expiry."""
    return Adjustment(
        stock_item_id=row.stock_item_id,
        location_id=take.location_id,
        quantity=quantity,
        sellable_quantity=quantity if state is StockState.AVAILABLE else 0,
        state=state,
        lot_number=row.lot or "",
        expires_on=row.expires_on,
        is_unnamed=row.by_lot and row.lot is None,
        once_key=f"stocktake:{row.id}" + ("" if state is StockState.AVAILABLE else f":{state}"),
        cause=f"stocktake:{take.number}",
    )


@operation
def cancel_stocktakes(
    stocktake_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime, handed_in: bool = False
) -> list[Refusal | None]:
    """The counts count for nothing and the shelves may be counted anew; a cancelled one stays so.

    A count that was handed in is thrown away only where that was meant (``handed_in``), and not by whoever counted: its
    differences could be hidden so. Refuses "inventory.no_such_stocktake", "inventory.stocktake_closed",
    "inventory.not_your_location", "inventory.stocktake_handed_in", "inventory.counter_cannot_cancel".
    """
    results: dict[int, Refusal | None] = {}
    for stocktake_id in sorted(set(stocktake_ids)):
        take = locked(stocktake_id)
        results[stocktake_id] = NO_STOCKTAKE if take is None else _may_not_cancel(take, actor=actor, handed_in=handed_in)
    gone = [key for key, answer in results.items() if answer is None]
    run(
        "UPDATE inventory_stocktake SET status = 'cancelled', closed_at = %s, reason = %s, version = version + 1"
        " WHERE id = ANY(%s::bigint[]) AND status <> 'cancelled'",
        (at, reason[:200], gone),
    )
    run("UPDATE inventory_stocktakeline SET is_open = false WHERE stocktake_id = ANY(%s::bigint[]) AND is_open", (gone,))
    return [results[key] for key in stocktake_ids]


def _may_not_cancel(take: Any, *, actor: Actor, handed_in: bool) -> Refusal | None:
    told = {"number": take.number}
    if take.status == StocktakeStatus.CLOSED:
        return Refusal("inventory.stocktake_closed", gettext_noop("%(number)s is closed; its differences are in the books."), told)
    if not may_count(actor, take.location_id):
        return NOT_YOURS
    if take.status != StocktakeStatus.COUNTED:
        return None
    if not handed_in:
        return Refusal(
            "inventory.stocktake_handed_in",
            gettext_noop("%(number)s was handed in. Whoever approves stocktakes may throw the count away."),
            told,
        )
    if not may_approve(actor.ref, counters=_counters(take.id)):
        return Refusal(
            "inventory.counter_cannot_cancel",
            gettext_noop("You counted in %(number)s or handed it in. Somebody else must throw the count away."),
            told,
        )
    return None


def _counters(stocktake_id: int) -> list[str]:
    return [row.who for row in rows(_COUNTERS, {"id": stocktake_id})]
