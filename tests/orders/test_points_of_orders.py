"""Points that an order gave or took follow it when it is cancelled or comes back, through the events as the relay carries them."""

from typing import Any

import pytest

from catalog.models import Variant
from core import clock
from core.operations import carry
from customers.models import PointLot
from customers.operations import grant_points, spend_points
from customers.rules import Grant, Spend
from orders.models import Order, ReturnCase
from orders.operations import cancel_orders
from tests.factories.orders import AT, STAFF, Shop, a_shop, an_order
from tests.factories.returns import a_delivered_order, a_settled_case, an_exchange, asked, broken_promises

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Shop:
    return a_shop()


@pytest.fixture
def tea(shop: Shop) -> Variant:
    return shop.variant(1_000)


def time_passes() -> None:
    while not carry(at=clock.now).idle:
        pass


def granted(order: Order, points: int) -> None:
    ask = Grant(customer_id=order.customer_id, points=points, reference=order.number, once_key=f"gift:{order.number}")
    grant_points([ask], actor=STAFF, at=AT)


def spent(order: Order, points: int) -> None:
    grant_points(
        [Grant(customer_id=order.customer_id, points=points, reference="birthday", once_key=f"gift:{order.pk}")], actor=STAFF, at=AT
    )
    spend_points(
        [Spend(customer_id=order.customer_id, points=points, reference=order.number, once_key=f"used:{order.pk}")], actor=STAFF, at=AT
    )


def left() -> list[tuple[int, int]]:
    return list(PointLot.objects.order_by("pk").values_list("granted", "remaining"))


def test_a_cancelled_order_takes_its_points_back_and_gives_back_those_it_took(shop: Shop, tea: Variant) -> None:
    order, other = an_order(shop, (tea, 2)), an_order(shop, (tea, 1))
    spent(order, 60)
    granted(order, 100)
    granted(other, 50)

    cancel_orders([order.pk], actor=STAFF, at=AT, reason="changed her mind")
    time_passes()
    time_passes()

    assert left() == [(60, 60), (100, 0), (50, 50)]
    assert broken_promises() == []


def test_what_comes_back_takes_its_share_and_the_rest_with_the_last_piece(shop: Shop, tea: Variant) -> None:
    order = a_delivered_order(shop, (tea, 3))
    spent(order, 60)
    granted(order, 100)

    seen: list[Any] = []
    for _piece in range(3):
        a_settled_case(asked(order, 1))
        time_passes()
        seen.append(left())

    assert seen == [[(60, 0), (100, 67)], [(60, 0), (100, 34)], [(60, 60), (100, 0)]]
    assert broken_promises() == []


def test_what_is_exchanged_keeps_its_points_until_that_comes_back_too(shop: Shop, tea: Variant) -> None:
    order = a_delivered_order(shop, (tea, 1))
    granted(order, 10)

    a_settled_case(an_exchange(order, tea))
    time_passes()

    assert ReturnCase.objects.get().exchange_order_id is not None
    assert left() == [(10, 10)]
