from storefront.queries.cards import card_words
from storefront.queries.carts import CartLineView, CartView, cart_by_ref, cart_of_order, cart_pieces, open_cart_of
from storefront.queries.customer_data import held_checkouts
from storefront.queries.pictures import Article, ShelfTile, articles, shelf_tiles
from storefront.queries.promises import invariants
from storefront.queries.siblings import Sibling, siblings_of

__all__ = [
    "Article",
    "CartLineView",
    "CartView",
    "ShelfTile",
    "Sibling",
    "articles",
    "card_words",
    "cart_by_ref",
    "cart_of_order",
    "cart_pieces",
    "held_checkouts",
    "invariants",
    "open_cart_of",
    "shelf_tiles",
    "siblings_of",
]  # fmt: skip
