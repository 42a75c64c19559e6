"""A checkout really holds its goods: for its buyer alone, for a while, until the order or the sweeper ends it."""

from datetime import timedelta

import pytest
from django.test import Client

from core import clock
from core.actor import SYSTEM
from core.db import acting
from core.models import Site
from inventory.models import Allocation, Reservation, Stock, StockExclusion
from inventory.operations import expire_reservations
from orders.models import Order
from tests.factories.inventory import may_be_back_ordered, the_item
from tests.factories.storefront import DETAILS, a_web_shop, filled, ordered

pytestmark = pytest.mark.django_db


def counters() -> tuple[int, int]:
    """Allocated and reserved of the one shelf."""
    return Stock.objects.values_list("allocated", "reserved").get()


def holds_at_most(minutes: int) -> None:
    with acting(SYSTEM):
        Site.objects.update(holds_at_most_minutes=minutes)


def test_the_checkout_holds_what_is_in_the_cart_and_the_order_takes_it(client: Client):
    shop = a_web_shop()
    variant = shop.variant(1_080, stock=[5])
    filled(client, (variant, 2))
    assert counters() == (0, 0)

    client.post("/checkout/", DETAILS)
    page = client.get("/checkout/confirm/")
    held = counters(), Reservation.objects.get().holder_id
    ordered(client)

    assert held == ((0, 2), page.context["cart"].public_id)
    assert f"{page.context['held_until_at']:%Y}" in f"{clock.now():%Y}"
    assert counters() == (2, 0)
    assert Allocation.objects.get().quantity == 2
    assert not Reservation.objects.exists()


def test_the_last_piece_is_for_whoever_came_to_the_checkout_first(client: Client):
    shop = a_web_shop()
    variant = shop.variant(1_080, stock=[1])
    late = Client(HTTP_HOST=client.defaults.get("HTTP_HOST", "testserver"))
    filled(client, (variant, 1))
    filled(late, (variant, 1))
    client.post("/checkout/", DETAILS)
    client.get("/checkout/confirm/")

    late.post("/checkout/", DETAILS)
    sent_back = late.get("/checkout/confirm/")
    ordered(client)

    assert sent_back.url == "/cart/"
    assert Order.objects.count() == 1
    assert counters() == (1, 0)


def test_every_page_of_the_checkout_holds_on_and_the_sweeper_ends_what_nobody_looks_at(client: Client):
    shop = a_web_shop()
    variant = shop.variant(1_080, stock=[5])
    filled(client, (variant, 2))
    client.post("/checkout/", DETAILS)

    client.get("/checkout/confirm/")
    first = Reservation.objects.get().expires_at
    client.get("/checkout/confirm/")
    second = Reservation.objects.get().expires_at
    early = expire_reservations(actor=SYSTEM, at=second - timedelta(seconds=1))
    swept = expire_reservations(actor=SYSTEM, at=second)

    assert second > first
    assert (early, swept) == (0, 1)
    assert counters() == (0, 0)
    assert "/orders/" in ordered(client).url


def test_a_checkout_that_goes_on_and_on_holds_its_goods_no_longer_than_the_site_says(client: Client):
    shop = a_web_shop()
    variant = shop.variant(1_080, stock=[5])
    holds_at_most(40)
    filled(client, (variant, 2))
    start = clock.now().replace(microsecond=0)
    with clock.travel(start) as travelling:
        client.post("/checkout/", DETAILS)
        ends = []
        for _page in range(5):
            travelling.move(timedelta(minutes=10))
            page = client.get("/checkout/confirm/")
            expire_reservations(actor=SYSTEM, at=clock.now())
            ends.append((page.context["held_until_at"], counters()))

        assert ends == [
            *((start + timedelta(minutes=end), (0, 2)) for end in (25, 35, 45, 50)),  # held first after ten minutes
            (None, (0, 0)),
        ]
        assert "先にご注文された方のもの" in page.content.decode()
        assert "/orders/" in ordered(client).url  # it is still here, so it can still be bought


def test_a_cart_whose_time_is_up_does_not_hold_again_by_changing_but_does_the_next_day(client: Client):
    shop = a_web_shop()
    variant = shop.variant(1_080, stock=[5])
    filled(client, (variant, 2))
    with clock.travel(clock.now()) as travelling:
        client.post("/checkout/", DETAILS)
        client.get("/checkout/confirm/")
        travelling.move(timedelta(hours=2))
        expire_reservations(actor=SYSTEM, at=clock.now())
        client.post("/cart/change/", {"sku": variant.sku, "purchase_type": "normal", "quantity": "3"})
        client.get("/checkout/confirm/")
        too_late = counters()
        travelling.move(timedelta(hours=22))
        client.get("/checkout/confirm/")

        assert (too_late, counters()) == ((0, 0), (0, 3))


def test_a_site_whose_checkouts_hold_nothing_sells_all_the_same(client: Client):
    shop = a_web_shop()
    variant = shop.variant(1_080, stock=[5])
    holds_at_most(0)
    filled(client, (variant, 2))
    client.post("/checkout/", DETAILS)

    page = client.get("/checkout/confirm/")

    assert (page.context["held_until_at"], counters()) == (None, (0, 0))
    assert "/orders/" in ordered(client).url


def test_a_cart_that_changes_holds_what_is_in_it_now(client: Client):
    shop = a_web_shop()
    variant = shop.variant(1_080, stock=[5])
    filled(client, (variant, 2))
    client.post("/checkout/", DETAILS)
    client.get("/checkout/confirm/")

    client.post("/cart/change/", {"sku": variant.sku, "purchase_type": "normal", "quantity": "3"})
    between = counters()
    client.get("/checkout/confirm/")

    assert (between, counters()) == ((0, 0), (0, 3))


def test_a_line_whose_buyer_waits_for_it_holds_nothing_and_the_others_are_held(client: Client):
    shop = a_web_shop()
    here, coming = shop.variant(1_080, stock=[5]), shop.variant(2_160, stock=[1])
    may_be_back_ordered(coming, lead_days=14)
    filled(client, (here, 2), (coming, 3))
    client.post("/checkout/", DETAILS)

    page = client.get("/checkout/confirm/")
    held = list(Reservation.objects.values_list("stock_item__code", "quantity"))
    answer = client.post(
        "/checkout/confirm/",
        {"cart": page.context["cart"].public_id.hex, "total": page.context["quote"].sums.total, "agreed": page.context["agreed"]},
    )

    assert held == [(the_item(here).code, 2)]
    assert "/orders/" in answer.url
    assert list(Allocation.objects.values_list("stock_item__code", "quantity")) == [(the_item(here).code, 2)]
    assert not Reservation.objects.exists()


def test_what_is_excluded_for_the_shop_is_not_offered_to_wait_for_either(client: Client):
    shop = a_web_shop()
    barred = shop.variant(1_080, stock=[5])
    may_be_back_ordered(barred, lead_days=14)
    with acting(SYSTEM):
        StockExclusion.objects.create(company=shop.company, channel=shop.channel, stock_item=the_item(barred))
    filled(client, (barred, 1))
    client.post("/checkout/", DETAILS)

    sent_back = client.get("/checkout/confirm/")

    assert sent_back.url == "/cart/"
    assert "入荷待ち" not in client.get("/cart/").content.decode()
    assert not Reservation.objects.exists()
