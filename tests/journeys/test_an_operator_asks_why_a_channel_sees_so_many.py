"""A mall gets pieces of its own, the operator asks why the shop sees fewer, and a picker finds too few of them."""

from pathlib import Path
from typing import Any

import pytest

from core import clock
from core.actor import SYSTEM
from core.db import acting
from core.models import SalesChannel
from inventory.models import PoolChannel, PoolSource, RoutingRule, Stock, StockExclusion, StockPool, StockQuota
from inventory.queries import atp
from inventory.rules import RoutingKind
from orders.models import Shipment
from tests.factories.core import a_channel
from tests.factories.customers import a_staff_account
from tests.factories.orders import an_order
from tests.journeys.conftest import DESK
from tests.journeys.stage import a_tea_shop, opens_signed_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def test_an_operator_asks_why_a_channel_sees_so_many(live_server: Any, chromium: Any, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    web, mall = SalesChannel.objects.get(site__domain="localhost"), a_channel(shop.company, kind="marketplace")
    first, second, third = shop.locations
    shelf = Stock.objects.filter(location=first).order_by("pk")[0]
    with acting(SYSTEM):
        pool = StockPool.objects.create(company=shop.company, code="net", name="通販の仮想在庫", is_default=True)
        for place, buffer in ((first, 2), (second, 0)):
            PoolSource.objects.create(pool=pool, location=place, priority=place.pk, buffer_quantity=buffer, buffer_percent=10)
        PoolChannel.objects.create(pool=pool, channel=mall, is_told=True)
        StockExclusion.objects.create(company=shop.company, channel=web, stock_item=shelf.stock_item, location=second, reason="店頭の催事")
        RoutingRule.objects.create(company=shop.company, position=1, kind=RoutingKind.NEAREST)
        RoutingRule.objects.create(company=shop.company, position=2, kind=RoutingKind.PREFER, location=third)
    keeper = a_staff_account(is_superuser=True, handle="keeper", display_name="在庫 守", company=shop.company)
    page = opens_signed_in(chromium, live_server.url, keeper, viewport=DESK)
    page.set_default_timeout(20_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(f"{live_server.url}/admin/inventory/stock/{shelf.pk}/verb-quota/")
    page.select_option("select[name=channel]", str(mall.pk))
    page.fill("input[name=quantity]", "12")
    page.fill("input[name=reason]", "モールの特集")
    page.screenshot(path=shots / "quota-form.png", full_page=True)
    page.click("form.house-verb-form button[type=submit]")
    page.wait_for_url("**/change/")
    page.screenshot(path=shots / "quota-shelf.png", full_page=True)
    page.goto(f"{live_server.url}/admin/inventory/stockitem/{shelf.stock_item_id}/explain/?channel={web.pk}")
    page.screenshot(path=shots / "explain.png", full_page=True)
    told = page.inner_text(".stock-answer")
    for name in ("stockquota", "routingrule", "stockexclusion"):
        page.goto(f"{live_server.url}/admin/inventory/{name}/")
        page.screenshot(path=shots / f"{name}.png", full_page=True)
    page.goto(f"{live_server.url}/admin/inventory/stockpool/{pool.pk}/change/")
    page.screenshot(path=shots / "pool.png", full_page=True)

    variant = shelf.stock_item.components.get().variant
    seen = atp([variant.pk], channel_id=web.pk, at=clock.now())[variant.pk]
    assert StockQuota.objects.values_list("quantity", "remaining", "channel").get() == (12, 12, mall.pk)
    assert seen == shelf.sellable - 12 - 4
    assert f"{seen}" in told
    assert first.name in told
    assert complaints == []


def test_a_picker_finds_too_few_and_the_rest_is_planned_from_elsewhere(live_server: Any, chromium: Any, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    variant = Stock.objects.order_by("pk")[0].stock_item.components.get().variant
    order = an_order(shop, (variant, 3))
    parcel = Shipment.objects.get(order=order)
    keeper = a_staff_account(is_superuser=True, handle="picker", display_name="倉田 庫子", company=shop.company)
    page = opens_signed_in(chromium, live_server.url, keeper, viewport=DESK)
    page.set_default_timeout(20_000)

    page.goto(f"{live_server.url}/admin/orders/shipment/{parcel.pk}/verb-short/")
    page.fill("input[name=item]", variant.sku.lower())
    page.fill("input[name=found]", "1")
    page.fill("input[name=reason]", "棚に1点しかない")
    page.screenshot(path=shots / "short-pick.png", full_page=True)
    page.click("form.house-verb-form button[type=submit]")
    page.wait_for_url("**/change/")
    page.screenshot(path=shots / "short-pick-done.png", full_page=True)
    page.goto(f"{live_server.url}/admin/orders/order/{order.pk}/change/")
    page.screenshot(path=shots / "short-pick-order.png", full_page=True)

    brought = [(p.location_id, p.lines.get().quantity) for p in Shipment.objects.filter(order=order).order_by("pk")]
    assert brought == [(shop.locations[0].pk, 1), (shop.locations[1].pk, 2)]
