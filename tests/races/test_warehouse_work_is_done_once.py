"""Two parcels of one customer at once, two batches of the same parcels, two scanners at one box: each thing happens once."""

from collections import Counter
from functools import partial

import pytest

from billing.rules import PaymentMethod
from core.actor import SYSTEM
from core.errors import Refusal
from inventory.models import Allocation, Stock
from orders.models import InspectionScan, PickingParcel, Shipment, ShipmentInsert
from orders.operations import (
    Inspected,
    Leaving,
    choose_inserts,
    finish_inspection,
    make_picking_batches,
    open_inspection,
    scan_piece,
    ship_shipments,
)
from orders.rules import PickingWay
from tests.factories.orders import AT, a_known_customer, a_shop, an_insert_rule, an_order
from tests.races.contention import contend, deadlocks
from tests.races.test_one_cart_makes_one_order import broken_promises

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


def a_parcel(shop, wanted=None, **given) -> Shipment:
    return Shipment.objects.get(order=an_order(shop, *([wanted] if wanted else []), payment_method=PaymentMethod.POINTS, **given))


def test_two_parcels_of_one_customer_at_once_get_a_once_only_insert_once() -> None:
    shop = a_shop(locations=1)
    rule, instead = an_insert_rule(shop, is_once=True, group="g", position=1), an_insert_rule(shop, group="g", position=2)
    buyers = [a_known_customer(shop) for _ in range(6)]
    parcels = [a_parcel(shop, customer_id=buyer.pk) for buyer in buyers for _ in range(2)]
    before = deadlocks()

    contend([partial(choose_inserts, [parcel.pk], actor=SYSTEM, at=AT) for parcel in parcels], threads=12)

    # The other parcel gets the next of the group.
    given = Counter(ShipmentInsert.objects.values_list("rule", flat=True))
    assert given == {rule.pk: 6, instead.pk: 6}
    assert set(Counter(ShipmentInsert.objects.filter(rule=rule).values_list("customer", flat=True)).values()) == {1}
    assert set(Shipment.objects.values_list("insert_count", flat=True)) == {1}
    assert deadlocks() - before == 0
    assert broken_promises() == {}


def test_the_last_leaflets_are_given_once_each_and_who_waits_for_one_holds_nothing() -> None:
    shop = a_shop(locations=1)
    rule = an_insert_rule(shop, stock=4, when_short="wait")
    beside = an_insert_rule(shop, stock=50, position=0)
    parcels = [a_parcel(shop) for _ in range(10)]

    answers = contend([partial(choose_inserts, [parcel.pk], actor=SYSTEM, at=AT) for parcel in parcels], threads=10)

    kinds = Counter(answer[0].code if isinstance(answer[0], Refusal) else "chosen" for answer in answers)
    assert kinds == {"chosen": 4, "order.insert_awaited": 6}
    assert {stock.stock_item_id: stock.allocated for stock in Stock.objects.filter(stock_item__in=[rule.stock_item_id, beside.stock_item_id])} == {
        rule.stock_item_id: 4, beside.stock_item_id: 4,
    }  # fmt: skip
    assert Allocation.objects.filter(stock_item=beside.stock_item_id, status="open").count() == 4
    assert broken_promises() == {}


def test_the_same_parcels_are_put_into_one_batch_only() -> None:
    shop = a_shop(locations=1)
    ids = [a_parcel(shop).pk for _ in range(5)]

    answers = contend(
        [partial(make_picking_batches, ids[n % 5 :] + ids[: n % 5], way=PickingWay.TOTAL, actor=SYSTEM, at=AT) for n in range(6)], threads=6
    )

    kinds = Counter(one.code if isinstance(one, Refusal) else "batched" for answer in answers for one in answer)
    assert kinds == {"batched": 5, "order.in_a_batch": 25}
    assert PickingParcel.objects.filter(ended_at=None).count() == 5


def test_two_scanners_at_one_box_put_in_no_piece_too_many_and_finish_it_once() -> None:
    shop = a_shop(locations=1)
    tea = shop.variant(sku="TEA", stock=[20])
    parcel = Shipment.objects.get(order=an_order(shop, (tea, 5), payment_method=PaymentMethod.POINTS))
    opened = contend([partial(open_inspection, parcel.pk, actor=SYSTEM, at=AT) for _ in range(4)], threads=4)
    (ref,) = {one.view.ref for one in opened if isinstance(one, Inspected)}

    scans = [partial(scan_piece, ref, "TEA", once_key=f"k{n}", company_id=None, actor=SYSTEM, at=AT) for n in range(12)]
    answers = contend(scans, threads=8)
    ends = contend([partial(finish_inspection, ref, company_id=None, actor=SYSTEM, at=AT) for _ in range(3)], threads=3)

    faults = Counter(one.fault.code if one.fault else "" for one in answers)
    assert faults == {"": 5, "order.too_many_in_box": 7}
    assert sum(InspectionScan.objects.values_list("quantity", flat=True)) == 5
    assert sorted(one.repeated for one in ends) == [False, True, True]
    assert broken_promises() == {}


def test_batches_that_take_leaflets_and_parcels_that_leave_with_them_never_wait_for_each_other() -> None:
    shop = a_shop(locations=1)
    variant = shop.variant(stock=[100])
    an_insert_rule(shop, stock=100)  # its shelf comes after that of the goods
    leaving = [a_parcel(shop, wanted=(variant, 1)) for _ in range(12)]
    coming = [a_parcel(shop, wanted=(variant, 1)) for _ in range(12)]
    choose_inserts([parcel.pk for parcel in leaving], actor=SYSTEM, at=AT)
    before = deadlocks()

    deeds = [
        deed
        for goes, comes in zip(leaving, coming, strict=True)
        for deed in (
            partial(ship_shipments, [Leaving(shipment_id=goes.pk)], actor=SYSTEM, at=AT),
            partial(make_picking_batches, [comes.pk], way=PickingWay.TOTAL, actor=SYSTEM, at=AT),
        )
    ]
    answers = contend(deeds, threads=12)

    assert [a for a in answers if not isinstance(a, list) or isinstance(a[0], Refusal)] == []
    assert deadlocks() - before == 0
    assert broken_promises() == {}
