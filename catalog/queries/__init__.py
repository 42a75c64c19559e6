from catalog.queries.keys import variant_keys
from catalog.queries.offers import offers
from catalog.queries.pages import category_tree, find_variants, product_page
from catalog.queries.partners import price_rows_of, product_of, products_of, variant_of, variants_of
from catalog.queries.promises import invariants
from catalog.queries.shelves import shelf
from catalog.queries.workflow import named_profiles

__all__ = [
    "category_tree",
    "find_variants",
    "invariants",
    "named_profiles",
    "offers",
    "price_rows_of",
    "product_of",
    "product_page",
    "products_of",
    "shelf",
    "variant_keys",
    "variant_of",
    "variants_of",
]
