"""Parcels that nobody took come back."""

import pytest

from billing.models import CreditNote, Invoice
from core.db import rows
from core.models import OutboxEvent
from inventory.models import Movement, Stock
from orders.models import Shipment
from orders.operations import CameBack, mark_delivered, return_undelivered
from orders.queries import invariants
from tests.factories.orders import AT, STAFF, a_shipped_order, an_order
from tests.orders.test_operations_shipping import parcels_of, paying, shipping

pytestmark = pytest.mark.django_db


def coming_back(order, **given):
    return return_undelivered(parcels_of(order), reason="受取人不在・保管期限切れ", actor=STAFF, at=AT, **given)


def kept_promises() -> bool:
    return not any(rows(promise.sql, {"company": None}, prepare=False) for promise in invariants())


def test_a_parcel_that_came_back_is_in_stock_and_credited():
    order = a_shipped_order()
    before = Stock.objects.get().on_hand

    (answer,) = coming_back(order)

    order.refresh_from_db()
    assert isinstance(answer, CameBack)
    assert not answer.repeated
    assert Stock.objects.get().on_hand == before + order.lines.get().quantity
    assert CreditNote.objects.get().total == Invoice.objects.get().total
    assert (order.status, order.payment_status, order.fulfilment_status) == ("completed", "voided", "returned")
    assert Shipment.objects.get().returned_at == AT
    assert OutboxEvent.objects.filter(name="orders.ShipmentReturned").count() == 1
    assert kept_promises()


def test_coming_back_twice_changes_nothing():
    order = a_shipped_order()
    coming_back(order)

    (again,) = coming_back(order)

    assert again.repeated
    assert CreditNote.objects.count() == 1
    assert Movement.objects.filter(kind="return").count() == 1


def test_what_was_paid_for_a_parcel_that_came_back_is_to_be_refunded():
    order = a_shipped_order()
    paying(order, order.total)

    coming_back(order)

    order.refresh_from_db()
    assert order.payment_status == "refunded"


def test_goods_that_came_back_damaged_are_on_hand_but_not_for_sale():
    order = a_shipped_order()
    before = Stock.objects.get()

    coming_back(order, sellable=False)

    after = Stock.objects.get()
    assert (after.on_hand - before.on_hand, after.sellable - before.sellable) == (order.lines.get().quantity, 0)


@pytest.mark.parametrize("state", ["planned", "delivered"])
def test_only_what_is_on_its_way_comes_back(state):
    order = an_order()
    if state == "delivered":
        shipping(order)
        mark_delivered(parcels_of(order), actor=STAFF, at=AT)

    (refused,) = coming_back(order)

    assert refused.code == "order.not_on_its_way"
    assert CreditNote.objects.count() == 0
    assert Shipment.objects.get().status == state
