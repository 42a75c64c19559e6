"""Why a channel may promise so many: every shelf with what is taken off, added, or in the way."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from core.db import rows
from core.words import gettext_noop
from inventory.queries.sources import COMPANY_OF_CHANNEL, DAY, FOR_THIS, IS_KEPT, KEEPS, SOURCES
from inventory.rules import drawable


class ShelfVerdict(StrEnum):
    """Whether a shelf gives something to a channel, else why not."""

    GIVES = "gives"
    EMPTY = "empty"
    BELOW_BUFFER = "below_buffer"
    NOT_A_SOURCE = "not_a_source"
    DOES_NOT_SHIP = "does_not_ship"
    ENDED = "ended"
    EXCLUDED = "excluded"
    NOT_KEPT = "not_kept"
    TOO_OLD = "too_old"

    @classmethod
    def labels(cls) -> dict["ShelfVerdict", str]:
        """What a reader sees for each value."""
        return {
            cls.GIVES: gettext_noop("may be sold from here"),
            cls.EMPTY: gettext_noop("nothing is free here"),
            cls.BELOW_BUFFER: gettext_noop("the buffer leaves nothing"),
            cls.NOT_A_SOURCE: gettext_noop("the pool does not draw from here"),
            cls.DOES_NOT_SHIP: gettext_noop("this location does not ship"),
            cls.ENDED: gettext_noop("this location has ended"),
            cls.EXCLUDED: gettext_noop("excluded for this channel"),
            cls.NOT_KEPT: gettext_noop("this location does not keep goods of this temperature zone"),
            cls.TOO_OLD: gettext_noop("nothing here keeps long enough for this channel"),
        }


DRAWN_ON = frozenset({ShelfVerdict.GIVES, ShelfVerdict.TOO_OLD, ShelfVerdict.BELOW_BUFFER, ShelfVerdict.EMPTY})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfTold:
    """One shelf: sellable − allocated − held − fenced − stale − buffer, never below zero, + quota = pieces, where it counts.

    ``held`` is what checkouts hold, ``fenced`` what is left of other channels' quotas, ``own`` of this channel's quota. ``stale`` is
    what the figure loses because too little keeps as long as the channel wants, 0 where the channel does not draw on the shelf;
    ``keeps`` is how much does, None where nobody asks.
    """

    stock_id: int
    location: str
    location_name: str
    sellable: int
    allocated: int
    held: int
    fenced: int
    buffer: int
    own: int
    stale: int
    keeps: int | None
    pieces: int
    verdict: ShelfVerdict

    @property
    def label(self) -> str:
        """The verdict in words, still to be translated."""
        return ShelfVerdict.labels()[self.verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTold:
    """A stock item of which a unit takes ``quantity``, and every shelf it has."""

    item: str
    name: str
    quantity: int
    shelves: tuple[ShelfTold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a channel sees so many units of a variant; ``units`` None is without limit. ``pool`` "" is every location that ships.

    ``good_until`` is the day until which goods counted by lot must keep for the channel.
    """

    sku: str
    channel: str
    pool: str
    units: int | None
    is_excluded: bool
    good_until: date | None
    parts: tuple[PartTold, ...]
    places: tuple[tuple[str, int], ...]
    """Whole units by location name: what a kit comes to."""


_EXPLAIN = f"""
WITH {SOURCES.format(and_location="")}
SELECT v.id AS variant_id, v.sku, {DAY} AS good_until, ch.code AS channel, coalesce((SELECT name FROM inventory_stockpool WHERE id = (SELECT id FROM pool)), '') AS pool,
    EXISTS (SELECT FROM inventory_stockexclusion x WHERE x.variant_id = v.id AND {FOR_THIS}) AS is_excluded,
    i.code AS item, i.name, c.quantity, s.id AS stock_id, l.id AS location_id, l.code AS location, l.name AS location_name,
    s.sellable, s.allocated, s.reserved, l.can_ship, l.ended_at, source.location_id IS NOT NULL AS is_source, {KEEPS} AS keeps,
    {IS_KEPT} AS is_kept,
    coalesce(greatest(source.buffer, (s.sellable::bigint * source.percent + 99) / 100), 0)::int AS buffer,
    coalesce((SELECT sum(q.remaining) FROM inventory_stockquota q
        WHERE q.stock_id = s.id AND q.ended_at IS NULL AND q.channel_id <> ch.id), 0)::int AS fenced,
    coalesce((SELECT q.remaining FROM inventory_stockquota q
        WHERE q.stock_id = s.id AND q.ended_at IS NULL AND q.channel_id = ch.id), 0)::int AS own,
    EXISTS (SELECT FROM inventory_stockexclusion x WHERE (x.stock_item_id = i.id OR x.stock_item_id IS NULL AND x.location_id IS NOT NULL)
        AND (x.location_id IS NULL OR x.location_id = l.id) AND {FOR_THIS}) AS shelf_excluded
FROM catalog_variant v JOIN core_saleschannel ch ON ch.id = %(channel)s::bigint AND ch.company_id = v.company_id
    LEFT JOIN inventory_component c ON c.variant_id = v.id LEFT JOIN inventory_stockitem i ON i.id = c.stock_item_id
    LEFT JOIN inventory_stock s ON s.stock_item_id = i.id {{of_places}} LEFT JOIN inventory_location l ON l.id = s.location_id
    LEFT JOIN source ON source.location_id = l.id
WHERE v.id = ANY(%(variants)s::bigint[])
ORDER BY v.id, i.id, source.priority NULLS LAST, l.priority, l.id
""".replace("%(company)s::bigint", COMPANY_OF_CHANNEL)
_EVERYWHERE, _SOMEWHERE = _EXPLAIN.format(of_places=""), _EXPLAIN.format(of_places="AND s.location_id = ANY(%(places)s::bigint[])")


def explanations(
    variant_ids: Sequence[int], *, channel_id: int, at: datetime, places: Collection[int] | None = None
) -> dict[int, Explanation]:
    """Why the channel sees what ``atp`` says of each variant, line by line, in one statement; figures agree with it exactly.

    With ``places`` only what lies at these locations is told, and counted.
    """
    asked = {"variants": list(set(variant_ids)), "channel": channel_id, "at": at}
    asked |= {} if places is None else {"places": sorted(places)}
    of_variant: dict[int, list[Any]] = {}
    for row in rows(_EVERYWHERE if places is None else _SOMEWHERE, asked, prepare=False):
        of_variant.setdefault(row.variant_id, []).append(row)
    return {variant: _explanation(found) for variant, found in of_variant.items()}


def _explanation(found: Sequence[Any]) -> Explanation:
    first = found[0]
    of_item: dict[str, list[Any]] = {}
    for row in found:
        if row.item is not None:
            of_item.setdefault(row.item, []).append(row)
    parts = tuple(
        PartTold(
            item=item,
            name=of[0].name,
            quantity=of[0].quantity,
            shelves=tuple(_shelf(row) for row in of if row.stock_id is not None),
        )
        for item, of in of_item.items()
    )
    units = [
        {shelf.location_name: shelf.pieces // part.quantity for shelf in part.shelves if shelf.verdict is ShelfVerdict.GIVES}
        for part in parts
    ]
    places = tuple((name, min(of.get(name, 0) for of in units)) for name in units[0] if all(name in of for of in units)) if units else ()
    total = None if not parts else sum(count for _, count in places)
    return Explanation(
        sku=first.sku,
        channel=first.channel,
        pool=first.pool,
        units=0 if first.is_excluded else total,
        is_excluded=first.is_excluded,
        good_until=first.good_until,
        parts=parts,
        places=() if first.is_excluded else places,
    )


def _shelf(row: Any) -> ShelfTold:
    free = row.sellable - row.allocated - row.reserved
    without_a_day = max(free - row.buffer, 0) + row.own
    pieces = drawable(free, keeps=row.keeps, buffer=row.buffer, own=row.own)
    verdict = (
        ShelfVerdict.ENDED if row.ended_at is not None
        else ShelfVerdict.DOES_NOT_SHIP if not row.can_ship
        else ShelfVerdict.NOT_A_SOURCE if not row.is_source
        else ShelfVerdict.NOT_KEPT if not row.is_kept
        else ShelfVerdict.EXCLUDED if row.shelf_excluded
        else ShelfVerdict.GIVES if pieces
        else ShelfVerdict.TOO_OLD if without_a_day
        else ShelfVerdict.BELOW_BUFFER if free > 0
        else ShelfVerdict.EMPTY
    )  # fmt: skip
    return ShelfTold(
        stock_id=row.stock_id,
        location=row.location,
        location_name=row.location_name,
        sellable=row.sellable,
        allocated=row.allocated,
        held=row.reserved - row.fenced - row.own,
        fenced=row.fenced,
        buffer=row.buffer,
        own=row.own,
        stale=without_a_day - pieces if verdict in DRAWN_ON else 0,
        keeps=row.keeps,
        pieces=pieces if verdict is ShelfVerdict.GIVES else 0,
        verdict=verdict,
    )
