"""A guest chooses between two delivery services by price and day, and gives each of two addresses a day of its own."""

from pathlib import Path
from typing import Any

import pytest

from core.actor import SYSTEM
from core.db import acting
from orders.models import DeliveryService, Destination, Order
from tests.factories.delivery import a_delivery, a_service
from tests.factories.orders import a_fee
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_tea_shop
from tests.journeys.test_gifts_to_three_addresses_and_a_pickup import buys, fits, lives, who

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def a_shop_with_two_services() -> Any:
    shop = a_tea_shop("localhost")
    a_delivery(shop)
    with acting(SYSTEM):
        DeliveryService.objects.filter(code="parcel").update(name="宅急便")
    a_fee(shop, 210, service=a_service(shop, "packet", name="ネコポス", position=50, takes_day=False, bands=""))
    return shop


def test_a_guest_chooses_by_which_service_it_comes(live_server: Any, chromium: Any, shots: Path) -> None:
    a_shop_with_two_services()
    page = chromium.new_context(locale="ja-JP", viewport=PHONE).new_page()
    page.set_default_timeout(20_000)
    buys(page, live_server.url, 1)

    who(page)
    page.fill("[name=postal_code]", "101-0051")
    page.select_option("[name=prefecture]", "東京都")
    page.fill("[name=city]", "千代田区")
    page.fill("[name=street]", "神田神保町1-1")
    page.wait_for_selector("text=ネコポス")
    assert fits(page)
    page.locator(".services").scroll_into_view_if_needed()
    page.screenshot(path=shots / "delivery-services-phone.png")
    page.check("[name=service][value=packet]")
    page.wait_for_selector("[data-sums]:has-text('210')")
    assert page.evaluate("document.activeElement.value") == "packet"
    page.set_viewport_size(DESK)
    page.screenshot(path=shots / "delivery-services-desk.png", full_page=True)
    page.check("[name=payment_method][value=bank_transfer]")
    page.click("aside button.wide")
    page.wait_for_url("**/confirm/")
    assert "ネコポス" in page.content()
    page.click("form button.wide")
    page.wait_for_url("**/orders/**")

    assert Destination.objects.get().service == "packet"
    assert Order.objects.get().shipments.get().service.code == "packet"


def test_a_guest_gives_every_address_a_day_of_its_own(live_server: Any, chromium: Any, shots: Path) -> None:
    a_shop_with_two_services()
    page = chromium.new_context(locale="ja-JP", viewport=PHONE).new_page()
    page.set_default_timeout(20_000)
    buys(page, live_server.url, 2)

    page.click("text=複数のお届け先・のし・ラッピング")
    lives(page, 1, "山田", "東京都", 1)
    page.click("text=お届け先を追加")
    lives(page, 2, "佐藤", "北海道", 1)
    page.click("text=お届け先を追加")
    page.click("text=お届け先3を外す")
    first, second = ([option.get_attribute("value") for option in page.query_selector_all(f"[name=p{n}-wished_on] option")] for n in (1, 2))
    page.select_option("[name=p2-wished_on]", second[3])
    page.select_option("[name=p2-time_band]", "1416")
    assert fits(page)
    page.screenshot(path=shots / "delivery-days-phone.png", full_page=True)
    page.set_viewport_size(DESK)
    page.screenshot(path=shots / "delivery-days-desk.png", full_page=True)
    page.click("aside button[value=save]")
    page.wait_for_url("**/checkout/")

    assert first[1] < second[1]
    assert page.locator(".place-list li").count() == 2
