"""What real browsers and robots send to the cart and the checkout: refused beside the field, or kept exactly."""

from typing import Any

import pytest
from django.test import Client

from customers.models import Customer
from inventory.models import Allocation
from orders.models import Order
from storefront.models import Checkout
from tests.factories.orders import Shop
from tests.factories.storefront import DETAILS, a_web_shop, filled, ordered

pytestmark = pytest.mark.django_db
TELLTALE = ("Traceback", "psycopg", "SELECT ", "INSERT ", "DETAIL:", "django.db")


@pytest.fixture
def shop(client: Client) -> Shop:
    shop = a_web_shop()
    filled(client, (shop.variant(sku="TEA-1"), 1))
    return shop


def check_nothing_was_ordered(response: Any) -> None:
    body = response.content.decode()
    assert response.status_code < 500, body
    assert not [word for word in TELLTALE if word in body]
    assert [model.objects.count() for model in (Order, Customer, Allocation)] == [0, 0, 0]


REFUSED = [
    ("01 nothing", "family_name", ""), ("01 full-width blank", "family_name", "　"), ("12 RTL override", "family_name", "山田\u202e"),
    ("20 121 characters", "family_name", "山" * 121), ("20 a megabyte", "street", "山" * 300_000), ("07 romaji reading", "family_kana", "yamada"),
    ("11 zero width in mail", "email", "a\u200b@example.jp"), ("53 two @", "email", "a@@b.jp"), ("53 255 characters", "email", "a" * 250 + "@b.jp"),
    ("54 a second header", "email", "x@y.jp\r\nBcc: z@y.jp"), ("54 a display name", "email", '"Shop" <evil@y.jp>'), ("55 two addresses", "email", "a@y.jp,b@y.jp"),
    ("no mail", "email", "hanako"), ("47 an extension", "phone", "内線12"), ("47 dashes", "phone", "---"), ("47 five digits", "phone", "12345"),
    ("48 three digits", "postal_code", "〒１００"), ("48 letters", "postal_code", "abc-defg"), ("49 a short prefecture", "prefecture", "東京"),
    ("50 abroad", "prefecture", "California"), ("39 no leap day", "wished_on", "2027-02-29"), ("40 nought", "wished_on", "0000-00-00"),
    ("40 year 10000", "wished_on", "10000-01-01"), ("41 era", "wished_on", "令和7年1月1日"), ("42 the past", "wished_on", "2020-01-01"),
    ("42 beyond the last", "wished_on", "2099-01-01"), ("a time band that is none", "time_band", "2526"), ("a card", "payment_method", "card"),
    ("nothing to pay", "payment_method", "free"), ("20 1,001 characters", "remark", "字" * 1_001),
]  # fmt: skip


@pytest.mark.parametrize(("_case", "field", "value"), REFUSED, ids=[case for case, *_rest in REFUSED])
def test_a_checkout_field_is_refused_by_name(client: Client, shop: Shop, _case, field, value):
    response = client.post("/checkout/", {**DETAILS, field: value})

    assert response.status_code == 422, f"{response.status_code} {response.get('Location')}"
    assert field in response.context["form"].errors
    check_nothing_was_ordered(response)


KEPT = [
    ("02 four bytes", "𠮷野家"), ("03 ladder", "髙橋﨑"), ("04 signs", "①㈱Ⅲ№"), ("08 outside cp932", "ゔé¥"), ("09 wave dash", "波〜～"),
    ("13 a family", "👨‍👩‍👧"), ("17 markup", "<script>alert(1)</script>"), ("17 svg", '"><svg onload=x>'), ("18 templates", "{{7*7}} %(x)s ${x}"),
    ("19 SQL", "'; DROP TABLE x; -- \\ % _"), ("21 null", "null"),
]  # fmt: skip


@pytest.mark.parametrize(("_case", "name"), KEPT, ids=[case for case, _name in KEPT])
def test_a_name_is_kept_and_shown_as_typed(client: Client, shop: Shop, _case, name):
    response = ordered(client, family_name=name)

    page = client.get(response.url).content.decode()
    order = Order.objects.get()
    assert order.buyer_name == f"{name} 花子"
    assert "<script>alert(1)" not in page
    assert "<svg onload" not in page


@pytest.mark.parametrize(
    ("_case", "phone", "postal_code"),
    [
        ("full width", "０９０−１２３４−５６７８", "１０１−００５１"),
        ("abroad", "+81 90-1234-5678", "1010051"),
        ("a mark", "090.1234.5678", "〒101-0051"),
    ],
)
def test_phone_and_postal_code_are_taken_in_any_form(client: Client, shop: Shop, _case, phone, postal_code):
    ordered(client, phone=phone, postal_code=postal_code)

    assert Order.objects.count() == 1


def test_nul_in_a_form_never_reaches_a_page(client: Client, shop: Shop):
    response = client.post("/checkout/", {**DETAILS, "family_name": "山\x00田"})

    assert response.status_code == 400 or "family_name" in response.context["form"].errors
    check_nothing_was_ordered(response)


@pytest.mark.parametrize(
    ("_case", "said"),
    [
        ("nothing", {}),
        ("an unknown article", {"sku": "NO-SUCH", "quantity": "1"}),
        ("SQL", {"sku": "'; DROP TABLE x; --", "quantity": "1"}),
        ("a long SKU", {"sku": "x" * 5_000, "quantity": "1"}),
        ("22 minus one", {"sku": "TEA-1", "quantity": "-1"}),
        ("22 plus five", {"sku": "TEA-1", "quantity": "+5"}),
        ("24 underscore", {"sku": "TEA-1", "quantity": "1_0"}),
        ("25 superscript", {"sku": "TEA-1", "quantity": "²"}),
        ("26 Arabic", {"sku": "TEA-1", "quantity": "٣"}),
        ("27 comma", {"sku": "TEA-1", "quantity": "1,000"}),
        ("28 exponent", {"sku": "TEA-1", "quantity": "1e3"}),
        ("29 nan", {"sku": "TEA-1", "quantity": "nan"}),
        ("30 2^63", {"sku": "TEA-1", "quantity": str(2**63)}),
        ("31 5,000 digits", {"sku": "TEA-1", "quantity": "9" * 5_000}),
        ("32 half", {"sku": "TEA-1", "quantity": "0.5"}),
        ("37 true", {"sku": "TEA-1", "quantity": "true"}),
    ],
)
def test_a_cart_takes_no_nonsense(client: Client, shop: Shop, _case, said):
    response = client.post("/cart/add/", said, follow=True)

    check_nothing_was_ordered(response)
    assert client.get("/cart/").context["cart"].pieces == 1


@pytest.mark.parametrize(("_case", "cart", "total"), [
    ("no cart", "", "1000"), ("a cart that is none", "x" * 40, "1000"), ("67 braces", "{" + "0" * 32 + "}", "1000"), ("somebody's", "0" * 32, "1000"),
    ("no total", None, ""), ("a total of words", None, "千円"), ("29 nan", None, "NaN"), ("31 5,000 digits", None, "9" * 5_000), ("22 minus", None, "-1"), ("a lower total", None, "1"),
])  # fmt: skip
def test_the_last_button_needs_the_cart_and_the_total_that_were_shown(client: Client, shop: Shop, _case, cart, total):
    client.post("/checkout/", DETAILS)
    shown = client.get("/checkout/confirm/").context["cart"].public_id.hex

    response = client.post("/checkout/confirm/", {"cart": shown if cart is None else cart, "total": total})

    assert response.status_code == 302
    check_nothing_was_ordered(response)


@pytest.mark.parametrize(
    "path",
    [
        "/orders/x/",
        "/orders/" + "x" * 3_000 + "/",
        "/postal/%F0%28/",
        "/postal/９９９９９９９/",
        "/products/%2e%2e/",
        "/products/?after=" + "9" * 40 + ":1",
    ],
)
def test_odd_addresses_are_answered_calmly(client: Client, shop: Shop, path: str):
    response = client.get(path)

    assert response.status_code in (200, 302, 400, 404, 414)
    check_nothing_was_ordered(response)


@pytest.mark.parametrize(
    "said", [{}, {"number": "x" * 500, "proof": "y"}, {"number": "1' OR '1'='1", "proof": "%"}, {"number": "00000001", "proof": ""}]
)
def test_looking_up_an_order_with_nonsense_finds_nothing(client: Client, shop: Shop, said):
    response = client.post("/orders/", said)

    assert response.status_code == 422
    check_nothing_was_ordered(response)


def test_nothing_typed_is_lost_by_a_refusal(client: Client, shop: Shop):
    client.post("/checkout/", {**DETAILS, "phone": "内線12"})

    assert Checkout.objects.get().street == DETAILS["street"]
