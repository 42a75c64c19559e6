"""What orders earn by a programme: their points are brought to what they have earned by now, up or down."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.actor import Actor
from core.clock import business_date
from core.db import operation, rows
from core.errors import Refusal
from core.outbox import announce
from customers.events import PointsCorrected
from customers.operations.points import LotEntry, grant_points, write_entries
from customers.operations.rows import locked_customers
from customers.rules import Earned, Grant, PointKind, PointsSettled, PointTerms

_MINE = """
unnest(%s::bigint[], %s::text[]) WITH ORDINALITY AS q (company, reference, place)
JOIN customers_pointentry e ON e.reference = q.reference AND e.kind IN ('granted', 'corrected')
JOIN customers_customer c ON c.id = e.customer_id AND c.company_id = q.company
JOIN customers_pointlot l ON l.id = e.lot_id AND l.programme_id IS NOT NULL
"""
_LOCK = f"SELECT l.id FROM customers_pointlot l WHERE l.id IN (SELECT e.lot_id FROM {_MINE}) ORDER BY l.id FOR UPDATE"
# The last that came goes first.
_LOTS = f"""
SELECT q.place, l.id AS lot_id, l.customer_id, l.remaining, sum(e.points)::int AS kept, count(*) FILTER (WHERE e.kind = 'corrected') AS times
FROM {_MINE} GROUP BY q.place, l.id ORDER BY l.id DESC
"""


def hold_customers(customer_ids: Iterable[int]) -> None:
    """The customers are locked until the transaction ends, so that what is read now is what their points are settled by."""
    locked_customers(customer_ids)


@operation
def settle_earned_points(asks: Sequence[Earned], *, actor: Actor, at: datetime) -> list[PointsSettled]:
    """Each order's points are what it has earned: what is missing comes as a lot of its own, what is too much goes, the last lot first.

    One ask per order; the caller holds its customer and read what it earned since (``hold_customers``). Asking the same again changes
    nothing. No more is taken than is left of a lot: what was spent or has expired meanwhile is told as ``short`` and not claimed. Nobody
    who was erased is granted anything. Locks the customers, then the lots in id order; constant statements. Announces PointsGranted and
    PointsCorrected.
    """
    if not asks:
        return []
    hold_customers([ask.customer_id for ask in asks])
    about = ([ask.company_id for ask in asks], [ask.reference for ask in asks])
    lots: dict[int, list[Any]] = {}
    for row in rows(_LOTS, about) if rows(_LOCK, about) else ():
        lots.setdefault(row.place - 1, []).append(row)
    missing = {n: ask.points - sum(lot.kept for lot in lots.get(n, ())) for n, ask in enumerate(asks)}
    answers = [PointsSettled() for _ask in asks]
    entries: list[LotEntry] = []
    for n, points in missing.items():
        if points < 0:
            taken = _take(lots[n], -points, reference=asks[n].reference)
            entries += taken
            back = -sum(entry.points for entry in taken)
            answers[n] = PointsSettled(taken_back=back, short=-points - back)
    write_entries(entries, actor, at)
    announce(
        *(PointsCorrected(customer_id=e.customer_id, lot_id=e.lot_id, points=e.points, reference=e.reference) for e in entries),
    )
    granted = _grant({n: points for n, points in missing.items() if points > 0}, asks, lots, actor=actor, at=at)
    return [replace(answer, granted=granted.get(n, 0)) for n, answer in enumerate(answers)]


def _take(lots: Sequence[Any], points: int, *, reference: str) -> list[LotEntry]:
    """So many points out of these lots, as far as they are there and as far as they came from the order."""
    entries = []
    for lot in lots:
        part = min(points, lot.remaining, lot.kept)
        if part <= 0:
            continue
        points -= part
        entries.append(
            LotEntry(
                lot_id=lot.lot_id, customer_id=lot.customer_id, kind=PointKind.CORRECTED, points=-part, reference=reference,
                deed_key=f"undone:{lot.lot_id}:{lot.times + 1}",
            )
        )  # fmt: skip
    return entries


def _grant(
    missing: Mapping[int, int], asks: Sequence[Earned], lots: Mapping[int, Sequence[Any]], *, actor: Actor, at: datetime
) -> dict[int, int]:
    """A lot for each that lacks points, numbered within its order: the database refuses a second of that number."""
    grants = [
        Grant(
            customer_id=asks[n].customer_id,
            points=points,
            once_key=f"earned:{asks[n].key}:{len(lots.get(n, ())) + 1}",
            reference=asks[n].reference,
            brand_id=asks[n].terms.brand_id,
            expires_at=_good_until(asks[n].terms, at),
            programme_id=asks[n].terms.programme_id,
            rate_bp=asks[n].terms.rate_bp,
        )
        for n, points in missing.items()
    ]
    moved = grant_points(grants, actor=actor, at=at) if grants else []
    return {n: 0 if isinstance(one, Refusal) else one.points for n, one in zip(missing, moved, strict=True)}


def _good_until(terms: PointTerms, at: datetime) -> datetime | None:
    """The midnight after so many days, as the company counts them; None for good."""
    if terms.expires_days is None:
        return None
    last = business_date(at, terms.timezone) + timedelta(days=terms.expires_days)
    return datetime.combine(last + timedelta(days=1), time(), ZoneInfo(terms.timezone))
