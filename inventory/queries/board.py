"""What a stock manager looks at first: how much lies where, what is promised of it, what came and went."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.db import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLevel:
    """The stock of a location, all items together."""

    location_id: int
    name: str
    shelves: int
    on_hand: int
    sellable: int
    promised: int
    empty_shelves: int
    can_ship: bool
    """Nobody is promised what lies where nothing is shipped from, goods on the road for one."""

    @property
    def free(self) -> int:
        return self.sellable - self.promised if self.can_ship else 0

    @property
    def blocked(self) -> int:
        return self.on_hand - self.sellable


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfGoods:
    """What came in and went out on a day."""

    on: date
    came: int
    went: int


_SEEN = "(%(places)s::bigint[] IS NULL OR {column} = ANY(%(places)s::bigint[]))"

# Summed by location before anything is joined: one pass over the shelves.
_PLACES = f"""
SELECT l.id AS location_id, l.name, l.can_ship, t.shelves, t.on_hand, t.sellable, t.promised,
    CASE WHEN l.can_ship THEN t.empty_shelves ELSE 0 END AS empty_shelves
FROM (
    SELECT location_id, count(*) AS shelves, sum(on_hand)::bigint AS on_hand, sum(sellable)::bigint AS sellable,
        sum(allocated + reserved)::bigint AS promised, count(*) FILTER (WHERE sellable - allocated - reserved <= 0) AS empty_shelves
    FROM inventory_stock WHERE {_SEEN.format(column="location_id")} GROUP BY location_id
) t JOIN inventory_location l ON l.id = t.location_id
WHERE l.ended_at IS NULL ORDER BY t.on_hand DESC, l.id
"""

_DAYS = f"""
SELECT (at AT TIME ZONE %(zone)s)::date AS "on", sum(greatest(quantity, 0))::bigint AS came, -sum(least(quantity, 0))::bigint AS went
FROM inventory_movement WHERE at >= %(since)s AND at < %(until)s AND {_SEEN.format(column="location_id")}
  AND (%(with_transfers)s OR kind NOT IN ('transfer_out', 'transfer_in'))
GROUP BY 1
"""

_OLDEST = f"""
SELECT a.id, i.code AS item, i.name, l.name AS location, a.quantity, a.allocated_at
FROM inventory_allocation a JOIN inventory_stockitem i ON i.id = a.stock_item_id JOIN inventory_location l ON l.id = a.location_id
WHERE a.status = 'open' AND {_SEEN.format(column="a.location_id")} ORDER BY a.id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OldPromise:
    """Goods promised and not yet gone."""

    id: int
    item: str
    name: str
    location: str
    quantity: int
    allocated_at: datetime


def levels_by_place(places: Collection[int] | None) -> list[PlaceLevel]:
    """How much lies at each location, the fullest first; ``places`` narrows, None is every one."""
    return [PlaceLevel(**row._asdict()) for row in rows(_PLACES, {"places": _array(places)}, prepare=False)]


def goods_by_day(
    places: Collection[int] | None, *, today: date, since: datetime, until: datetime, zone: str, with_transfers: bool
) -> list[DayOfGoods]:
    """Pieces in and out for every day between, the last one ``today``; a day without movements is there with nothing.

    Transfers come to and leave a few places; where a whole company is looked at, nothing came and nothing went.
    """
    asked = {"places": _array(places), "since": since, "until": until, "zone": zone, "with_transfers": with_transfers}
    found = {row.on: row for row in rows(_DAYS, asked, prepare=False)}
    days = [today - timedelta(days=n) for n in range((until - since).days - 1, -1, -1)]
    return [DayOfGoods(on=day, came=found[day].came if day in found else 0, went=found[day].went if day in found else 0) for day in days]


def oldest_promises(places: Collection[int] | None, *, limit: int) -> list[OldPromise]:
    """The allocations that have waited longest to leave."""
    return [OldPromise(**row._asdict()) for row in rows(_OLDEST, {"places": _array(places), "limit": limit}, prepare=False)]


def _array(places: Collection[int] | None) -> list[int] | None:
    return None if places is None else sorted(places)
