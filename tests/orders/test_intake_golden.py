"""A recorded document of every counter, read to the letter and placed to the yen. Written from the counters' published field lists."""

import json

import pytest

from orders.models import IntakeDocument, IntakeOrder, Order, OrderNote
from orders.rules import IntakeState
from tests.factories.intake import an_outside_shop, golden, taken
from tests.factories.orders import Shop, a_shop

pytestmark = pytest.mark.django_db(transaction=True)


def a_tea_shop() -> Shop:
    shop = a_shop()
    shop.variant(1_080, sku="TEA-100", tax_class="reduced")
    shop.variant(3_300, sku="POT-1")
    return shop


def placed_from(name: str, adapter: str) -> Order:
    """The order of a document with one, placed."""
    shop = a_tea_shop()
    answer = taken(golden(name), an_outside_shop(shop, adapter))
    assert answer.states == {IntakeState.PLACED: 1}, list(IntakeOrder.objects.values_list("code", "params", "field"))
    return Order.objects.get()


def lines(order: Order) -> list[tuple[str, int, int, int, str]]:
    return [(n.sku, n.quantity, n.unit_price, n.discount, n.outside_line) for n in order.lines.order_by("position")]


def destinations(order: Order) -> list[tuple[str, str, str, str, str, bool, str]]:
    return [
        (to.name, to.prefecture, f"{to.street} {to.building}".strip(), str(to.wished_on or ""), to.time_band, to.is_gift, to.gift_message)
        for to in order.destinations.order_by("position")
    ]


def test_rakuten_json():
    order = placed_from("rakuten.json", "rakuten")

    assert (order.outside_number, order.buyer_name, order.buyer_email, order.buyer_phone) == (
        "123456-20261128-00001701", "髙橋 花子", "", "090-1234-5678",
    )  # fmt: skip
    assert (order.total, order.fee_total, order.discount_total, order.payment_method) == (5_440, 660, 200, "marketplace")
    assert [line[:3] for line in lines(order)] == [("TEA-100", 2, 990), ("POT-1", 1, 3_000)]
    assert destinations(order) == [
        ("𠮷田 太郎", "東京都", "神田神保町1-1 〜ビル2階", "2026-12-05", "0812", True, "御歳暮"),
        ("髙橋 一郎", "沖縄県", "久茂地1-1-1", "2026-12-05", "0812", True, ""),
    ]
    assert order.remark == "不在の場合は宅配ボックスへ〜"
    assert OrderNote.objects.get(order=order).body == "points: 300\ncoupon: 300\n煎茶 100g: 包装:あり"


def test_rakuten_csv_in_cp932():
    order = placed_from("rakuten.csv", "rakuten")

    assert (order.outside_number, order.buyer_name, order.total, order.fee_total, order.payment_method) == (
        "123456-20261128-00001702", "髙橋 能子", 2_970, 990, "cash_on_delivery",
    )  # fmt: skip
    assert lines(order) == [("TEA-100", 1, 990, 0, "6001"), ("TEA-100", 1, 990, 0, "6002")]
    assert destinations(order) == [("髙橋 能子", "北海道", "北一条西6丁目1-2～", "2026-12-06", "1416", False, "")]
    assert (order.remark, IntakeDocument.objects.get().encoding) == ("表の能書きは不要", "cp932")


def test_yahoo_xml():
    order = placed_from("yahoo.xml", "yahoo")

    assert (order.outside_number, order.buyer_name, order.buyer_email, order.payment_method) == (
        "koyomido-10000321", "髙橋 花子", "hanako@example.jp", "marketplace",
    )  # fmt: skip
    assert (order.total, order.fee_total, order.goods_total) == (2_800, 820, 1_980)
    assert lines(order) == [("TEA-100", 2, 990, 0, "1")]
    assert destinations(order) == [("𠮷田 太郎", "東京都", "神田神保町1-1 〜ビル2階", "2026-12-05", "1416", True, "御歳暮")]
    assert OrderNote.objects.get(order=order).body == "points: 50\ncoupon: 100"


def test_amazon_json():
    order = placed_from("amazon.json", "amazon")

    assert (order.outside_number, order.buyer_name, order.buyer_email, order.total, order.fee_total) == (
        "249-1234567-7654321", "髙橋 花子", "", 2_380, 480,
    )  # fmt: skip
    assert lines(order) == [("TEA-100", 3, 667, 101, "68828574383266")]
    assert destinations(order) == [("髙橋 花子", "東京都", "神田神保町1-1 〜ビル2階", "", "", False, "")]


def test_an_amazon_item_that_was_cancelled_is_left_out():
    shop, document = a_tea_shop(), json.loads(golden("amazon.json"))
    items = document["payload"]["Orders"][0]["OrderItems"]
    items.append(
        {
            **items[0],
            "OrderItemId": "2",
            "QuantityOrdered": 0,
            **dict.fromkeys(("ItemPrice", "ShippingPrice", "PromotionDiscount")),
        }
    )

    answer = taken(json.dumps(document).encode(), an_outside_shop(shop, "amazon"))

    assert answer.states == {IntakeState.PLACED: 1}
    assert lines(Order.objects.get()) == [("TEA-100", 3, 667, 101, "68828574383266")]


def test_shopify_json():
    order = placed_from("shopify.json", "shopify")

    assert (order.outside_number, order.buyer_name, order.buyer_phone, order.total, order.fee_total, order.discount_total) == (
        "5678901234567", "髙橋 花子", "+819012345678", 2_280, 500, 200,
    )  # fmt: skip
    assert lines(order) == [("TEA-100", 2, 990, 200, "111")]
    assert destinations(order) == [("𠮷田 太郎", "東京都", "神田神保町1-1 〜ビル2階", "2026-12-05", "0812", False, "")]
    assert (order.remark, OrderNote.objects.get(order=order).body) == ("のし：御歳暮〜", "Shopify #1001\nギフト袋: あり")


@pytest.mark.parametrize(
    ("name", "encoding", "recipient", "wave"),
    [("generic_cp932.csv", "cp932", "吉田 太郎", "～"), ("generic_utf8.csv", "utf-8", "𠮷田 太郎", "〜")],
)
def test_generic_csv(name: str, encoding: str, recipient: str, wave: str):
    answer = taken(golden(name), an_outside_shop(a_tea_shop()))

    first, second = Order.objects.order_by("outside_number")
    assert answer.states == {IntakeState.PLACED: 2}
    assert IntakeDocument.objects.get().encoding == encoding
    assert (first.total, first.fee_total, first.payment_method, first.remark) == (2_580, 600, "bank_transfer", f"急ぎ{wave}")
    assert destinations(first) == [(recipient, "東京都", "神田神保町1-1 表ビル2階", "2026-12-05", "0812", False, "")]
    assert (second.total, second.payment_method, second.buyer_name) == (990, "cash_on_delivery", "﨑山 次郎")
    to = second.destinations.get()
    assert (to.name, to.postal_code, to.prefecture, to.city, to.street) == ("﨑山 次郎", "100-0001", "東京都", "千代田区", "千代田1-1")
