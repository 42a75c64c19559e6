"""The last units, wanted by many guests at once through the whole pipeline: customers, prices, stock, money, events."""

from collections import Counter
from functools import partial
from itertools import pairwise

import pytest

from core.actor import SYSTEM
from core.models import OutboxEvent
from customers.models import Address, ContactPoint, Customer
from inventory.models import Allocation, Stock
from orders.models import Order, PurchaseFacts
from orders.operations import place_orders
from orders.rules import Placed
from tests.factories.orders import AT, a_draft, a_known_customer, a_shop
from tests.races.contention import contend, deadlocks
from tests.races.test_one_cart_makes_one_order import broken_promises

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


def test_200_guests_over_50_connections_get_exactly_37_units_from_3_locations() -> None:
    shop = a_shop()
    variant = shop.variant(stock=[20, 10, 7])
    buyers = [partial(place_orders, [a_draft(shop, (variant, 1))], actor=SYSTEM, at=AT) for _ in range(200)]
    before = deadlocks()

    answers = contend(buyers, threads=50)

    kinds = Counter(
        ("placed" if isinstance(answer[0], Placed) else answer[0].code) if isinstance(answer, list) else repr(answer) for answer in answers
    )
    assert kinds == {"placed": 37, "inventory.out_of_stock": 163}
    assert list(Stock.objects.order_by("id").values_list("allocated", flat=True)) == [20, 10, 7]
    assert Order.objects.count() == Allocation.objects.filter(status="open").count() == 37
    assert OutboxEvent.objects.filter(name="orders.OrderPlaced").count() == 37
    # A refused guest was never here.
    assert Customer.objects.count() == PurchaseFacts.objects.count() == 37
    assert (
        set(ContactPoint.objects.values_list("customer", flat=True))
        == set(Address.objects.values_list("customer", flat=True))
        == set(Order.objects.values_list("customer", flat=True))
    )
    assert deadlocks() - before == 0
    assert broken_promises() == {}


def test_batches_that_share_their_goods_in_different_orders_never_deadlock_and_never_oversell() -> None:
    shop = a_shop()
    variants = [shop.variant(stock=[9, 6, 3]) for _ in range(4)]
    known = [a_known_customer(shop) for _ in range(12)]

    def batch(n: int) -> list[object]:
        goods = variants[n % 4 :] + variants[: n % 4]
        drafts = [a_draft(shop, (first, 1), (second, 1), customer_id=known[n % 12].pk) for first, second in pairwise(goods)]
        return list(place_orders(drafts, actor=SYSTEM, at=AT))

    before = deadlocks()

    answers = contend([partial(batch, n) for n in range(48)], threads=16)

    assert [a for a in answers if isinstance(a, BaseException)] == []
    results = [result for answer in answers if isinstance(answer, list) for result in answer]
    placed = sum(isinstance(r, Placed) for r in results)
    assert {r.code for r in results if not isinstance(r, Placed)} == {"inventory.out_of_stock"}  # type: ignore[attr-defined]
    assert Order.objects.count() == placed
    assert sum(Stock.objects.values_list("allocated", flat=True)) == placed * 2
    assert deadlocks() - before == 0
    assert broken_promises() == {}
