"""Shopify's webhooks: proven on the very bytes, kept once, answered at once, and placed by the worker."""

import base64
import hashlib
import hmac
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from core.actor import SYSTEM
from core.db import acting
from core.ids import public
from orders.models import IntakeDocument, IntakeOrder, Order, OutsideShop
from orders.tasks import work_intake
from tests.factories.intake import an_outside_shop, golden, told
from tests.factories.orders import a_shop

pytestmark = pytest.mark.django_db(transaction=True)
SECRETS = {"koyomi": {"webhook": ["new-secret", "old-secret"]}}


@pytest.fixture(autouse=True)
def secrets():
    with override_settings(INTAKE_SECRETS=SECRETS):
        yield


def a_shopify_shop() -> OutsideShop:
    shop = a_shop()
    shop.variant(1_080, sku="TEA-100")
    return an_outside_shop(shop, "shopify", secret_name="koyomi")


def send(client: Client, outside: OutsideShop, raw: bytes, *, key: str = "new-secret", event: str = "e-1", **headers: str) -> Any:
    signature = base64.b64encode(hmac.new(key.encode(), raw, hashlib.sha256).digest()).decode()
    told = {"X-Shopify-Hmac-Sha256": signature, "X-Shopify-Topic": "orders/create", "X-Shopify-Event-Id": event, **headers}
    url = reverse("shopify-webhook", args=[public("osh", outside.public_id)])
    return client.post(url, raw, content_type="application/json", headers={name: value for name, value in told.items() if value})


def test_a_signed_order_is_kept_at_once_and_placed_by_the_worker(client: Client):
    outside, raw = a_shopify_shop(), golden("shopify.json")

    answer = send(client, outside, raw)
    kept = bytes(IntakeDocument.objects.get().content or b""), Order.objects.count()
    work_intake()

    assert (answer.status_code, answer.json()) == (200, {"received": True, "new": True})
    assert kept == (raw, 0)
    assert Order.objects.get().outside_number == "5678901234567"


def test_a_hundred_replays_make_one_order(client: Client):
    outside, raw = a_shopify_shop(), golden("shopify.json")

    answers = [send(client, outside, raw, event=f"e-{n % 3}").json()["new"] for n in range(100)]
    work_intake()
    work_intake()

    assert answers == [True] + [False] * 99
    assert (Order.objects.count(), IntakeDocument.objects.count(), IntakeOrder.objects.count()) == (1, 1, 1)


def test_both_secrets_hold_while_one_takes_the_other_ones_place(client: Client):
    outside = a_shopify_shop()

    assert send(client, outside, golden("shopify.json"), key="old-secret").status_code == 200


@pytest.mark.parametrize(
    ("_case", "headers", "body"),
    [
        ("forged", {"X-Shopify-Hmac-Sha256": "AAAA"}, None),
        ("unsigned", {"X-Shopify-Hmac-Sha256": ""}, None),
        ("not ASCII", {"X-Shopify-Hmac-Sha256": "署名"}, None),
        ("other bytes of the same JSON", {}, b" "),
    ],
)
def test_what_is_not_proven_has_no_effect(client: Client, _case: str, headers: dict[str, str], body: bytes | None):
    outside, raw = a_shopify_shop(), golden("shopify.json")
    if body is not None:
        signature = base64.b64encode(hmac.new(b"new-secret", raw, hashlib.sha256).digest()).decode()
        raw, headers = raw + body, {"X-Shopify-Hmac-Sha256": signature}

    answer = send(client, outside, raw, **headers)
    work_intake()

    assert (answer.status_code, answer.json()) == (401, {"code": "bad_signature"})
    assert (IntakeDocument.objects.count(), Order.objects.count()) == (0, 0)


def test_a_shop_without_a_secret_and_one_that_is_not_there_answer_alike(client: Client):
    outside = a_shopify_shop()
    with acting(SYSTEM):
        OutsideShop.objects.update(secret_name="nobody")

    first = send(client, outside, golden("shopify.json"))
    other = client.post(reverse("shopify-webhook", args=["osh_" + "0" * 32]), b"{}", content_type="application/json")

    assert (first.status_code, other.status_code, other.content) == (401, 401, first.content)


def test_news_that_is_older_than_what_is_known_changes_nothing(client: Client):
    outside = a_shopify_shop()
    late = told("shopify.json", updated_at="2026-11-28T19:00:00+09:00", financial_status="pending")

    send(client, outside, golden("shopify.json"))
    send(client, outside, late, event="e-2")
    work_intake()

    assert IntakeOrder.objects.get().state == "placed"
