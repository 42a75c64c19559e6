"""What could be given: the parts of variants, the shelves a channel may draw on, and what may be promised."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from core.db import rows
from inventory.rules import UNLIMITED, Part, Place, RoutingKind, Rule, Shelf, Supply

# The channel's pool, else the company's default pool, else every location that ships.
SOURCES = """
pool AS MATERIALIZED (
    SELECT coalesce(
        (SELECT pool_id FROM inventory_poolchannel WHERE channel_id = %(channel)s::bigint),
        (SELECT id FROM inventory_stockpool WHERE company_id = %(company)s::bigint AND is_default)
    ) AS id
), source AS MATERIALIZED (
    SELECT s.location_id, s.priority, s.buffer_quantity AS buffer, s.buffer_percent AS percent, l.kind, l.prefecture
    FROM pool JOIN inventory_poolsource s ON s.pool_id = pool.id JOIN inventory_location l ON l.id = s.location_id
    WHERE l.company_id = %(company)s::bigint AND l.can_ship AND l.ended_at IS NULL {and_location}
    UNION ALL
    SELECT l.id, l.priority, 0, 0, l.kind, l.prefecture
    FROM inventory_location l, pool
    WHERE pool.id IS NULL AND l.company_id = %(company)s::bigint AND l.can_ship AND l.ended_at IS NULL
      AND l.kind IN ('warehouse', 'store', 'supplier') {and_location}
)
"""
FOR_THIS = "(x.channel_id = %(channel)s::bigint OR x.pool_id = (SELECT id FROM pool))"
_OPEN_SOURCES = SOURCES.format(and_location="")
_RULED_SOURCES = SOURCES.format(
    and_location=f"""AND NOT EXISTS (
        SELECT FROM inventory_stockexclusion x WHERE x.location_id = l.id AND x.stock_item_id IS NULL AND {FOR_THIS}
    )"""
)
_VARIANT_EXCLUDED = f"EXISTS (SELECT FROM inventory_stockexclusion x WHERE x.variant_id = v.id AND {FOR_THIS})"
_ITEM_EXCLUDED = f"""EXISTS (
    SELECT FROM inventory_stockexclusion x
    WHERE x.stock_item_id = s.stock_item_id AND (x.location_id IS NULL OR x.location_id = s.location_id) AND {FOR_THIS}
)"""
_BUFFER = "greatest(source.buffer, (s.sellable::bigint * source.percent + 99) / 100)::int"
_FREE = "s.sellable - s.allocated - s.reserved"
_OWN_QUOTA = """
FROM inventory_stockquota q WHERE q.channel_id = %(channel)s::bigint AND q.stock_id = s.id AND q.ended_at IS NULL
"""
_OLDEST_LOT = """
SELECT min(coalesce(lot.expires_on, lot.received_on)) FROM inventory_lot lot WHERE lot.stock_item_id = s.stock_item_id
  AND (SELECT sum(m.sellable_quantity) FROM inventory_movement m WHERE m.lot_id = lot.id AND m.stock_id = s.id) > 0
"""

# Few companies have quotas, exclusions or rules. The plain statements leave them out and tell once per statement whether there are
# some; only then is asked again in full. A process remembers who has some and asks for all at once: a hint, never an answer.
_IS_RULED = """(
    EXISTS (SELECT FROM inventory_stockquota WHERE channel_id = %(channel)s::bigint AND ended_at IS NULL)
    OR EXISTS (SELECT FROM inventory_stockexclusion WHERE company_id = %(company)s::bigint)
    OR EXISTS (SELECT FROM inventory_routingrule WHERE company_id = %(company)s::bigint AND ended_at IS NULL)
)"""
_ruled_before: set[int] = set()
"""Channels that were seen to have quotas, exclusions or rules."""

# One row for every shelf of every part of every variant. The joins are made in this order whatever the planner believes of the
# tables' sizes: from the few variants to their shelves, never from the locations, where everything lies.
_PLAIN_SUPPLY = f"""
WITH {_OPEN_SOURCES}
SELECT v.id AS variant_id, v.sku, c.stock_item_id, c.quantity, s.id AS stock_id, source.location_id, source.priority,
    {_BUFFER} AS buffer, {_FREE} AS free, (SELECT {_IS_RULED}) AS is_ruled
FROM catalog_variant v LEFT JOIN inventory_component c ON c.variant_id = v.id
    LEFT JOIN inventory_stock s ON s.stock_item_id = c.stock_item_id LEFT JOIN source ON source.location_id = s.location_id
WHERE v.company_id = %(company)s::bigint AND {{which}}
"""
# The same with what checkouts hold, the channel's quotas, and one row more with the rules where there are some.
_FULL_SUPPLY = f"""
WITH {_RULED_SOURCES}, ruled AS MATERIALIZED (
    SELECT json_agg(json_build_array(r.kind, r.prefecture, r.location_id, r.most) ORDER BY r.position)::text AS rules,
        bool_or(r.kind = 'oldest_lot') AS by_lot
    FROM inventory_routingrule r
    WHERE r.company_id = %(company)s::bigint AND r.ended_at IS NULL AND (r.channel_id IS NULL OR r.channel_id = %(channel)s::bigint)
)
SELECT v.id AS variant_id, v.sku, c.stock_item_id, c.quantity, s.id AS stock_id, source.location_id, source.priority,
    {_BUFFER} AS buffer, {_FREE} AS free, {_VARIANT_EXCLUDED} AS is_excluded,
    ARRAY(SELECT unnest(ARRAY[q.id, q.remaining]) {_OWN_QUOTA}) AS quota,
    CASE WHEN (SELECT rules FROM ruled) IS NOT NULL THEN source.kind || ' ' || source.prefecture END AS place,
    CASE WHEN (SELECT by_lot FROM ruled) THEN ({_OLDEST_LOT}) END AS oldest_on,
    ARRAY(
        SELECT r.holder_id || ' ' || r.quantity FROM inventory_reservation r
        WHERE r.stock_id = s.id AND r.holder_id = ANY(%(holders)s::uuid[])
    ) AS holds, NULL AS rules
FROM catalog_variant v LEFT JOIN inventory_component c ON c.variant_id = v.id
    LEFT JOIN inventory_stock s ON s.stock_item_id = c.stock_item_id
    LEFT JOIN source ON source.location_id = s.location_id AND NOT {_ITEM_EXCLUDED}
WHERE v.company_id = %(company)s::bigint AND {{which}}
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, rules FROM ruled WHERE rules IS NOT NULL
"""
_WHICH = {
    "id": "v.id = ANY(%(variants)s::bigint[])",
    "sku": "v.sku = ANY(%(skus)s::text[])",
    "either": "(v.id = ANY(%(variants)s::bigint[]) OR v.sku = ANY(%(skus)s::text[]))",
}
_PLAIN, _FULL = ({name: sql.format(which=which) for name, which in _WHICH.items()} for sql in (_PLAIN_SUPPLY, _FULL_SUPPLY))

_COMPANY_OF_CHANNEL = "(SELECT company_id FROM core_saleschannel WHERE id = %(channel)s::bigint)"
# Shelf by shelf through the key, so that a pool of few locations never reads what lies at all the others.
_PROMISED = """
WITH {sources}, part AS MATERIALIZED (
    SELECT v.id AS variant_id, c.stock_item_id, c.quantity, count(c.id) OVER (PARTITION BY v.id) AS parts, {is_excluded} AS is_excluded
    FROM catalog_variant v LEFT JOIN inventory_component c ON c.variant_id = v.id
    WHERE {which} AND v.company_id = %(company)s::bigint
), whole AS (
    SELECT part.variant_id, min((greatest({free} - {buffer}, 0) {quota}) / part.quantity) AS units
    FROM part CROSS JOIN LATERAL (
        SELECT * FROM inventory_stock s
        WHERE s.stock_item_id = part.stock_item_id AND s.location_id = ANY(ARRAY(SELECT location_id FROM source)) OFFSET 0
    ) s JOIN source ON source.location_id = s.location_id
    WHERE NOT part.is_excluded {and_item}
    GROUP BY part.variant_id, part.parts, s.location_id
    HAVING count(*) = part.parts
), promised AS (
    SELECT p.variant_id, CASE WHEN p.is_excluded THEN 0 WHEN p.parts > 0 THEN coalesce(w.units, 0) END AS units
    FROM (SELECT DISTINCT variant_id, parts, is_excluded FROM part) p
    LEFT JOIN (SELECT variant_id, sum(units) AS units FROM whole GROUP BY variant_id) w ON w.variant_id = p.variant_id
)
"""


def promised(which: str, *, is_ruled: bool = True) -> str:
    """SQL that begins with the figures of the variants ``v`` that ``which`` names: ``promised (variant_id, units)``, null without limit.

    It takes ``channel``, and what ``which`` takes.
    """
    sql = _PROMISED.format(
        which=which,
        sources=_RULED_SOURCES if is_ruled else _OPEN_SOURCES,
        is_excluded=_VARIANT_EXCLUDED if is_ruled else "false",
        quota=f"+ coalesce((SELECT q.remaining {_OWN_QUOTA}), 0)" if is_ruled else "",
        and_item=f"AND NOT {_ITEM_EXCLUDED}" if is_ruled else "",
        free=_FREE,
        buffer=_BUFFER,
    )
    return sql.replace("%(company)s::bigint", _COMPANY_OF_CHANNEL)


_PLAIN_ATP, _FULL_ATP = (
    f"{promised(_WHICH['id'], is_ruled=is_ruled)} SELECT variant_id, units{flag} FROM promised"
    for is_ruled, flag in ((False, f", (SELECT {_IS_RULED}) AS is_ruled".replace("%(company)s::bigint", _COMPANY_OF_CHANNEL)), (True, ""))
)


def supply_for(
    variant_ids: Sequence[int], *, skus: Sequence[str] = (), company_id: int, channel_id: int, holder_ids: Sequence[UUID] = ()
) -> Supply:
    """What the variants are made of and what lies where, as the channel may draw on it, in one statement.

    Variants are named by id or by SKU. Read without a lock: ``allocate`` decides. A variant of another company is left out.
    With ``holder_ids`` the supply also tells what these checkouts hold.
    """
    keys: dict[str, Any] = {"variants": list(set(variant_ids))} if variant_ids or not skus else {}
    keys |= {"skus": list(set(skus))} if skus else {}
    which = "either" if len(keys) > 1 else "sku" if skus else "id"
    asked = {**keys, "company": company_id, "channel": channel_id}
    if holder_ids or channel_id in _ruled_before:
        return _full(rows(_FULL[which], {**asked, "holders": list(holder_ids)}))
    found = rows(_PLAIN[which], asked)
    if found and found[0].is_ruled:
        _ruled_before.add(channel_id)
        return _full(rows(_FULL[which], {**asked, "holders": []}))
    return _supply(found)


def _full(found: Sequence[Any]) -> Supply:
    """The supply of a channel with quotas, exclusions, rules or checkouts that hold something."""
    told = [row for row in found if row.rules is None]
    stored = {row.stock_id: row for row in told if row.location_id is not None}
    supply = _supply(told)
    return replace(
        supply,
        shelves={item: tuple(_with_quota(shelf, stored[shelf.stock_id]) for shelf in row) for item, row in supply.shelves.items()},
        excluded=frozenset(row.variant_id for row in told if row.is_excluded),
        holds=_holds(stored.values()),
        rules=next((_rules(row.rules) for row in found if row.rules is not None), ()),
        places={row.location_id: Place(*row.place.split(" ", 1)) for row in stored.values() if row.place is not None},
    )


def _supply(found: Sequence[Any]) -> Supply:
    parts: dict[int, dict[int, Part]] = {}
    names: dict[int, str] = {}
    ranks: dict[int, tuple[int, int]] = {}
    stored: dict[int, Any] = {}
    for row in found:
        names[row.variant_id] = row.sku
        of_variant = parts.setdefault(row.variant_id, {})
        if row.stock_item_id is not None and row.stock_item_id not in of_variant:
            of_variant[row.stock_item_id] = Part(stock_item_id=row.stock_item_id, quantity=row.quantity)
        if row.location_id is not None:
            stored[row.stock_id] = row
            ranks[row.location_id] = row.priority, row.location_id
    shelves: dict[int, tuple[Shelf, ...]] = {}
    for row in sorted(stored.values(), key=lambda row: ranks[row.location_id]):
        shelf = Shelf(
            stock_id=row.stock_id,
            stock_item_id=row.stock_item_id,
            location_id=row.location_id,
            free=max(row.free - row.buffer, 0),
            buffer=row.buffer,
        )
        shelves[row.stock_item_id] = (*shelves.get(row.stock_item_id, ()), shelf)
    return Supply(
        parts={variant: tuple(of_variant.values()) for variant, of_variant in parts.items()},
        shelves=shelves,
        locations=tuple(sorted(ranks, key=ranks.__getitem__)),
        skus=names,
    )


def _with_quota(shelf: Shelf, row: Any) -> Shelf:
    quota_id, own = row.quota or (None, 0)
    return replace(shelf, free=shelf.free + own, quota_id=quota_id, oldest_on=row.oldest_on)


def _holds(found: Any) -> dict[UUID, dict[int, int]]:
    """What each holder has, by shelf."""
    held: dict[UUID, dict[int, int]] = {}
    for row in found:
        for told in row.holds:
            holder, quantity = told.split(" ")
            held.setdefault(UUID(holder), {})[row.stock_id] = int(quantity)
    return held


def _rules(told: str) -> tuple[Rule, ...]:
    return tuple(
        Rule(kind=RoutingKind(kind), prefecture=prefecture, location_id=location_id, most=most)
        for kind, prefecture, location_id, most in orjson.loads(told)
    )


def atp(variant_ids: Sequence[int], *, channel_id: int) -> dict[int, int]:
    """How many units of each variant the channel may promise now (available to promise), in one statement.

    A variant made of nothing stocked answers ``UNLIMITED``; one of another company than the channel's is left
    out. Prose and worked tables: docs/algorithms/atp.md.
    """
    asked = {"variants": list(set(variant_ids)), "channel": channel_id}
    found = rows(_FULL_ATP if channel_id in _ruled_before else _PLAIN_ATP, asked)
    if found and channel_id not in _ruled_before and found[0].is_ruled:
        _ruled_before.add(channel_id)
        found = rows(_FULL_ATP, asked)
    return {row.variant_id: UNLIMITED if row.units is None else int(row.units) for row in found}


def told_channels() -> list[int]:
    """The channels whose figures are announced."""
    return [row.channel_id for row in rows("SELECT channel_id FROM inventory_poolchannel WHERE is_told ORDER BY channel_id")]


@dataclass(frozen=True, slots=True)
class FigureRow:
    """What a channel was last told of a variant, and when."""

    variant_id: int
    sku: str
    units: int | None
    told_at: datetime


def figure_page(
    channel_id: int, *, limit: int, before: tuple[datetime, int] | None = None, since: datetime | None = None
) -> list[FigureRow]:
    """What a channel was told, the latest first, below a (time, variant), no earlier than ``since``."""
    wanted = " AND f.told_at >= %(since)s" if since is not None else ""
    wanted += " AND (f.told_at, f.variant_id) < (%(at)s, %(variant)s)" if before is not None else ""
    at, variant = before or (None, None)
    found = rows(
        "SELECT f.variant_id, v.sku, f.units, f.told_at FROM inventory_channelfigure f JOIN catalog_variant v ON v.id = f.variant_id"
        f" WHERE f.channel_id = %(channel)s{wanted} ORDER BY f.told_at DESC, f.variant_id DESC LIMIT %(limit)s",
        {"channel": channel_id, "limit": limit, "since": since, "at": at, "variant": variant},
        prepare=False,
    )
    return [FigureRow(*row) for row in found]
