"""Moving staged product rows into the final tables: products, texts, variants, shelves, prices, listings and what is stocked.

A variant of goods gets a stock item of its own (one to one), but no stock: that comes from a receipt or a stocktake.
"""

from hashlib import blake2b
from typing import Any, Final

from catalog.operations.pricing import save_price_lists
from catalog.operations.search_keys import write_search_keys
from catalog.operations.shelves import save_categories
from catalog.rules.drafts import MAIN_TREE, CategoryDraft, PriceListDraft
from config.imports.cells import Fault
from config.imports.running import Job, Loaded
from core.db import rows, run
from core.words import gettext_noop as _

REGULAR, LIST_PRICE = "import", "import-list"
"""The price lists that imported prices stand in."""

FAULTS: Final = {
    "duplicate": ("sku", Fault("import.duplicate_in_file", _("This number stands twice in the file; only its first row counts."))),
    "name": ("name", Fault("import.no_name_of_product", _("A product needs a name."))),
    "brand": ("brand", Fault("import.unknown_brand", _("The company has no brand with this code."))),
    "owner": ("sku", Fault("import.sku_of_another_product", _("This SKU belongs to another product."))),
}

_TABLES: Final = (
    """CREATE TEMP TABLE import_product_row (row_no bigint, code text, product_id bigint, variant_id bigint, known boolean, product_known boolean,
        is_first boolean, brand_id bigint, category_id bigint, fault text) ON COMMIT DELETE ROWS""",
    "CREATE TEMP TABLE import_product_seen (key text PRIMARY KEY)",
)
NOTE: Final = "INSERT INTO import_product_seen SELECT DISTINCT lower(sku) FROM import_products ON CONFLICT DO NOTHING"

_RESOLVE: Final = """
INSERT INTO import_product_row (row_no, code, product_id, variant_id, known, product_known, is_first, brand_id, fault)
SELECT n.row_no, n.code, coalesce(n.product_id, first_value(n.fresh) OVER w),
    coalesce(n.variant_id, nextval('catalog_variant_id_seq')), n.variant_id IS NOT NULL, n.product_id IS NOT NULL,
    n.fault IS NULL AND row_number() OVER w = 1, n.brand_id, n.fault
FROM (
    SELECT m.*, nextval('catalog_product_id_seq') AS fresh, CASE WHEN m.rank > 1 OR m.seen THEN 'duplicate' WHEN m.owner_id IS NOT NULL AND m.owner_id IS DISTINCT FROM m.product_id THEN 'owner'
        WHEN m.name = '' AND m.product_id IS NULL THEN 'name' WHEN m.brand <> '' AND m.brand_id IS NULL THEN 'brand' END AS fault
    FROM (
        SELECT i.row_no, i.name, i.brand, k.code, p.id AS product_id, v.id AS variant_id, v.product_id AS owner_id, b.id AS brand_id,
            row_number() OVER (PARTITION BY lower(i.sku) ORDER BY i.row_no) AS rank, s.key IS NOT NULL AS seen
        FROM import_products i CROSS JOIN LATERAL (SELECT coalesce(nullif(i.code, ''), i.sku) AS code) k
        LEFT JOIN import_product_seen s ON s.key = lower(i.sku)
        LEFT JOIN catalog_product p ON p.company_id = %(company)s AND p.code = k.code
        LEFT JOIN catalog_variant v ON v.company_id = %(company)s AND v.sku = i.sku
        LEFT JOIN core_brand b ON i.brand <> '' AND b.company_id = %(company)s AND b.code = lower(i.brand)
    ) m
) n
WINDOW w AS (PARTITION BY n.code ORDER BY n.fault IS NOT NULL, n.row_no)
ORDER BY n.row_no
"""

_NEW_PATHS: Final = """
SELECT DISTINCT i.category AS path FROM import_products i JOIN import_product_row r USING (row_no)
WHERE r.is_first AND i.category <> '' AND NOT EXISTS (SELECT 1 FROM catalog_category c JOIN catalog_categorytree t ON t.id = c.tree_id
    WHERE t.company_id = %(company)s AND t.code = %(tree)s AND c.full_name = i.category) ORDER BY 1
"""
_PLACES: Final = """
UPDATE import_product_row r SET category_id = c.id FROM import_products i, catalog_category c JOIN catalog_categorytree t ON t.id = c.tree_id
WHERE i.row_no = r.row_no AND r.is_first AND i.category <> '' AND t.company_id = %(company)s AND t.code = %(tree)s AND c.full_name = i.category
"""

_FROM: Final = "FROM import_products i JOIN import_product_row r USING (row_no)"
_NEW: Final = (
    f"""INSERT INTO catalog_product (id, company_id, brand_id, code, kind, status, tax_class, temperature_zone)
    SELECT r.product_id, %(company)s, r.brand_id, r.code, coalesce(nullif(i.kind, ''), 'goods'), coalesce(nullif(i.status, ''), 'active'),
        coalesce(nullif(i.tax_class, ''), %(tax_class)s), coalesce(nullif(i.temperature_zone, ''), 'ambient')
    {_FROM} WHERE r.is_first AND NOT r.product_known ORDER BY r.row_no""",
    f"""INSERT INTO catalog_producttext (product_id, language, name, kana, summary, description, keywords, search_key, bigrams)
    SELECT r.product_id, %(language)s, i.name, i.kana, i.summary, i.description, i.keywords, i.search_key, i.bigrams
    {_FROM} WHERE r.is_first AND NOT r.product_known ORDER BY r.row_no""",
    f"""INSERT INTO catalog_variant (id, company_id, product_id, sku, jan, option, weight_grams, position)
    SELECT r.variant_id, %(company)s, r.product_id, i.sku, i.jan, i.option, i.weight_grams, row_number() OVER (PARTITION BY r.product_id ORDER BY r.row_no)
    {_FROM} WHERE r.fault IS NULL AND NOT r.known ORDER BY r.row_no""",
    f"""INSERT INTO inventory_stockitem (company_id, code, name, temperature_zone)
    SELECT %(company)s, i.sku, left(btrim(t.name || ' ' || i.option), 200), p.temperature_zone
    {_FROM} JOIN catalog_product p ON p.id = r.product_id JOIN catalog_producttext t ON t.product_id = p.id AND t.language = %(language)s
    WHERE r.fault IS NULL AND NOT r.known AND p.kind = 'goods' ORDER BY r.row_no ON CONFLICT (company_id, code) DO NOTHING""",
    f"""INSERT INTO inventory_component (variant_id, stock_item_id) SELECT r.variant_id, s.id
    {_FROM} JOIN inventory_stockitem s ON s.company_id = %(company)s AND s.code = i.sku JOIN catalog_product p ON p.id = r.product_id
    WHERE r.fault IS NULL AND NOT r.known AND p.kind = 'goods' ORDER BY r.row_no ON CONFLICT (variant_id, stock_item_id) DO NOTHING""",
    f"""INSERT INTO catalog_listing (variant_id) SELECT r.variant_id {_FROM} JOIN catalog_product p ON p.id = r.product_id
    WHERE r.fault IS NULL AND NOT r.known AND p.status = 'active' AND p.kind <> 'reference' ORDER BY r.row_no""",
    """INSERT INTO catalog_productcategory (product_id, category_id) SELECT r.product_id, r.category_id FROM import_product_row r
    WHERE r.is_first AND r.category_id IS NOT NULL AND NOT r.product_known ORDER BY r.row_no""",
)

# What the file says of known ones: a blank cell, or a column it lacks, leaves what is there. Each answers with product ids.
_CHANGE: Final = (
    f"""UPDATE catalog_product p SET brand_id = coalesce(r.brand_id, p.brand_id), kind = coalesce(nullif(i.kind, ''), p.kind),
        status = coalesce(nullif(i.status, ''), p.status), tax_class = coalesce(nullif(i.tax_class, ''), p.tax_class),
        temperature_zone = coalesce(nullif(i.temperature_zone, ''), p.temperature_zone), version = p.version + 1
    {_FROM} WHERE r.is_first AND r.product_known AND p.id = r.product_id
        AND (p.brand_id, p.kind, p.status, p.tax_class, p.temperature_zone) IS DISTINCT FROM (coalesce(r.brand_id, p.brand_id),
            coalesce(nullif(i.kind, ''), p.kind), coalesce(nullif(i.status, ''), p.status), coalesce(nullif(i.tax_class, ''), p.tax_class),
            coalesce(nullif(i.temperature_zone, ''), p.temperature_zone)) RETURNING p.id""",
    f"""INSERT INTO catalog_producttext AS t (product_id, language, name, kana, summary, description, keywords)
    SELECT r.product_id, %(language)s, i.name, i.kana, i.summary, i.description, i.keywords {_FROM} WHERE r.is_first AND r.product_known AND i.name <> ''
    ON CONFLICT (product_id, language) DO UPDATE SET name = EXCLUDED.name, kana = coalesce(nullif(EXCLUDED.kana, ''), t.kana),
        summary = coalesce(nullif(EXCLUDED.summary, ''), t.summary), description = coalesce(nullif(EXCLUDED.description, ''), t.description),
        keywords = coalesce(nullif(EXCLUDED.keywords, ''), t.keywords)
    WHERE (t.name, t.kana, t.summary, t.description, t.keywords) IS DISTINCT FROM (EXCLUDED.name, coalesce(nullif(EXCLUDED.kana, ''), t.kana),
        coalesce(nullif(EXCLUDED.summary, ''), t.summary), coalesce(nullif(EXCLUDED.description, ''), t.description),
        coalesce(nullif(EXCLUDED.keywords, ''), t.keywords)) RETURNING product_id AS id""",
    f"""UPDATE catalog_variant v SET jan = coalesce(nullif(i.jan, ''), v.jan), option = coalesce(nullif(i.option, ''), v.option),
        weight_grams = coalesce(i.weight_grams, v.weight_grams), version = v.version + 1
    {_FROM} WHERE r.fault IS NULL AND r.known AND v.id = r.variant_id AND (v.jan, v.option, v.weight_grams) IS DISTINCT FROM
        (coalesce(nullif(i.jan, ''), v.jan), coalesce(nullif(i.option, ''), v.option), coalesce(i.weight_grams, v.weight_grams)) RETURNING v.product_id AS id""",
    """WITH moved AS MATERIALIZED (
        SELECT pc.id, r.category_id FROM import_product_row r JOIN catalog_productcategory pc ON pc.product_id = r.product_id AND pc.is_main
        JOIN catalog_category old ON old.id = pc.category_id JOIN catalog_category new ON new.id = r.category_id AND new.tree_id = old.tree_id
        WHERE r.is_first AND r.product_known AND pc.category_id <> r.category_id
    )
    UPDATE catalog_productcategory pc SET category_id = m.category_id FROM moved m WHERE pc.id = m.id
        AND NOT EXISTS (SELECT 1 FROM catalog_productcategory x WHERE x.product_id = pc.product_id AND x.category_id = m.category_id)
    RETURNING pc.product_id AS id""",
    """INSERT INTO catalog_productcategory (product_id, category_id) SELECT r.product_id, r.category_id FROM import_product_row r
    WHERE r.is_first AND r.product_known AND r.category_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM catalog_productcategory pc JOIN catalog_category c ON c.id = pc.category_id WHERE pc.product_id = r.product_id
            AND c.tree_id = (SELECT tree_id FROM catalog_category WHERE id = r.category_id))
    RETURNING product_id AS id""",
)

# A price that changes ends now and another begins: what was charged before stays on record.
_END_PRICE: Final = f"""
UPDATE catalog_price pr SET until_at = %(at)s {_FROM}
WHERE r.fault IS NULL AND r.known AND pr.variant_id = r.variant_id AND pr.price_list_id = %(list)s AND pr.min_quantity = 1 AND pr.until_at IS NULL
    AND i.{{column}} IS NOT NULL AND pr.amount <> i.{{column}}
"""
_BEGIN_PRICE: Final = f"""
INSERT INTO catalog_price (price_list_id, variant_id, amount, from_at)
SELECT %(list)s, r.variant_id, i.{{column}}, CASE WHEN r.known THEN (SELECT max(until_at) FROM catalog_price WHERE price_list_id = %(list)s AND variant_id = r.variant_id AND min_quantity = 1) END
{_FROM} WHERE r.fault IS NULL AND i.{{column}} IS NOT NULL AND (NOT r.known OR NOT EXISTS (
    SELECT 1 FROM catalog_price pr WHERE pr.price_list_id = %(list)s AND pr.variant_id = r.variant_id AND pr.min_quantity = 1 AND pr.until_at IS NULL))
ORDER BY r.row_no RETURNING variant_id AS id
"""


def prepare(job: Job) -> None:
    """The tables of this run, and the price lists that the file's prices go into."""
    run("DROP TABLE IF EXISTS import_product_row, import_product_seen", prepare=False)
    for sql in _TABLES:
        run(sql, prepare=False)


def load(job: Job) -> Loaded:
    """The staged rows are products, variants, places, prices and listings; those that can't be say why."""
    run("TRUNCATE import_product_row", prepare=False)
    company = job.company
    values: dict[str, Any] = {
        "company": company.id,
        "language": company.language,
        "tree": MAIN_TREE,
        "at": job.at,
        "tax_class": "standard" if company.country == "JP" else "out_of_scope",
    }
    run(_RESOLVE, values, prepare=False)
    run("ANALYZE import_product_row", prepare=False)
    if "category" in job.given:
        _open_shelves(job, values)
    for sql in _NEW:
        run(sql, values, prepare=False)
    known = bool(rows("SELECT 1 FROM import_product_row WHERE known OR product_known LIMIT 1", prepare=False))
    touched = {row.id for sql in _CHANGE for row in rows(sql, values, prepare=False)} if known else set()
    repriced = _price(job, values, known=known)
    _find_again(touched)
    counts = rows(
        """SELECT count(*) FILTER (WHERE NOT known) AS created, count(*) FILTER (WHERE known AND changed) AS updated, count(*) FILTER (WHERE known AND NOT changed) AS unchanged
        FROM (SELECT known, product_id = ANY(%s::bigint[]) OR variant_id = ANY(%s::bigint[]) AS changed FROM import_product_row WHERE fault IS NULL) r""",
        (sorted(touched), sorted(repriced)),
        prepare=False,
    )[0]
    faults = [
        (row.row_no, *FAULTS[row.fault])
        for row in rows("SELECT row_no, fault FROM import_product_row WHERE fault IS NOT NULL ORDER BY row_no", prepare=False)
    ]
    return Loaded(created=counts.created, updated=counts.updated, unchanged=counts.unchanged, faults=faults)


def _open_shelves(job: Job, values: dict[str, Any]) -> None:
    """Every path of the chunk is a shelf of the main tree, and each product knows its own."""
    drafts: dict[str, CategoryDraft] = {}
    known = (
        {
            row.full_name: row.code
            for row in rows(
                "SELECT c.full_name, c.code FROM catalog_category c JOIN catalog_categorytree t ON t.id = c.tree_id WHERE t.company_id = %(company)s AND t.code = %(tree)s",
                values,
            )
        }
        if (paths := [row.path for row in rows(_NEW_PATHS, values, prepare=False)])
        else {}
    )
    for path in paths:
        parts = path.split(" > ")
        for depth in range(1, len(parts) + 1):
            here, above = " > ".join(parts[:depth]), " > ".join(parts[: depth - 1])
            if here not in known:
                known[here] = f"i{blake2b(here.encode(), digest_size=9).hexdigest()}"
                drafts[here] = CategoryDraft(code=known[here], name=parts[depth - 1], parent_code=known.get(above, ""))
    if drafts:
        save_categories(list(drafts.values()), company_id=job.company.id, actor=job.actor, at=job.at)
    run(_PLACES, values, prepare=False)


def _price(job: Job, values: dict[str, Any], *, known: bool) -> set[int]:
    """Prices hold as the file says; answers with the variants whose price began."""
    repriced: set[int] = set()
    for column, code, name in (("price", REGULAR, "移行価格"), ("list_price", LIST_PRICE, "移行定価")):
        if column in job.given:
            draft = PriceListDraft(
                code=code, name=name, currency=job.company.currency, tax_basis=job.company.tax_basis, is_list_price=code == LIST_PRICE
            )
            asked = {**values, "list": save_price_lists([draft], company_id=job.company.id, actor=job.actor, at=job.at)[code]}
            if known:
                run(_END_PRICE.replace("{column}", column), asked, prepare=False)
            repriced |= {row.id for row in rows(_BEGIN_PRICE.replace("{column}", column), asked, prepare=False)}
    return repriced


def _find_again(touched: set[int]) -> None:
    """Products whose words changed, or that have several variants, are found by all of them."""
    several = rows(
        "SELECT product_id AS id FROM import_product_row WHERE fault IS NULL GROUP BY product_id HAVING count(*) > 1 OR bool_or(product_known AND NOT known)",
        prepare=False,
    )
    if ids := sorted(touched | {row.id for row in several if row.id}):
        write_search_keys(ids)
