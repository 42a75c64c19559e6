"""Several people combine, part, split, cancel and ship the same parcels at the same moment: every box stays whole, every piece is sent once."""

from functools import partial

import pytest

from billing.models import Invoice
from billing.rules import PaymentMethod
from core.db import rows
from core.errors import Refusal
from inventory.queries import invariants as stock_promises
from orders.models import Order, Shipment
from orders.operations import (
    Combined,
    Leaving,
    SplitParcel,
    cancel_orders,
    combine_shipments,
    part_shipments,
    ship_shipments,
    split_shipments,
)
from orders.queries import invariants
from tests.factories.orders import AT, STAFF, a_known_customer, a_shop, an_order
from tests.races.contention import contend

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


def some_parcels(count: int) -> list[Shipment]:
    shop = a_shop(locations=1)
    buyer, tea = a_known_customer(shop), shop.variant(1_080, stock=[100])
    for _ in range(count):
        an_order(shop, (tea, 3), customer_id=buyer.pk, payment_method=PaymentMethod.DEFERRED)
    return list(Shipment.objects.order_by("pk"))


def broken() -> list[str]:
    return [p.name for p in (*invariants(), *stock_promises()) if rows(p.sql, {"company": None}, prepare=False)]


def test_whoever_combines_the_same_parcels_makes_one_box() -> None:
    parcels = [p.pk for p in some_parcels(4)]
    ways = [parcels, parcels[::-1], parcels[:2], parcels[1:]]

    answers = contend([partial(combine_shipments, [way], actor=STAFF, at=AT) for way in ways * 2], threads=8)

    assert all(isinstance(one, list) and isinstance(one[0], Combined) for one in answers), answers
    assert len({p.box for p in Shipment.objects.all()}) == 1
    assert broken() == []


def test_a_box_is_shipped_once_while_it_is_combined_parted_and_cancelled() -> None:
    parcels = some_parcels(4)
    ids = [p.pk for p in parcels]
    combine_shipments([ids[:2]], actor=STAFF, at=AT)
    jobs = [
        partial(combine_shipments, [ids[1:]], actor=STAFF, at=AT),
        partial(part_shipments, ids[2:3], actor=STAFF, at=AT),
        partial(cancel_orders, [parcels[3].order_id], reason="不要", actor=STAFF, at=AT),
        *(partial(ship_shipments, [Leaving(shipment_id=i)], actor=STAFF, at=AT) for i in ids[:2]),
    ]

    answers = contend(jobs * 2, threads=6)

    assert not [one for one in answers if isinstance(one, BaseException)], answers
    assert Invoice.objects.count() == Shipment.objects.filter(status="shipped").count() >= 2
    assert broken() == []


def test_a_parcel_is_split_once_for_one_wish_while_it_is_shipped_and_cancelled() -> None:
    parcels = some_parcels(3)
    asks = []
    for parcel in parcels:
        line = parcel.lines.get().line
        asks.append(SplitParcel(shipment_id=parcel.pk, take=((line.public_id, 1),), once_key="same"))
    jobs = [
        *(partial(split_shipments, [ask], actor=STAFF, at=AT) for ask in asks * 3),
        partial(ship_shipments, [Leaving(shipment_id=parcels[1].pk)], actor=STAFF, at=AT),
        partial(cancel_orders, [parcels[2].order_id], reason="不要", actor=STAFF, at=AT),
    ]

    answers = contend(jobs, threads=6)

    assert not [one for one in answers if isinstance(one, BaseException)], answers
    assert [Shipment.objects.filter(order=o).count() <= 2 for o in Order.objects.all()] == [True] * 3
    assert Shipment.objects.filter(order=parcels[0].order).count() == 2
    refusals = [one[0].code for one in answers if isinstance(one, list) and isinstance(one[0], Refusal)]
    assert set(refusals) <= {"order.already_shipped", "order.cancelled"}
    assert broken() == []
