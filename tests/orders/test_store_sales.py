"""Sold over a store's counter: placed, paid, taken off the shelf, handed over and invoiced at once, or nothing of it."""

from dataclasses import replace
from typing import Any

import pytest

from billing.models import CreditNote, Invoice, Payment
from campaigns.models import CouponUse
from core.db import rows
from core.models import OutboxEvent
from customers.models import Customer
from inventory.models import Component, Movement, Stock
from inventory.queries import invariants as stock_promises
from orders.models import Order, Pickup, Shipment, ShipmentInsert
from orders.operations import Sold, StoreSale, place_orders, sell_in_store
from orders.queries import invariants
from orders.rules import GiftWish, Refused, Tender
from tests.factories.campaigns import a_coupon
from tests.factories.inventory import a_location, stock_of
from tests.factories.orders import AT, STAFF, Shop, a_draft, a_fee, a_hold_rule, a_shop, an_insert_rule, an_inspection_policy, repeated
from tests.factories.returns import a_settled_case, asked
from tests.orders.test_api import caller, pointers, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return a_shop(locations=1, registration_number="T1234567890123")


@pytest.fixture
def store(shop: Shop) -> Any:
    """A store that neither ships nor has anything fetched."""
    return a_location(
        shop.company, "ginza", kind="store", name="銀座店", can_ship=False, can_pick_up=False, prefecture="東京都", address="中央区銀座1-1"
    )


@pytest.fixture(autouse=True)
def promises_hold(db):
    yield
    assert [p.name for p in (*invariants(), *stock_promises()) if rows(p.sql, {"company": None}, prepare=False)] == []


def goods(shop: Shop, store: Any, quantity: int = 5, *, price: int = 1_000, elsewhere: int = 50, **fields: Any) -> Any:
    variant = shop.variant(price, stock=[elsewhere], **fields)
    if quantity:
        stock_of(Component.objects.get(variant=variant).stock_item, store, quantity)
    return variant


def a_sale(
    shop: Shop, store: Any, *wanted: Any, handed: bool = True, tender: Tender = Tender.CASH, slip: str = "", **given: Any
) -> StoreSale:
    draft = repeated(a_draft(shop, *wanted, **{"payment_method": "cash_at_store", **given}))
    return StoreSale(draft=draft, store_id=store.pk, handed=handed, tender=tender, slip=slip)


def sold(sale: StoreSale) -> Sold:
    answer = sell_in_store(sale, actor=STAFF, at=AT)
    assert isinstance(answer, Sold), answer
    return answer


def nothing_was_sold(store: Any) -> bool:
    return not (
        Order.objects.exists() or Payment.objects.exists() or Invoice.objects.exists() or Customer.objects.exists() or Pickup.objects.exists()
        or OutboxEvent.objects.exists() or Movement.objects.filter(kind="shipment").exists() or Stock.objects.exclude(allocated=0).exists()
    )  # fmt: skip


def test_a_sale_is_placed_paid_taken_off_the_stores_shelf_handed_over_and_invoiced_at_once(shop, store):
    a_fee(shop, 600)
    tea = goods(shop, store, price=1_080, tax_class="reduced")

    done = sold(a_sale(shop, store, (tea, 2)))

    order, parcel, invoice = Order.objects.get(), Shipment.objects.get(), Invoice.objects.get()
    assert (done.order_id, done.total, done.invoice_numbers) == (order.pk, 2_160, (invoice.number,))
    assert (order.total, order.fee_total, order.paid_total, order.payment_status, order.status) == (2_160, 0, 2_160, "paid", "completed")
    assert (order.taken_at_id, parcel.location_id, parcel.status) == (store.pk, store.pk, "delivered")
    assert (Stock.objects.get(location=store).on_hand, Stock.objects.exclude(location=store).get().on_hand) == (3, 50)
    assert invoice.total == 2_160
    assert list(Payment.objects.values_list("method", "amount", "unapplied_amount", "reference")) == [
        ("cash_at_store", 2_160, 0, "銀座店 現金")
    ]
    pickup = Pickup.objects.get()
    assert (pickup.state, pickup.is_sale, pickup.handed_at, pickup.handed_by) == ("handed_over", True, AT, STAFF.label)
    assert OutboxEvent.objects.filter(name="orders.PickupHandedOver").count() == 1


def test_a_coupon_is_used_at_the_counter_and_refused_there_as_a_whole(shop, store):
    a_coupon(shop.company, use_limit=1)
    tea = goods(shop, store, price=1_080)
    first, second = (a_sale(shop, store, (tea, 2), coupon_codes=("welcome",)) for _n in range(2))
    wrong = sell_in_store(a_sale(shop, store, (tea, 2), coupon_codes=("OTHER",)), actor=STAFF, at=AT)
    assert isinstance(wrong, Refused)
    assert [(r.code, r.field) for r in wrong.reasons] == [("order.unknown_code", "/coupon_codes/0")]
    assert nothing_was_sold(store)

    done, repeat = sold(first), sold(first)
    again = sell_in_store(second, actor=STAFF, at=AT)

    assert (done.total, Invoice.objects.get().total, Payment.objects.get().amount) == (1_660, 1_660, 1_660)
    assert (repeat.number, repeat.repeated) == (done.number, True)
    assert isinstance(again, Refused)
    assert (again.code, CouponUse.objects.count(), Order.objects.count()) == ("coupon.used_up", 1, 1)


def test_what_the_terminal_printed_stands_on_the_payment(shop, store):
    sold(a_sale(shop, store, (goods(shop, store), 1), tender=Tender.CARD_TERMINAL, slip="004512"))

    assert Payment.objects.get().reference == "銀座店 カード端末 004512"


def test_what_does_not_lie_in_this_store_is_not_sold_though_the_warehouse_has_it(shop, store):
    tea = goods(shop, store, 1)

    answer = sell_in_store(a_sale(shop, store, (tea, 2)), actor=STAFF, at=AT)

    assert isinstance(answer, Refused)
    assert [(r.code, r.field) for r in answer.reasons] == [("inventory.out_of_stock", "/lines/0/quantity")]
    assert answer.reasons[0].params["store"] == "銀座店"
    assert nothing_was_sold(store)


def test_a_sale_that_a_rule_holds_is_refused_as_a_whole(shop, store):
    a_hold_rule(shop, kind="amount", total_from=500)
    tea = goods(shop, store)

    answer = sell_in_store(a_sale(shop, store, (tea, 1)), actor=STAFF, at=AT)

    assert isinstance(answer, Refused)
    assert answer.code == "order.on_hold"
    assert nothing_was_sold(store)


@pytest.mark.parametrize(
    ("_case", "change", "code"),
    [
        ("paid later", lambda s: replace(s, draft=replace(s.draft, payment_method="bank_transfer")), "order.paid_here"),
        ("sent home and paid later", lambda s: replace(s, handed=False, draft=replace(s.draft, payment_method="cash_on_delivery")), "order.paid_here"),
        ("a gift", lambda s: replace(s, draft=replace(s.draft, destinations=(replace(s.draft.destinations[0], gift=GiftWish()),))), "order.handed_as_it_is"),
        ("another price", lambda s: replace(s, draft=replace(s.draft, expected_total=999)), "order.total_changed"),
        ("no store", lambda s: replace(s, store_id=0), "order.no_such_store"),
        ("a long slip", lambda s: replace(s, slip="9" * 41), "order.slip_too_long"),
    ],
)  # fmt: skip
def test_what_is_no_sale_is_refused_with_its_reason_and_nothing_remains(shop, store, _case, change, code):
    sale = change(a_sale(shop, store, (goods(shop, store), 1)))

    answer = sell_in_store(sale, actor=STAFF, at=AT)

    assert isinstance(answer, Refused)
    assert answer.code == code
    assert nothing_was_sold(store)


def test_another_companys_store_sells_nothing_of_ours(shop, store):
    theirs = a_location(a_shop().company, "theirs", kind="store")

    answer = sell_in_store(replace(a_sale(shop, store, (goods(shop, store), 1)), store_id=theirs.pk), actor=STAFF, at=AT)

    assert answer.code == "order.no_such_store"


def test_the_same_page_twice_is_one_sale(shop, store):
    sale = a_sale(shop, store, (goods(shop, store), 2))

    first, second = sold(sale), sold(sale)

    assert (first.repeated, second.repeated, second.order_id, second.invoice_numbers) == (
        False,
        True,
        first.order_id,
        first.invoice_numbers,
    )
    assert (Order.objects.count(), Payment.objects.count(), Invoice.objects.count()) == (1, 1, 1)
    assert Stock.objects.get(location=store).on_hand == 3


def test_a_page_that_made_an_order_before_is_no_sale(shop, store):
    sale = a_sale(shop, store, (goods(shop, store), 1))
    place_orders([sale.draft], actor=STAFF, at=AT)

    answer = sell_in_store(sale, actor=STAFF, at=AT)

    assert answer.code == "order.placed_before"
    assert Order.objects.get().fulfilment_status != "delivered"


def test_unnamed_buyers_of_a_store_are_one_customer(shop, store):
    tea = goods(shop, store)

    for _buyer in range(2):
        sold(a_sale(shop, store, (tea, 1), person=None))

    assert list(Customer.objects.values_list("family_name", flat=True)) == ["銀座店のお客様"]
    assert Order.objects.count() == 2


def test_nothing_is_packed_so_nothing_is_put_in_or_inspected(shop, store):
    an_inspection_policy(shop)
    an_insert_rule(shop, when_short="wait", stock=0)

    sold(a_sale(shop, store, (goods(shop, store), 1)))

    assert not ShipmentInsert.objects.exists()


def test_goods_for_nothing_are_handed_over_without_a_payment(shop, store):
    done = sold(a_sale(shop, store, (goods(shop, store, price=0), 1)))

    assert (done.total, Payment.objects.count(), Invoice.objects.count()) == (0, 0, 1)


def test_bought_in_the_store_and_sent_home_it_is_paid_there_and_comes_from_anywhere(shop, store):
    a_fee(shop, 600)
    tea = goods(shop, store, 0)

    done = sold(a_sale(shop, store, (tea, 2), handed=False))

    order, parcel = Order.objects.get(), Shipment.objects.get()
    assert (done.total, order.paid_total, order.payment_status, order.taken_at_id) == (2_600, 2_600, "paid", store.pk)
    assert (parcel.location_id, parcel.status, parcel.destination.city) == (shop.locations[0].pk, "planned", "千代田区")
    assert (Invoice.objects.count(), Pickup.objects.count()) == (0, 0)
    assert sold(a_sale(shop, store, (tea, 1), handed=False)).order_id != order.pk


def test_what_was_sold_over_the_counter_comes_back_and_its_money_is_given_back(shop, store):
    tea = goods(shop, store)
    sold(a_sale(shop, store, (tea, 2)))
    order = Order.objects.get()

    a_settled_case(asked(order, 1))

    assert CreditNote.objects.get().total == 1_000
    assert Stock.objects.get(location=store).on_hand == 4
    assert Order.objects.get().return_status == "partly_returned"


def test_a_point_of_sale_sells_over_the_counter_once_per_key(client, shop, store):
    headers, tea = caller(shop.company), goods(shop, store)
    said = {
        "channel": shop.channel.code,
        "store": "ginza",
        "tender": "card_terminal",
        "slip": "88",
        "lines": [{"sku": tea.sku, "quantity": 2}],
    }

    made = post(client, headers, said, url="/api/v1/store-sales")
    again = post(client, headers, said, url="/api/v1/store-sales")
    lacking = post(client, headers, {**said, "lines": [{"sku": tea.sku, "quantity": 9}]}, key="key-0002", url="/api/v1/store-sales")
    nowhere = post(client, headers, {**said, "store": "nowhere"}, key="key-0003", url="/api/v1/store-sales")

    assert (made.status_code, made.json()["total"], made.json()["invoices"]) == (201, 2_000, [Invoice.objects.get().number])
    assert (again.status_code, again.json()) == (201, made.json())
    assert (lacking.status_code, lacking.json()["code"], pointers(nowhere)) == (422, "inventory.out_of_stock", {"/store"})
    assert Stock.objects.get(location=store).on_hand == 3
    assert Payment.objects.get().reference == "銀座店 カード端末 88"
