"""Somebody subscribes with the terms in sight, leaves out a month on My Page, and the month after comes by itself."""

from pathlib import Path
from typing import Any

import pytest

from core import clock
from core.actor import SYSTEM
from orders.models import Order
from subscriptions.models import Cycle, Subscription
from subscriptions.operations import generate_due
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_regular, a_tea_shop, broken_promises, may_be_subscribed, opens_signed_in, time_passes

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("_case", "viewport"), [("desk", DESK), ("phone", PHONE)], ids=lambda v: v if isinstance(v, str) else "")
def test_a_subscriber_skips_a_month_and_the_renewal_comes(
    _case: str, viewport: Any, live_server: Any, chromium: Any, sent_mail: Path, shots: Path
) -> None:
    shop = a_tea_shop("localhost")
    tea = may_be_subscribed(shop, "深蒸し煎茶 100g", first=756)
    customer, account = a_regular(shop)
    page = opens_signed_in(chromium, live_server.url, account, viewport=viewport)

    page.goto(f"{live_server.url}/products/{tea.product.code}/")
    page.check("input[name=purchase_type][value=subscription]")
    assert "いつでも解約" in page.inner_text(".way-more") or "解約" in page.inner_text(".way-more")
    page.select_option("select[name=interval]", "1m")
    page.click("form.offer .button")
    page.wait_for_url("**/cart/")
    page.click("aside a.button")
    page.click("form.two aside button")
    page.wait_for_url("**/confirm/")
    shown = page.inner_text("main")
    for words in ("定期購入", "756円", "1,080円", "2回目以降の合計", "12回", "解約"):
        assert words in shown, words
    page.screenshot(path=shots / f"subscribe-confirm-{viewport['width']}.png", full_page=True)
    page.click("button.strong")
    page.wait_for_url("**/orders/**")
    time_passes()

    contract = Subscription.objects.get(customer=customer)
    skipped = Cycle.objects.get(subscription=contract, status="planned")
    page.goto(f"{live_server.url}/mypage/")
    page.click("text=確認・変更する")
    page.wait_for_url("**/mypage/subscriptions/*/")
    page.click(".cycle button >> nth=0")
    page.wait_for_selector(".cycle.skipped")
    page.screenshot(path=shots / f"skipped-{viewport['width']}.png", full_page=True)
    assert generate_due(on=skipped.planned_on, actor=SYSTEM, at=clock.now()).orders == 0
    coming = Cycle.objects.get(subscription=contract, status="planned")
    assert coming.planned_on > skipped.planned_on
    assert generate_due(on=coming.planned_on, actor=SYSTEM, at=clock.now()).orders == 1
    time_passes()

    renewal = Order.objects.exclude(pk=contract.first_order_id).get()
    assert renewal.goods_total == 1_080  # the first delivery was cheaper, this one is the second
    page.goto(f"{live_server.url}/mypage/orders/")
    assert renewal.number in page.inner_text("main")
    page.goto(f"{live_server.url}/mypage/subscriptions/{contract.public_id}/")
    page.click("a.danger-link")
    page.click("form.panel button")
    page.wait_for_url(f"**/mypage/subscriptions/{contract.public_id}/")
    contract.refresh_from_db()
    assert contract.status == "cancelled"  # two presses; it took five to buy
    assert broken_promises() == {}
