from catalog.operations.pricing import save_price_lists, set_prices
from catalog.operations.products import UNKNOWN_PROFILE, change_status, end_variants, save_products, set_images
from catalog.operations.search_keys import refresh_products
from catalog.operations.shelves import put_on_shelf, save_categories, take_off_shelf, write_category_paths

__all__ = [
    "UNKNOWN_PROFILE",
    "change_status",
    "end_variants",
    "put_on_shelf",
    "refresh_products",
    "save_categories",
    "save_price_lists",
    "save_products",
    "set_images",
    "set_prices",
    "take_off_shelf",
    "write_category_paths",
]
