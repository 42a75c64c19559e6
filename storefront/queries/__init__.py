from storefront.queries.carts import CartLineView, CartView, cart_by_ref, cart_pieces, open_cart_of
from storefront.queries.promises import invariants

__all__ = ["CartLineView", "CartView", "cart_by_ref", "cart_pieces", "invariants", "open_cart_of"]
