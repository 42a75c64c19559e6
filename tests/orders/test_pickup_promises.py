"""Each promise about pickups and store sales holds, and is seen to be broken where somebody breaks it."""

from typing import Any

import pytest

from core.db import rows, run
from orders.models import Pickup, Shipment
from orders.operations import HandOver, cancel_orders, hand_over_pickup
from orders.queries import invariants
from tests.factories.orders import AT, STAFF, a_shop
from tests.factories.pickup import a_store
from tests.orders.test_pickup import fetched, prepared
from tests.orders.test_store_sales import a_sale, goods, sold

pytestmark = pytest.mark.django_db


def broken() -> list[str]:
    return [p.name for p in invariants() if rows(p.sql, {"company": None}, prepare=False)]


def handed() -> None:
    shop = a_shop(locations=1)
    _order, parcel = fetched(shop, a_store(shop))
    hand_over_pickup(HandOver(shipment_id=parcel.pk, code=prepared(parcel), paid=1_000), actor=STAFF, at=AT)


def ready() -> None:
    shop = a_shop(locations=1)
    _order, parcel = fetched(shop, a_store(shop))
    prepared(parcel)


def cancelled() -> None:
    ready()
    cancel_orders([Shipment.objects.get().order_id], reason="電話にて", actor=STAFF, at=AT)


def sale() -> None:
    shop = a_shop(locations=1)
    store = a_store(shop, kind="store")
    sold(a_sale(shop, store, (goods(shop, store), 1)))


@pytest.mark.parametrize(
    ("_case", "made", "sql", "promise"),
    [
        ("a parcel that never left", handed, "UPDATE orders_pickup SET handed_at = handed_at - interval '1 day'", "orders.handed_over_has_left"),
        ("a state nobody reached", handed, "UPDATE orders_pickup SET state = 'ready', handed_at = NULL", "orders.ready_pickup_stands"),
        ("no code", ready, "UPDATE orders_pickup SET code = ''", "orders.ready_pickup_stands"),
        ("in another store", ready, "UPDATE orders_destination SET pickup_at_id = NULL", "orders.ready_pickup_stands"),
        ("an order that does not stand", ready, "UPDATE orders_shipment SET status = 'cancelled'", "orders.ready_pickup_stands"),
        ("given up, but the order stands", ready, "UPDATE orders_pickup SET state = 'lapsed'", "orders.ended_pickup_holds_nothing"),
        ("stock that is held", cancelled, "UPDATE inventory_allocation SET status = 'open', closed_at = NULL", "orders.ended_pickup_holds_nothing"),
        ("a sale elsewhere", sale, "UPDATE orders_order SET taken_at_id = NULL", "orders.store_sale_is_whole"),
        ("a sale without its payment", sale, "UPDATE orders_pickup SET is_sale = true, location_id = location_id + 1", "orders.store_sale_is_whole"),
    ],
)  # fmt: skip
def test_a_broken_promise_is_found(_case: str, made: Any, sql: str, promise: str) -> None:
    made()
    assert broken() == []

    run(sql, ())

    assert promise in broken()
    assert Pickup.objects.count() == 1
