"""Whoever looks after stock sees what expires, takes a lot off sale, and finds which lots a parcel and a customer received."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core import clock
from core.actor import SYSTEM
from core.db import acting, rows
from core.hooks import INVARIANTS
from inventory.models import ShelfLife, StockItem, StockLot
from inventory.rules import StockState
from orders.models import Shipment
from orders.operations import Leaving, ship_shipments
from tests.factories.customers import a_staff_account
from tests.factories.inventory import lots_of, the_item
from tests.factories.orders import STAFF, an_order
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_tea_shop, opens_signed_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
LOTS = "/admin/inventory/stocklot/"


def test_lots_expire_are_taken_off_sale_and_found_again(live_server: Any, chromium: Any, shots: Path) -> None:
    shop, today = a_tea_shop("localhost"), clock.today("Asia/Tokyo")
    tea = shop.variant(1_080, name="新茶 一番摘み 100g", tax_class="reduced", stock=[])
    with acting(SYSTEM):
        StockItem.objects.filter(pk=the_item(tea).pk).update(is_lot_tracked=True)
    for place, lots in (
        (shop.locations[0], {"T2605A": (12, -4), "T2606B": (30, 5), "T2607C": (48, 24), "T2610D": (80, 110), "T2703E": (120, 250)}),
        (shop.locations[1], {"T2606B": (9, 5), "T2611F": (40, 150)}),
    ):
        lots_of(tea, place, **{number: (quantity, today + timedelta(days=days)) for number, (quantity, days) in lots.items()})
    order = an_order(shop, (tea, 3))
    parcel = Shipment.objects.get(order=order)
    ship_shipments([Leaving(shipment_id=parcel.pk)], actor=STAFF, at=clock.now())
    with acting(SYSTEM):
        ShelfLife.objects.create(channel=shop.channel, least_days=45)
    keeper = a_staff_account(is_superuser=True, handle="keeper", display_name="倉庫 守", company=shop.company)
    page = opens_signed_in(chromium, live_server.url, keeper, viewport=DESK)
    page.set_default_timeout(20_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(f"{live_server.url}{LOTS}")
    page.screenshot(path=shots / "lots-by-expiry.png", full_page=True)
    old = StockLot.objects.get(lot__number="T2605A")
    page.goto(f"{live_server.url}{LOTS}{old.pk}/change/")
    page.screenshot(path=shots / "lot-on-shelf.png", full_page=True)
    page.goto(f"{live_server.url}{LOTS}{old.pk}/verb-aside/")
    page.fill("input[name=reason]", "期限切れのため")
    page.screenshot(path=shots / "lot-off-sale.png", full_page=True)
    page.click("form.house-verb-form button[type=submit]")
    page.wait_for_url("**/change/")

    old.refresh_from_db()
    assert (old.sellable, old.expired, StockState.EXPIRED in page.content() or "期限切れ 12" in page.content()) == (0, 12, True)
    for name, address in (
        ("shelf-with-lots", f"/admin/inventory/stock/{old.stock_id}/change/"),
        ("stock-board-lots", "/admin/inventory/stock/board/"),
        ("shelf-life-list", "/admin/inventory/shelflife/"),
        ("shelf-life", f"/admin/inventory/shelflife/{ShelfLife.objects.get().pk}/change/"),
        ("parcel-with-lots", f"/admin/orders/shipment/{parcel.pk}/change/"),
        ("customer-with-lots", f"/admin/customers/customer/{order.customer_id}/change/"),
        ("lots-of-customer", f"/admin/orders/shipment/lots-of/{order.customer_id}/"),
    ):
        page.goto(f"{live_server.url}{address}")
        page.screenshot(path=shots / f"{name}.png", full_page=True)
    assert "T2606B" in page.content()
    small = opens_signed_in(chromium, live_server.url, keeper, viewport=PHONE)
    small.goto(f"{live_server.url}{LOTS}?left=30")
    small.screenshot(path=shots / "lots-by-expiry-phone.png", full_page=True)
    assert complaints == []
    broken = [promise.name for source in INVARIANTS.all() for promise in source.invariants() if rows(promise.sql, {"company": None})]
    assert broken == []
