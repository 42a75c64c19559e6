from django.urls import path

from storefront.web import cart, checkout, orders, pages

urlpatterns = [
    path("", pages.home, name="shop-home"),
    path("products/", pages.products, name="shop-products"),
    path("products/<str:code>/", pages.product, name="shop-product"),
    path("cart/", cart.cart, name="shop-cart"),
    path("cart/add/", cart.add, name="shop-cart-add"),
    path("cart/change/", cart.change, name="shop-cart-change"),
    path("checkout/", checkout.details, name="shop-checkout"),
    path("checkout/confirm/", checkout.confirm, name="shop-confirm"),
    path("orders/", orders.look_up, name="shop-look-up"),
    path("orders/<str:link>/", orders.order, name="shop-order"),
    path("orders/<str:link>/cancel/", orders.cancel, name="shop-order-cancel"),
    path("mypage/", orders.mine, name="shop-mine"),
    path("mypage/orders/<str:number>/", orders.mine_one, name="shop-mine-one"),
    path("legal/<str:kind>/", pages.legal, name="shop-legal"),
    path("postal/<str:code>/", pages.postal, name="shop-postal"),
]
