"""Proposed boxes are worked off by keyboard, and a parcel is split by hand: on the pages a packer uses."""

from pathlib import Path
from typing import Any

import pytest

from billing.rules import PaymentMethod
from orders.models import Shipment
from tests.factories.orders import a_known_customer, an_order
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_tea_shop, an_operator, broken_promises, signs_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
PAGE = "/admin/orders/shipment/boxes/"


def fits(page: Any) -> bool:
    """Whether nothing of the page stands beyond the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_packer_combines_leaves_apart_and_splits(live_server: Any, chromium: Any, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    an_operator(shop)
    tea = shop.variant(1_080, stock=[40, 20, 10], name="煎茶")
    for buyer in (a_known_customer(shop), a_known_customer(shop)):
        for _ in range(2):
            an_order(shop, (tea, 2), customer_id=buyer.pk, payment_method=PaymentMethod.DEFERRED)
    page = chromium.new_context(locale="ja-JP", viewport=DESK).new_page()
    page.set_default_timeout(20_000)
    signs_in(page, live_server.url)

    page.goto(f"{live_server.url}{PAGE}")
    page.screenshot(path=shots / "boxes-1280.png", full_page=True)
    page.set_viewport_size(PHONE)
    page.screenshot(path=shots / "boxes-390.png", full_page=True)
    assert fits(page)
    page.set_viewport_size(DESK)
    page.focus("input[name=chosen]")
    page.keyboard.press("Space")
    page.focus("button[name=do][value=combine]")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('input[name=chosen]').length === 1")
    page.screenshot(path=shots / "boxes-combined-1280.png", full_page=True)
    page.click("button[name=apart]")
    page.wait_for_selector(".box-form .take-quiet")
    page.screenshot(path=shots / "boxes-none-1280.png", full_page=True)

    boxed = Shipment.objects.filter(box__isnull=False).order_by("pk")
    assert (boxed.count(), Shipment.objects.filter(stays_apart=True).count()) == (2, 2)
    page.goto(f"{live_server.url}/admin/orders/shipment/{boxed[1].pk}/change/")
    page.screenshot(path=shots / "boxes-parcel-1280.png", full_page=True)
    assert boxed[0].number in page.inner_text("#content")
    assert fits(page)
    alone = Shipment.objects.filter(stays_apart=True).order_by("pk")[0]
    page.goto(f"{live_server.url}/admin/orders/shipment/{alone.pk}/change/")
    page.click("a:has-text('分ける'), button:has-text('分ける')")
    page.wait_for_selector("[name=lines]")
    page.fill("[name=lines]", f"{tea.sku}, 1")
    page.screenshot(path=shots / "boxes-split-1280.png", full_page=True)
    page.click("form:has([name=lines]) button[type=submit]")
    page.wait_for_url("**/change/**")

    assert Shipment.objects.filter(order=alone.order).count() == 2
    assert broken_promises() == {}
