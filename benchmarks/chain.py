"""A chain of shops on the measuring server: 20,000 articles at 50 locations, a million shelves with ten million movements.

Everything is made by whole statements, as the superuser and without the indexes, which are built afterwards. The heap is as a
business leaves it: shelves lie shop by shop, movements in the order of time, so that neither an article's shelves nor a
shelf's movements lie together.
"""

from dataclasses import dataclass
from typing import Any

ITEMS, LOCATIONS = 20_000, 50
SHELVES = ITEMS * LOCATIONS
ROUNDS = 10
"""Every shelf has so many movements: an opening balance, four that come and go, four shipments, a receipt."""
MOVEMENTS = SHELVES * ROUNDS
COST = 100
STEP = 611_953
"""Prime, so that stepping through the shelves by it meets each once a round, far from the one before."""

_MASTERS = f"""
INSERT INTO core_company (code, name, tax_rounding) VALUES ('chain', 'チェーン商店', 'floor');
INSERT INTO core_site (company_id, code, domain, name) SELECT id, 'chain', 'chain.localhost', 'Chain' FROM core_company WHERE code = 'chain';
INSERT INTO core_saleschannel (company_id, code, name, kind, site_id) SELECT company_id, 'chain', 'Chain', 'web', id FROM core_site WHERE code = 'chain';
INSERT INTO inventory_location (company_id, code, name, kind, prefecture, priority, can_pick_up)
    SELECT c.id, 'L' || n, CASE WHEN n <= 2 THEN '物流センター' ELSE '店舗' END || n, CASE WHEN n <= 2 THEN 'warehouse' ELSE 'store' END, '東京都', n, n > 2
    FROM core_company c, generate_series(1, {LOCATIONS}) n WHERE c.code = 'chain';
INSERT INTO catalog_product (company_id, code, status, tax_class, position)
    SELECT c.id, 'C' || n, 'active', 'standard', n FROM core_company c, generate_series(1, {ITEMS}) n WHERE c.code = 'chain';
INSERT INTO catalog_variant (company_id, product_id, sku) SELECT company_id, id, code FROM catalog_product WHERE company_id = (SELECT id FROM core_company WHERE code = 'chain');
INSERT INTO inventory_stockitem (company_id, code, name, low_at)
    SELECT company_id, sku, 'チェーンの商品 ' || sku, CASE WHEN id % 4 = 0 THEN 3 ELSE 0 END FROM catalog_variant WHERE company_id = (SELECT id FROM core_company WHERE code = 'chain');
INSERT INTO inventory_component (variant_id, stock_item_id, quantity)
    SELECT v.id, i.id, 1 FROM catalog_variant v JOIN inventory_stockitem i ON i.company_id = v.company_id AND i.code = v.sku WHERE v.company_id = (SELECT id FROM core_company WHERE code = 'chain');
"""

# A shelf's n is its place among the shelves: location by location, within it item by item. Opening balance n % 40 + 4; 3 come,
# 1 is lost, 2 come and go again, 4 are shipped, 3 come. One shelf in five has a piece allocated, one in twenty a piece reserved.
_SHELVES = f"""
CREATE UNLOGGED TABLE chain_shelf AS
    SELECT row_number() OVER (ORDER BY l.id, i.id) - 1 AS n, i.id AS item, l.id AS location
    FROM inventory_stockitem i JOIN inventory_location l ON l.company_id = i.company_id JOIN core_company c ON c.id = i.company_id
    WHERE c.code = 'chain';
INSERT INTO inventory_stock (stock_item_id, location_id, on_hand, sellable, value, allocated, reserved)
    SELECT item, location, n % 40 + 5, n % 40 + 5, (n % 40 + 5) * {COST}, CASE WHEN n % 5 = 0 THEN 1 ELSE 0 END, CASE WHEN n % 20 = 1 THEN 1 ELSE 0 END
    FROM chain_shelf ORDER BY n;
ALTER TABLE chain_shelf ADD stock bigint;
UPDATE chain_shelf c SET stock = s.id FROM inventory_stock s WHERE s.stock_item_id = c.item AND s.location_id = c.location;
CREATE UNIQUE INDEX ON chain_shelf (n);
ANALYZE chain_shelf;
"""
_ALLOCATED = f"""
INSERT INTO inventory_allocation (demand_id, stock_id, stock_item_id, location_id, quantity, status, allocated_at, closed_at)
    SELECT gen_random_uuid(), stock, item, location, 1, 'shipped', '2025-12-01', '2025-12-02'
    FROM generate_series(0, {4 * SHELVES - 1}) k JOIN chain_shelf ON n = k * {STEP}::bigint % {SHELVES} ORDER BY k;
INSERT INTO inventory_allocation (demand_id, stock_id, stock_item_id, location_id, quantity, allocated_at)
    SELECT gen_random_uuid(), stock, item, location, 1, '2026-10-30' FROM chain_shelf WHERE n % 5 = 0 ORDER BY n * {STEP}::bigint % {SHELVES};
INSERT INTO inventory_reservation (holder_id, stock_id, stock_item_id, location_id, quantity, expires_at)
    SELECT gen_random_uuid(), stock, item, location, 1, '2026-11-02' FROM chain_shelf WHERE n % 20 = 1 ORDER BY n;
CREATE UNLOGGED TABLE chain_shipped AS
    SELECT row_number() OVER (ORDER BY a.id) - 1 AS k, a.id, a.stock_id AS stock, a.stock_item_id AS item, a.location_id AS location
    FROM inventory_allocation a JOIN chain_shelf c ON c.stock = a.stock_id WHERE a.status = 'shipped';
"""
_COLUMNS = "stock_id, stock_item_id, location_id, kind, quantity, sellable_quantity, value, cause, once_key, at, actor_kind, actor_id, actor_label, on_behalf_of"


def _when(number: int) -> str:
    """Two years in ten rounds."""
    return f"'2024-11-01'::timestamptz + ({number} + (k % {SHELVES})::float / {SHELVES}) * interval '73 days'"


def _round(number: int, kind: str, quantity: str) -> str:
    return f"""
    INSERT INTO inventory_movement ({_COLUMNS})
    SELECT stock, item, location, {kind}, {quantity}, {quantity}, ({quantity}) * {COST}, 'bench:{number}', 'chain:{number}:' || k, {_when(number)}, 'system', '', '', ''
    FROM generate_series(0, {SHELVES - 1}) k JOIN chain_shelf ON n = k * {STEP}::bigint % {SHELVES} ORDER BY k
    """


def _shipments(number: int, first: int) -> str:
    return f"""
    INSERT INTO inventory_movement ({_COLUMNS})
    SELECT stock, item, location, 'shipment', -1, -1, -{COST}, 'shipment:' || k, 'allocation:' || id, {_when(number)}, 'system', '', '', ''
    FROM chain_shipped WHERE k BETWEEN {first} AND {first + SHELVES - 1} ORDER BY k
    """


def _movements() -> list[str]:
    """A statement per round, in the order of time."""
    comings = ["'opening'", "'receipt'", "'adjustment'", "'transfer_in'", "'transfer_out'"]
    quantities = ["n % 40 + 4", "3", "-1", "2", "-2"]
    rounds = [_round(n, kind, quantity) for n, (kind, quantity) in enumerate(zip(comings, quantities, strict=True))]
    rounds += [_shipments(5 + n, n * SHELVES) for n in range(4)]
    return [*rounds, _round(9, "'receipt'", "3")]


# What the ledger's trigger would have kept.
_DAYS = """
INSERT INTO inventory_stockday (stock_id, stock_item_id, location_id, day, kind, quantity, value)
    SELECT m.stock_id, m.stock_item_id, m.location_id, (m.at AT TIME ZONE 'Asia/Tokyo')::date, m.kind, sum(m.quantity), sum(m.value)
    FROM inventory_movement m JOIN inventory_location l ON l.id = m.location_id JOIN core_company c ON c.id = l.company_id
    WHERE c.code = 'chain' GROUP BY 1, 2, 3, 4, 5
"""


@dataclass(frozen=True)
class Chain:
    """What cases need to know of it."""

    company_id: int
    channel_id: int
    first_variant: int
    first_item: int
    first_location: int
    first_stock: int


def chain(server: Any) -> Chain:
    """The chain, made the first time, with statistics fresh and every page seen by a vacuum."""
    from django.db import connection

    from core.db import rows
    from core.operations import seed_reference

    if not rows("SELECT 1 AS known FROM core_company WHERE code = 'chain'"):
        seed_reference()
        _fill(server, str(connection.settings_dict["NAME"]))
    return Chain(
        *rows(
            "SELECT c.id AS company, ch.id AS channel, (SELECT min(v.id) FROM catalog_variant v WHERE v.company_id = c.id) AS variant,"
            " (SELECT min(i.id) FROM inventory_stockitem i WHERE i.company_id = c.id) AS item,"
            " (SELECT min(l.id) FROM inventory_location l WHERE l.company_id = c.id) AS location,"
            " (SELECT min(s.id) FROM inventory_stock s JOIN inventory_location l ON l.id = s.location_id WHERE l.company_id = c.id) AS stock"
            " FROM core_company c JOIN core_saleschannel ch ON ch.company_id = c.id AND ch.code = 'chain' WHERE c.code = 'chain'"
        )[0]
    )


def _fill(server: Any, name: str) -> None:
    def run(*statements: str) -> None:
        # Keys are right by construction: their triggers would take longer than everything else.
        settings = "SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '64MB';"
        server.sql(settings + "".join(f"{one.strip().rstrip(';')};" for one in statements), database=name)

    tables = ("inventory_movement", "inventory_allocation", "inventory_stock", "inventory_reservation", "inventory_stockday")
    dropped = [index for table in tables for index in _indexes(server, name, table)]
    run(*(drop for drop, _make in dropped))
    try:
        run(_MASTERS, _SHELVES)
        run(_ALLOCATED)
        for statement in _movements():
            run(statement)
        run(_DAYS)
        run("DROP TABLE chain_shelf, chain_shipped")
    finally:  # also where filling it broke: a table without its keys would mislead whoever comes next
        for _drop, make in dropped:
            run(make)
    server.sql("VACUUM (ANALYZE)", database=name)


def _indexes(server: Any, name: str, table: str) -> list[tuple[str, str]]:
    """How every index of the table but its primary key is dropped, and made again as it was."""
    constraints = server.sql(
        f"SELECT conname || E'\\t' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '{table}'::regclass AND contype = 'u'",
        database=name,
    ).splitlines()
    unique = [line.split("\t", 1) for line in constraints]
    plain = server.sql(
        f"SELECT i.indexrelid::regclass || E'\\t' || pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE i.indrelid = '{table}'::regclass"
        " AND NOT i.indisprimary AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype = 'u')",
        database=name,
    ).splitlines()
    return [
        *((f"ALTER TABLE {table} DROP CONSTRAINT {key}", f"ALTER TABLE {table} ADD CONSTRAINT {key} {made}") for key, made in unique),
        *((f"DROP INDEX {index}", made) for index, made in (line.split("\t", 1) for line in plain)),
    ]
