"""An order is cancelled by its buyer while the warehouse ships it: one of them wins wholly, money and stock are exact."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from billing.models import Invoice, PaymentIntent
from core.actor import SYSTEM
from core.errors import Refusal
from inventory.models import Stock
from orders.models import Order, Shipment
from orders.operations import Cancelled, Leaving, cancel_orders, ship_shipments
from tests.factories.orders import AT, STAFF, a_draft, a_shop, placed
from tests.races.contention import contend, deadlocks
from tests.races.test_one_cart_makes_one_order import broken_promises

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

ORDERS = 30


def test_cancelling_against_shipping_has_one_winner_per_order() -> None:
    shop = a_shop()
    variant = shop.variant(1_100, stock=[100])
    orders = placed(*[a_draft(shop, (variant, 2)) for _ in range(ORDERS)])
    parcels = dict(Shipment.objects.values_list("order_id", "id"))

    def cancel(order_id: int) -> Any:
        return cancel_orders([order_id], reason="気が変わった", actor=SYSTEM, at=AT)[0]

    def ship(order_id: int) -> Any:
        return ship_shipments([Leaving(shipment_id=parcels[order_id])], actor=STAFF, at=AT)[0]

    jobs: list[Callable[[], Any]] = []
    for n, order in enumerate(orders):
        rivals = [partial(cancel, order.order_id), partial(ship, order.order_id)]
        jobs += rivals if n % 2 else rivals[::-1]
    before = deadlocks()

    answers = contend(jobs, threads=8)

    assert [a for a in answers if isinstance(a, BaseException)] == []
    won = Counter(type(a).__name__ for a in answers if not isinstance(a, Refusal))
    assert sum(won.values()) == ORDERS
    assert {a.code for a in answers if isinstance(a, Refusal)} <= {"order.already_shipped", "shipment.cancelled", "order.cancelled"}
    shipped = (
        Order.objects.filter(status="completed").count()
        + Order.objects.filter(fulfilment_status="shipped").exclude(status="completed").count()
    )
    cancelled = Order.objects.filter(status="cancelled").count()
    assert (cancelled, shipped) == (won[Cancelled.__name__], ORDERS - won[Cancelled.__name__])
    (stock,) = Stock.objects.filter(on_hand__gt=0)
    assert (stock.on_hand, stock.allocated) == (100 - 2 * shipped, 0)
    assert Invoice.objects.count() == shipped
    assert sum(Invoice.objects.values_list("total", flat=True)) == shipped * 2_200
    assert (
        PaymentIntent.objects.filter(status="requested").count()
        + PaymentIntent.objects.exclude(status__in=["requested", "cancelled", "voided"]).count()
        == shipped
    )
    assert deadlocks() - before == 0
    assert broken_promises() == {}
