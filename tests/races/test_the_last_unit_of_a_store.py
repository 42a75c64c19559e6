"""The last unit of a store, wanted by two who would fetch it; and a parcel that is handed over while its order is cancelled."""

from collections import Counter
from functools import partial

import pytest

from billing.models import Invoice, Payment
from core.actor import SYSTEM
from inventory.models import Allocation, Component, Stock
from orders.models import Order, Pickup, Shipment
from orders.operations import (
    HandedOver,
    HandOver,
    Prepared,
    Sold,
    StoreSale,
    cancel_orders,
    hand_over_pickup,
    place_orders,
    prepare_pickups,
    sell_in_store,
)
from orders.rules import Placed
from tests.factories.inventory import stock_of
from tests.factories.orders import AT, STAFF, a_draft, a_shop, placed, repeated
from tests.factories.pickup import a_fetched_draft, a_store
from tests.races.contention import contend, deadlocks
from tests.races.test_one_cart_makes_one_order import broken_promises

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


def test_the_last_unit_of_a_store_is_fetched_once_however_many_want_it() -> None:
    shop = a_shop(locations=1)
    store = a_store(shop)
    variant = shop.variant(stock=[50])
    stock_of(Component.objects.get(variant=variant).stock_item, store, 1)
    before = deadlocks()

    buyers = [partial(place_orders, [a_fetched_draft(shop, store, (variant, 1))], actor=SYSTEM, at=AT) for _ in range(20)]
    answers = contend(buyers, threads=20)

    kinds = Counter(
        ("placed" if isinstance(answer[0], Placed) else answer[0].code) if isinstance(answer, list) else repr(answer) for answer in answers
    )
    assert kinds == {"placed": 1, "inventory.out_of_stock": 19}
    assert Stock.objects.get(location=store).allocated == 1
    assert Order.objects.count() == Allocation.objects.filter(status="open").count() == 1
    assert deadlocks() - before == 0
    assert broken_promises() == {}


def test_a_parcel_is_handed_over_or_its_order_cancelled_never_both() -> None:
    shop = a_shop(locations=1)
    store = a_store(shop)
    variant = shop.variant(stock=[50])
    stock_of(Component.objects.get(variant=variant).stock_item, store, 8)
    orders = placed(*[a_fetched_draft(shop, store, (variant, 1)) for _ in range(8)])
    parcels = list(Shipment.objects.order_by("id"))
    codes = {p.shipment_id: p.code for p in prepare_pickups([s.pk for s in parcels], actor=STAFF, at=AT) if isinstance(p, Prepared)}
    before = deadlocks()

    deeds = [
        deed
        for order, parcel in zip(orders, parcels, strict=True)
        for deed in (
            partial(hand_over_pickup, HandOver(shipment_id=parcel.pk, code=codes[parcel.pk], paid=1_000), actor=STAFF, at=AT),
            partial(hand_over_pickup, HandOver(shipment_id=parcel.pk, code=codes[parcel.pk], paid=1_000), actor=STAFF, at=AT),
            partial(cancel_orders, [order.order_id], reason="電話にて", actor=STAFF, at=AT),
        )
    ]
    answers = contend(deeds, threads=12)

    given = {a.shipment_id for a in answers if isinstance(a, HandedOver)}
    states = Counter(Pickup.objects.values_list("state", flat=True))
    assert states == Counter({"handed_over": len(given), "cancelled": 8 - len(given)})
    assert Stock.objects.get(location=store).on_hand == 8 - len(given)
    assert Stock.objects.get(location=store).allocated == 0
    assert deadlocks() - before == 0
    assert broken_promises() == {}


def test_the_last_piece_on_the_shelf_is_sold_over_one_counter_only_and_a_page_sent_twice_is_one_sale() -> None:
    shop = a_shop(locations=1)
    store = a_store(shop)
    variant = shop.variant(stock=[50])
    stock_of(Component.objects.get(variant=variant).stock_item, store, 3)
    pages = [StoreSale(draft=repeated(a_draft(shop, (variant, 1), payment_method="cash_at_store")), store_id=store.pk) for _ in range(6)]
    before = deadlocks()

    answers = contend([partial(sell_in_store, page, actor=STAFF, at=AT) for page in pages for _twice in range(2)], threads=12)

    sold = [a for a in answers if isinstance(a, Sold)]
    assert len({a.order_id for a in sold}) == 3
    assert {a.code for a in answers if not isinstance(a, Sold)} == {"inventory.out_of_stock"}
    assert Stock.objects.get(location=store).on_hand == 0
    assert (Order.objects.count(), Invoice.objects.count(), Payment.objects.count(), Pickup.objects.count()) == (3, 3, 3, 3)
    assert deadlocks() - before == 0
    assert broken_promises() == {}
