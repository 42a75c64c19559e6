"""Many hands hear of the parcels of the same orders at once, while they leave and their points are spent: each order earns exactly its own."""

import time
from datetime import datetime
from functools import partial
from threading import Thread

import pytest
from django.db import connection, connections

from core.actor import SYSTEM, Actor
from core.db import operation, rows
from customers.models import PointEntry, PointLot
from customers.operations import spend_points
from customers.rules import Spend
from orders.models import Order, Shipment
from orders.operations import Leaving, earn_points, ship_shipments
from tests.factories.customers import a_customer, a_programme
from tests.factories.orders import AT, STAFF, a_draft, a_shop, placed
from tests.factories.returns import broken_promises
from tests.races.contention import contend, deadlocks

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


def test_whoever_hears_of_it_and_however_often_each_order_earns_its_own() -> None:
    shop = a_shop(locations=2)
    a_programme(shop.company, 100)
    customers = [a_customer(shop.company) for _ in range(2)]
    here, there = shop.variant(3_333, stock=[100]), shop.variant(4_444, stock=[0, 100])
    drafts = [a_draft(shop, (here, 1), (there, 1), customer_id=customers[n % 2].pk) for n in range(6)]
    orders = [Order.objects.get(pk=one.order_id) for one in placed(*drafts)]
    parcels = list(Shipment.objects.filter(order__in=orders).order_by("id").values_list("id", flat=True))
    ids = [order.pk for order in orders]
    before = deadlocks()

    leaving = [partial(ship_shipments, [Leaving(shipment_id=i)], actor=STAFF, at=AT) for i in parcels]
    hearing = [partial(earn_points, some, actor=SYSTEM, at=AT) for some in (ids, ids[::-1], ids[:3], ids[3:]) * 3]
    asks = [Spend(customer_id=one.pk, points=7, reference="x", once_key=f"x{n}") for n in range(4) for one in customers]
    spending = [partial(spend_points, [ask], actor=STAFF, at=AT) for ask in asks]
    answers = contend([job for jobs in zip(leaving, hearing, spending * 2, strict=False) for job in jobs], threads=8)
    assert not [answer for answer in answers if isinstance(answer, BaseException)], answers
    contend([partial(earn_points, some, actor=SYSTEM, at=AT) for some in (ids, ids[::-1]) * 4], threads=8)

    for order in orders:
        entries = PointEntry.objects.filter(reference=order.number)
        assert sum(entries.values_list("points", flat=True)) == 77
        assert set(entries.values_list("kind", flat=True)) == {"granted"}
    spent = -sum(PointEntry.objects.filter(kind="spent").values_list("points", flat=True))
    assert sum(PointLot.objects.values_list("remaining", flat=True)) == 6 * 77 - spent
    assert (deadlocks() - before, broken_promises()) == (0, [])


def test_who_had_to_wait_counts_what_left_meanwhile_too() -> None:
    shop = a_shop(locations=2)
    a_programme(shop.company, 100)
    here, there = shop.variant(3_000, stock=[9]), shop.variant(4_000, stock=[0, 9])
    (one,) = placed(a_draft(shop, (here, 1), (there, 1)))
    first, second = Shipment.objects.filter(order_id=one.order_id).order_by("id").values_list("id", flat=True)
    ship_shipments([Leaving(shipment_id=first)], actor=STAFF, at=AT)

    def late() -> None:
        earn_points([one.order_id], actor=SYSTEM, at=AT)
        connections.close_all()

    waiting = Thread(target=late, daemon=True)

    @operation
    def the_second_parcel_leaves(*, actor: Actor, at: datetime) -> None:
        ship_shipments([Leaving(shipment_id=second)], actor=actor, at=at)
        earn_points([one.order_id], actor=actor, at=at)
        waiting.start()
        _until_somebody_waits_for_us()

    the_second_parcel_leaves(actor=STAFF, at=AT)
    waiting.join(timeout=20)

    assert list(PointEntry.objects.values_list("kind", "points")) == [("granted", 70)]
    assert broken_promises() == []


def _until_somebody_waits_for_us() -> None:
    me = connection.connection.info.backend_pid
    for _ in range(200):
        if rows("SELECT count(*) AS n FROM pg_locks WHERE NOT granted AND %s = ANY(pg_blocking_pids(pid))", (me,), prepare=False)[0].n:
            return
        time.sleep(0.02)
    raise AssertionError("nobody waited")
