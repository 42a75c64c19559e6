from storefront.operations.carts import (
    CartFull,
    QuantityOutOfRange,
    adopt_cart,
    close_cart,
    open_cart,
    put_all_in_cart,
    put_in_cart,
    renew_cart,
    save_checkout,
    take_from_cart,
)
from storefront.operations.checkout import buyer_of, place_cart, quote_cart, quote_later

__all__ = [
    "CartFull", "QuantityOutOfRange", "adopt_cart", "buyer_of", "close_cart", "open_cart", "place_cart", "put_all_in_cart", "put_in_cart", "quote_cart", "quote_later", "renew_cart", "save_checkout",
    "take_from_cart",
]  # fmt: skip
