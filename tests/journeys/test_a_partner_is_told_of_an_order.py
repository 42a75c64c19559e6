"""An administrator opens an endpoint, tries it out, and a partner's server hears of an order; then it fails, and is sent it again."""

from pathlib import Path
from typing import Any

import pytest

from core import clock
from core.models import WebhookMessage
from core.operations import carry
from core.queries import forget_kept
from core.tasks import send_webhooks
from core.webhooks import signature
from tests.factories.customers import a_staff_account
from tests.factories.orders import an_order
from tests.factories.partners import a_partner
from tests.factories.webhooks import Came, Receiver, a_receiver
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_tea_shop, broken_promises, opens_signed_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def relay_and_send() -> None:
    """What the relay and the sender do between two clicks."""
    while not carry(at=clock.now).idle:
        pass
    send_webhooks()


def is_genuine(came: Came, secret: str) -> bool:
    stamp = int(came.headers["webhook-timestamp"])
    return signature(secret, message_id=came.message_id, timestamp=stamp, body=came.body) == came.headers["webhook-signature"]


def test_a_partner_is_told_of_an_order(live_server: Any, chromium: Any, shots: Path, settings: Any) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = True
    forget_kept()
    shop = a_tea_shop("localhost")
    partner = a_partner(shop.company, name="倉庫システム", scopes="orders:read shipments:read")
    chief = a_staff_account(is_superuser=True, handle="chief", display_name="管理 守", company=shop.company)
    page = opens_signed_in(chromium, live_server.url, chief, viewport=DESK)
    page.set_default_timeout(20_000)
    with a_receiver(200, 500, 200) as receiver:
        _story(page, live_server.url, shots, shop, partner, receiver)
    assert broken_promises() == {}


def _story(page: Any, url: str, shots: Path, shop: Any, partner: Any, receiver: Receiver) -> None:
    page.goto(f"{url}/admin/core/webhookendpoint/")
    page.screenshot(path=shots / "webhooks-empty.png", full_page=True)
    page.goto(f"{url}/admin/core/webhookendpoint/add/")
    page.select_option("select[name=company]", str(shop.company.pk))
    page.select_option("select[name=client_id]", partner.client_id)
    page.fill("input[name=name]", "倉庫システム")
    page.fill("input[name=url]", "https://10.0.0.1/in")
    page.check("input[value='order.placed']")
    page.check("input[value='shipment.shipped']")
    page.click("button[name=_save], input[name=_save]")
    page.wait_for_selector("text=ホストが数字")
    page.screenshot(path=shots / "webhooks-refused.png", full_page=True)
    page.fill("input[name=url]", receiver.url)
    page.click("button[name=_save], input[name=_save]")
    secret = page.input_value("input.house-secret")
    page.screenshot(path=shots / "webhooks-secret.png", full_page=True)
    page.click("text=控えました")

    page.click("text=テストを送る")
    page.click("form.house-verb-form button[type=submit]")
    relay_and_send()
    an_order(shop, (shop.variant(1_000, stock=[5]), 1))
    relay_and_send()
    ping, failed = receiver.came
    assert ping.payload["type"] == "ping"
    assert is_genuine(ping, secret)
    page.reload()
    page.screenshot(path=shots / "webhooks-endpoint.png", full_page=True)
    page.click("text=一覧を見る")
    page.wait_for_selector("#result_list >> text=500")
    page.screenshot(path=shots / "webhooks-deliveries.png", full_page=True)
    page.set_viewport_size(PHONE)
    page.screenshot(path=shots / "webhooks-deliveries-phone.png", full_page=True)
    page.goto(f"{url}/admin/core/webhookendpoint/")
    page.screenshot(path=shots / "webhooks-phone.png", full_page=True)
    page.set_viewport_size(DESK)

    message = WebhookMessage.objects.get(type="order.placed")
    page.goto(f"{url}/admin/core/webhookmessage/{message.pk}/change/")
    page.screenshot(path=shots / "webhooks-message.png", full_page=True)
    page.click("text=再送")
    page.click("form.house-verb-form button[type=submit]")
    relay_and_send()
    again = receiver.came[-1]
    assert (again.message_id, again.body) == (failed.message_id, failed.body)
    assert is_genuine(again, secret)
    assert again.payload["data"]["order"]["path"].startswith("/api/v1/orders/ord_")
    message.refresh_from_db()
    assert (message.state, message.tries) == ("delivered", 2)
