from catalog.admin.prices import ListingAdmin, PriceAdmin, PriceListAdmin
from catalog.admin.products import ProductAdmin
from catalog.admin.trees import CategoryAdmin, CategoryTreeAdmin
from catalog.admin.variants import VariantAdmin

__all__ = ["CategoryAdmin", "CategoryTreeAdmin", "ListingAdmin", "PriceAdmin", "PriceListAdmin", "ProductAdmin", "VariantAdmin"]
