from django.urls import path

from storefront.web import cart, checkout, orders, pages
from storefront.web.mypage import addresses, consent, overview, points, profile, records
from storefront.web.mypage import orders as own_orders

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
    path("mypage/", overview.overview, name="shop-mine"),
    path("mypage/orders/", own_orders.listing, name="shop-mine-orders"),
    path("mypage/orders/<str:number>/", own_orders.one, name="shop-mine-one"),
    path("mypage/orders/<str:number>/cancel/", own_orders.cancel, name="shop-mine-cancel"),
    path("mypage/orders/<str:number>/again/", own_orders.again, name="shop-mine-again"),
    path("mypage/invoices/<str:number>/", own_orders.invoice, name="shop-mine-invoice"),
    path("mypage/addresses/", addresses.listing, name="shop-addresses"),
    path("mypage/addresses/add/", addresses.add, name="shop-address-add"),
    path("mypage/addresses/<int:address_id>/", addresses.edit, name="shop-address"),
    path("mypage/addresses/<int:address_id>/default/", addresses.make_default, name="shop-address-default"),
    path("mypage/addresses/<int:address_id>/end/", addresses.end, name="shop-address-end"),
    path("mypage/profile/", profile.profile, name="shop-profile"),
    path("mypage/profile/contact/", profile.add_contact, name="shop-contact-add"),
    path("mypage/profile/contact/<int:point_id>/end/", profile.end_contact, name="shop-contact-end"),
    path("mypage/consent/", consent.consent, name="shop-consent"),
    path("mypage/points/", points.points, name="shop-points"),
    path("mypage/records/", records.records, name="shop-records"),
    path("mypage/records/download/", records.download, name="shop-records-download"),
    path("legal/<str:kind>/", pages.legal, name="shop-legal"),
    path("postal/<str:code>/", pages.postal, name="shop-postal"),
]
