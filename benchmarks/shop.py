"""A shop of the floor's size on the measuring server: 10,000 articles, 100,000 customers, three locations, 200,000 orders' worth of room."""

from dataclasses import dataclass
from datetime import UTC, datetime

PRODUCTS, CUSTOMERS = 10_000, 100_000
AT = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
FAMILIES = "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 斉藤 清水 山崎 森 池田 橋本 阿部 石川 山下 中島 石井 小川"
"""The commonest names, as one in three buyers bears them."""

_FILL = f"""
INSERT INTO core_company (code, name, tax_rounding) VALUES ('bench', 'ベンチ商店', 'floor');
INSERT INTO core_site (company_id, code, domain, name) SELECT id, 'bench', 'bench.localhost', 'Bench' FROM core_company WHERE code = 'bench';
INSERT INTO core_saleschannel (company_id, code, name, kind, site_id) SELECT company_id, 'web', 'Web', 'web', id FROM core_site WHERE code = 'bench';
INSERT INTO inventory_location (company_id, code, name, priority)
    SELECT c.id, 'wh' || n, '倉庫' || n, n FROM core_company c, generate_series(1, 3) n WHERE c.code = 'bench';
INSERT INTO catalog_product (company_id, code, status, tax_class, position)
    SELECT c.id, 'P' || n, 'active', CASE WHEN n % 2 = 0 THEN 'reduced' ELSE 'standard' END, n
    FROM core_company c, generate_series(1, {PRODUCTS}) n WHERE c.code = 'bench';
INSERT INTO catalog_producttext (product_id, language, name, search_key) SELECT id, 'ja', '商品' || code, lower('商品' || code) FROM catalog_product WHERE company_id = (SELECT id FROM core_company WHERE code = 'bench');
INSERT INTO catalog_variant (company_id, product_id, sku) SELECT company_id, id, 'S' || substr(code, 2) FROM catalog_product WHERE company_id = (SELECT id FROM core_company WHERE code = 'bench');
INSERT INTO catalog_pricelist (company_id, code, name, tax_basis) SELECT id, 'standard', '標準', 'included' FROM core_company WHERE code = 'bench';
INSERT INTO catalog_price (price_list_id, variant_id, amount, from_at) SELECT l.id, v.id, 1000 + v.id % 900, '2020-01-01'
    FROM catalog_variant v JOIN catalog_pricelist l ON l.company_id = v.company_id WHERE l.code = 'standard' AND v.company_id = (SELECT id FROM core_company WHERE code = 'bench');
INSERT INTO catalog_listing (variant_id) SELECT id FROM catalog_variant WHERE company_id = (SELECT id FROM core_company WHERE code = 'bench');
INSERT INTO inventory_stockitem (company_id, code, name) SELECT company_id, sku, sku FROM catalog_variant WHERE company_id = (SELECT id FROM core_company WHERE code = 'bench');
INSERT INTO inventory_component (variant_id, stock_item_id, quantity)
    SELECT v.id, i.id, 1 FROM catalog_variant v JOIN inventory_stockitem i ON i.company_id = v.company_id AND i.code = v.sku WHERE v.company_id = (SELECT id FROM core_company WHERE code = 'bench');
INSERT INTO inventory_stock (stock_item_id, location_id, on_hand, sellable)
    SELECT i.id, l.id, 100000000, 100000000 FROM inventory_stockitem i JOIN inventory_location l ON l.company_id = i.company_id WHERE i.company_id = (SELECT id FROM core_company WHERE code = 'bench');
INSERT INTO customers_customer (company_id, family_name, given_name, family_kana, given_kana, name_key, kana_key)
    SELECT c.id, '山田' || n % 5000, '花子' || n, 'ヤマダ', 'ハナコ', '山田' || n % 5000 || '花子' || n, 'ヤマダハナコ' || n
    FROM core_company c, generate_series(1, {CUSTOMERS}) n WHERE c.code = 'bench';
INSERT INTO orders_feerule (company_id, kind, label, from_goods_total, amount, tax_class)
    SELECT c.id, 'shipping', '送料', f.from_total, f.amount, 'standard' FROM core_company c, (VALUES (0, 600), (5400, 0)) f (from_total, amount) WHERE c.code = 'bench';
"""


@dataclass(frozen=True)
class BenchShop:
    """What cases need to know of it."""

    company_id: int
    channel_id: int
    first_variant: int
    first_customer: int


def bench_shop() -> BenchShop:
    """The shop, filled the first time, with statistics fresh."""
    from django.db import connection

    from core.actor import SYSTEM
    from core.db import acting, rows
    from core.operations import seed_reference

    if not rows("SELECT 1 AS known FROM core_company WHERE code = 'bench'"):
        seed_reference()
        with acting(SYSTEM), connection.cursor() as cursor:
            cursor.execute(_FILL)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return BenchShop(
        *rows(
            "SELECT c.id AS company, ch.id AS channel, (SELECT min(v.id) FROM catalog_variant v WHERE v.company_id = c.id) AS variant,"
            " (SELECT min(u.id) FROM customers_customer u WHERE u.company_id = c.id) AS customer"
            " FROM core_company c JOIN core_saleschannel ch ON ch.company_id = c.id AND ch.code = 'web' WHERE c.code = 'bench'"
        )[0]
    )
