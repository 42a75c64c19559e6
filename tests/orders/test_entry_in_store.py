"""The order desk in a store: what is sold over its counter and taken along, and what is paid there and sent home."""

from typing import Any

import pytest

from billing.models import Payment
from inventory.models import Component, Stock
from orders.models import Order
from tests.factories.core import a_channel
from tests.factories.inventory import a_location, stock_of
from tests.factories.orders import Shop, a_shipped_order
from tests.orders.test_entry import a_desk, a_phone_shop, nothing_was_written, placed_by, press, the_page

pytestmark = pytest.mark.django_db


def a_counter(shop: Shop, **given: Any) -> tuple[Shop, Any]:
    """A store with its own channel, and so much of everything on its shelf."""
    channel = a_channel(shop.company, kind="store", name="銀座店")
    return Shop(shop.company, channel, shop.locations), a_location(
        shop.company, "ginza", kind="store", name="銀座店", can_ship=False, **given
    )


WALK_IN = dict.fromkeys(
    ("family_name", "given_name", "family_kana", "given_kana", "phone", "postal_code", "prefecture", "city", "street", "ad_code"), ""
)


def test_over_the_counter_a_stranger_pays_takes_it_along_and_gets_a_receipt():
    shop, store = a_counter(a_phone_shop())
    desk, tea = a_desk(), shop.variant(1_080, tax_class="reduced")
    stock_of(Component.objects.get(variant=tea).stock_item, store, 3)
    page = the_page(shop, (tea, 2), **WALK_IN, store=str(store.pk), handed="1", tender="card_terminal", slip="004512")

    done, again = placed_by(desk, page), placed_by(desk, page)
    receipt = desk.get(done.url).content.decode()

    order = Order.objects.get()
    assert done.url == again.url == f"/admin/orders/order/{order.pk}/receipt/"
    assert (order.payment_status, order.status, order.taken_at_id, order.total) == ("paid", "completed", store.pk, 2_160)
    assert Stock.objects.get(location=store).on_hand == 1
    assert "領収書" in receipt
    assert "2,160円" in receipt
    assert Payment.objects.get().reference.endswith("004512")


def test_the_stock_beside_a_line_is_that_of_the_shelf_it_is_taken_from():
    shop, store = a_counter(a_phone_shop())
    desk, tea = a_desk(), shop.variant(stock=[100])
    stock_of(Component.objects.get(variant=tea).stock_item, store, 3)
    page = the_page(shop, (tea, 2), **WALK_IN, store=str(store.pk))

    sent, handed = press(desk, page, "refresh"), press(desk, {**page, "handed": "1"}, "refresh")

    assert [one.context["lines"][0].left for one in (sent, handed)] == [100, 3]


def test_what_the_store_does_not_have_is_marked_at_its_line_and_nothing_is_written():
    shop, store = a_counter(a_phone_shop())
    desk, tea = a_desk(), shop.variant()
    page = the_page(shop, (tea, 1), **WALK_IN, store=str(store.pk), handed="1", expected_total="1000")

    answer = press(desk, page, "place")

    assert answer.status_code == 422
    assert ["銀座店の棚にある" in text for text in answer.context["lines"][0].faults["quantity"]] == [True]
    assert nothing_was_written()


def test_bought_in_the_store_and_sent_home_it_is_paid_at_once_and_needs_an_address():
    shop, store = a_counter(a_phone_shop())
    desk, tea = a_desk(), shop.variant()
    page = the_page(shop, (tea, 1), store=str(store.pk), payment_method="cash_at_store", ad_code="")

    nowhere = press(desk, {**page, "street": "", "expected_total": "1000"}, "place")
    placed_by(desk, page)

    order = Order.objects.get()
    assert "street" in nowhere.context["faults"]
    assert (order.taken_at_id, order.payment_status, order.fulfilment_status) == (store.pk, "paid", "planned")


def test_who_may_not_hand_over_cannot_sell_over_the_counter():
    shop, store = a_counter(a_phone_shop())
    desk = a_desk("orders.place_order", "orders.view_order", company_id=shop.company.pk)
    page = the_page(shop, (shop.variant(), 1), store=str(store.pk), handed="1")

    shown = press(desk, page, "refresh")

    assert shown.context["typed"].handed == ""
    assert 'name="handed"' not in shown.content.decode()


def test_an_order_that_is_not_paid_has_no_receipt():
    shop, desk = a_phone_shop(), a_desk()
    order = a_shipped_order(shop)

    assert desk.get(f"/admin/orders/order/{order.pk}/receipt/").url == f"/admin/orders/order/{order.pk}/change/"
