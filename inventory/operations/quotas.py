"""Pieces are ring-fenced for one channel, and given free again. How it stays exact: ADR 0016."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.outbox import announce
from core.words import gettext_noop
from inventory.events import AvailabilityChanged
from inventory.rules import STATES_OF_LOCKED

# Locks: quotas, then stock, each by id, before anything is written. Every ask is judged with those before it on the same shelf.
_SET = f"""
WITH ask AS MATERIALIZED (
    SELECT q.place, q.quantity, q.until_at, q.channel_id, s.id AS stock_id, s.stock_item_id, s.location_id, i.code AS item,
        l.name AS location, l.can_ship AND l.ended_at IS NULL AND NOT EXISTS (
            SELECT FROM inventory_stockpool p WHERE p.id = coalesce(pc.pool_id, d.id)
            AND NOT EXISTS (SELECT FROM inventory_poolsource ps WHERE ps.pool_id = p.id AND ps.location_id = l.id)
        ) AS is_source
    FROM unnest(%(stocks)s::bigint[], %(channels)s::bigint[], %(quantities)s::int[], %(untils)s::timestamptz[])
        WITH ORDINALITY AS q (stock_id, channel_id, quantity, until_at, place)
    JOIN inventory_stock s ON s.id = q.stock_id
    JOIN inventory_location l ON l.id = s.location_id AND l.company_id = %(company)s
    JOIN inventory_stockitem i ON i.id = s.stock_item_id
    JOIN core_saleschannel c ON c.id = q.channel_id AND c.company_id = l.company_id
    LEFT JOIN inventory_poolchannel pc ON pc.channel_id = c.id
    LEFT JOIN inventory_stockpool d ON d.company_id = l.company_id AND d.is_default
), live AS MATERIALIZED (
    SELECT q.id, q.stock_id, q.channel_id, q.quantity, q.remaining, q.until_at FROM inventory_stockquota q
    WHERE q.ended_at IS NULL AND (q.stock_id, q.channel_id) IN (SELECT stock_id, channel_id FROM ask) ORDER BY q.id FOR UPDATE
), locked AS MATERIALIZED (
    SELECT s.*, s.sellable - s.allocated - s.reserved AS free FROM inventory_stock s
    WHERE s.id = ANY(ARRAY(SELECT stock_id FROM ask)) AND (SELECT count(*) FROM live) >= 0 ORDER BY s.id FOR UPDATE
), step AS MATERIALIZED (
    SELECT ask.*, live.id AS quota_id, coalesce(live.quantity - live.remaining, 0) AS given, locked.free,
        ask.quantity - coalesce(live.quantity, 0) AS more,
        sum(greatest(ask.quantity - coalesce(live.quantity, 0), 0)) OVER (PARTITION BY ask.stock_id ORDER BY ask.place) AS more_so_far
    FROM ask JOIN locked ON locked.id = ask.stock_id LEFT JOIN live ON live.stock_id = ask.stock_id AND live.channel_id = ask.channel_id
), good AS MATERIALIZED (
    SELECT * FROM step WHERE is_source AND quantity >= given AND (more <= 0 OR more_so_far <= free)
), opened AS (
    INSERT INTO inventory_stockquota (channel_id, stock_id, stock_item_id, location_id, quantity, remaining, until_at, reason,
        actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT channel_id, stock_id, stock_item_id, location_id, quantity, quantity, until_at, %(reason)s, %(kind)s, %(id)s, %(label)s, %(for)s
    FROM good WHERE quota_id IS NULL ORDER BY place
    ON CONFLICT (channel_id, stock_id) WHERE ended_at IS NULL DO NOTHING
    RETURNING id, stock_id, channel_id, remaining
), changed AS (
    UPDATE inventory_stockquota q
    SET quantity = good.quantity, remaining = good.quantity - good.given, until_at = good.until_at, reason = %(reason)s,
        actor_kind = %(kind)s, actor_id = %(id)s, actor_label = %(label)s, on_behalf_of = %(for)s
    FROM good WHERE q.id = good.quota_id
    RETURNING q.id, q.stock_id, q.channel_id, q.remaining, good.more
), counted AS (
    UPDATE inventory_stock s
    SET on_hand = l.on_hand, sellable = l.sellable, allocated = l.allocated, reserved = l.reserved + d.quantity,
        {STATES_OF_LOCKED}
    FROM (
        SELECT stock_id, sum(quantity)::int AS quantity
        FROM (SELECT stock_id, remaining AS quantity FROM opened UNION ALL SELECT stock_id, more FROM changed) t GROUP BY stock_id
    ) d JOIN locked l ON l.id = d.stock_id
    WHERE s.id = d.stock_id
    RETURNING s.id, s.sellable - s.allocated - s.reserved AS free_after
)
SELECT step.*, coalesce(opened.id, changed.id) AS done_id, coalesce(opened.remaining, changed.remaining) AS remaining, counted.free_after
FROM step LEFT JOIN opened USING (stock_id, channel_id) LEFT JOIN changed USING (stock_id, channel_id) LEFT JOIN counted ON counted.id = step.stock_id
ORDER BY step.place
"""

_END = f"""
WITH due AS MATERIALIZED (
    SELECT q.id, q.stock_id, q.stock_item_id, q.location_id, q.remaining FROM inventory_stockquota q
    WHERE q.ended_at IS NULL AND {{which}} ORDER BY q.id LIMIT %(limit)s FOR UPDATE
), locked AS MATERIALIZED (
    SELECT s.*, s.sellable - s.allocated - s.reserved AS free
    FROM inventory_stock s WHERE s.id = ANY(ARRAY(SELECT stock_id FROM due)) ORDER BY s.id FOR UPDATE
), ended AS (
    UPDATE inventory_stockquota q SET ended_at = %(at)s::timestamptz FROM due WHERE q.id = due.id AND (SELECT count(*) FROM locked) > 0
), counted AS (
    UPDATE inventory_stock s
    SET on_hand = l.on_hand, sellable = l.sellable, allocated = l.allocated, reserved = l.reserved - d.remaining,
        {STATES_OF_LOCKED}
    FROM (SELECT stock_id, sum(remaining)::int AS remaining FROM due GROUP BY stock_id) d JOIN locked l ON l.id = d.stock_id
    WHERE s.id = d.stock_id
)
SELECT due.id, due.remaining, due.stock_item_id, due.location_id, locked.free, l.company_id
FROM due JOIN locked ON locked.id = due.stock_id JOIN inventory_location l ON l.id = due.location_id ORDER BY due.id
"""
_END_THESE = _END.format(which="q.id = ANY(%(ids)s::bigint[])")
_END_DUE = _END.format(which="q.until_at <= %(at)s::timestamptz")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaAsk:
    """So many pieces of a shelf are only for a channel, until a moment or until they are given free."""

    stock_id: int
    channel_id: int
    quantity: int
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fenced:
    """The quota stands; ``remaining`` is what the channel has not sold of it yet."""

    quota_id: int
    remaining: int


@operation
def set_quotas(asks: Sequence[QuotaAsk], *, company_id: int, reason: str = "", actor: Actor, at: datetime) -> list[Fenced | Refusal]:
    """Each channel has its quota on the shelf, of exactly so many pieces in all, sold ones included; one result per ask.

    One statement, and one to announce; twice changes nothing. Locks quotas, then stock, by id. Refuses with
    "inventory.bad_quota", "inventory.quota_over", "inventory.no_such_shelf", "inventory.not_a_source", "inventory.quota_sold",
    "inventory.not_free". Announces AvailabilityChanged where the last free piece went, or one came free.
    """
    results: dict[int, Fenced | Refusal] = {}
    seen: set[tuple[int, int]] = set()
    for number, ask in enumerate(asks):
        if not 1 <= ask.quantity <= 1_000_000_000 or (ask.stock_id, ask.channel_id) in seen:
            results[number] = Refusal(
                "inventory.bad_quota", gettext_noop("A quota has at least one piece, and one figure per shelf and channel.")
            )
        elif ask.until_at is not None and ask.until_at <= at:
            results[number] = Refusal("inventory.quota_over", gettext_noop("This quota would be over already. Choose a later day."))
        seen.add((ask.stock_id, ask.channel_id))
    good = [number for number in range(len(asks)) if number not in results]
    found = rows(
        _SET,
        {
            "stocks": [asks[number].stock_id for number in good],
            "channels": [asks[number].channel_id for number in good],
            "quantities": [asks[number].quantity for number in good],
            "untils": [asks[number].until_at for number in good],
            "company": company_id,
            "reason": reason,
            "kind": str(actor.kind),
            "id": actor.id,
            "label": actor.label,
            "for": actor.on_behalf_of,
        },
    )
    by_place = {good[row.place - 1]: row for row in found}
    results.update((number, _result(by_place.get(number))) for number in good)
    turned = {row.stock_id: row for row in found if row.free_after is not None and (row.free > 0) != (row.free_after > 0)}
    announce(*(_availability(row, company_id, row.free_after > 0, at) for row in turned.values()))
    return [results[number] for number in range(len(asks))]


def _result(row: Any) -> Fenced | Refusal:
    if row is None:
        return Refusal(
            "inventory.no_such_shelf", gettext_noop("This item was never stocked at this location."), {"item": "", "location": ""}
        )
    if row.done_id is not None:
        return Fenced(quota_id=row.done_id, remaining=row.remaining)
    told = {"item": row.item, "location": row.location, "given": row.given, "free": row.free}
    if not row.is_source:
        return Refusal(
            "inventory.not_a_source",
            gettext_noop("The channel’s pool does not draw from %(location)s. Add it to the pool first."),
            told,
            "/quantity",
        )
    if row.quantity < row.given:
        return Refusal(
            "inventory.quota_sold",
            gettext_noop("%(given)s pieces of this quota are sold or held already. It cannot be smaller."),
            told,
            "/quantity",
        )
    return Refusal(
        "inventory.not_free",
        gettext_noop("Only %(free)s of %(item)s are free at %(location)s: no more can be set aside."),
        told,
        "/quantity",
    )


@operation
def end_quotas(quota_ids: Sequence[int], *, reason: str = "", actor: Actor, at: datetime) -> int:
    """What is left of the quotas is free for everybody; answers with how many ended now. Twice changes nothing."""
    return _ended(rows(_END_THESE, {"ids": list(quota_ids), "at": at, "limit": 2**31 - 1}), at=at)


@operation
def expire_quotas(*, actor: Actor, at: datetime, limit: int = 1000) -> int:
    """Quotas past their day end; answers with how many, so that the caller goes on until there are none."""
    return _ended(rows(_END_DUE, {"at": at, "limit": limit}), at=at)


def _ended(found: Sequence[Any], *, at: datetime) -> int:
    freed = {(row.stock_item_id, row.location_id): row for row in found if row.free <= 0 < row.free + row.remaining}
    announce(*(_availability(row, row.company_id, True, at) for row in freed.values()))
    return len(found)


def _availability(row: Any, company_id: int, is_available: bool, at: datetime) -> AvailabilityChanged:
    return AvailabilityChanged(
        company_id=company_id, stock_item_id=row.stock_item_id, location_id=row.location_id, is_available=is_available, at=at
    )
