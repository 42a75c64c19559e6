"""A box leaves as a whole: where a lot is lacking nothing of it leaves, and what a warehouse says of one of its parcels holds for all."""

from datetime import timedelta

import pytest

from billing.rules import PaymentMethod
from core.db import rows
from core.errors import Refusal
from inventory.models import Allocation, Movement, Pick
from inventory.operations import split_allocations
from inventory.operations.splitting import SplitAsk
from inventory.queries import invariants as stock_promises
from orders.models import Shipment
from orders.operations import Leaving, Shipped, SplitParcel, combine_shipments, pick_shipments, ship_shipments, split_shipments
from orders.queries import invariants
from tests.factories.orders import AT, STAFF, a_known_customer, a_shop, an_order
from tests.orders.test_lots_taken import LATE, SOON, a_tea
from tests.orders.test_warehouse_files import instructed, number, reasons, told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def promises_hold(db):
    yield
    broken = [p.name for p in (*invariants(), *stock_promises()) if rows(p.sql, {"company": None}, prepare=False)]
    assert broken == []


@pytest.fixture
def shop():
    return a_shop(locations=1)


def boxed(shop, *variants) -> list[Shipment]:
    buyer = a_known_customer(shop)
    orders = [an_order(shop, (one, 2), customer_id=buyer.pk, payment_method=PaymentMethod.DEFERRED) for one in variants]
    parcels = list(Shipment.objects.filter(order__in=orders).order_by("pk"))
    (box,) = combine_shipments([[p.pk for p in parcels]], actor=STAFF, at=AT)
    assert not isinstance(box, Refusal), box
    return parcels


def states() -> list[str]:
    return list(Shipment.objects.order_by("pk").values_list("status", flat=True))


def test_where_the_lot_of_one_is_lacking_nothing_of_the_box_leaves(shop):
    cup, other = boxed(shop, shop.variant(500, stock=[9]), a_tea(shop, SOON=(3, SOON)))
    after = AT + timedelta(days=60)  # the only lot has expired by then

    (answer,) = ship_shipments([Leaving(shipment_id=cup.pk)], actor=STAFF, at=after)

    assert (answer.code, answer.params["other"], states()) == ("order.box_stays", other.number, ["planned", "planned"])
    assert Movement.objects.filter(kind="shipment").count() == 0


def test_a_box_is_picked_on_one_list_by_lots_that_expire_first(shop):
    first, _second = boxed(shop, a_tea(shop, SOON=(3, SOON), LATE=(9, LATE)), a_tea(shop, sku="TEA2", SOON=(3, SOON)))

    pick_shipments([first.pk], actor=STAFF, at=AT)

    assert Pick.objects.count() == 2


def test_what_was_picked_by_lot_is_chosen_anew_when_a_parcel_is_split(shop):
    order = an_order(shop, (a_tea(shop, SOON=(3, SOON), LATE=(9, LATE)), 4))
    parcel = Shipment.objects.get()
    pick_shipments([parcel.pk], actor=STAFF, at=AT)

    ask = SplitParcel(shipment_id=parcel.pk, take=((order.lines.get().public_id, 1),), once_key="a")
    split_shipments([ask], actor=STAFF, at=AT)

    assert Pick.objects.count() == 0
    answers = ship_shipments([Leaving(shipment_id=p.pk) for p in Shipment.objects.order_by("pk")], actor=STAFF, at=AT)
    assert [type(one) for one in answers] == [Shipped, Shipped]
    assert sorted(Pick.objects.values_list("lot__number", "quantity")) == [("LATE", 1), ("SOON", 3)]


def test_an_allocation_is_split_only_where_something_stays(shop):
    an_order(shop, (shop.variant(500, stock=[9]), 3))
    only = Allocation.objects.get()

    assert split_allocations([SplitAsk(allocation_id=only.pk, quantity=3), SplitAsk(allocation_id=0, quantity=1)], actor=STAFF, at=AT) == {}
    assert split_allocations([], actor=STAFF, at=AT) == {}

    assert list(Allocation.objects.values_list("quantity", "part")) == [(3, 0)]


def test_a_warehouse_says_of_one_parcel_that_it_left_and_the_box_has_left(shop):
    boxed(shop, shop.variant(500, stock=[9]), shop.variant(700, stock=[9]))
    instructed(shop, at=AT)
    last = number()
    assert states() == ["instructed", "instructed"]

    told(shop, f"{last},2026/05/11,yamato,123456789013,,,")

    assert (reasons(), states()) == ([], ["shipped", "shipped"])
    assert set(Shipment.objects.values_list("carrier", "tracking_number")) == {("yamato", "123456789013")}
    first = Shipment.objects.order_by("pk")[0]
    told(shop, f"{first.number}-1,2026/05/11,yamato,123456789013,,,", name="again.csv")
    assert (reasons(), states()) == ([], ["shipped", "shipped"])
