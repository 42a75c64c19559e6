"""Orders on credit of one person, placed at once: each is counted by the next, whichever of her numbers it names."""

from functools import partial

import pytest

from billing.rules import PaymentMethod
from core.ids import new_id
from customers.operations import merge_customers, set_credit_limits
from customers.rules import MergeAsk
from orders.models import Order
from orders.operations import place_orders
from tests.factories.orders import AT, STAFF, a_draft, a_hold_rule, a_known_customer, a_shop
from tests.races.contention import contend, deadlocks
from tests.races.test_one_cart_makes_one_order import broken_promises

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

TIMES = 12


def test_of_orders_placed_at_once_only_those_within_the_limit_go_on() -> None:
    shop = a_shop()
    a_hold_rule(shop, kind="credit", over_credit_limit=True)
    people = [(a_known_customer(shop), a_known_customer(shop)) for _n in range(2)]
    for customer, twin in people:
        set_credit_limits([customer.pk], amount=13_000, reason="与信", actor=STAFF, at=AT)
        merge_customers([MergeAsk(principal_id=customer.pk, merged_id=twin.pk)], reason="同一人物", actor=STAFF, at=AT)
    batches = []
    for n in range(TIMES):
        goods = shop.variant(6_000, stock=[10])  # of its own, so that no order waits for the stock of another
        both = [
            a_draft(shop, (goods, 1), customer_id=numbers[n % 2].pk, payment_method=PaymentMethod.DEFERRED, cart_ref=new_id())
            for numbers in people
        ]
        batches.append(both if n % 3 else both[::-1])
    before = deadlocks()

    answers = contend([partial(place_orders, batch, actor=STAFF, at=AT) for batch in batches], threads=TIMES)

    assert {type(answer) for answer in answers} == {list}, answers
    assert Order.objects.count() == 2 * TIMES
    assert [Order.objects.filter(customer=customer, open_holds=0).count() for customer, _twin in people] == [2, 2]
    assert deadlocks() - before == 0
    assert broken_promises() == {}
