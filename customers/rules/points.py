"""Points: lots that expire, spent soonest-to-expire first, never below zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from customers.rules.asks import Undone
from customers.rules.statuses import PointSource

_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left of points granted together."""

    lot_id: int
    remaining: int
    expires_at: datetime | None = None
    granted_at: datetime | None = None
    source: PointSource = PointSource.FREE


@dataclass(frozen=True, slots=True)
class Taken:
    """So many points out of one lot."""

    lot_id: int
    points: int


def spending_order(lots: Sequence[Lot], *, at: datetime) -> list[Lot]:
    """The lots that may still be spent, in the order they are: soonest to expire, then given free before bought, then oldest."""
    living = [lot for lot in lots if lot.remaining > 0 and is_living(lot, at=at)]
    return sorted(living, key=lambda lot: (lot.expires_at or _NEVER, lot.source is PointSource.PAID, lot.lot_id))


def is_living(lot: Lot, *, at: datetime) -> bool:
    """Whether the lot has not expired; a lot is gone at the very moment of ``expires_at``."""
    return lot.expires_at is None or at < lot.expires_at


def balance(lots: Sequence[Lot], *, at: datetime) -> int:
    """How many points may be spent."""
    return sum(lot.remaining for lot in spending_order(lots, at=at))


def plan_spending(points: int, lots: Sequence[Lot], *, at: datetime) -> list[Taken] | None:
    """From which lots so many points are taken; None where there are not enough. Nothing is planned for zero points."""
    wanted, plan = points, []
    for lot in spending_order(lots, at=at):
        if wanted <= 0:
            break
        part = min(wanted, lot.remaining)
        plan.append(Taken(lot.lot_id, part))
        wanted -= part
    return plan if wanted <= 0 else None


def still_to_take(granted: int, taken: int, undone: Undone) -> int:
    """How many of granted points go back now, a fraction of one staying with the customer: never more in all than were granted."""
    share = min(undone.part, undone.whole)
    return max(granted * share // undone.whole - taken, 0)


def points_for(worth: int, *, rate_bp: int) -> int:
    """What goods of so many minor units earn: a fraction of a point stays with the house."""
    return max(worth, 0) * rate_bp // 10_000
