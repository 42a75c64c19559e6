"""What was typed at a checkout follows its shopper through sign-in, and goes when somebody wants to be forgotten."""

from typing import Any

import pytest
from django.test import Client

from core.actor import SYSTEM
from core.clock import now
from customers.models import Customer
from customers.operations import erase_customers
from customers.ports import CUSTOMER_DATA
from storefront import hooks
from storefront.models import Cart, Checkout, CheckoutPlace, CheckoutShare
from tests.factories.customers import a_customer, a_link, an_account
from tests.factories.delivery import a_delivery, a_lead_time, a_service
from tests.factories.orders import Shop
from tests.factories.storefront import DETAILS, a_web_shop, filled, signed_in
from tests.factories.subscriptions import a_plan, something_to_subscribe
from tests.storefront.test_places import said

pytestmark = pytest.mark.django_db
PLACE = {"family_name": "佐藤", "given_name": "一郎"}


def a_shopper(shop: Shop) -> tuple[Client, Customer, Any]:
    customer, account = a_customer(shop.company), an_account()
    a_link(customer, account)
    return signed_in(account), customer, account


def test_addresses_typed_before_signing_in_are_there_afterwards(client: Client):
    shop = a_web_shop()
    tea = shop.variant()
    filled(client, (tea, 2))
    client.post("/checkout/places/", said({**PLACE, f"q{tea.pk}": 2}))
    _browser, _customer, account = a_shopper(shop)

    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/checkout/places/")

    assert [row["name"] for row in page.context["rows"]] == ["佐藤 一郎"]
    assert list(CheckoutPlace.objects.values_list("cart__account", flat=True)) == [account.pk]
    assert CheckoutShare.objects.get().quantity == 2


def test_addresses_of_the_own_cart_stay_and_those_of_the_guest_are_dropped(client: Client):
    shop = a_web_shop()
    tea = shop.variant()
    browser, _customer, account = a_shopper(shop)
    filled(browser, (tea, 1))
    browser.post("/checkout/places/", said({"family_name": "鈴木", "given_name": "次郎", f"q{tea.pk}": 1}))
    filled(client, (tea, 1))
    client.post("/checkout/places/", said({**PLACE, f"q{tea.pk}": 1}))

    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/checkout/places/")

    assert list(CheckoutPlace.objects.values_list("family_name", flat=True)) == ["鈴木"]


def test_who_is_forgotten_leaves_nothing_at_a_checkout_and_others_keep_theirs():
    shop = a_web_shop()
    tea = shop.variant()
    mine, customer, account = a_shopper(shop)
    theirs, _other, _account = a_shopper(shop)
    for browser in (mine, theirs):
        filled(browser, (tea, 1))
        browser.post("/checkout/", DETAILS)
        browser.post("/checkout/places/", said({**PLACE, f"q{tea.pk}": 1}))
    assert [row.table for row in hooks.export([customer.pk])] == ["storefront_checkout", "storefront_checkoutplace"]

    (erased,) = erase_customers([customer.pk], reason="asked", actor=SYSTEM, at=now())

    assert hasattr(erased, "kept"), erased
    assert (Checkout.objects.count(), CheckoutPlace.objects.count(), CheckoutShare.objects.count()) == (1, 1, 1)
    assert not CheckoutPlace.objects.filter(cart__account=account).exists()
    assert Cart.objects.filter(account=account).count() == 1
    assert hooks in CUSTOMER_DATA.all()


def test_a_later_delivery_is_told_although_it_would_go_by_another_service_that_takes_no_wish(client: Client):
    shop = a_web_shop()
    delivery = a_delivery(shop)
    a_lead_time(shop, 1, service=delivery.cool)
    a_service(shop, "packet", position=1, bands="", takes_day=False)
    type(delivery.parcel).objects.filter(pk=delivery.parcel.pk).update(takes_ambient=False, takes_chilled=True)
    tea, cold = something_to_subscribe(shop, stock=[9]), shop.variant()
    a_plan(shop, tea)
    type(cold.product).objects.filter(pk=cold.product_id).update(temperature_zone="chilled")
    client.post("/cart/add/", {"sku": tea.sku, "quantity": "1", "purchase_type": "subscription"})
    filled(client, (cold, 1))

    assert client.post("/checkout/", {**DETAILS, "time_band": "1416"}).status_code == 302
    page = client.get("/checkout/confirm/").content.decode()

    assert "2回目以降の合計" in page or "2回目以降のお支払い総額" in page, page
