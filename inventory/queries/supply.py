"""What could be given: the parts of variants, the shelves a channel may draw on, and what may be promised."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from core.db import rows
from inventory.queries.lots import FREE
from inventory.queries.sources import (
    BUFFER,
    COMPANY_OF_CHANNEL,
    DAY,
    FREE_FOR_CHANNEL,
    IS_KEPT,
    IS_RULED,
    ITEM_EXCLUDED,
    KEEPS,
    OPEN_SOURCES,
    OWN_QUOTA,
    PICKUP_SOURCES,
    RULED_SOURCES,
    VARIANT_EXCLUDED,
    promised,
)
from inventory.rules import UNLIMITED, Part, Place, RoutingKind, Rule, Shelf, Supply, drawable

_ruled_before: set[int] = set()
"""Channels that were seen to have quotas, exclusions or rules."""

# One row for every shelf of every part of every variant. The joins are made in this order whatever the planner believes of the
# tables' sizes: from the few variants to their shelves, never from the locations, where everything lies.
_PLAIN_SUPPLY = f"""
WITH {OPEN_SOURCES}
SELECT v.id AS variant_id, v.sku, c.stock_item_id, c.quantity, s.id AS stock_id, source.location_id, source.priority,
    {BUFFER} AS buffer, {FREE_FOR_CHANNEL} AS free, {DAY} AS good_until, (SELECT {IS_RULED}) AS is_ruled{{holds}}
FROM catalog_variant v LEFT JOIN inventory_component c ON c.variant_id = v.id
    LEFT JOIN inventory_stock s ON s.stock_item_id = c.stock_item_id
    LEFT JOIN source ON source.location_id = s.location_id AND {IS_KEPT}
WHERE v.company_id = %(company)s::bigint AND {{which}}
"""
_HOLDS = """ARRAY(
        SELECT r.holder_id || ' ' || r.quantity FROM inventory_reservation r
        WHERE r.stock_id = s.id AND r.holder_id = ANY(%(holders)s::uuid[])
    ) AS holds"""
_OLDEST_LOT = f"""
SELECT min(coalesce(lot.expires_on, lot.received_on)) FROM inventory_stocklot sl JOIN inventory_lot lot ON lot.id = sl.lot_id
WHERE sl.stock_id = s.id AND sl.sellable > sl.picked AND ({DAY} IS NULL OR coalesce(lot.expires_on, 'infinity'::date) >= {DAY})
"""
# The same with what checkouts hold, the channel's quotas, and one row more with the rules where there are some.
_FULL_SUPPLY = f"""
WITH {RULED_SOURCES}, ruled AS MATERIALIZED (
    SELECT json_agg(json_build_array(r.kind, r.prefecture, r.location_id, r.most) ORDER BY r.position)::text AS rules,
        bool_or(r.kind = 'oldest_lot') AS by_lot
    FROM inventory_routingrule r
    WHERE r.company_id = %(company)s::bigint AND r.ended_at IS NULL AND (r.channel_id IS NULL OR r.channel_id = %(channel)s::bigint)
)
SELECT v.id AS variant_id, v.sku, c.stock_item_id, c.quantity, s.id AS stock_id, source.location_id, source.priority,
    {BUFFER} AS buffer, {FREE} AS free, {KEEPS} AS keeps, {DAY} AS good_until,
    {VARIANT_EXCLUDED} OR EXISTS (
        SELECT FROM inventory_stockexclusion x WHERE x.stock_item_id = c.stock_item_id AND x.location_id IS NULL
        AND (x.channel_id = %(channel)s::bigint OR x.pool_id = (SELECT id FROM pool))
    ) AS is_excluded,
    ARRAY(SELECT unnest(ARRAY[q.id, q.remaining]) {OWN_QUOTA}) AS quota,
    CASE WHEN (SELECT rules FROM ruled) IS NOT NULL THEN source.kind || ' ' || source.prefecture END AS place,
    CASE WHEN (SELECT by_lot FROM ruled) THEN ({_OLDEST_LOT}) END AS oldest_on,
    {_HOLDS}, NULL AS rules
FROM catalog_variant v LEFT JOIN inventory_component c ON c.variant_id = v.id
    LEFT JOIN inventory_stock s ON s.stock_item_id = c.stock_item_id
    LEFT JOIN source ON source.location_id = s.location_id AND {IS_KEPT} AND NOT {ITEM_EXCLUDED}
WHERE v.company_id = %(company)s::bigint AND {{which}}
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, rules
FROM ruled WHERE rules IS NOT NULL
"""
_PICKUP_SUPPLY = _FULL_SUPPLY.replace(RULED_SOURCES, PICKUP_SOURCES)
_WHICH = {
    "id": "v.id = ANY(%(variants)s::bigint[])",
    "sku": "v.sku = ANY(%(skus)s::text[])",
    "either": "(v.id = ANY(%(variants)s::bigint[]) OR v.sku = ANY(%(skus)s::text[]))",
}
_PLAIN, _HELD, _FULL, _PICKUP = (
    {name: sql.format(which=which, holds=holds) for name, which in _WHICH.items()}
    for sql, holds in ((_PLAIN_SUPPLY, ""), (_PLAIN_SUPPLY, f", {_HOLDS}"), (_FULL_SUPPLY, ""), (_PICKUP_SUPPLY, ""))
)
_PLAIN_ATP, _FULL_ATP = (
    f"{promised(_WHICH['id'], is_ruled=is_ruled)} SELECT variant_id, units{flag} FROM promised"
    for is_ruled, flag in ((False, f", (SELECT {IS_RULED}) AS is_ruled".replace("%(company)s::bigint", COMPANY_OF_CHANNEL)), (True, ""))
)


def supply_for(
    variant_ids: Sequence[int],
    *,
    skus: Sequence[str] = (),
    company_id: int,
    channel_id: int,
    at: datetime,
    holder_ids: Sequence[UUID] = (),
    pickup_at: int | None = None,
    over_counter: bool = False,
) -> Supply:
    """What the variants are made of and what lies where, as the channel may draw on it, in one statement.

    Variants are named by id or by SKU. Read without a lock: ``allocate`` decides. A variant of another company is left out.
    Of goods tracked by lot only those are free that keep as long as the channel wants, counted from ``at``. With ``holder_ids``
    the supply also tells what these checkouts hold. What is fetched is drawn from the store ``pickup_at`` alone, whether it ships or not;
    ``over_counter`` says that it is sold there at once, also where nothing is fetched, and without a buffer.
    """
    keys: dict[str, Any] = {"variants": list(set(variant_ids))} if variant_ids or not skus else {}
    keys |= {"skus": list(set(skus))} if skus else {}
    which = "either" if len(keys) > 1 else "sku" if skus else "id"
    asked = {**keys, "company": company_id, "channel": channel_id, "at": at, "holders": list(holder_ids)}
    if pickup_at is not None:
        return _at_counters(rows(_PICKUP[which], {**asked, "pickups": [pickup_at], "over_counter": over_counter}))
    if channel_id not in _ruled_before:
        found = rows((_HELD if holder_ids else _PLAIN)[which], asked)
        if not found or not found[0].is_ruled:
            supply = _supply(found)
            return replace(supply, holds=_holds(found)) if holder_ids else supply
        _ruled_before.add(channel_id)
    return _full(rows(_FULL[which], asked))


def _at_counters(found: Sequence[Any]) -> Supply:
    """The supply of stores where goods are fetched: where they come from is said, so no rule of routing is asked."""
    return replace(_full(found), rules=(), places={})


def counter_stock(
    variant_ids: Sequence[int], *, pickups: Sequence[int], company_id: int, channel_id: int, at: datetime, over_counter: bool = False
) -> dict[int, dict[int, int]]:
    """How many units of each variant could be fetched in each store, or sold ``over_counter``, by store and variant, in one statement.

    ``UNLIMITED`` of what is made of nothing stocked; a kit needs all its parts in the store.
    """
    if not pickups:
        return {}
    asked = {
        "variants": list(set(variant_ids)),
        "company": company_id,
        "channel": channel_id,
        "at": at,
        "holders": [],
        "pickups": list(pickups),
        "over_counter": over_counter,
    }
    supply = _at_counters(rows(_PICKUP["id"], asked))
    free = {(item, shelf.location_id): shelf.free for item, shelves in supply.shelves.items() for shelf in shelves}
    return {
        place: {
            variant: 0 if variant in supply.excluded
            else min((free.get((part.stock_item_id, place), 0) // part.quantity for part in parts), default=UNLIMITED)
            for variant, parts in supply.parts.items()
        }
        for place in pickups
    }  # fmt: skip


def _full(found: Sequence[Any]) -> Supply:
    """The supply of a channel with quotas, exclusions, rules or checkouts that hold something."""
    told = [row for row in found if row.rules is None]
    stored = {row.stock_id: row for row in told if row.location_id is not None}
    supply = _supply(told)
    return replace(
        supply,
        shelves={item: tuple(_as_drawn(shelf, stored[shelf.stock_id]) for shelf in row) for item, row in supply.shelves.items()},
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
        good_until=found[0].good_until if found else None,
    )


def _as_drawn(shelf: Shelf, row: Any) -> Shelf:
    quota_id, own = row.quota or (None, 0)
    free = drawable(row.free, keeps=row.keeps, buffer=row.buffer, own=own)
    return replace(shelf, free=free, quota_id=quota_id, oldest_on=row.oldest_on)


def _holds(found: Iterable[Any]) -> dict[UUID, dict[int, int]]:
    """What each holder has, by shelf."""
    held: dict[UUID, dict[int, int]] = {}
    for row in found:
        for told in row.holds if row.location_id is not None else ():
            holder, quantity = told.split(" ")
            held.setdefault(UUID(holder), {})[row.stock_id] = int(quantity)
    return held


def _rules(told: str) -> tuple[Rule, ...]:
    return tuple(
        Rule(kind=RoutingKind(kind), prefecture=prefecture, location_id=location_id, most=most)
        for kind, prefecture, location_id, most in orjson.loads(told)
    )


def atp(variant_ids: Sequence[int], *, channel_id: int, at: datetime) -> dict[int, int]:
    """How many units of each variant the channel may promise now (available to promise), in one statement.

    A variant made of nothing stocked answers ``UNLIMITED``; one of another company than the channel's is left
    out. Prose and worked tables: docs/algorithms/atp.md.
    """
    asked = {"variants": list(set(variant_ids)), "channel": channel_id, "at": at}
    found = rows(_FULL_ATP if channel_id in _ruled_before else _PLAIN_ATP, asked)
    if found and channel_id not in _ruled_before and found[0].is_ruled:
        _ruled_before.add(channel_id)
        found = rows(_FULL_ATP, asked)
    return {row.variant_id: UNLIMITED if row.units is None else int(row.units) for row in found}
