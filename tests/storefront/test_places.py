"""Several addresses for one cart, gifts, and goods fetched in a store, without a browser's help."""

from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from core.actor import SYSTEM
from core.clock import now
from inventory.models import Component
from orders.models import Destination, Gift, Order, Shipment
from orders.operations import Prepared, prepare_pickups
from storefront.models import CheckoutPlace, CheckoutShare
from storefront.rules import CheckoutPlaceSaid, dealt_out
from storefront.rules.places import left_over
from tests.factories.gifts import a_message_card, a_noshi, a_wrapping, an_unlucky_pair
from tests.factories.inventory import stock_of
from tests.factories.orders import a_fee
from tests.factories.pickup import a_store
from tests.factories.storefront import DETAILS, a_web_shop, filled, ordered

pytestmark = pytest.mark.django_db
HERE = {"postal_code": "101-0051", "prefecture": "東京都", "city": "千代田区", "street": "神田神保町1-1"}


def said(*places: dict[str, Any], do: str = "save") -> dict[str, Any]:
    """The page of several addresses as a browser sends it."""
    fields = {f"p{n}-{name}": value for n, place in enumerate(places, 1) for name, value in {**HERE, **place}.items()}
    return {"places": len(places), "do": do, **fields}


def test_a_cart_goes_to_three_addresses_as_gifts_in_one_order(client: Client):
    shop = a_web_shop()
    a_fee(shop, 600)
    noshi, paper, card = a_noshi(shop), a_wrapping(shop, 220), a_message_card(shop)
    tea, cake = shop.variant(1_000), shop.variant(2_000)
    filled(client, (tea, 3), (cake, 2))
    gift = {"noshi": noshi.code, "names": "山田\n花子", "wrapping": paper.code, "placement": "outside"}

    response = client.post("/checkout/places/", said(
        {"family_name": "山田", "given_name": "花子", f"q{tea.pk}": 1},
        {"family_name": "佐藤", "given_name": "一郎", f"q{tea.pk}": 1, f"q{cake.pk}": 1, "prefecture": "大阪府", **gift},
        {"family_name": "鈴木", "given_name": "次郎", f"q{tea.pk}": 1, f"q{cake.pk}": "１", "card": card.code, "message": "お元気で", "sender_name": "山田商店"},
    ))  # fmt: skip
    assert response.status_code == 302, response.context["wrong"]
    done = ordered(client, postal_code="", prefecture="", city="", street="")

    order = Order.objects.get()
    there = list(Destination.objects.filter(order=order).order_by("position").values_list("name", "is_gift"))
    lines = sorted(order.lines.values_list("destination__position", "sku", "quantity"))
    assert there == [("山田 花子", False), ("佐藤 一郎", True), ("鈴木 次郎", True)]
    assert lines == sorted([(1, tea.sku, 1), (2, tea.sku, 1), (2, cake.sku, 1), (3, tea.sku, 1), (3, cake.sku, 1)])
    assert order.total == 3 * 1_000 + 2 * 2_000 + 3 * 600 + 220
    assert Shipment.objects.filter(order=order).count() == 3
    assert list(Gift.objects.order_by("destination__position").values_list("title", "names", "sender_name", "hides_prices")) == [
        ("御中元", "山田\n花子", "", True),
        ("", "", "山田商店", True),
    ]
    page = client.get(done.url).content.decode()
    for words in ("お届け先3", "御中元", "和紙包装", "お元気で", "外のし"):
        assert words in page
    assert not CheckoutPlace.objects.exists()
    assert "佐藤" in order.confirmation.shown


def test_what_goes_nowhere_or_too_often_is_said_and_nothing_typed_is_lost(client: Client):
    shop = a_web_shop()
    tea = shop.variant()
    filled(client, (tea, 3))

    for count, words in ((2, "あと1点"), (4, "1点多く")):
        page = client.post("/checkout/places/", said({"family_name": "佐藤", "given_name": "一郎", f"q{tea.pk}": count}))
        assert page.status_code == 422
        assert words in page.content.decode()

    assert CheckoutPlace.objects.get().family_name == "佐藤"
    assert not Order.objects.exists()
    assert client.post("/checkout/", DETAILS).status_code == 422


def test_a_gift_that_cannot_be_is_said_beside_its_field(client: Client):
    shop = a_web_shop()
    noshi = a_noshi(shop)
    an_unlucky_pair(shop)
    tea = shop.variant()
    filled(client, (tea, 1))

    place = {"family_name": "佐藤", "given_name": "一郎", f"q{tea.pk}": 1, "noshi": noshi.code, "knot": "red_white_tie", "city": ""}
    page = client.post("/checkout/places/", said(place))

    (row,) = page.context["rows"]
    assert page.status_code == 422
    assert row["box"]["knot"].faults == ("結び切りは一度きりの水引です。",)
    assert row["box"]["city"].faults == ("入力してください。",)


def test_addresses_are_added_with_what_is_left_and_taken_out_again(client: Client):
    shop = a_web_shop()
    tea = shop.variant()
    filled(client, (tea, 3))

    client.post("/checkout/places/", said({"family_name": "山田", f"q{tea.pk}": 1}, do="add"))
    added = list(CheckoutShare.objects.order_by("place__position").values_list("quantity", flat=True))
    client.post("/checkout/places/", said({"family_name": "山田", f"q{tea.pk}": 1}, {f"q{tea.pk}": 2}, do="remove:1"))
    left = list(CheckoutShare.objects.values_list("quantity", flat=True))
    client.post("/checkout/places/", said({}, do="single"))

    assert (added, left) == ([1, 2], [2])
    assert not CheckoutPlace.objects.exists()


def test_a_cart_that_changed_sends_its_shopper_back_to_the_addresses(client: Client):
    shop = a_web_shop()
    tea = shop.variant()
    filled(client, (tea, 2))
    assert client.post("/checkout/places/", said({"family_name": "佐藤", "given_name": "一郎", f"q{tea.pk}": 2})).status_code == 302
    filled(client, (tea, 1))

    page = client.post("/checkout/", DETAILS)

    assert page.status_code == 422
    assert "もう一度ご確認ください" in page.content.decode()


def test_the_page_of_addresses_asks_as_often_for_ten_as_for_one(client: Client):
    shop = a_web_shop()
    a_noshi(shop)
    tea = shop.variant()
    filled(client, (tea, 10))
    one = {"family_name": "佐藤", "given_name": "一郎"}
    client.post("/checkout/places/", said({**one, f"q{tea.pk}": 10}))
    client.get("/checkout/places/")
    with CaptureQueriesContext(connection) as for_one:
        client.get("/checkout/places/")
    client.post("/checkout/places/", said(*[{**one, f"q{tea.pk}": 1}] * 10))

    with CaptureQueriesContext(connection) as for_ten:
        assert len(client.get("/checkout/places/").context["rows"]) == 10

    assert len(for_ten) == len(for_one)


def test_hostile_fields_are_no_addresses(client: Client):
    shop = a_web_shop()
    tea = shop.variant()
    filled(client, (tea, 1))

    for count in ("-1", "²", "9999", "x", ""):
        assert client.post("/checkout/places/", {"places": count, "do": "save"}).status_code in (302, 422)
    bad = {
        "family_name": "佐\x00藤",
        "given_name": "一郎",
        f"q{tea.pk}": "9" * 40,
        "wished_on": "2026-99-99",
        "knot": "x",
        "hides_prices": "7",
    }
    assert client.post("/checkout/places/", said(bad)).status_code == 422


def a_cart_for_the_store(client: Client, here: int) -> tuple[Any, Any]:
    shop = a_web_shop(locations=1)
    store = a_store(shop)
    tea = shop.variant(1_000, stock=[10])
    stock_of(Component.objects.get(variant=tea).stock_item, store, here)
    filled(client, (tea, 2))
    return shop, store


def test_a_shopper_fetches_it_in_a_store_and_pays_there(client: Client):
    shop, store = a_cart_for_the_store(client, 2)
    a_fee(shop, 600)

    shown = client.get("/checkout/").content.decode()
    done = ordered(client, pickup_at=str(store.pk), payment_method="cash_at_store", postal_code="", prefecture="", city="", street="")

    order = Order.objects.get()
    parcel = Shipment.objects.get(order=order)
    assert "神保町店で受け取る" in shown
    assert (order.total, order.payment_method, parcel.location_id) == (2_000, "cash_at_store", store.pk)
    page = client.get(done.url).content.decode()
    assert "神保町店でお受け取り" in page
    (ready,) = prepare_pickups([parcel.pk], actor=SYSTEM, at=now())
    assert isinstance(ready, Prepared)
    assert ready.code in client.get(done.url).content.decode()
    assert "神保町店でお受け取り" in order.confirmation.shown


def test_a_store_with_too_little_is_shown_but_not_offered(client: Client):
    _shop, store = a_cart_for_the_store(client, 1)

    shown = client.get("/checkout/").content.decode()
    page = client.post("/checkout/", {**DETAILS, "pickup_at": str(store.pk), "payment_method": "cash_at_store"})

    assert "残り1点" in shown
    assert page.status_code == 422
    assert "pickup_at" in page.context["form"].errors


@pytest.mark.parametrize(("at_store", "method"), [(True, "cash_on_delivery"), (False, "cash_at_store")])
def test_a_way_to_pay_that_does_not_fit_is_refused(client: Client, at_store: bool, method: str):
    _shop, store = a_cart_for_the_store(client, 2)

    page = client.post("/checkout/", {**DETAILS, "pickup_at": str(store.pk) if at_store else "", "payment_method": method})

    assert page.status_code == 422
    assert "payment_method" in page.context["form"].errors


def test_a_normal_and_a_one_off_line_of_one_article_are_dealt_out_piece_by_piece(client: Client):
    shop = a_web_shop()
    tea = shop.variant(1_000)
    filled(client, (tea, 2))
    client.post("/cart/add/", {"sku": tea.sku, "quantity": 1, "purchase_type": "spot"})

    one, two = {"family_name": "山田", "given_name": "花子"}, {"family_name": "佐藤", "given_name": "一郎"}
    assert client.post("/checkout/places/", said({**one, f"q{tea.pk}": 1}, {**two, f"q{tea.pk}": 2})).status_code == 302
    ordered(client)

    order = Order.objects.get()
    assert order.total == 3_000
    assert sorted(order.lines.values_list("destination__position", "purchase_type", "quantity")) == [
        (1, "normal", 1),
        (2, "normal", 1),
        (2, "spot", 1),
    ]


def test_an_address_without_goods_leaves_the_sums_of_the_others_on_the_page(client: Client):
    shop = a_web_shop()
    tea = shop.variant(1_000)
    filled(client, (tea, 1))

    page = client.post(
        "/checkout/places/", said({"family_name": "空", "given_name": "き"}, {"family_name": "佐藤", "given_name": "一郎", f"q{tea.pk}": 1})
    )

    first, second = page.context["rows"]
    assert (first["sums"], second["sums"].total) == (None, 1_000)
    assert len(first["faults"]) == 1
    assert not second["faults"]


@given(
    lines=st.lists(st.tuples(st.integers(1, 3), st.integers(1, 9)), max_size=6),
    shares=st.lists(st.dictionaries(st.integers(1, 3), st.integers(0, 9)), max_size=5),
)
def test_no_line_gives_more_than_it_has_and_no_address_gets_more_than_it_asked(lines, shares):
    dealt = dealt_out(lines, [CheckoutPlaceSaid(shares=asked) for asked in shares])

    given_away, got = Counter(), Counter()
    for one in dealt:
        assert one.quantity > 0
        given_away[one.line] += one.quantity
        got[one.destination, lines[one.line][0]] += one.quantity
    assert all(given_away[n] <= quantity for n, (_variant, quantity) in enumerate(lines))
    assert all(count <= shares[destination - 1][variant] for (destination, variant), count in got.items())
    for variant in (1, 2, 3):
        wanted, asked = sum(q for v, q in lines if v == variant), sum(s.get(variant, 0) for s in shares)
        assert sum(n for (_to, v), n in got.items() if v == variant) == min(wanted, asked)


def test_an_address_that_keeps_what_the_cart_has_no_more_is_asked_about():
    places = (CheckoutPlaceSaid(shares={1: 2}), CheckoutPlaceSaid(shares={7: 1}))

    assert left_over({1: 2}, places) == {7: -1}
    assert left_over({1: 2, 7: 1}, places) == {}
