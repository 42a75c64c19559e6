"""Counters whose prices are without tax: each line comes to what was paid there, to the yen, or a person is asked."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.models import Order
from orders.rules import Reader, whole_price, with_tax
from tests.factories.intake import an_outside_shop, golden, taken, the_intake, told
from tests.factories.orders import a_shop

SHOPIFY = json.loads(golden("shopify.json"))


@pytest.mark.parametrize(
    ("price", "rate", "found"),
    [(1_000, 0.1, 1_100), (1_000, "10", 1_100), (999, "0.08", 1_078), (999, "8%", 1_078), (333, "８", 359), (100, "0", 100)],
)
def test_a_price_gets_its_tax_and_drops_a_fraction_of_a_yen(price: int, rate: object, found: int):
    reader = Reader()

    assert (with_tax(price, rate, "taxRate", reader), reader.faults) == (found, [])


@pytest.mark.parametrize("rate", [None, "", "ten", "-1", "100", "nan", "inf"])
def test_a_price_without_tax_and_without_a_rate_is_a_fault_of_the_rate(rate: object):
    reader = Reader()

    with_tax(1_000, rate, "taxRate", reader)

    assert [(fault.code, fault.field) for fault in reader.faults] == [("intake.without_tax", "/taxRate")]


@given(st.integers(0, 10**6), st.integers(1, 500), st.data())
def test_a_line_without_tax_comes_to_what_was_paid(price: int, quantity: int, data: st.DataObject):
    discount = data.draw(st.integers(0, price * quantity))
    tax = data.draw(st.integers(0, price * quantity // 5))

    unit, off = whole_price(price, quantity, discount=discount, tax=tax)

    assert unit * quantity - off == price * quantity - discount + tax
    assert unit >= price
    assert 0 <= off <= unit * quantity


def without_tax(**changes: Any) -> bytes:
    """The recorded order of a shop that adds the tax: 3 × 333 − 99, postage 500, 10 % on each."""
    line = {**SHOPIFY["line_items"][0], "quantity": 3, "current_quantity": 3, "price": "333", "discount_allocations": [{"amount": "99"}]}
    line["tax_lines"] = [{"price": "90", "rate": 0.1, "title": "JP CT"}]
    postage = {**SHOPIFY["shipping_lines"][0], "tax_lines": [{"price": "50", "rate": 0.1}]}
    order = {**SHOPIFY, "taxes_included": False, "line_items": [line], "shipping_lines": [postage], "total_price": "1540", **changes}
    return json.dumps(order, ensure_ascii=False).encode()


@pytest.mark.django_db(transaction=True)
def test_a_shopify_shop_that_adds_the_tax_is_taken_in_to_the_yen():
    shop = a_shop()
    shop.variant(1_080, sku="TEA-100")
    outside = an_outside_shop(shop, "shopify")

    taken(without_tax(), outside)

    order = Order.objects.get()
    line = order.lines.get()
    assert (order.total, line.unit_price * line.quantity, the_intake("5678901234567").state) == (1_540, 1_089, "placed")


@pytest.mark.django_db(transaction=True)
def test_a_total_that_does_not_follow_from_prices_and_tax_waits_for_a_person():
    shop = a_shop()
    shop.variant(1_080, sku="TEA-100")
    outside = an_outside_shop(shop, "shopify")

    taken(without_tax(total_price="1541"), outside)

    assert (Order.objects.count(), the_intake("5678901234567").state) == (0, "person")


@pytest.mark.django_db(transaction=True)
def test_a_rakuten_price_without_tax_is_taken_in_with_the_rate_beside_it():
    shop = a_shop()
    shop.variant(1_080, sku="TEA-100")
    outside = an_outside_shop(shop, "rakuten")
    package = json.loads(golden("rakuten.json"))["OrderModelList"][0]["PackageModelList"][0]
    item = {**package["ItemModelList"][0], "price": 925, "priceTaxIncl": None, "includeTaxFlag": 0, "taxRate": 0.08, "units": 2}
    raw = told(
        "rakuten.json", PackageModelList=[{**package, "ItemModelList": [item]}], goodsPrice=1_998, postagePrice=0, totalPrice=1_998,
        couponAllTotalPrice=0, couponShopPrice=0, PointModel={"usedPoint": 0},
    )  # fmt: skip

    taken(raw, outside)

    assert (Order.objects.get().total, Order.objects.get().lines.get().unit_price) == (1_998, 999)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("rate", "state", "total"), [("10", "placed", 2_200), ("", None, None)])
def test_a_file_with_prices_without_tax_says_its_rate(rate: str, state: str | None, total: int | None):
    shop = a_shop()
    shop.variant(1_080, sku="TEA-100")
    outside = an_outside_shop(shop, "rakuten")
    headings = (
        "注文番号,ステータス,合計金額,注文者姓,注文者名,注文者郵便番号1,注文者郵便番号2,注文者住所都道府県,注文者住所郡市区,注文者住所それ以降の住所,"
        "送付先姓,送付先名,送付先郵便番号1,送付先郵便番号2,送付先住所都道府県,送付先住所郡市区,送付先住所それ以降の住所,送付先電話番号1,送付先電話番号2,送付先電話番号3,"
        "商品番号,単価,個数,税込別,商品毎税率,支払方法名"
    )
    row = (
        "N-1,300,2200,髙橋,花子,420,0853,静岡県,静岡市葵区,追手町1-1,髙橋,花子,420,0853,静岡県,静岡市葵区,追手町1-1,090,1234,5678,"
        f"TEA-100,1000,2,0,{rate},クレジットカード"
    )

    answer = taken(f"{headings}\n{row}\n".encode(), outside)

    found = [(order.outside_number, order.total) for order in Order.objects.all()]
    assert found == ([("N-1", total)] if state else [])
    assert (answer.counted.unread, answer.counted.state) == (None, "done" if state else "failed")
