"""Many join a line under one cap while goods come and are given out by several at once: never too many, nobody twice."""

from collections import Counter
from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from core.actor import SYSTEM
from inventory.models import Allocation, BackOrder, Stock
from inventory.operations import receive_stock
from inventory.rules import Receipt
from orders.models import Order, ShipmentLine
from orders.operations import allocate_waiting, cancel_orders, place_orders
from orders.rules import Placed
from tests.factories.inventory import may_be_back_ordered, the_item
from tests.factories.orders import AT, a_draft, a_shop, placed
from tests.races.contention import contend, deadlocks
from tests.races.test_one_cart_makes_one_order import broken_promises

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


def willing(draft):
    return replace(draft, lines=tuple(replace(line, waits_until=date(2026, 12, 31)) for line in draft.lines))


def test_40_guests_join_a_line_that_holds_17() -> None:
    shop = a_shop()
    tea = shop.variant(stock=[0])
    may_be_back_ordered(tea, cap=17)
    before = deadlocks()

    answers = contend([partial(place_orders, [willing(a_draft(shop, (tea, 1)))], actor=SYSTEM, at=AT) for _ in range(40)], threads=16)

    kinds = Counter(("placed" if isinstance(a[0], Placed) else a[0].code) if isinstance(a, list) else repr(a) for a in answers)
    assert kinds == {"placed": 17, "inventory.cap_reached": 23}
    assert BackOrder.objects.filter(status="waiting").count() == Order.objects.count() == 17
    assert deadlocks() - before == 0
    assert broken_promises() == {}


def test_goods_given_out_by_many_while_others_cancel_go_to_each_once() -> None:
    shop = a_shop()
    tea, cup = shop.variant(stock=[0]), shop.variant(stock=[0])
    for variant in (tea, cup):
        may_be_back_ordered(variant, cap=100)
    orders = placed(*(willing(a_draft(shop, (tea, 1), (cup, 1))) for _ in range(24)))
    items = [the_item(tea).pk, the_item(cup).pk]

    def come(key: int) -> object:
        receipts = [
            Receipt(stock_item_id=item, location_id=shop.locations[0].pk, quantity=3, once_key=f"race:{key}:{item}", cause="race")
            for item in items
        ]
        receive_stock(receipts, company_id=shop.company.pk, actor=SYSTEM, at=AT)
        return len(receipts)

    jobs = []
    for n in range(6):
        jobs += [
            partial(come, n),
            partial(allocate_waiting, items, company_id=shop.company.pk, actor=SYSTEM, at=AT),
            partial(allocate_waiting, items[::-1], company_id=shop.company.pk, actor=SYSTEM, at=AT),
            partial(cancel_orders, [orders[n].order_id], reason="race", actor=SYSTEM, at=AT),
        ]
    before = deadlocks()

    answers = contend(jobs, threads=8)
    allocate_waiting(items, company_id=shop.company.pk, actor=SYSTEM, at=AT)

    assert [a for a in answers if isinstance(a, BaseException)] == []
    open_now = Allocation.objects.filter(status="open").count()
    assert open_now == 2 * 18
    assert sum(Stock.objects.values_list("allocated", flat=True)) == open_now
    assert BackOrder.objects.filter(status="waiting").count() == 0
    assert ShipmentLine.objects.filter(shipment__status="planned").count() == open_now
    assert deadlocks() - before == 0
    assert broken_promises() == {}
