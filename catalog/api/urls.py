"""Where partner systems read the catalogue, under /api/v1/."""

from django.urls import path

from catalog.api.views import PriceList, ProductDetail, ProductList, VariantDetail, VariantList

urlpatterns = [
    path("products", ProductList.as_view(), name="product-list"),
    path("products/<str:public_id>", ProductDetail.as_view(), name="product-detail"),
    path("variants", VariantList.as_view(), name="variant-list"),
    path("variants/<str:public_id>", VariantDetail.as_view(), name="variant-detail"),
    path("variants/<str:public_id>/prices", PriceList.as_view(), name="variant-price-list"),
]
