"""SQL of what a channel may draw on: where, how much of each shelf, and what is kept from it. Prose: docs/algorithms/atp.md."""

from inventory.queries.lots import FREE, drawable, free_until, keeps_until

# The channel's pool, else the company's default pool, else every location that ships. What a location cannot keep is named in
# ``lacks``, NULL where it keeps everything, so that only items of particular places are looked at more closely.
_LACKS = """CASE WHEN NOT (l.keeps_ambient AND l.keeps_chilled AND l.keeps_frozen) THEN
        array_remove(ARRAY[CASE WHEN NOT l.keeps_ambient THEN 'ambient' END, CASE WHEN NOT l.keeps_chilled THEN 'chilled' END,
            CASE WHEN NOT l.keeps_frozen THEN 'frozen' END], NULL) END"""
SOURCES = f"""
pool AS MATERIALIZED (
    SELECT coalesce(
        (SELECT pool_id FROM inventory_poolchannel WHERE channel_id = %(channel)s::bigint),
        (SELECT id FROM inventory_stockpool WHERE company_id = %(company)s::bigint AND is_default)
    ) AS id
), source AS MATERIALIZED (
    SELECT s.location_id, s.priority, s.buffer_quantity AS buffer, s.buffer_percent AS percent, l.kind, l.prefecture, {_LACKS} AS lacks
    FROM pool JOIN inventory_poolsource s ON s.pool_id = pool.id JOIN inventory_location l ON l.id = s.location_id
    WHERE l.company_id = %(company)s::bigint AND l.can_ship AND l.ended_at IS NULL {{and_location}}
    UNION ALL
    SELECT l.id, l.priority, 0, 0, l.kind, l.prefecture, {_LACKS}
    FROM inventory_location l, pool
    WHERE pool.id IS NULL AND l.company_id = %(company)s::bigint AND l.can_ship AND l.ended_at IS NULL
      AND l.kind IN ('warehouse', 'store', 'supplier') {{and_location}}
), keeping AS MATERIALIZED (
    SELECT (%(at)s::timestamptz AT TIME ZONE c.timezone)::date + life.least_days AS day
    FROM inventory_shelflife life JOIN core_saleschannel ch ON ch.id = life.channel_id JOIN core_company c ON c.id = ch.company_id
    WHERE life.channel_id = %(channel)s::bigint
)
"""
# Stores where goods are fetched need not ship: they are drawn on by name, with the buffer of the channel's pool where it knows them.
# Over the counter goes whatever is in the buyer's hands: no buffer is kept from them.
PICKUP_SOURCES = f"""
pool AS MATERIALIZED (
    SELECT coalesce(
        (SELECT pool_id FROM inventory_poolchannel WHERE channel_id = %(channel)s::bigint),
        (SELECT id FROM inventory_stockpool WHERE company_id = %(company)s::bigint AND is_default)
    ) AS id
), source AS MATERIALIZED (
    SELECT l.id AS location_id, l.priority, CASE WHEN %(over_counter)s THEN 0 ELSE coalesce(s.buffer_quantity, 0) END AS buffer,
        CASE WHEN %(over_counter)s THEN 0 ELSE coalesce(s.buffer_percent, 0) END AS percent, l.kind, l.prefecture, {_LACKS} AS lacks
    FROM inventory_location l CROSS JOIN pool LEFT JOIN inventory_poolsource s ON s.pool_id = pool.id AND s.location_id = l.id
    WHERE l.id = ANY(%(pickups)s::bigint[]) AND l.company_id = %(company)s::bigint AND l.ended_at IS NULL
      AND (l.can_pick_up OR %(over_counter)s AND l.kind = 'store')
      AND NOT EXISTS (
        SELECT FROM inventory_stockexclusion x WHERE x.location_id = l.id AND x.stock_item_id IS NULL
        AND (x.channel_id = %(channel)s::bigint OR x.pool_id = pool.id)
      )
), keeping AS MATERIALIZED (
    SELECT (%(at)s::timestamptz AT TIME ZONE c.timezone)::date + life.least_days AS day
    FROM inventory_shelflife life JOIN core_saleschannel ch ON ch.id = life.channel_id JOIN core_company c ON c.id = ch.company_id
    WHERE life.channel_id = %(channel)s::bigint
)
"""
DAY = "(SELECT day FROM keeping)"
FREE_FOR_CHANNEL, KEEPS = free_until(DAY), keeps_until(DAY)
IS_KEPT = """(source.lacks IS NULL
    OR (SELECT i.temperature_zone FROM inventory_stockitem i WHERE i.id = s.stock_item_id) <> ALL(source.lacks))"""
BUFFER = "greatest(source.buffer, (s.sellable::bigint * source.percent + 99) / 100)::int"
COMPANY_OF_CHANNEL = "(SELECT company_id FROM core_saleschannel WHERE id = %(channel)s::bigint)"

# What is excluded, for this channel or its pool.
FOR_THIS = "(x.channel_id = %(channel)s::bigint OR x.pool_id = (SELECT id FROM pool))"
OPEN_SOURCES = SOURCES.format(and_location="")
RULED_SOURCES = SOURCES.format(
    and_location=f"""AND NOT EXISTS (
        SELECT FROM inventory_stockexclusion x WHERE x.location_id = l.id AND x.stock_item_id IS NULL AND {FOR_THIS}
    )"""
)
VARIANT_EXCLUDED = f"EXISTS (SELECT FROM inventory_stockexclusion x WHERE x.variant_id = v.id AND {FOR_THIS})"
ITEM_EXCLUDED = f"""EXISTS (
    SELECT FROM inventory_stockexclusion x
    WHERE x.stock_item_id = s.stock_item_id AND (x.location_id IS NULL OR x.location_id = s.location_id) AND {FOR_THIS}
)"""
OWN_QUOTA = """
FROM inventory_stockquota q WHERE q.channel_id = %(channel)s::bigint AND q.stock_id = s.id AND q.ended_at IS NULL
"""

# The same for many channels ``ch`` at once: the pool of each, and whether it draws on the shelf ``s`` at the location ``l``.
POOL_OF = """LATERAL (
    SELECT coalesce(
        (SELECT pool_id FROM inventory_poolchannel WHERE channel_id = ch.id),
        (SELECT id FROM inventory_stockpool WHERE company_id = ch.company_id AND is_default)
    ) AS id
)"""
DRAWS = """(
    l.company_id = ch.company_id AND l.can_ship AND l.ended_at IS NULL
    AND CASE WHEN pool.id IS NULL THEN l.kind IN ('warehouse', 'store', 'supplier')
        ELSE EXISTS (SELECT FROM inventory_poolsource o WHERE o.pool_id = pool.id AND o.location_id = l.id) END
    AND CASE (SELECT i.temperature_zone FROM inventory_stockitem i WHERE i.id = s.stock_item_id)
        WHEN 'chilled' THEN l.keeps_chilled WHEN 'frozen' THEN l.keeps_frozen ELSE l.keeps_ambient END
    AND NOT EXISTS (
        SELECT FROM inventory_stockexclusion x WHERE (x.channel_id = ch.id OR x.pool_id = pool.id)
        AND (x.stock_item_id = s.stock_item_id OR x.stock_item_id IS NULL AND x.location_id IS NOT NULL)
        AND (x.location_id IS NULL OR x.location_id = l.id)
    )
)"""

# Few companies have quotas, exclusions or rules. The plain statements leave them out and tell once per statement whether there are
# some; only then is asked again in full. A process remembers who has some and asks for all at once: a hint, never an answer.
IS_RULED = """(
    EXISTS (SELECT FROM inventory_stockquota WHERE channel_id = %(channel)s::bigint AND ended_at IS NULL)
    OR EXISTS (SELECT FROM inventory_stockexclusion WHERE company_id = %(company)s::bigint)
    OR EXISTS (SELECT FROM inventory_routingrule WHERE company_id = %(company)s::bigint AND ended_at IS NULL)
)"""

# A pool of few locations reads shelf by shelf through the key, never what lies at all the others; one of many reads all shelves of an
# item at once. Which items have quotas or are kept from the channel somewhere is asked item by item, and of those alone by shelf.
_PROMISED = """
WITH {sources}, part AS MATERIALIZED (
    SELECT v.id AS variant_id, c.stock_item_id, c.quantity, count(c.id) OVER (PARTITION BY v.id) AS parts, {is_excluded} AS is_excluded,
        {quotas} AS quotas, {has_exclusion} AS has_exclusion
    FROM catalog_variant v LEFT JOIN inventory_component c ON c.variant_id = v.id
    WHERE {which} AND v.company_id = %(company)s::bigint
), whole AS (
    SELECT part.variant_id, min({pieces} / part.quantity) AS units
    FROM part CROSS JOIN LATERAL (
        SELECT * FROM inventory_stock s WHERE s.stock_item_id = part.stock_item_id AND (SELECT count(*) > {few} FROM source)
        UNION ALL
        SELECT * FROM inventory_stock s
        WHERE s.stock_item_id = part.stock_item_id AND s.location_id = ANY(ARRAY(SELECT location_id FROM source))
          AND (SELECT count(*) <= {few} FROM source)
    ) s JOIN source ON source.location_id = s.location_id
    WHERE NOT part.is_excluded AND {is_kept} {and_item}
    GROUP BY part.variant_id, part.parts, s.location_id
    HAVING count(*) = part.parts
), promised AS (
    SELECT p.variant_id, CASE WHEN p.is_excluded THEN 0 WHEN p.parts > 0 THEN coalesce(w.units, 0) END AS units
    FROM (SELECT DISTINCT variant_id, parts, is_excluded FROM part) p
    LEFT JOIN (SELECT variant_id, sum(units) AS units FROM whole GROUP BY variant_id) w ON w.variant_id = p.variant_id
)
"""
_FEW = 8
# What is left of the channel's quotas of an item, by shelf: read once for the item, looked up for each of its shelves.
_QUOTAS = """(
    SELECT jsonb_object_agg(q.stock_id, q.remaining) FROM inventory_stockquota q
    WHERE q.channel_id = %(channel)s::bigint AND q.stock_item_id = c.stock_item_id AND q.ended_at IS NULL
)"""
_OWN = "CASE WHEN part.quotas IS NULL THEN 0 ELSE coalesce((part.quotas ->> s.id::text)::int, 0) END"
_HAS_EXCLUSION = f"EXISTS (SELECT FROM inventory_stockexclusion x WHERE x.stock_item_id = c.stock_item_id AND {FOR_THIS})"


def promised(which: str, *, is_ruled: bool = True) -> str:
    """SQL that begins with the figures of the variants ``v`` that ``which`` names: ``promised (variant_id, units)``, null without limit.

    It takes ``channel`` and ``at``, and what ``which`` takes.
    """
    sql = _PROMISED.format(
        which=which,
        sources=RULED_SOURCES if is_ruled else OPEN_SOURCES,
        is_excluded=VARIANT_EXCLUDED if is_ruled else "false",
        quotas=_QUOTAS if is_ruled else "NULL::jsonb",
        has_exclusion=_HAS_EXCLUSION if is_ruled else "false",
        pieces=drawable(FREE, KEEPS, BUFFER, _OWN) if is_ruled else f"greatest({FREE_FOR_CHANNEL} - {BUFFER}, 0)",
        and_item=f"AND NOT (part.has_exclusion AND {ITEM_EXCLUDED})" if is_ruled else "",
        few=_FEW,
        is_kept=IS_KEPT,
    )
    return sql.replace("%(company)s::bigint", COMPANY_OF_CHANNEL)
