"""Orders that a partner sends at the same moment are placed by one transaction, and each is answered as if it had come alone."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from core.actor import Actor
from core.db import operation, rows
from core.ids import public
from inventory.models import Stock
from orders.api.placing import _COUNTER
from orders.models import Order
from tests.factories import customers as make
from tests.factories.orders import STAFF, a_shop
from tests.factories.partners import a_partner, a_token
from tests.races.contention import contend, deadlocks
from tests.races.test_one_cart_makes_one_order import broken_promises

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

_WAITING = "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()"
PLACE = {"family_name": "山田", "street": "神田神保町1-1", "prefecture": "東京都", "city": "千代田区", "postal_code": "101-0051"}


def said(channel: str, sku: str, **given: Any) -> dict[str, Any]:
    return {
        "channel": channel, "person": {"family_name": "山田", "phone": "090-1234-5678"}, "lines": [{"sku": sku, "quantity": 1}],
        "destinations": [{"place": PLACE}], "payment_method": "cash_on_delivery", **given,
    }  # fmt: skip


def post(token: str, body: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
    headers = {"authorization": f"Bearer {token}", "idempotency-key": key}
    response = Client().post("/api/v1/orders", json.dumps(body), content_type="application/json", headers=headers)
    return response.status_code, response.json()


@contextmanager
def while_a_shelf_is_held(stock_id: int) -> Iterator[Callable[[], bool]]:
    """Somebody holds the shelf, so that the first order waits for it and the others gather; yields how to ask whether one waits."""
    held, go_on = Event(), Event()

    @operation
    def hold(*, actor: Actor) -> None:
        rows("SELECT id FROM inventory_stock WHERE id = %s FOR UPDATE", (stock_id,))
        held.set()
        go_on.wait(20)

    def work() -> None:
        try:
            hold(actor=STAFF)
        finally:
            connections.close_all()

    holder = Thread(target=work)
    holder.start()
    assert held.wait(10)
    yield lambda: bool(rows(_WAITING, prepare=False))
    go_on.set()
    holder.join(10)


def gathered(jobs: list[Callable[[], Any]], *, stock_id: int, behind: int) -> list[Any]:
    """Run the first job up to the held shelf, let the others come until so many wait behind it, then let go."""
    answers: list[Any] = [None] * len(jobs)

    def work(place: int) -> None:
        try:
            answers[place] = jobs[place]()
        finally:
            connections.close_all()

    threads = [Thread(target=work, args=(place,)) for place in range(len(jobs))]
    with while_a_shelf_is_held(stock_id) as somebody_waits:
        threads[0].start()
        while threads[0].is_alive() and not somebody_waits():
            threads[0].join(0.01)
        for thread in threads[1:]:
            thread.start()
        while threads[0].is_alive() and sum(len(queue.waiting) for queue in _COUNTER._queues.values()) < behind:
            threads[0].join(0.01)
    for thread in threads:
        thread.join(20)
    return answers


def test_what_comes_while_one_is_placed_is_placed_by_one_transaction() -> None:
    shop = a_shop()
    tea, rare = shop.variant(stock=[100]), shop.variant(stock=[1])
    buyers = [make.a_customer(shop.company) for _ in range(8)]
    token = a_token(a_partner(shop.company))
    bodies = [said(shop.channel.code, tea.sku, customer=public("cus", buyer.public_id)) for buyer in buyers]
    for body in bodies:
        del body["person"]
    bodies[3]["lines"] = [{"sku": rare.sku, "quantity": 2}]
    bodies[5]["lines"] = [{"sku": tea.sku, "quantity": 0}]
    bodies[6] = bodies[4]

    keys = [f"k{n}" for n in range(8)]
    keys[6] = keys[4]
    answers = gathered(
        [partial(post, token, body, key) for body, key in zip(bodies, keys, strict=True)],
        stock_id=Stock.objects.get(stock_item__components__variant_id=tea.pk).pk,
        behind=6,
    )

    assert [status for status, _body in answers[:4]] == [201, 201, 201, 422]
    assert answers[3][1]["errors"][0]["code"] == "inventory.out_of_stock"
    assert (answers[5][0], answers[7][0]) == (400, 201)
    assert sorted([answers[4][0], answers[6][0]]) in ([201, 409], [201, 201])  # one key, one order
    made = {body["id"] for status, body in answers if status == 201}
    assert made == {public("ord", ref) for ref in Order.objects.values_list("public_id", flat=True)}
    assert len(made) == 5
    assert {o.customer_id for o in Order.objects.all()} == {buyers[n].pk for n in (0, 1, 2, 4, 7)}
    transactions = Counter(row.xmin for row in rows("SELECT xmin::text FROM orders_order", prepare=False))
    assert sorted(transactions.values()) == [1, 4]
    assert broken_promises() == {}


def test_the_last_pieces_go_to_so_many_of_those_who_order_together() -> None:
    shop = a_shop()
    variant = shop.variant(stock=[3, 4])
    token = a_token(a_partner(shop.company))
    before = deadlocks()

    answers = contend([partial(post, token, said(shop.channel.code, variant.sku), f"k{n}") for n in range(40)], threads=16)

    assert Counter(status for status, _body in answers) == {201: 7, 422: 33}  # type: ignore[misc]
    assert Order.objects.count() == 7
    assert sum(Stock.objects.values_list("allocated", flat=True)) == 7
    assert deadlocks() - before == 0
    assert broken_promises() == {}


def test_a_transaction_places_orders_of_one_channel_so_that_its_locks_come_in_one_order() -> None:
    shop = a_shop()
    channels = [shop.channel, make.a_channel(shop.company)]
    skus = [shop.variant(stock=[50]).sku for _ in range(2)]
    token = a_token(a_partner(shop.company))
    before = deadlocks()

    answers = contend([partial(post, token, said(channels[n % 2].code, skus[(n // 2) % 2]), f"k{n}") for n in range(48)], threads=16)

    assert {status for status, _body in answers} == {201}  # type: ignore[misc]
    counted = rows("SELECT xmin::text, count(DISTINCT channel_id) AS n FROM orders_order GROUP BY 1", prepare=False)
    assert {row.n for row in counted} == {1}
    assert deadlocks() - before == 0
    assert broken_promises() == {}


def test_partners_of_two_companies_never_share_a_transaction() -> None:
    shops = [a_shop(), a_shop()]
    tokens = [a_token(a_partner(shop.company)) for shop in shops]
    skus = [shop.variant(stock=[50]).sku for shop in shops]

    answers = contend([partial(post, tokens[n % 2], said(shops[n % 2].channel.code, skus[n % 2]), f"k{n}") for n in range(24)], threads=12)

    assert {status for status, _body in answers} == {201}  # type: ignore[misc]
    companies = rows("SELECT xmin::text, count(DISTINCT company_id) AS n FROM orders_order GROUP BY 1", prepare=False)
    assert {row.n for row in companies} == {1}
    assert broken_promises() == {}
