"""What expires when: by day, what channels can no longer sell, what is promised of it, and what the clock takes off sale."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import TextField
from django.db.models.expressions import RawSQL

from core.db import rows
from inventory.queries.sources import DRAWS, POOL_OF
from inventory.queries.value import share_sql

SEEN = "(%(places)s::bigint[] IS NULL OR s.location_id = ANY(%(places)s::bigint[]))"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryDay:
    """What expires on a day: lots on shelves, their pieces, those of them that may still be sold, and what they are worth."""

    on: date
    lots: int
    pieces: int
    sellable: int
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedToChannel:
    """What a sales channel can no longer sell, because it wants goods to keep longer than these do."""

    channel_id: int
    channel: str
    least_days: int
    lots: int
    pieces: int
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredPromise:
    """A shelf whose orders have only expired pieces to be served from: so many of what is allocated."""

    stock_id: int
    item: str
    name: str
    location: str
    quantity: int


_BY_DAY = f"""
SELECT lot.expires_on AS "on", count(*) AS lots, sum(sl.on_hand)::bigint AS pieces, sum(sl.sellable)::bigint AS sellable,
    sum({share_sql("s.value", "sl.on_hand", "s.on_hand")})::bigint AS value
FROM inventory_lot lot JOIN inventory_stocklot sl ON sl.lot_id = lot.id AND sl.on_hand > 0 JOIN inventory_stock s ON s.id = sl.stock_id
WHERE lot.expires_on < %(until)s AND {SEEN} GROUP BY 1 ORDER BY 1
"""
_CLOSED = f"""
SELECT ch.id AS channel_id, ch.name AS channel, life.least_days, short.lots, short.pieces, short.value
FROM inventory_shelflife life JOIN core_saleschannel ch ON ch.id = life.channel_id CROSS JOIN {POOL_OF} pool CROSS JOIN LATERAL (
    SELECT count(*) AS lots, coalesce(sum(sl.sellable), 0)::bigint AS pieces,
        coalesce(sum({share_sql("s.value", "sl.sellable", "s.on_hand")}), 0)::bigint AS value
    FROM inventory_lot lot JOIN inventory_stocklot sl ON sl.lot_id = lot.id AND sl.sellable > 0 JOIN inventory_stock s ON s.id = sl.stock_id
    JOIN inventory_location l ON l.id = s.location_id
    WHERE lot.expires_on < %(today)s + life.least_days AND {SEEN} AND {DRAWS}
) short
WHERE short.lots > 0 OR %(places)s::bigint[] IS NULL ORDER BY life.least_days DESC, ch.id
"""
_TOO_SHORT = f"""
SELECT sl.id FROM inventory_shelflife life JOIN core_saleschannel ch ON ch.id = life.channel_id CROSS JOIN {POOL_OF} pool
JOIN inventory_lot lot ON lot.expires_on < %s::date + life.least_days
JOIN inventory_stocklot sl ON sl.lot_id = lot.id AND sl.sellable > 0
JOIN inventory_stock s ON s.id = sl.stock_id JOIN inventory_location l ON l.id = s.location_id
WHERE life.channel_id = %s AND {DRAWS}
"""
_CLOSED_TO = f"""ARRAY(
    SELECT ch.name FROM inventory_stock s JOIN inventory_location l ON l.id = s.location_id
    JOIN inventory_lot lot ON lot.id = inventory_stocklot.lot_id
    JOIN core_saleschannel ch ON ch.company_id = l.company_id
    JOIN inventory_shelflife life ON life.channel_id = ch.id AND lot.expires_on < %s::date + life.least_days CROSS JOIN {POOL_OF} pool
    WHERE s.id = inventory_stocklot.stock_id AND {DRAWS} ORDER BY life.least_days DESC, ch.id
)"""
# Allocations name no lot before they are picked: expired pieces serve them only where those that keep do not suffice.
_PROMISED = f"""
SELECT s.id AS stock_id, i.code AS item, i.name, l.name AS location,
    least(old.sellable, greatest(old.picked, s.allocated - (s.sellable - old.sellable)))::int AS quantity
FROM (
    SELECT sl.stock_id, sum(sl.sellable) AS sellable, sum(sl.picked) AS picked
    FROM inventory_lot lot JOIN inventory_stocklot sl ON sl.lot_id = lot.id AND sl.sellable > 0
    WHERE lot.expires_on < %(today)s GROUP BY 1
) old JOIN inventory_stock s ON s.id = old.stock_id JOIN inventory_stockitem i ON i.id = s.stock_item_id
JOIN inventory_location l ON l.id = s.location_id
WHERE greatest(old.picked, s.allocated - (s.sellable - old.sellable)) > 0 AND {SEEN} ORDER BY 5 DESC, s.id LIMIT %(limit)s
"""
_ON_SALE = """
SELECT sl.id FROM inventory_lot lot JOIN inventory_stocklot sl ON sl.lot_id = lot.id AND sl.sellable > sl.picked
JOIN inventory_stock s ON s.id = sl.stock_id AND s.sellable > s.allocated + s.reserved
JOIN inventory_location l ON l.id = s.location_id AND l.company_id = %(company)s
WHERE lot.expires_on < %(today)s AND sl.id > %(after)s ORDER BY sl.id LIMIT %(limit)s
"""


def expiry_days(places: Collection[int] | None, *, until: date) -> list[ExpiryDay]:
    """What expires on each day before ``until``, what has expired long ago included; ``places`` narrows, None is every one."""
    return [ExpiryDay(**row._asdict()) for row in rows(_BY_DAY, {"places": _array(places), "until": until}, prepare=False)]


def closed_to_channels(places: Collection[int] | None, *, today: date) -> list[ClosedToChannel]:
    """For each channel with a minimum shelf life: the pieces on sale where it draws on that do not keep so long."""
    return [ClosedToChannel(**row._asdict()) for row in rows(_CLOSED, {"places": _array(places), "today": today}, prepare=False)]


def too_short_for(channel_id: int, *, today: date) -> RawSQL:
    """Ids of the lots on shelves the channel draws on that it can no longer sell, for a filter: what ``closed_to_channels`` counts."""
    return RawSQL(_TOO_SHORT, (today, channel_id))  # noqa: S611  the text is ours


def closed_to(*, today: date) -> RawSQL:
    """For queries of StockLot: the names of the channels that draw on its shelf and can no longer sell the lot."""
    return RawSQL(_CLOSED_TO, (today,), output_field=ArrayField(TextField()))  # noqa: S611  the text is ours


def expired_promises(places: Collection[int] | None, *, today: date, limit: int) -> list[ExpiredPromise]:
    """Where orders are promised pieces that have expired, most of them first: somebody has to give them others, or tell the customer."""
    asked = {"places": _array(places), "today": today, "limit": limit}
    return [ExpiredPromise(**row._asdict()) for row in rows(_PROMISED, asked, prepare=False)]


def expired_lots_on_sale(company_id: int, *, today: date, after: int = 0, limit: int) -> list[int]:
    """Lots on shelves that have expired while pieces of them are free to be sold, by id beyond ``after``."""
    asked = {"company": company_id, "today": today, "after": after, "limit": limit}
    return [row.id for row in rows(_ON_SALE, asked, prepare=False)]


def _array(places: Collection[int] | None) -> list[int] | None:
    return None if places is None else sorted(places)


@dataclass(frozen=True, slots=True, kw_only=True)
class LotOnShelf:
    """One lot on one shelf, as operations find it."""

    stock_lot_id: int
    stock_id: int
    lot_id: int | None
    number: str
    expires_on: date | None
    today: date


def lots_on_shelves(stock_lot_ids: Sequence[int], *, at: Any) -> dict[int, LotOnShelf]:
    """What these rows are about, and which day it is where they lie."""
    found = rows(
        """
        SELECT sl.id AS stock_lot_id, sl.stock_id, sl.lot_id, coalesce(lot.number, '') AS number, lot.expires_on,
            (%s::timestamptz AT TIME ZONE c.timezone)::date AS today
        FROM inventory_stocklot sl JOIN inventory_stock s ON s.id = sl.stock_id JOIN inventory_location l ON l.id = s.location_id
        JOIN core_company c ON c.id = l.company_id LEFT JOIN inventory_lot lot ON lot.id = sl.lot_id WHERE sl.id = ANY(%s::bigint[])
        """,
        (at, list(stock_lot_ids)),
    )
    return {row.stock_lot_id: LotOnShelf(**row._asdict()) for row in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfLotRow:
    """One lot at one location, by state, as partner systems read it."""

    id: int
    item: str
    name: str
    location: str
    lot: str
    expires_on: date | None
    received_on: date | None
    on_hand: int
    sellable: int
    picked: int
    quality_check: int
    damaged: int
    quarantine: int
    expired: int
    in_repair: int


def lot_page(
    company_id: int | None,
    *,
    limit: int,
    before_id: int | None = None,
    item: str | None = None,
    location: str | None = None,
    lot: str | None = None,
    expires_before: date | None = None,
) -> list[ShelfLotRow]:
    """A company's lots that lie anywhere, the newest first, below an id; filters are exact codes."""
    wanted = "" if before_id is None else " AND sl.id < %(before)s"
    wanted += "" if item is None else " AND i.code = %(item)s"
    wanted += "" if location is None else " AND l.code = %(location)s"
    wanted += "" if lot is None else " AND lot.number = %(lot)s"
    wanted += "" if expires_before is None else " AND lot.expires_on < %(expires_before)s"
    found = rows(
        f"""
        SELECT sl.id, i.code AS item, i.name, l.code AS location, coalesce(lot.number, '') AS lot, lot.expires_on, lot.received_on,
            sl.on_hand, sl.sellable, sl.picked, sl.quality_check, sl.damaged, sl.quarantine, sl.expired, sl.in_repair
        FROM inventory_stocklot sl JOIN inventory_stock s ON s.id = sl.stock_id
        JOIN inventory_location l ON l.id = s.location_id AND l.company_id = %(company)s
        JOIN inventory_stockitem i ON i.id = s.stock_item_id LEFT JOIN inventory_lot lot ON lot.id = sl.lot_id
        WHERE sl.on_hand > 0 {wanted} ORDER BY sl.id DESC LIMIT %(limit)s
        """,
        {
            "company": company_id, "before": before_id, "limit": limit, "item": item, "location": location, "lot": lot,
            "expires_before": expires_before,
        },
        prepare=False,
    )  # fmt: skip
    return [ShelfLotRow(**row._asdict()) for row in found]
