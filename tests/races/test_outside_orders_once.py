"""The same outside orders handed in by several at once stand once, whether in one file or in files that differ."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from orders.models import IntakeDocument, IntakeOrder, Order
from tests.factories.intake import an_outside_shop, house_document, house_order, taken
from tests.factories.orders import a_shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]
THREADS = 4
ORDERS = 30


@pytest.mark.parametrize(("_case", "differ"), [("the same file", False), ("files that differ", True)])
def test_four_threads_place_every_order_once(_case: str, differ: bool):
    shop = a_shop()
    outside, sku = an_outside_shop(shop), shop.variant(stock=[100]).sku
    orders = [house_order(f"C-{n}", sku=sku) for n in range(ORDERS)]
    files = [house_document(*(orders[n:] + orders[:n] if differ else orders)) for n in range(THREADS)]
    start = Barrier(THREADS)

    def hand_in(raw: bytes) -> None:
        try:
            start.wait(timeout=20)
            taken(raw, outside)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(hand_in, files))

    assert IntakeDocument.objects.count() == (THREADS if differ else 1)
    assert (Order.objects.count(), IntakeOrder.objects.filter(state="placed").count(), IntakeOrder.objects.count()) == (ORDERS,) * 3
