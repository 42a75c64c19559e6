"""A coupon wanted by many at once is used as often as it may be, whatever else they want, and given back once."""

from collections import Counter
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from campaigns.models import Coupon, CouponUse
from campaigns.operations import give_coupons_back
from core.actor import SYSTEM
from customers.models import Customer
from orders.models import Order
from orders.operations import cancel_orders, place_orders
from orders.queries import UndoneOrder
from orders.rules import Placed, Refused
from tests.factories.campaigns import a_coupon
from tests.factories.orders import AT, STAFF, a_draft, a_known_customer, a_shop, an_order
from tests.races.contention import contend, deadlocks
from tests.races.test_one_cart_makes_one_order import broken_promises

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


def kinds(answers: list[Any]) -> Counter[str]:
    """What became of each order."""
    results = [result for answer in answers for result in (answer if isinstance(answer, list) else [answer])]
    return Counter("placed" if isinstance(r, Placed) else r.code if isinstance(r, Refused) else repr(r) for r in results)


def test_50_guests_with_a_coupon_for_one_make_one_order_with_it() -> None:
    shop = a_shop()
    tea = shop.variant(1_000)
    a_coupon(shop.company, use_limit=1)
    before = deadlocks()

    answers = contend(
        [partial(place_orders, [a_draft(shop, (tea, 1), coupon_codes=("WELCOME",))], actor=SYSTEM, at=AT) for _n in range(50)], threads=50
    )

    assert kinds(answers) == {"placed": 1, "coupon.used_up": 49}
    # A guest who came too late was never here.
    assert (Order.objects.count(), Customer.objects.count(), CouponUse.objects.count(), Coupon.objects.get().used_count) == (1, 1, 1, 1)
    assert deadlocks() - before == 0
    assert broken_promises() == {}


def test_one_customer_on_50_devices_uses_it_as_often_as_one_may() -> None:
    shop = a_shop()
    tea, customer = shop.variant(1_000), a_known_customer(shop)
    a_coupon(shop.company, customer_limit=2)
    draft = a_draft(shop, (tea, 1), coupon_codes=("WELCOME",), customer_id=customer.pk)
    before = deadlocks()

    answers = contend([partial(place_orders, [draft], actor=SYSTEM, at=AT) for _n in range(50)], threads=50)

    assert kinds(answers) == {"placed": 2, "coupon.used_before": 48}
    assert CouponUse.objects.count() == 2
    assert deadlocks() - before == 0
    assert broken_promises() == {}


def test_one_cart_with_the_last_use_submitted_20_times_at_once_is_one_order() -> None:
    shop = a_shop()
    a_coupon(shop.company, use_limit=1)
    draft = a_draft(shop, (shop.variant(1_000), 1), coupon_codes=("WELCOME",), cart_ref=uuid4())

    answers = contend([partial(place_orders, [draft], actor=SYSTEM, at=AT) for _n in range(20)], threads=20)

    assert kinds(answers) == {"placed": 20}
    assert (Order.objects.count(), CouponUse.objects.count()) == (1, 1)
    assert broken_promises() == {}


def test_batches_with_coupons_and_goods_in_different_orders_never_deadlock() -> None:
    shop = a_shop()
    goods = [shop.variant(1_000, stock=[6]) for _n in range(3)]
    for code in ("A", "B", "C"):
        a_coupon(shop.company, code, use_limit=5, customer_limit=3)
    known = [a_known_customer(shop) for _n in range(4)]

    def batch(n: int) -> list[Any]:
        drafts = [
            a_draft(shop, (goods[(n + k) % 3], 1), coupon_codes=("ABC"[(2 * n + k) % 3],), customer_id=known[(n + k) % 4].pk)
            for k in range(3)
        ]
        return list(place_orders(drafts, actor=SYSTEM, at=AT))

    before = deadlocks()

    answers = contend([partial(batch, n) for n in range(24)], threads=12)

    assert [a for a in answers if isinstance(a, BaseException)] == []
    assert set(kinds(answers)) <= {"placed", "coupon.used_up", "coupon.used_before", "inventory.out_of_stock"}
    assert (
        kinds(answers)["placed"]
        == Order.objects.count()
        == CouponUse.objects.count()
        == sum(Coupon.objects.values_list("used_count", flat=True))
    )
    assert deadlocks() - before == 0
    assert broken_promises() == {}


def test_a_cancelled_order_told_20_times_at_once_gives_its_coupon_back_once_while_others_want_it() -> None:
    shop = a_shop()
    tea = shop.variant(1_000)
    a_coupon(shop.company, use_limit=1)
    order = an_order(shop, (tea, 1), coupon_codes=("WELCOME",))
    cancel_orders([order.pk], actor=STAFF, at=AT, reason="changed her mind")
    told: list[Any] = [partial(give_coupons_back, [UndoneOrder(order_id=order.pk, is_cancelled=True)], actor=SYSTEM, at=AT)] * 20
    wanted = [partial(place_orders, [a_draft(shop, (tea, 1), coupon_codes=("WELCOME",))], actor=SYSTEM, at=AT) for _n in range(10)]
    before = deadlocks()

    answers = contend([*told, *wanted], threads=30)

    assert Counter(answers[:20]) == {1: 1, 0: 19}
    assert kinds(answers[20:])["placed"] <= 1
    assert Coupon.objects.get().used_count == kinds(answers[20:])["placed"]
    assert deadlocks() - before == 0
    assert broken_promises() == {}
