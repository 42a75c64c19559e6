"""The shop through its pages, without a browser's help."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import clock
from core.actor import SYSTEM
from core.db import acting
from core.models import LegalText
from inventory.operations import expire_reservations
from orders.models import Order
from orders.operations import cancel_orders
from storefront.models import Cart, Checkout
from tests.factories.catalog import a_text, many_sellable_variants
from tests.factories.customers import an_account
from tests.factories.orders import AT, a_draft, a_fee, placed
from tests.factories.storefront import DETAILS, a_web_shop, filled, ordered

pytestmark = pytest.mark.django_db


def the_order() -> Order:
    return Order.objects.get()


def test_a_guest_goes_from_shelf_to_order(client: Client):
    shop = a_web_shop()
    a_fee(shop, 600)
    variant = shop.variant(1_080, tax_class="reduced", stock=[5])

    assert "1,080円" in client.get("/products/").content.decode()
    assert client.get(f"/products/{variant.product.code}/").status_code == 200
    filled(client, (variant, 2))
    cart = client.get("/cart/").content.decode()
    assert "2,760円" in cart
    response = ordered(client)

    order = the_order()
    assert (order.total, order.buyer_email, order.site_id) == (2_760, "hanako@example.jp", shop.channel.site_id)
    done = client.get(response.url).content.decode()
    assert order.number in done
    assert "ありがとうございます" in done
    assert Cart.objects.get().order_id == order.pk
    assert not Checkout.objects.exists()


def test_the_final_confirmation_shows_what_the_law_wants_and_keeps_it(client: Client):
    shop = a_web_shop()
    variant = shop.variant(3_300)
    filled(client, (variant, 1))

    ordered(client)

    shown = the_order().confirmation.shown
    for words in ("3,300円", "代金引換", "千代田区神田神保町1-1", "出荷", "キャンセル", "期間"):
        assert words in shown


def test_pressing_the_button_twice_gives_the_same_order(client: Client):
    shop = a_web_shop()
    filled(client, (shop.variant(), 1))
    client.post("/checkout/", DETAILS)
    page = client.get("/checkout/confirm/")
    pressed = {"cart": page.context["cart"].public_id.hex, "total": page.context["quote"].sums.total}

    first, second = client.post("/checkout/confirm/", pressed), client.post("/checkout/confirm/", pressed)

    assert first.url.split("?")[0].startswith("/orders/")
    assert client.get(second.url).context["order"].number == client.get(first.url).context["order"].number
    assert Order.objects.count() == 1


def test_a_price_that_moved_is_shown_again_before_ordering(client: Client):
    shop = a_web_shop()
    filled(client, (shop.variant(), 1))
    client.post("/checkout/", DETAILS)
    page = client.get("/checkout/confirm/")

    response = client.post("/checkout/confirm/", {"cart": page.context["cart"].public_id.hex, "total": 1})

    assert response.url == "/checkout/confirm/"
    assert not Order.objects.exists()


def test_sold_out_meanwhile_is_said_and_the_cart_stays(client: Client):
    shop = a_web_shop(locations=1)
    variant = shop.variant(stock=[1])
    filled(client, (variant, 1))
    client.post("/checkout/", DETAILS)
    page = client.get("/checkout/confirm/")
    expire_reservations(actor=SYSTEM, at=clock.now() + timedelta(hours=1))
    other = Client()
    filled(other, (variant, 1))
    ordered(other)

    response = client.post("/checkout/confirm/", {"cart": page.context["cart"].public_id.hex, "total": page.context["quote"].sums.total})

    assert response.url == "/cart/"
    assert "在庫" in client.get("/cart/").content.decode()
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("family_name", ""), ("family_name", "　"), ("email", ""), ("phone", ""), ("city", ""), ("family_kana", "yamada"),
        ("payment_method", "card"), ("payment_method", "free"), ("wished_on", "2020-01-01"), ("wished_on", "2026-02-30"), ("time_band", "9999"),
        ("family_name", "あ" * 121), ("prefecture", "東京"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_nothing_is_lost(client: Client, field, value):
    shop = a_web_shop()
    filled(client, (shop.variant(), 1))

    response = client.post("/checkout/", {**DETAILS, field: value})

    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert Checkout.objects.get().street == DETAILS["street"]
    assert not Order.objects.exists()


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "1e3", "abc", "", "100", "9" * 30, "²", "1_0"])
def test_a_quantity_that_is_none_is_refused(client: Client, quantity):
    shop = a_web_shop()

    client.post("/cart/add/", {"sku": shop.variant().sku, "quantity": quantity})

    assert client.get("/cart/").context["cart"] is None


def test_full_width_digits_are_a_quantity(client: Client):
    shop = a_web_shop()

    client.post("/cart/add/", {"sku": shop.variant().sku, "quantity": "１２"})

    assert client.get("/cart/").context["cart"].pieces == 12


def test_the_cart_survives_sign_in_and_a_change_of_device(client: Client):
    shop = a_web_shop()
    tea, cream, account = shop.variant(), shop.variant(), an_account()
    filled(client, (tea, 2))

    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    filled(client, (cream, 1))
    client.get("/cart/")
    phone = Client()
    phone.force_login(account, backend="django.contrib.auth.backends.ModelBackend")

    lines = phone.get("/cart/").context["cart"].lines
    assert sorted((n.sku, n.quantity) for n in lines) == sorted([(tea.sku, 2), (cream.sku, 1)])


def test_somebody_elses_cart_is_not_there(client: Client):
    shop = a_web_shop()
    filled(client, (shop.variant(), 1))
    client.post("/checkout/", DETAILS)
    page = client.get("/checkout/confirm/")

    stranger = Client()
    response = stranger.post("/checkout/confirm/", {"cart": page.context["cart"].public_id.hex, "total": page.context["quote"].sums.total})

    assert response.url == "/cart/"
    assert not Order.objects.exists()


def test_a_signed_in_first_buyer_gets_a_ledger_entry_of_their_own(client: Client):
    shop = a_web_shop()
    account = an_account()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    filled(client, (shop.variant(), 1))

    ordered(client)

    order = the_order()
    assert order.account_id == account.pk
    assert order.customer_id == account.customer_links.get().customer_id
    assert order.number in client.get("/mypage/").content.decode()


def test_an_order_link_cannot_be_guessed(client: Client):
    shop = a_web_shop()
    filled(client, (shop.variant(), 1))
    ordered(client)
    order = the_order()

    for guess in (order.number, str(order.public_id), order.public_id.hex, f"ord_{order.public_id.hex}", "x" * 80):
        assert Client().get(f"/orders/{guess}/").status_code == 404


def test_a_guest_finds_an_order_by_number_and_phone(client: Client):
    shop = a_web_shop()
    filled(client, (shop.variant(), 1))
    ordered(client)
    number = the_order().number

    found = Client().post("/orders/", {"number": number, "proof": "０９０－１２３４－５６７８"})
    missed = Client().post("/orders/", {"number": number, "proof": "090-0000-0000"})

    assert found.status_code == 302
    assert missed.status_code == 422


def test_the_buyer_cancels_until_it_ships(client: Client):
    shop = a_web_shop()
    filled(client, (shop.variant(), 1))
    link = ordered(client).url.split("?")[0]

    client.post(f"{link}cancel/")

    assert the_order().status == "cancelled"
    assert "キャンセル" in client.get(link).content.decode()
    assert cancel_orders([the_order().pk], reason="", actor=SYSTEM, at=AT)[0].repeated


def test_two_characters_of_japanese_find_a_product(client: Client):
    shop = a_web_shop()
    variant = shop.variant()
    a_text(variant.product, "深蒸し煎茶", language="en")

    found = client.get("/products/", {"q": "煎茶"}).context["shelf"].items

    assert [item.code for item in found] == [variant.product.code]


@pytest.mark.parametrize("products", [1, 24])
def test_a_list_page_takes_at_most_eight_statements(client: Client, products):
    shop = a_web_shop()
    many_sellable_variants(shop.company, products)
    client.get("/products/")

    with CaptureQueriesContext(connection) as spent:
        response = client.get("/products/")

    assert len(response.context["shelf"].items) == products
    assert len(spent) <= 8, "\n".join(q["sql"][:80] for q in spent)


def test_the_shop_speaks_english_too(client: Client):
    shop = a_web_shop()
    shop.variant()

    page = client.get("/products/", headers={"accept-language": "en"}).content.decode()

    assert "All products" in page
    assert "カート" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/products/?after=1:x",
        "/products/?sort=password",
        "/products/?q=%25_%27",
        "/products/nope/",
        "/legal/x/",
        "/?a=%00",
        "/products/?q=" + "あ" * 500,
    ],
)
def test_odd_addresses_are_answered_calmly(client: Client, path):
    a_web_shop()

    assert client.get(path).status_code in (200, 400, 404)


def test_a_buyer_who_transfers_sees_where_to_until_the_money_is_there(client: Client):
    shop = a_web_shop()
    with acting(SYSTEM):
        LegalText.objects.create(
            company=shop.company,
            kind="payment_instructions",
            title="お振込先",
            body="茶町銀行 追手町支店 普通 0000540",
            valid_from_on="2020-01-01",
        )
    filled(client, (shop.variant(3_300), 1))
    link = ordered(client, payment_method="bank_transfer").url

    waiting = client.get(link).content.decode()
    with acting(SYSTEM):
        Order.objects.update(payment_status="paid")
    paid = client.get(link).content.decode()

    assert "茶町銀行 追手町支店" in waiting
    assert "茶町銀行" not in paid


@pytest.mark.parametrize("signed_in", [False, True], ids=["guest", "account"])
def test_a_cart_that_was_ordered_but_not_closed_is_empty_and_gives_its_order(client: Client, signed_in: bool):
    shop = a_web_shop()
    variant = shop.variant()
    if signed_in:
        client.force_login(an_account(), backend="django.contrib.auth.backends.ModelBackend")
    filled(client, (variant, 2))
    client.post("/checkout/", DETAILS)
    page = client.get("/checkout/confirm/")
    cart, pressed = page.context["cart"], {"cart": page.context["cart"].public_id.hex, "total": page.context["quote"].sums.total}
    placed(a_draft(shop, (variant, 2), cart_ref=cart.public_id))  # and then the process died

    assert client.get("/cart/").context["cart"] is None
    assert client.get("/").context["pieces"] == 0
    assert "/orders/" in client.post("/checkout/confirm/", pressed).url
    filled(client, (variant, 1))

    assert client.get("/cart/").context["cart"].pieces == 1
    assert Order.objects.count() == 1
