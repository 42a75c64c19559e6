from catalog.queries.offers import offers
from catalog.queries.pages import category_tree, find_variants, product_page
from catalog.queries.promises import invariants
from catalog.queries.shelves import shelf

__all__ = ["category_tree", "find_variants", "invariants", "offers", "product_page", "shelf"]
