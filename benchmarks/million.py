"""A million orders on the measuring server: ten thousand placed by the house itself, then a hundred times as many of the same kind.

The copies are made by whole statements, as the superuser and without the indexes, which are built afterwards. Every row that
placing wrote is there a hundred times with keys of its own; buyers have names as unevenly spread as in life.
"""

import random
from collections.abc import Mapping
from typing import Any

from benchmarks.chain import _indexes
from benchmarks.shop import AT, FAMILIES, BenchShop

PLACED, COPIES = 10_000, 99
FAR = 1_000_000_000
"""Keys of copies lie so far apart."""

_KANA = "サトウ スズキ タカハシ タナカ イトウ ワタナベ ヤマモト ナカムラ コバヤシ カトウ ヨシダ ヤマダ ササキ ヤマグチ マツモト イノウエ キムラ ハヤシ サイトウ シミズ ヤマザキ モリ イケダ ハシモト アベ イシカワ ヤマシタ ナカジマ イシイ オガワ"

# A buyer's name follows from the customer: one in three bears one of thirty common names, the others one of some three thousand.
_PEOPLE = f"""
CREATE UNLOGGED TABLE million_person AS
WITH common AS (SELECT n, family, kana FROM unnest(string_to_array('{FAMILIES}', ' '), string_to_array('{_KANA}', ' ')) WITH ORDINALITY AS t (family, kana, n)),
draw AS (
    SELECT c.id, abs(hashint8(c.id)) % 3 = 0 AS is_common, 1 + floor(30 * power((abs(hashint8(c.id * 7)) % 100000) / 100000.0, 1.7))::int AS n,
        abs(hashint8(c.id * 11)) % 3000 AS rare, abs(hashint8(c.id * 13)) % 900 AS given, abs(hashint8(c.id * 17)) % 100000000 AS phone, abs(hashint8(c.id * 19)) % 5 AS kind
    FROM customers_customer c JOIN core_company co ON co.id = c.company_id WHERE co.code = 'bench'
)
SELECT d.id, CASE WHEN is_common THEN family ELSE chr(19968 + rare) || chr(20968 + rare * 7 % 1000) END
        || chr(21968 + given % 300) || chr(22968 + given / 30) AS name,
    CASE WHEN is_common THEN kana ELSE chr(12450 + rare % 70) || chr(12450 + rare / 70 % 70) || chr(12450 + rare * 7 % 70) END
        || chr(12450 + given % 70) || chr(12450 + given / 13) || chr(12450 + given * 3 % 70) AS kana,
    'u' || substr(md5(d.id::text), 1, 7) || '@' || (ARRAY['gmail.com', 'yahoo.co.jp', 'docomo.ne.jp', 'icloud.com', 'example.jp'])[kind + 1] AS mail,
    (ARRAY['090', '080', '070', '03', '06'])[kind + 1] || lpad(phone::text, 8, '0') AS phone
FROM draw d JOIN common USING (n);
UPDATE customers_customer c SET name_key = p.name, kana_key = p.kana, family_name = left(p.name, 2), given_name = substr(p.name, 3) FROM million_person p WHERE p.id = c.id;
INSERT INTO customers_contactpoint (customer_id, kind, value, value_key, is_primary)
    SELECT id, 'email', mail, mail, true FROM million_person UNION ALL SELECT id, 'phone', phone, '+81' || substr(phone, 2), true FROM million_person;
UPDATE orders_order o SET buyer_name = left(p.name, 2) || ' ' || substr(p.name, 3), buyer_email = p.mail, buyer_phone = p.phone FROM million_person p WHERE p.id = o.customer_id;
UPDATE orders_orderwords w SET words = lower(o.number) || ' ' || p.name || ' ' || p.kana || ' ' || p.mail || ' ' || p.phone
    FROM orders_order o JOIN million_person p ON p.id = o.customer_id WHERE o.id = w.order_id;
"""

_KEY, _REF = f"{{c}} + k.k::bigint * {FAR}", "md5({c}::text || k.k)::uuid"
_TABLES: Mapping[str, Mapping[str, str]] = {
    "orders_order": {
        "id": _KEY, "public_id": _REF, "number": "lpad(((row_number() OVER (ORDER BY k.k, s.id)) + 20000000)::text, 8, '0')", "cart_ref": "NULL",
        "placed_at": "{c} - k.k * interval '6 days' - s.id * interval '40 seconds'", "placed_on": "{c} - (k.k * 6)::int",
    },
    "orders_destination": {"id": _KEY, "order_id": _KEY},
    "orders_line": {"id": _KEY, "public_id": _REF, "order_id": _KEY, "destination_id": _KEY},
    "orders_fee": {"id": _KEY, "order_id": _KEY},
    "orders_ordertax": {"id": _KEY, "order_id": _KEY},
    "orders_shipment": {"id": _KEY, "public_id": _REF, "order_id": _KEY, "destination_id": _KEY, "number": "{c} || '-' || k.k"},
    "orders_shipmentline": {"id": _KEY, "shipment_id": _KEY, "line_id": _KEY, "allocation_id": _KEY},
    "inventory_allocation": {"id": _KEY, "demand_id": _REF, "status": "'shipped'", "closed_at": "now()"},
    "billing_paymentintent": {"id": _KEY, "public_id": _REF, "order_ref": _REF},
}  # fmt: skip
_WORDS = """
INSERT INTO orders_orderwords (order_id, company_id, placed_at, words)
SELECT o.id, o.company_id, o.placed_at, lower(o.number) || ' ' || p.name || ' ' || p.kana || ' ' || p.mail || ' ' || p.phone
FROM orders_order o JOIN million_person p ON p.id = o.customer_id WHERE NOT EXISTS (SELECT FROM orders_orderwords w WHERE w.order_id = o.id) ORDER BY o.placed_at
"""


def place_some(shop: BenchShop) -> None:
    """The house places its ten thousand, a hundred at a time."""
    from benchmarks.bench_placing import a_draft
    from core.actor import SYSTEM
    from core.db import rows
    from orders.operations import place_orders

    chance = random.Random(7)
    for _ in range((PLACED - rows("SELECT count(*) AS n FROM orders_order")[0].n) // 100):
        place_orders([a_draft(shop, chance) for _ in range(100)], actor=SYSTEM, at=AT)


def multiply(server: Any, name: str) -> None:
    """A hundred times as many orders, with the people who placed them."""

    def run(*statements: str) -> None:
        settings = "SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '64MB';"
        server.sql(settings + "".join(f"{one.strip().rstrip(';')};" for one in statements), database=name)

    tables = [*_TABLES, "orders_orderwords"]
    dropped = [index for table in tables for index in _indexes(server, name, table)]
    run(*(drop for drop, _make in dropped))
    try:
        run(_PEOPLE)
        for table, told in _TABLES.items():
            columns = server.sql(
                "SELECT string_agg(column_name, ' ' ORDER BY ordinal_position) FROM information_schema.columns"
                f" WHERE table_name = '{table}' AND is_generated = 'NEVER'",
                database=name,
            ).split()
            values = ", ".join(told.get(c, "{c}").format(c=f"s.{c}") for c in columns)
            run(
                f"INSERT INTO {table} ({', '.join(columns)}) OVERRIDING SYSTEM VALUE SELECT {values}"
                f" FROM {table} s, generate_series(1, {COPIES}) k (k) WHERE s.id < {FAR} ORDER BY k.k, s.id"
            )
        run(_WORDS, "DROP TABLE million_person")
    finally:  # also where filling it broke: a table without its keys would mislead whoever comes next
        for _drop, make in dropped:
            run(make)
    server.sql("VACUUM (ANALYZE)", database=name)
