"""Gifts at the order desk, on the page that changes an order, in what marketplaces write, and in the masters' pages."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.actor import SYSTEM
from core.db import acting
from orders.models import Gift, NoshiKind, Order, OutsideCode
from orders.rules import CodeKind, Knot
from tests.factories.gifts import a_message_card, a_noshi, a_wrapping, an_unlucky_pair
from tests.factories.intake import an_outside_shop, house_document, house_order, taken
from tests.factories.orders import a_shop
from tests.orders.test_admin_changes import begun, url
from tests.orders.test_changes import broken
from tests.orders.test_entry import a_desk, a_phone_shop, placed_by, press, the_page
from tests.orders.test_gifts import two_destinations

pytestmark = pytest.mark.django_db


def test_the_desk_takes_a_gift_and_shows_what_it_costs():
    shop, desk = a_phone_shop(), a_desk()
    noshi, paper = a_noshi(shop), a_wrapping(shop, 220)
    tea = shop.variant(1_000)
    page = the_page(
        shop,
        (tea, 1),
        to_family_name="佐藤",
        to_given_name="一郎",
        gift_noshi=noshi.code,
        gift_names="山田\r\n花子",
        gift_wrapping=paper.code,
    )

    response = placed_by(desk, page)

    order = Order.objects.get()
    row = Gift.objects.get()
    assert response.url.endswith(f"/{order.pk}/change/")
    assert (order.total, row.title, row.names, row.hides_prices) == (1_220, "御中元", "山田\n花子", True)
    shown = desk.get(response.url).content.decode()
    for words in ("御中元", "紅白 蝶結び", "和紙包装", "金額非表示"):
        assert words in shown


def test_the_desk_says_beside_the_field_what_cannot_be_and_warns_of_what_is_unusual():
    shop, desk = a_phone_shop(), a_desk()
    noshi = a_noshi(shop, name="御礼")
    an_unlucky_pair(shop, title="御礼", is_refused=False, why="御礼は蝶結びが一般的です。")
    card = a_message_card(shop)
    tea = shop.variant()

    shown = press(desk, the_page(shop, (tea, 1), gift_noshi=noshi.code, gift_knot="red_white_tie", gift_card=card.code), "refresh")

    assert shown.context["faults"]["gift_message"] == ["カードのメッセージをご記入いただくか、カードの指定を外してください。"]
    assert "御礼は蝶結びが一般的です。" in shown.content.decode()
    assert not Order.objects.exists()


def test_the_desk_without_masters_shows_no_gift_fields():
    shop, desk = a_phone_shop(), a_desk()

    shown = press(desk, the_page(shop, (shop.variant(), 1)), "refresh").content.decode()

    assert "gift_noshi" not in shown


def test_a_gift_is_changed_on_the_page_with_its_difference():
    shop = a_shop()
    masters: dict[str, Any] = {"noshi": a_noshi(shop), "paper": a_wrapping(shop, 220, by_piece=True), "card": a_message_card(shop, 55)}
    order = two_destinations(shop, masters)
    box, desk = a_wrapping(shop, 500, name="ギフト箱"), a_desk()
    begun(desk, order)
    page = desk.get(url(order))
    given = page.context["gifts"][1][1]
    sent = {f"was-{b.name}": b.was for b in given.values()} | {b.name: b.value for b in given.values()}
    sent |= {"gift-2-wrapping": box.code, "gift-2-names": "山田商店\r\n店員一同"}

    seen = desk.post(url(order), {**sent, "do": "review"})
    total = seen.context["money"].total
    response = desk.post(url(order), {**sent, "expected_total": str(total.after), "do": "confirm"})

    row = Gift.objects.get()
    assert (total.before, total.after) == (4_715, 4_555)
    assert response.status_code == 302
    assert (row.wrapping_name, row.names, row.title) == ("ギフト箱", "山田商店\n店員一同", "御中元")
    assert broken() == []


@pytest.mark.django_db(transaction=True)
def test_a_marketplaces_words_become_our_noshi_where_they_are_mapped():
    shop = a_shop()
    outside = an_outside_shop(shop)
    noshi, paper = a_noshi(shop, name="御歳暮"), a_wrapping(shop, 220)
    with acting(SYSTEM):
        OutsideCode.objects.create(shop=outside, kind=CodeKind.NOSHI, theirs="御歳暮", ours=noshi.code)
        OutsideCode.objects.create(shop=outside, kind=CodeKind.WRAPPING, theirs="包装紙A", ours=paper.code)
    tea = shop.variant(1_000)
    mapped, other = (house_order(number, sku=tea.sku, price=1_000, total=1_000) for number in ("C-1", "C-2"))
    mapped["destinations"][0] |= {"is_gift": True, "gift_message": "御歳暮"}
    mapped["notes"] = ["包装紙A"]
    other["destinations"][0] |= {"is_gift": True, "gift_message": "知らないのし"}

    taken(house_document(mapped, other), outside)

    first, second = Order.objects.order_by("outside_number")
    row = Gift.objects.get()
    assert (row.destination.order_id, row.title, row.wrapping_name, first.total, first.fee_total) == (
        first.pk,
        "御歳暮",
        "和紙包装",
        1_000,
        0,
    )
    assert second.destinations.get().gift_message == "知らないのし"


def test_a_noshi_on_an_unlucky_knot_is_not_saved_and_an_unusual_one_is_with_a_word():
    shop, desk = a_shop(), a_desk()
    an_unlucky_pair(shop)
    an_unlucky_pair(shop, title="御礼", is_refused=False, why="御礼は蝶結びが一般的です。")
    said = {
        "company": shop.company.pk, "brand": "", "position": 1, "code": "x", "name": "お中元", "knot": Knot.RED_WHITE_TIE, "most_names": 3,
        "longest_name": 12, "fee": 0, "tax_class": "standard", "from_on": "", "until_on": "", "ended_at_0": "", "ended_at_1": "",
    }  # fmt: skip

    refused = desk.post("/admin/orders/noshikind/add/", said)
    warned = desk.post("/admin/orders/noshikind/add/", {**said, "code": "y", "name": "御礼"}, follow=True)

    assert "結び切りは一度きりの水引です。" in refused.content.decode()
    assert "御礼は蝶結びが一般的です。" in warned.content.decode()
    assert list(NoshiKind.objects.values_list("name", flat=True)) == ["御礼"]


def test_a_member_of_one_company_is_offered_no_brand_of_another():
    shop, other = a_shop(), a_shop()
    wrapping = a_wrapping(other, name="よその包装")
    desk = a_desk("orders.view_giftexclusion", "orders.add_giftexclusion", "orders.view_wrapping", company=shop.company)

    form = desk.get("/admin/orders/giftexclusion/add/").content.decode()
    listed = desk.get("/admin/orders/wrapping/").content.decode()

    assert wrapping.name not in form
    assert wrapping.name not in listed


def test_the_desk_asks_one_statement_more_for_what_is_offered():
    shop, desk = a_phone_shop(), a_desk()
    a_noshi(shop)
    page = the_page(shop, (shop.variant(), 1))
    press(desk, page, "refresh")

    with CaptureQueriesContext(connection) as asked:
        press(desk, page, "refresh")

    assert sum("orders_noshikind" in q["sql"] for q in asked) == 1
