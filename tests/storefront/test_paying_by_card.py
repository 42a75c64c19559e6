"""Cards at the checkout, with a gateway that really answers: accepted, declined, asked by the bank, silent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from billing.models import PaymentIntent, PaymentMeans
from orders.models import Order
from storefront.models import Cart, Checkout
from tests.factories.cards import Sandbox, a_kept_card, a_sandbox
from tests.factories.customers import a_customer, a_link, an_account, an_address
from tests.factories.orders import Shop
from tests.factories.storefront import DETAILS, a_web_shop, filled, signed_in
from tests.factories.subscriptions import a_plan, something_to_subscribe

pytestmark = pytest.mark.django_db
GOOD, DECLINED, ASKS = "pm_card_visa", "pm_card_visa_chargeDeclined", "pm_card_authenticationRequired"


@pytest.fixture
def shop() -> Shop:
    return a_web_shop()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with a_sandbox(tmp_path) as running:
        yield running


def pays(browser: Client, token: str = "", **given: Any) -> Any:
    """Through the checkout with a card; answers with the response to the last button."""
    response = browser.post("/checkout/", {**DETAILS, "payment_method": "card", "card": "new", "token": token, **given})
    assert response.status_code == 302, response.context["form"].errors
    return presses(browser)


def presses(browser: Client) -> Any:
    page = browser.get("/checkout/confirm/")
    assert page.status_code == 200, page
    return browser.post("/checkout/confirm/", {"cart": page.context["cart"].public_id.hex, "total": page.context["quote"].sums.total})


def test_a_guest_pays_by_card_and_the_number_is_nowhere(client: Client, shop: Shop, sandbox: Sandbox):
    filled(client, (shop.variant(3_300), 1))

    response = pays(client, sandbox.token("4242424242424242"))

    order = Order.objects.get()
    assert response.url.startswith("/orders/")
    assert (order.status, order.payment_method) == ("confirmed", "card")
    assert "•••• 4242" in order.confirmation.shown
    assert (PaymentMeans.objects.get().reusable, Cart.objects.get().state, Checkout.objects.count()) == (False, "ordered", 0)
    assert client.get("/cart/").context["cart"] is None


def test_pressing_twice_charges_once(client: Client, shop: Shop, sandbox: Sandbox):
    filled(client, (shop.variant(), 1))
    client.post("/checkout/", {**DETAILS, "payment_method": "card", "card": "new", "token": GOOD})
    page = client.get("/checkout/confirm/")
    pressed = {"cart": page.context["cart"].public_id.hex, "total": page.context["quote"].sums.total}

    first, second = client.post("/checkout/confirm/", pressed), client.post("/checkout/confirm/", pressed)

    assert (first.status_code, second.status_code) == (302, 302)
    assert (Order.objects.count(), PaymentIntent.objects.count()) == (1, 1)


@pytest.mark.parametrize("is_signed_in", [False, True], ids=["guest", "account"])
def test_a_declined_card_leaves_the_cart_as_it_was_and_the_next_one_is_taken(shop: Shop, sandbox: Sandbox, is_signed_in: bool):
    browser = signed_in(an_account()) if is_signed_in else Client()
    tea = shop.variant(3_300, stock=[2])
    filled(browser, (tea, 2))

    declined = pays(browser, DECLINED)

    first = Order.objects.get()
    assert (declined.url, first.status) == ("/checkout/", "cancelled")
    page = browser.get("/checkout/")
    assert [str(m.level_tag) for m in page.context["messages"]] == ["error"]
    assert page.context["form"].initial["street"] == DETAILS["street"]
    assert [(line.sku, line.quantity) for line in page.context["cart"].lines] == [(tea.sku, 2)]
    assert Checkout.objects.get().means_id is None
    assert pays(browser, GOOD).url.startswith("/orders/")
    assert sorted(Order.objects.values_list("status", flat=True)) == ["cancelled", "confirmed"]


def test_the_bank_asks_and_the_buyer_comes_back(client: Client, shop: Shop, sandbox: Sandbox):
    filled(client, (shop.variant(), 1))

    asked = pays(client, ASKS)

    bank = client.get(asked.url)
    assert asked.url.startswith("/checkout/bank/")
    waiting = client.get("/cart/").context["cart"]
    back = sandbox.approve(bank.context["go_to"])
    path = back.removeprefix("http://testserver")
    done, again = client.get(path), client.get(path)
    assert waiting is None
    assert done.url.startswith("/orders/")
    assert again.status_code == 302
    assert Order.objects.get().status == "confirmed"


def test_who_says_no_at_the_bank_is_back_at_the_checkout(client: Client, shop: Shop, sandbox: Sandbox):
    filled(client, (shop.variant(), 1))
    bank = client.get(pays(client, ASKS).url)

    back = sandbox.approve(bank.context["go_to"], yes=False)
    declined = client.get(back.removeprefix("http://testserver"))

    assert declined.url == "/checkout/"
    assert client.get("/cart/").context["cart"].pieces == 1
    assert Order.objects.get().status == "cancelled"


def test_a_silent_gateway_is_told_as_being_confirmed(client: Client, shop: Shop, sandbox: Sandbox):
    filled(client, (shop.variant(), 1))
    client.post("/checkout/", {**DETAILS, "payment_method": "card", "card": "new", "token": GOOD})
    sandbox.trouble("confirm", "hang", seconds=3)

    response = presses(client)

    page = client.get(response.url).content.decode()
    assert Order.objects.get().status == "pending"
    assert "data-await" in page
    assert "確認しています" in page


def test_a_kept_card_is_chosen_and_nobody_elses_can_be(shop: Shop, sandbox: Sandbox):
    customer, stranger = a_customer(shop.company), a_customer(shop.company)
    account = an_account()
    a_link(customer, account)
    mine, foreign = a_kept_card(customer), a_kept_card(stranger, "pm_card_jcb")
    browser = signed_in(account)
    filled(browser, (shop.variant(), 1))

    refused = browser.post("/checkout/", {**DETAILS, "payment_method": "card", "card": foreign.public_id.hex})
    assert refused.status_code == 422
    assert [card.means_id for card in browser.get("/mypage/cards/").context["cards"]] == [mine.means_id]
    assert browser.post(f"/mypage/cards/{foreign.public_id.hex}/end/").status_code == 404
    assert pays(browser, card=mine.public_id.hex).url.startswith("/orders/")

    assert PaymentIntent.objects.get().means_id == mine.means_id
    assert PaymentMeans.objects.get(pk=foreign.means_id).ended_at is None


@pytest.mark.parametrize("token", ["", "4242424242424242", "4242 4242 4242 4242", "<script>", "x" * 500, "pm_unknown", "\x00"])
def test_what_is_no_token_is_refused_and_nothing_typed_is_lost(client: Client, shop: Shop, sandbox: Sandbox, token: str):
    filled(client, (shop.variant(), 1))

    response = client.post("/checkout/", {**DETAILS, "payment_method": "card", "card": "new", "token": token})

    assert response.status_code == 422
    assert "payment_method" in response.context["form"].errors
    assert Checkout.objects.get().street == DETAILS["street"]
    assert not PaymentMeans.objects.exists()


def test_only_pages_that_take_a_card_let_the_gateway_in(client: Client, shop: Shop, sandbox: Sandbox):
    filled(client, (shop.variant(), 1))

    policy = client.get("/checkout/")["Content-Security-Policy"]

    assert f"script-src 'self' {sandbox.url}" in policy
    assert f"frame-src 'self' {sandbox.url}" in policy
    assert "unsafe" not in policy
    for path in ("/", "/cart/", "/products/"):
        assert sandbox.url not in client.get(path)["Content-Security-Policy"]


def test_cards_are_added_and_removed_on_my_page(shop: Shop, sandbox: Sandbox):
    customer, account = a_customer(shop.company), an_account()
    a_link(customer, account)
    browser = signed_in(account)

    browser.post("/mypage/cards/", {"token": sandbox.token("3566002020360505")})
    browser.post("/mypage/cards/", {"token": "4242424242424242"})

    card = PaymentMeans.objects.get()
    assert (card.customer_id, card.reusable, card.last4) == (customer.pk, True, "0505")
    browser.post(f"/mypage/cards/{card.public_id.hex}/end/")
    assert browser.post(f"/mypage/cards/{card.public_id.hex}/end/").status_code == 404
    card.refresh_from_db()
    assert card.ended_at is not None


def test_a_guest_cannot_leave_a_card_for_later_deliveries_and_a_signed_in_buyer_does(shop: Shop, sandbox: Sandbox):
    tea = something_to_subscribe(shop)
    a_plan(shop, tea)
    wanted = {"sku": tea.sku, "quantity": "1", "purchase_type": "subscription"}
    guest, buyer = Client(), signed_in(an_account())
    guest.post("/cart/add/", wanted)
    buyer.post("/cart/add/", wanted)

    assert guest.post("/checkout/", {**DETAILS, "payment_method": "card", "card": "new", "token": GOOD}).status_code == 422
    assert pays(buyer, GOOD).url.startswith("/orders/")

    assert PaymentMeans.objects.get().reusable
    assert Order.objects.get().status == "confirmed"


def test_an_address_of_the_book_is_taken_over(shop: Shop, sandbox: Sandbox):
    customer, account = a_customer(shop.company), an_account()
    a_link(customer, account)
    an_address(customer, is_default=True)
    other = an_address(customer, city="鎌倉市")
    foreign = an_address(a_customer(shop.company), city="那覇市")
    browser = signed_in(account)
    filled(browser, (shop.variant(), 1))

    assert browser.get(f"/checkout/?address={other.pk}").context["form"].initial["city"] == "鎌倉市"
    assert browser.get(f"/checkout/?address={foreign.pk}").context["form"].initial["city"] == "港区"
    assert browser.get("/checkout/?address=x").status_code == 200
