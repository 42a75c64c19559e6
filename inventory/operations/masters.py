"""What is stocked, where it may lie and who may draw on it comes into being, in bulk and once per code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.rules import TemperatureZone
from core.actor import Actor
from core.db import operation, rows, run
from inventory.rules import Condition, LocationKind, OwnerKind


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationAsk:
    """A place to open."""

    code: str
    name: str
    kind: LocationKind = LocationKind.WAREHOUSE
    postal_code: str = ""
    prefecture: str = ""
    address: str = ""
    phone: str = ""
    can_ship: bool = True
    can_pick_up: bool = False
    priority: int = 0
    keeps: frozenset[TemperatureZone] = frozenset(TemperatureZone)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockItemAsk:
    """Something to stock; with a variant, that variant is made of ``quantity`` of it.

    Without a ``temperature_zone`` it wants that of the variant's product.
    """

    code: str
    name: str
    variant_id: int | None = None
    quantity: int = 1
    condition: Condition = Condition.NEW
    owner_kind: OwnerKind = OwnerKind.OWN
    owner_code: str = ""
    is_lot_tracked: bool = False
    temperature_zone: TemperatureZone | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentAsk:
    """One unit of the variant takes so many of the stock item."""

    variant_id: int
    stock_item_id: int
    quantity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolAsk:
    """A pool drawing from (location id, buffer) in this order, seen by these channels. ``percents`` are buffers by location id."""

    code: str
    name: str
    sources: tuple[tuple[int, int], ...]
    channel_ids: tuple[int, ...] = ()
    is_default: bool = False
    percents: tuple[tuple[int, int], ...] = ()


@operation
def open_locations(asks: Sequence[LocationAsk], *, company_id: int, actor: Actor, at: datetime) -> list[int]:
    """There is a location of every code; answers with their ids in order. A known code stays as it is. Two statements."""
    run(
        """
        INSERT INTO inventory_location
            (company_id, code, name, kind, postal_code, prefecture, address, phone, can_ship, can_pick_up, priority, keeps_ambient,
                keeps_chilled, keeps_frozen)
        SELECT %s, q.* FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
            %s::boolean[], %s::boolean[], %s::int[], %s::boolean[], %s::boolean[], %s::boolean[]) AS q
        ON CONFLICT (company_id, code) DO NOTHING
        """,
        (
            company_id,
            [ask.code for ask in asks],
            [ask.name for ask in asks],
            [str(ask.kind) for ask in asks],
            [ask.postal_code for ask in asks],
            [ask.prefecture for ask in asks],
            [ask.address for ask in asks],
            [ask.phone for ask in asks],
            [ask.can_ship for ask in asks],
            [ask.can_pick_up for ask in asks],
            [ask.priority for ask in asks],
            *([zone in ask.keeps for ask in asks] for zone in (TemperatureZone.AMBIENT, TemperatureZone.CHILLED, TemperatureZone.FROZEN)),
        ),
    )
    return _ids("inventory_location", [ask.code for ask in asks], company_id=company_id)


@operation
def make_stock_items(asks: Sequence[StockItemAsk], *, company_id: int, actor: Actor, at: datetime) -> list[int]:
    """There is a stock item of every code, and the variants named are made of theirs; answers with the ids in order.

    A known code stays as it is, and so does a variant that is already made of something. Three statements.
    """
    run(
        """
        INSERT INTO inventory_stockitem (company_id, code, name, condition, owner_kind, owner_code, is_lot_tracked, temperature_zone)
        SELECT %s, q.code, q.name, q.condition, q.owner_kind, q.owner_code, q.is_lot_tracked, coalesce(q.zone, (
            SELECT p.temperature_zone FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id WHERE v.id = q.variant_id
        ), 'ambient')
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::text[], %s::bigint[])
            AS q (code, name, condition, owner_kind, owner_code, is_lot_tracked, zone, variant_id)
        ON CONFLICT (company_id, code) DO NOTHING
        """,
        (
            company_id,
            [ask.code for ask in asks],
            [ask.name for ask in asks],
            [str(ask.condition) for ask in asks],
            [str(ask.owner_kind) for ask in asks],
            [ask.owner_code for ask in asks],
            [ask.is_lot_tracked for ask in asks],
            [ask.temperature_zone for ask in asks],
            [ask.variant_id for ask in asks],
        ),
    )
    made_of = [ask for ask in asks if ask.variant_id is not None]
    run(
        """
        INSERT INTO inventory_component (variant_id, stock_item_id, quantity)
        SELECT v.id, i.id, q.quantity
        FROM unnest(%(variants)s::bigint[], %(codes)s::text[], %(quantities)s::int[]) AS q (variant_id, code, quantity)
        JOIN catalog_variant v ON v.id = q.variant_id AND v.company_id = %(company)s
        JOIN inventory_stockitem i ON i.company_id = %(company)s AND i.code = q.code
        WHERE NOT EXISTS (SELECT FROM inventory_component c WHERE c.variant_id = v.id)
        ON CONFLICT (variant_id, stock_item_id) DO NOTHING
        """,
        {
            "variants": [ask.variant_id for ask in made_of],
            "codes": [ask.code for ask in made_of],
            "quantities": [ask.quantity for ask in made_of],
            "company": company_id,
        },
    )
    return _ids("inventory_stockitem", [ask.code for ask in asks], company_id=company_id)


@operation
def compose_variants(asks: Sequence[ComponentAsk], *, company_id: int, actor: Actor, at: datetime) -> int:
    """The variants named are made of exactly these parts from now on; answers with the number of parts. Two statements.

    Stock that was allocated before stays what it is.
    """
    told = {
        "variants": [ask.variant_id for ask in asks],
        "items": [ask.stock_item_id for ask in asks],
        "quantities": [ask.quantity for ask in asks],
        "company": company_id,
    }
    run(
        """
        DELETE FROM inventory_component c USING catalog_variant v
        WHERE v.id = c.variant_id AND v.company_id = %(company)s AND c.variant_id = ANY(%(variants)s::bigint[])
          AND (c.variant_id, c.stock_item_id) NOT IN (SELECT * FROM unnest(%(variants)s::bigint[], %(items)s::bigint[]))
        """,
        told,
    )
    return run(
        """
        INSERT INTO inventory_component (variant_id, stock_item_id, quantity)
        SELECT v.id, i.id, q.quantity
        FROM unnest(%(variants)s::bigint[], %(items)s::bigint[], %(quantities)s::int[]) AS q (variant_id, stock_item_id, quantity)
        JOIN catalog_variant v ON v.id = q.variant_id AND v.company_id = %(company)s
        JOIN inventory_stockitem i ON i.id = q.stock_item_id AND i.company_id = %(company)s
        ON CONFLICT (variant_id, stock_item_id) DO UPDATE SET quantity = excluded.quantity
        """,
        told,
    )


@operation
def set_pool(ask: PoolAsk, *, company_id: int, actor: Actor, at: datetime) -> int:
    """The pool of that code draws from exactly these sources and is seen by exactly these channels; answers with its id."""
    pool_id: int = rows(
        """
        INSERT INTO inventory_stockpool (company_id, code, name, is_default) VALUES (%s, %s, %s, %s)
        ON CONFLICT (company_id, code) DO UPDATE SET name = excluded.name, is_default = excluded.is_default RETURNING id
        """,
        (company_id, ask.code, ask.name, ask.is_default),
    )[0].id
    run("DELETE FROM inventory_poolsource WHERE pool_id = %s", (pool_id,))
    run("DELETE FROM inventory_poolchannel WHERE pool_id = %s OR channel_id = ANY(%s::bigint[])", (pool_id, list(ask.channel_ids)))
    run(
        """
        INSERT INTO inventory_poolsource (pool_id, location_id, priority, buffer_quantity, buffer_percent)
        SELECT %s, l.id, q.place, q.buffer, q.percent
        FROM unnest(%s::bigint[], %s::int[], %s::int[]) WITH ORDINALITY AS q (location_id, buffer, percent, place)
        JOIN inventory_location l ON l.id = q.location_id AND l.company_id = %s
        """,
        (
            pool_id,
            [location for location, _ in ask.sources],
            [buffer for _, buffer in ask.sources],
            [dict(ask.percents).get(location, 0) for location, _ in ask.sources],
            company_id,
        ),
    )
    run(
        """
        INSERT INTO inventory_poolchannel (pool_id, channel_id)
        SELECT %s, c.id FROM core_saleschannel c WHERE c.id = ANY(%s::bigint[]) AND c.company_id = %s
        """,
        (pool_id, list(ask.channel_ids), company_id),
    )
    return pool_id


def _ids(table: str, codes: Sequence[str], *, company_id: int) -> list[int]:
    found = rows(f"SELECT code, id FROM {table} WHERE company_id = %s AND code = ANY(%s::text[])", (company_id, list(codes)))
    by_code = {row.code: row.id for row in found}
    return [by_code[code] for code in codes]
