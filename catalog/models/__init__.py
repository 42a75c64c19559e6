from catalog.models.product import Category, CategoryTree, Product, ProductCategory, ProductImage, ProductText, Variant
from catalog.models.selling import Listing, Price, PriceList

__all__ = [
    "Category",
    "CategoryTree",
    "Listing",
    "Price",
    "PriceList",
    "Product",
    "ProductCategory",
    "ProductImage",
    "ProductText",
    "Variant",
]
