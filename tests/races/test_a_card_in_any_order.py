"""What happens around a card after its holder said yes, in each of its 24 orders: one paid order, and nothing goes back of it."""

import json
import os
import time
from collections.abc import Callable, Iterator
from itertools import permutations
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client

from billing.models import PaymentIntent
from billing.operations import work_notices
from config.dev.gateway.messages import signature
from config.dev.gateway.server import WEBHOOK_SECRET
from core import clock
from core.actor import SYSTEM
from core.operations import carry
from orders.models import Order
from tests.factories.cards import Sandbox, a_sandbox
from tests.factories.orders import Shop
from tests.factories.storefront import DETAILS, a_web_shop, filled
from tests.races.contention import contend, deadlocks
from tests.races.test_one_cart_makes_one_order import broken_promises

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

TIMES = int(os.environ.get("RACE_TIMES", "1"))
"""How often each order of events is lived through: 20 for the proof that is told of, once in everyday runs."""
DEEDS = ("browser return", "payment webhook", "late failure", "user retry")
ASKS = "pm_card_authenticationRequired"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with a_sandbox(tmp_path) as running:
        yield running


class Purchase:
    """A buyer at whose bank the question was just answered with yes, and what may happen next."""

    def __init__(self, shop: Shop, sandbox: Sandbox, sku_stock: int = 1) -> None:
        self.browser = Client()
        filled(self.browser, (shop.variant(3_300, stock=[sku_stock]), 1))
        self.browser.post("/checkout/", {**DETAILS, "payment_method": "card", "card": "new", "token": ASKS})
        page = self.browser.get("/checkout/confirm/")
        self.pressed = {"cart": page.context["cart"].public_id.hex, "total": page.context["quote"].sums.total}
        asked = self.browser.post("/checkout/confirm/", self.pressed)
        action = self.browser.get(asked.url).context["go_to"]
        self.reference = action.rstrip("/").rpartition("/")[2]
        self.back = sandbox.approve(action).removeprefix("http://testserver")
        self.order = Order.objects.latest("id")

    def tab(self) -> Client:
        """The same browser in a tab of its own, so that two of its requests can be under way at once."""
        tab = Client()
        tab.cookies.load({name: morsel.value for name, morsel in self.browser.cookies.items()})
        return tab

    def deed(self, name: str) -> Callable[[], int]:
        return {
            "browser return": lambda: self.tab().get(self.back).status_code,
            "payment webhook": lambda: self.told("payment_intent.amount_capturable_updated", status="requires_capture"),
            "late failure": lambda: self.told("payment_intent.payment_failed", status="requires_payment_method"),
            "user retry": lambda: self.tab().post("/checkout/confirm/", self.pressed).status_code,
        }[name]

    def told(self, kind: str, *, status: str) -> int:
        """The gateway's message arrives and is dealt with; what it says of the payment may be long untrue."""
        now = int(time.time())
        about = {"id": self.reference, "object": "payment_intent", "status": status}
        body = json.dumps({"id": f"evt_{uuid4().hex}", "object": "event", "type": kind, "created": now - 300, "data": {"object": about}})
        answer = Client().post(
            "/gateway/stripe/webhook/", body, content_type="application/json",
            headers={"stripe-signature": signature(body, secret=WEBHOOK_SECRET, at=now)},
        )  # fmt: skip
        work_notices(actor=SYSTEM, at=clock.now())
        return answer.status_code


def is_well(purchase: Purchase, sandbox: Sandbox) -> None:
    while not carry(at=clock.now).idle:
        pass
    (order,) = Order.objects.filter(cart_ref=purchase.order.cart_ref)
    (intent,) = PaymentIntent.objects.filter(order_ref=order.public_id)
    done = [one["what"] for one in sandbox.effects() if one["payment"] == purchase.reference]
    assert (order.status, order.payment_status, intent.status) == ("confirmed", "authorised", "authorised")
    assert done == ["authorise"], done


@pytest.mark.parametrize("order", list(permutations(DEEDS)), ids=" → ".join)
def test_one_after_the_other(order: tuple[str, ...], sandbox: Sandbox) -> None:
    shop = a_web_shop()
    for _time in range(TIMES):
        purchase = Purchase(shop, sandbox)
        assert all(purchase.deed(name)() < 400 for name in order)
        is_well(purchase, sandbox)
    assert broken_promises() == {}


def test_all_at_once(sandbox: Sandbox) -> None:
    shop, before = a_web_shop(), deadlocks()
    for _time in range(TIMES * 4):
        purchase = Purchase(shop, sandbox)
        answers = contend([purchase.deed(name) for name in DEEDS], threads=len(DEEDS))
        assert all(isinstance(answer, int) and answer < 400 for answer in answers), answers
        purchase.told("payment_intent.amount_capturable_updated", status="requires_capture")
        is_well(purchase, sandbox)
    assert deadlocks() == before
    assert broken_promises() == {}
