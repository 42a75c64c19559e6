"""What the catalogue promises, as SQL that finds the rows breaking it."""

from core.ports import Invariant

_OF_COMPANY = "(%(company)s::bigint IS NULL OR {}.company_id = %(company)s)"


def invariants() -> tuple[Invariant, ...]:
    """Every promise of the catalogue, in the order it should be read."""
    return (
        Invariant(
            "catalog.one_company",
            "A variant, its product, prices, shelves and listings belong to one company.",
            f"""SELECT v.id, v.sku FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id
            WHERE v.company_id <> p.company_id AND {_OF_COMPANY.format("v")}
            UNION ALL SELECT pr.id, pl.code FROM catalog_price pr JOIN catalog_pricelist pl ON pl.id = pr.price_list_id
            JOIN catalog_variant v ON v.id = pr.variant_id WHERE v.company_id <> pl.company_id AND {_OF_COMPANY.format("v")}
            UNION ALL SELECT pc.id, c.code FROM catalog_productcategory pc JOIN catalog_category c ON c.id = pc.category_id
            JOIN catalog_categorytree ct ON ct.id = c.tree_id JOIN catalog_product p ON p.id = pc.product_id
            WHERE ct.company_id <> p.company_id AND {_OF_COMPANY.format("p")}
            UNION ALL SELECT l.id, v.sku FROM catalog_listing l JOIN catalog_variant v ON v.id = l.variant_id
            LEFT JOIN core_saleschannel sc ON sc.id = l.channel_id LEFT JOIN core_site si ON si.id = l.site_id
            WHERE (sc.company_id <> v.company_id OR si.company_id <> v.company_id) AND {_OF_COMPANY.format("v")}""",
        ),
        Invariant(
            "catalog.one_price_at_a_time",
            "A list never holds two prices for one variant and quantity at the same time.",
            f"""SELECT a.id, b.id AS other FROM catalog_price a JOIN catalog_price b
            ON b.price_list_id = a.price_list_id AND b.variant_id = a.variant_id AND b.min_quantity = a.min_quantity AND b.id > a.id
            AND tstzrange(a.from_at, a.until_at) && tstzrange(b.from_at, b.until_at)
            JOIN catalog_variant v ON v.id = a.variant_id WHERE {_OF_COMPANY.format("v")}""",
        ),
        Invariant(
            "catalog.findable",
            "Every product text can be found by its words.",
            f"""SELECT t.id, t.name FROM catalog_producttext t JOIN catalog_product p ON p.id = t.product_id
            WHERE (t.search_key = '' OR t.bigrams IS NULL) AND t.name <> '' AND {_OF_COMPANY.format("p")}""",
        ),
        Invariant(
            "catalog.one_main_place",
            "A product has at most one main shelf in each season's tree.",
            f"""SELECT pc.product_id, c.tree_id, count(*) FROM catalog_productcategory pc JOIN catalog_category c ON c.id = pc.category_id
            JOIN catalog_product p ON p.id = pc.product_id WHERE pc.is_main AND {_OF_COMPANY.format("p")}
            GROUP BY pc.product_id, c.tree_id HAVING count(*) > 1""",
        ),
        Invariant(
            "catalog.paths",
            "A shelf's path names every shelf above it, all of one tree.",
            f"""SELECT c.id, c.full_name FROM catalog_category c JOIN catalog_categorytree ct ON ct.id = c.tree_id
            JOIN catalog_category a ON c.path LIKE a.path || '%%' WHERE {_OF_COMPANY.format("ct")}
            GROUP BY c.id HAVING c.full_name <> string_agg(a.name, ' > ' ORDER BY a.path) OR count(DISTINCT a.tree_id) > 1""",
        ),
    )
