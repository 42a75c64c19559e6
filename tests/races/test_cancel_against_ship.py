"""An order is cancelled by its buyer while the warehouse ships it: one of them wins wholly, money and stock are exact."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connections

from billing.models import Invoice, PaymentIntent
from core.actor import SYSTEM, Actor
from core.db import operation, rows
from core.errors import Refusal
from inventory.models import Stock
from orders.models import Order, Shipment
from orders.operations import Cancelled, Leaving, cancel_orders, refresh_statuses, ship_shipments
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


@contextmanager
def while_it_ships(parcel: int) -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """A parcel is being shipped in a transaction that stays open; what is begun meanwhile waits for it to commit."""
    shipped, go_on = Event(), Event()

    @operation
    def ship_slowly(*, actor: Actor) -> None:
        ship_shipments([Leaving(shipment_id=parcel)], actor=actor, at=AT)
        shipped.set()
        go_on.wait(timeout=10)

    def meanwhile(deed: Callable[[], Any]) -> Any:
        answers: list[Any] = []
        rival = Thread(target=_on_a_connection_of_its_own, args=(lambda: answers.append(deed()),))
        rival.start()
        for _ in range(1_000):
            if rows("SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")[0].n:
                break
            rival.join(timeout=0.01)
        else:
            raise AssertionError("the rival did not wait for the order's lock")
        go_on.set()
        rival.join(timeout=10)
        return answers[0]

    shipper = Thread(target=_on_a_connection_of_its_own, args=(lambda: ship_slowly(actor=STAFF),))
    shipper.start()
    assert shipped.wait(timeout=10)
    yield meanwhile
    shipper.join(timeout=10)


def _on_a_connection_of_its_own(deed: Callable[[], Any]) -> None:
    try:
        deed()
    finally:
        connections.close_all()


def test_an_order_that_ships_while_its_cancelling_waits_is_not_cancelled() -> None:
    shop = a_shop()
    (order,) = placed(a_draft(shop, (shop.variant(stock=[5]), 1)))

    with while_it_ships(Shipment.objects.get().pk) as meanwhile:
        answer = meanwhile(lambda: cancel_orders([order.order_id], reason="", actor=SYSTEM, at=AT)[0])

    assert answer.code == "order.already_shipped"
    assert Order.objects.get().status != "cancelled"
    assert broken_promises() == {}


def test_a_payment_noted_while_the_parcel_leaves_does_not_bring_the_parcel_back() -> None:
    shop = a_shop()
    (order,) = placed(a_draft(shop, (shop.variant(stock=[5]), 1)))

    with while_it_ships(Shipment.objects.get().pk) as meanwhile:
        meanwhile(lambda: refresh_statuses([order.order_id], actor=SYSTEM, at=AT))

    assert Order.objects.get().fulfilment_status == "shipped"
    assert broken_promises() == {}
