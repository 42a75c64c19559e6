"""A warehouse's files, their maps and a shelf are read on a phone; a picker scans other lots than were expected."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from core import clock
from core.db import acting
from inventory.models import ColumnMap, ExchangeFile, Movement, Stock, StockItem
from inventory.operations import FileGiven, give_file, save_column_map, take_file
from inventory.rules import FileEncoding, FilePlace, MapColumn
from orders.models import Shipment
from tests.factories.inventory import lots_of, the_item
from tests.factories.orders import STAFF, a_draft, placed
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_tea_shop, an_operator, broken_promises, opens_signed_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
WIDTHS = "() => [document.documentElement.scrollWidth, window.innerWidth]"
OVERLAPS = """() => [...document.querySelectorAll('.stock-counters li')].some((one, n, all) =>
    n && one.getBoundingClientRect().top === all[n - 1].getBoundingClientRect().top
    && one.getBoundingClientRect().left < all[n - 1].getBoundingClientRect().right)"""


def test_files_maps_and_shelves_are_read_on_a_phone_and_the_lots_that_were_taken_leave(
    live_server: Any, chromium: Any, shots: Path
) -> None:
    shop, today = a_tea_shop("localhost"), clock.today("Asia/Tokyo")
    tea = shop.variant(1_080, name="釜炒り茶", sku="KAMAIRI", stock=[])
    with acting(STAFF):
        StockItem.objects.filter(pk=the_item(tea).pk).update(is_lot_tracked=True)
    lots_of(tea, shop.locations[0], SOON=(5, today + timedelta(60)), LATE=(5, today + timedelta(200)))
    placed(a_draft(shop, (tea, 2)), at=clock.now())
    parcel = Shipment.objects.get()
    place = FilePlace(company_id=shop.company.pk, location_id=shop.locations[0].pk)
    columns = [MapColumn(heading=f"見出し{field}", field=field) for field in ("action", "instruction", "name", "sku", "quantity")]
    how = {"actor": STAFF, "at": clock.now()}
    save_column_map(
        "shipping_instruction", columns, company_id=shop.company.pk, location_id=place.location_id, encoding=FileEncoding.UTF8,
        file_name="SHUKKASHIJI", **how,
    )  # fmt: skip
    assert isinstance(give_file("shipping_instruction", place=place, **how), FileGiven)
    take_file("stock_snapshot", "商品コード,在庫数\r\nKAMAIRI,9\r\nNOPE,1\r\n".encode("cp932"), name="zaiko.csv", place=place, **how)
    shelf = Stock.objects.get(stock_item=the_item(tea), location=shop.locations[0])
    pages = {
        "shelf": reverse("admin:inventory_stock_change", args=[shelf.pk]),
        "files": reverse("admin:inventory_exchangefile_changelist"),
        "file": reverse("admin:inventory_exchangefile_change", args=[ExchangeFile.objects.get(way="in").pk]),
        "maps": reverse("admin:inventory_columnmap_changelist"),
        "map": reverse("admin:inventory_columnmap_change", args=[ColumnMap.objects.get().pk]),
    }
    operator = an_operator(shop)

    for size, viewport in (("phone", PHONE), ("desk", DESK)):
        page = opens_signed_in(chromium, live_server.url, operator, viewport=viewport)
        for name, path in pages.items():
            page.goto(f"{live_server.url}{path}")
            wide, there = page.evaluate(WIDTHS)
            assert wide <= there, f"{name} is wider than a {size}"
            assert not page.evaluate(OVERLAPS), f"counters run into each other on a {size}"
            assert "actor label" not in page.content().lower()
            page.screenshot(path=str(shots / f"warehouse-{name}-{size}.png"), full_page=True)

    page.goto(f"{live_server.url}{reverse('admin:orders_shipment_verb_lots', args=[parcel.pk])}")
    assert page.input_value("textarea[name=lots]") == "KAMAIRI, SOON, 2"
    page.focus("textarea[autofocus]")  # a window nobody looks at is given no focus by itself
    page.keyboard.press("Control+A")
    page.keyboard.type("LATE\nLATE\n")  # as a scanner types
    assert page.input_value("textarea[name=lots]") == "LATE\nLATE\n"
    page.screenshot(path=str(shots / "warehouse-lots-desk.png"))
    page.click(".house-verb-buttons button[type=submit]")
    page.wait_for_url("**/change/**")
    page.goto(f"{live_server.url}{reverse('admin:orders_shipment_verb_ship', args=[parcel.pk])}")
    page.click(".house-verb-buttons button[type=submit]")
    page.wait_for_url("**/change/**")

    assert list(Movement.objects.filter(kind="shipment").values_list("lot__number", "quantity")) == [("LATE", -2)]
    assert broken_promises() == {}
