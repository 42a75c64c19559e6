"""What an order gave or took in points follows it when it is undone: by its reference, in proportion, once however often it is told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows
from core.outbox import announce
from customers.events import PointsCorrected
from customers.operations.points import LotEntry, return_points, write_entries
from customers.rules import GiveBack, PointKind, PointsMoved, PointsUndone, Undone, still_to_take

_LOCK = """
SELECT l.id FROM customers_pointlot l WHERE l.id IN (
    SELECT e.lot_id FROM customers_pointentry e JOIN customers_customer c ON c.id = e.customer_id
    JOIN unnest(%s::bigint[], %s::text[]) AS q (company, reference) ON q.company = c.company_id AND q.reference = e.reference
) ORDER BY l.id FOR UPDATE
"""
_LOTS = """
SELECT q.place, e.lot_id, e.customer_id, l.remaining, sum(e.points) FILTER (WHERE e.kind = 'granted') AS granted,
    -coalesce(sum(e.points) FILTER (WHERE e.kind = 'corrected'), 0) AS taken, count(*) FILTER (WHERE e.kind = 'corrected') AS times
FROM unnest(%s::bigint[], %s::text[]) WITH ORDINALITY AS q (company, reference, place)
JOIN customers_pointentry e ON e.reference = q.reference JOIN customers_customer c ON c.id = e.customer_id AND c.company_id = q.company
JOIN customers_pointlot l ON l.id = e.lot_id AND l.programme_id IS NULL
GROUP BY q.place, e.lot_id, e.customer_id, l.remaining HAVING bool_or(e.kind = 'granted') ORDER BY e.lot_id
"""
_SPENT = """
SELECT DISTINCT q.place, e.deed_key FROM unnest(%s::bigint[], %s::text[]) WITH ORDINALITY AS q (company, reference, place)
JOIN customers_pointentry e ON e.reference = q.reference AND e.kind = 'spent'
JOIN customers_customer c ON c.id = e.customer_id AND c.company_id = q.company ORDER BY q.place, e.deed_key
"""


@operation
def undo_points(asks: Sequence[Undone], *, actor: Actor, at: datetime) -> list[PointsUndone]:
    """Points granted under a reference are taken back in proportion to what was undone of it; those spent on it come back once all is.

    What an order earned by a programme follows what of it was kept instead (``settle_earned_points``). ``part`` counts everything undone
    so far, so that telling it again, late or twice takes nothing more. No more is taken than is left of a lot: what was spent meanwhile is
    told as ``short`` and not claimed. Locks the lots in id order; constant statements. Announces PointsCorrected and PointsReturned.
    """
    asked = [ask for ask in asks if ask.whole > 0 and ask.part > 0]
    about = ([ask.company_id for ask in asked], [ask.reference for ask in asked])
    if not asked or not rows(_LOCK, about):
        return [PointsUndone() for _ask in asks]
    taken, short = [0] * len(asked), [0] * len(asked)
    entries, events = [], []
    for row in rows(_LOTS, about):
        ask = asked[row.place - 1]
        wanted = still_to_take(int(row.granted), int(row.taken), ask)
        points = min(wanted, row.remaining)
        taken[row.place - 1] += points
        short[row.place - 1] += wanted - points
        if points:
            entries.append(
                LotEntry(
                    lot_id=row.lot_id, customer_id=row.customer_id, kind=PointKind.CORRECTED, points=-points, reference=ask.reference,
                    deed_key=f"undone:{row.lot_id}:{row.times + 1}",
                )
            )  # fmt: skip
            events.append(PointsCorrected(customer_id=row.customer_id, lot_id=row.lot_id, points=-points, reference=ask.reference))
    write_entries(entries, actor, at)
    announce(*events)
    back = _give_back(asked, rows(_SPENT, about), actor=actor, at=at)
    answers = iter([PointsUndone(taken_back=t, short=s, given_back=b) for t, s, b in zip(taken, short, back, strict=True)])
    return [next(answers) if ask.whole > 0 and ask.part > 0 else PointsUndone() for ask in asks]


def _give_back(asked: Sequence[Undone], spent: Sequence[Any], *, actor: Actor, at: datetime) -> list[int]:
    """What was spent on each reference that is undone altogether comes back."""
    wanted = [row for row in spent if asked[row.place - 1].part >= asked[row.place - 1].whole]
    given = [0] * len(asked)
    gifts = [GiveBack(spend_key=row.deed_key, reference=asked[row.place - 1].reference) for row in wanted]
    for row, moved in zip(wanted, return_points(gifts, actor=actor, at=at) if gifts else [], strict=True):
        given[row.place - 1] += moved.points if isinstance(moved, PointsMoved) and not moved.repeated else 0
    return given
