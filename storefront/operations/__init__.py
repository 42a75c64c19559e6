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
    save_places,
    take_from_cart,
)
from storefront.operations.checkout import (
    buyer_of,
    hold_cart,
    place_cart,
    quote_cart,
    quote_later,
    release_cart,
    services_for,
    split_lines,
)
from storefront.operations.forgetting import forget_checkouts
from storefront.operations.linking import claim_by_order

__all__ = [
    "CartFull",
    "QuantityOutOfRange",
    "adopt_cart",
    "buyer_of",
    "claim_by_order",
    "close_cart",
    "forget_checkouts",
    "hold_cart",
    "open_cart",
    "place_cart",
    "put_all_in_cart",
    "put_in_cart",
    "quote_cart",
    "quote_later",
    "release_cart",
    "renew_cart",
    "save_checkout",
    "save_places",
    "services_for",
    "split_lines",
    "take_from_cart",
]  # fmt: skip
