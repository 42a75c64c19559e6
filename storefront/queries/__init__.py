from storefront.queries.carts import CartLineView, CartView, cart_by_ref, cart_pieces, open_cart_of
from storefront.queries.pictures import Article, articles
from storefront.queries.promises import invariants

__all__ = ["Article", "CartLineView", "CartView", "articles", "cart_by_ref", "cart_pieces", "invariants", "open_cart_of"]
