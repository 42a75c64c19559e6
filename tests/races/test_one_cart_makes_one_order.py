"""One intention, submitted many times at once, is one order; every answer names it."""

import json
import os
from collections import Counter
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from core.actor import SYSTEM
from core.db import rows
from core.hooks import INVARIANTS
from core.models import OutboxEvent
from orders.models import Order
from orders.operations import place_orders
from orders.rules import Placed
from storefront.models import Cart
from tests.factories.orders import AT, a_draft, a_shop
from tests.factories.partners import a_partner, a_token
from tests.factories.storefront import DETAILS, a_web_shop, filled
from tests.races.contention import contend, deadlocks

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

TIMES = 20
CARTS = int(os.environ.get("RACE_CARTS", "20"))
"""200 for the proof that is told of; 20 say the same sooner."""


def broken_promises() -> dict[str, list[Any]]:
    """Every promise of the house that the database breaks now."""
    promises = [promise for source in INVARIANTS.all() for promise in source.invariants()]
    found = {promise.name: rows(promise.sql, {"company": None}, prepare=False) for promise in promises}
    return {name: rows for name, rows in found.items() if rows}


@pytest.mark.parametrize("left", [100, 1], ids=["plenty", "the last one"])
def test_one_cart_submitted_20_times_at_once_is_one_order(left: int) -> None:
    shop = a_shop()
    variant = shop.variant(stock=[left])
    draft = a_draft(shop, (variant, 1), cart_ref=uuid4())
    before = deadlocks()

    answers = contend([partial(place_orders, [draft], actor=SYSTEM, at=AT) for _ in range(TIMES)], threads=TIMES)

    placed = [answer[0] for answer in answers if isinstance(answer, list) and isinstance(answer[0], Placed)]
    assert len(placed) == TIMES, answers
    assert {p.number for p in placed} == {Order.objects.get().number}
    assert Counter(p.repeated for p in placed) == {True: TIMES - 1, False: 1}
    assert OutboxEvent.objects.filter(name="orders.OrderPlaced").count() == 1
    assert deadlocks() - before == 0
    assert broken_promises() == {}


def test_the_last_button_pressed_20_times_at_once_leads_to_one_order() -> None:
    shop = a_web_shop()
    browser = Client()
    filled(browser, (shop.variant(stock=[5]), 1))
    browser.post("/checkout/", DETAILS)
    page = browser.get("/checkout/confirm/")
    pressed = {"cart": page.context["cart"].public_id.hex, "total": page.context["quote"].sums.total}

    def press() -> str:
        tab = Client()
        tab.cookies.load({name: morsel.value for name, morsel in browser.cookies.items()})
        response = tab.post("/checkout/confirm/", pressed)
        assert response.status_code == 302
        return str(response.headers["Location"])

    answers = contend([press] * TIMES, threads=TIMES)

    assert {isinstance(answer, str) for answer in answers} == {True}, answers
    numbers = {Client().get(str(answer)).context["order"].number for answer in answers}
    assert numbers == {Order.objects.get().number}
    assert Cart.objects.get().order_id == Order.objects.get().pk
    assert broken_promises() == {}


@pytest.mark.parametrize("same_key", [True, False], ids=["same key", "keys of their own"])
def test_two_posts_with_one_outside_number_at_once_are_one_order(same_key: bool) -> None:
    shop = a_shop()
    sku = shop.variant(stock=[10]).sku
    headers = {"authorization": f"Bearer {a_token(a_partner(shop.company))}"}
    place = {"family_name": "山田", "street": "神田神保町1-1", "prefecture": "東京都", "city": "千代田区", "postal_code": "101-0051"}
    said = {
        "channel": shop.channel.code, "outside_number": "M-1", "person": {"family_name": "山田", "phone": "090-1234-5678"},
        "lines": [{"sku": sku, "quantity": 1}], "destinations": [{"place": place}], "payment_method": "cash_on_delivery",
    }  # fmt: skip

    def post(n: int) -> tuple[int, str]:
        key = {"idempotency-key": "k" if same_key else f"k{n}"}
        response = Client().post("/api/v1/orders", json.dumps(said), content_type="application/json", headers={**headers, **key})
        return response.status_code, response.json().get("number", "")

    answers = contend([partial(post, n) for n in range(8)], threads=8)

    number = Order.objects.get().number
    # Of one key the first runs; the others are told to come again, or get its answer, to the byte.
    allowed = {(201, number), (409, "")} if same_key else {(201, number), (200, number)}
    assert set(answers) <= allowed, answers  # type: ignore[arg-type]
    assert sum(answer == (201, number) for answer in answers) >= 1
    assert same_key or Counter(answers)[(201, number)] == 1  # type: ignore[arg-type]
    assert broken_promises() == {}


def test_each_of_many_carts_submitted_20_times_at_once_is_one_order() -> None:
    """The carts are pressed in each other's way: 20 threads, each with all of them, in an order of its own."""
    shop = a_shop()
    goods = [shop.variant(stock=[CARTS]) for _n in range(5)]
    drafts = [a_draft(shop, (goods[n % 5], 1), cart_ref=uuid4()) for n in range(CARTS)]
    before = deadlocks()

    def press_all(first: int) -> list[str]:
        turned = [*drafts[first * 7 % CARTS :], *drafts[: first * 7 % CARTS]]
        return [str(getattr(answer, "number", answer)) for draft in turned for answer in place_orders([draft], actor=SYSTEM, at=AT)]

    answers = contend([partial(press_all, n) for n in range(TIMES)], threads=TIMES)

    numbers = set(Order.objects.values_list("number", flat=True))
    assert len(numbers) == CARTS
    assert all(isinstance(answer, list) and set(answer) == numbers for answer in answers), answers
    assert deadlocks() - before == 0
    assert broken_promises() == {}
