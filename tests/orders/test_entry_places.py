"""The order desk takes an order for several addresses, each with its goods, its day and its gift."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from orders.models import Gift, Order, Shipment
from tests.factories.delivery import a_delivery
from tests.factories.gifts import a_message_card, a_noshi, a_wrapping, an_unlucky_pair
from tests.factories.orders import a_fee
from tests.orders.test_entry import SAID, URL, a_desk, a_phone_shop

pytestmark = pytest.mark.django_db
THERE = {"given_name": "一郎", "postal_code": "530-0001", "prefecture": "大阪府", "city": "大阪市北区", "street": "梅田1-1"}


def page(shop: Any, *lines: tuple[Any, int, int], places: tuple[dict[str, str], ...] = (), **said: str) -> dict[str, Any]:
    """The desk as it is sent: lines of (variant, quantity, address), and the addresses after the first."""
    columns = {
        "line_sku": [v.sku for v, _n, _to in lines], "line_quantity": [n for _v, n, _to in lines], "line_to": [to for _v, _n, to in lines],
        **{f"line_{name}": [""] * len(lines) for name in ("price", "price_reason", "discount", "discount_reason", "waits", "form")},
    }  # fmt: skip
    told = {f"p{n}-{name}": value for n, place in enumerate(places, 2) for name, value in {**THERE, **place}.items()}
    return {**SAID, "channel": shop.channel.pk, "cart_ref": "0" * 31 + "7", "places": len(places) + 1, **columns, **told, **said}


def press(desk: Client, sent: dict[str, Any], button: str) -> Any:
    return desk.post(URL, {**sent, "do": button})


def test_an_order_by_phone_goes_to_three_addresses_two_of_them_as_gifts():
    shop = a_phone_shop()
    a_fee(shop, 600)
    noshi, paper, card = a_noshi(shop), a_wrapping(shop, 220), a_message_card(shop)
    tea = shop.variant(1_000)
    desk = a_desk(company=shop.company)
    gift = {"gift_noshi": noshi.code, "gift_names": "山田\n花子", "gift_wrapping": paper.code}
    sent = page(
        shop, (tea, 1, 1), (tea, 2, 2), (tea, 1, 3),
        places=({"family_name": "佐藤", **gift}, {"family_name": "鈴木", "gift_card": card.code, "gift_message": "お元気で", "gift_hides_prices": "1"}),
    )  # fmt: skip

    shown = press(desk, sent, "refresh")
    total = shown.context["quote"].sums.total
    done = press(desk, {**sent, "expected_total": str(total)}, "place")
    again = press(desk, {**sent, "expected_total": str(total)}, "place")

    order = Order.objects.get()
    assert total == 4 * 1_000 + 3 * 600 + 220
    assert (done.status_code, again.status_code, order.total) == (302, 302, total)
    assert list(order.destinations.order_by("position").values_list("name", "is_gift")) == [
        ("山田 花子", False),
        ("佐藤 一郎", True),
        ("鈴木 一郎", True),
    ]
    assert sorted(order.lines.values_list("destination__position", "quantity")) == [(1, 1), (2, 2), (3, 1)]
    assert list(Gift.objects.order_by("destination__position").values_list("title", "names", "hides_prices")) == [
        ("御中元", "山田\n花子", True),
        ("", "", True),
    ]
    assert Shipment.objects.filter(order=order).count() == 3


def test_an_address_is_added_filled_and_taken_out_and_nothing_typed_is_lost():
    shop = a_phone_shop()
    tea = shop.variant(1_000)
    desk = a_desk(company=shop.company)

    more = press(desk, page(shop, (tea, 2, 1)), "more")
    added = press(desk, page(shop, (tea, 2, 1), places=({"family_name": "佐藤"},), article_q=tea.sku), "article")
    less = press(
        desk, page(shop, (tea, 2, 1), (tea, 1, 2), (tea, 1, 3), places=({"family_name": "佐藤"}, {"family_name": "鈴木"})), "less:2"
    )

    assert (len(more.context["places"]), more.context["focus"]) == (1, "p2-family_name")
    assert [(line.typed.quantity, line.typed.to) for line in added.context["lines"]] == [("2", "1"), ("1", "2")]
    assert [one.where["family_name"].value for one in less.context["places"]] == ["鈴木"]
    assert [line.typed.to for line in less.context["lines"]] == ["1", "1", "2"]


def test_what_is_wrong_of_an_address_stands_beside_its_field():
    shop = a_phone_shop()
    a_delivery(shop)
    an_unlucky_pair(shop)
    noshi, tea = a_noshi(shop), shop.variant(1_000)
    desk = a_desk(company=shop.company)
    unlucky = {"family_name": "佐藤", "gift_noshi": noshi.code, "gift_knot": "red_white_tie"}

    gift = press(desk, page(shop, (tea, 1, 1), (tea, 1, 2), places=(unlucky,)), "refresh")
    empty = press(desk, page(shop, (tea, 1, 1), places=({"family_name": "佐藤"},)), "refresh")
    early = press(desk, page(shop, (tea, 1, 1), (tea, 1, 2), places=({"family_name": "佐藤", "wished_on": "2020-01-01"},)), "refresh")
    unread = press(desk, page(shop, (tea, 1, 1), (tea, 1, 2), places=({"family_name": "佐藤", "wished_on": "x"},)), "refresh")

    assert gift.context["places"][0].gift["knot"].faults == ("結び切りは一度きりの水引です。",)
    assert len(empty.context["places"][0].faults) == 1
    assert len(early.context["places"][0].where["wished_on"].faults) == 1
    assert early.context["places"][0].offer.earliest_on > date(2026, 1, 1)
    assert len(unread.context["places"][0].where["wished_on"].faults) == 1
    assert not Order.objects.exists()
