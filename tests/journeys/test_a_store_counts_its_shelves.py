"""A stocktake by scanner alone, on a phone; somebody else approves it. Nothing of the shop stands still meanwhile."""

from pathlib import Path
from typing import Any

import pytest

from core import clock
from core.actor import Actor, ActorKind
from core.db import rows
from core.hooks import INVARIANTS
from inventory.models import Stock, StocktakeLine
from inventory.operations import open_stocktake, receive_stock, record_counts, submit_stocktake
from inventory.rules import CountEntry, Receipt, StocktakeAsk, Uncounted
from tests.factories.customers import a_staff_account
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_tea_shop, opens_signed_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
COLLEAGUE = Actor(ActorKind.STAFF, "9000077", "棚田 数子")
ADMIN = "/admin/inventory/stocktake/"


def scan(page: Any, code: str) -> None:
    """A scanner types what it reads and presses Enter."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def test_a_store_is_counted_by_scanner_on_a_phone(live_server: Any, chromium: Any, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    place = shop.locations[0]
    codes = list(Stock.objects.filter(location=place).order_by("pk").values_list("stock_item__code", flat=True))
    keeper = a_staff_account(is_superuser=True, handle="keeper", display_name="店長 神保", company=shop.company)
    page = opens_signed_in(chromium, live_server.url, keeper, viewport=PHONE)
    page.set_default_timeout(20_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}{ADMIN}open/")
    page.screenshot(path=shots / "stocktake-open.png", full_page=True)
    page.select_option("select[name=location]", str(place.pk))
    page.fill("input[name=name]", "月次棚卸")
    page.click("form.house-verb-form button[type=submit]")
    page.wait_for_url("**/change/")
    take = int(page.url.rstrip("/").split("/")[-2])
    page.goto(f"{live_server.url}{ADMIN}{take}/count/")
    page.wait_for_function("document.activeElement.id === 'count-code'")

    for code in (codes[0], codes[0], f"10*{codes[1]}", "NOPE"):
        scan(page, code)
    page.wait_for_selector(".count-last.is-bad")
    page.screenshot(path=shots / "stocktake-scan-refused.png", full_page=True)
    scan(page, "UNDO")
    page.wait_for_selector(".count-last.is-good")
    scan(page, codes[2])
    page.wait_for_function("document.querySelectorAll('#count-latest li').length === 5")
    page.screenshot(path=shots / "stocktake-scan.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

    counted = dict(StocktakeLine.objects.exclude(counted=None).values_list("stock_item__code", "counted"))
    assert counted == {codes[0]: 2, codes[2]: 1}
    assert wide <= 0
    assert complaints == []


def test_differences_are_looked_at_and_approved_on_the_desk(live_server: Any, chromium: Any, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    place = shop.locations[0]
    items = Stock.objects.filter(location=place).order_by("pk").values_list("stock_item_id", flat=True)
    costs = [
        Receipt(stock_item_id=item, location_id=place.pk, quantity=10, value=40_000 * (n + 1), once_key=f"v{n}", cause="po")
        for n, item in enumerate(items)
    ]
    receive_stock(costs, company_id=shop.company.pk, actor=COLLEAGUE, at=clock.now())
    opened = open_stocktake(
        StocktakeAsk(location_id=place.pk, name="月次棚卸"), company_id=shop.company.pk, actor=COLLEAGUE, at=clock.now()
    )
    shelves = Stock.objects.filter(location=place).select_related("stock_item").order_by("pk")
    entries = [
        CountEntry(code=shelf.stock_item.code, quantity=shelf.on_hand + wrong, once_key=f"j{shelf.pk}")
        for shelf, wrong in zip(shelves, (-3, 2, 0, -1, 5), strict=False)
    ]
    record_counts(opened.stocktake_id, entries, actor=COLLEAGUE, at=clock.now())
    submit_stocktake(opened.stocktake_id, uncounted=Uncounted.NOTHING, actor=COLLEAGUE, at=clock.now())
    boss = a_staff_account(is_superuser=True, handle="boss", display_name="承認 次郎", company=shop.company)
    where = f"{live_server.url}{ADMIN}{opened.stocktake_id}/change/"
    page = opens_signed_in(chromium, live_server.url, boss, viewport=DESK)
    page.set_default_timeout(20_000)

    page.goto(where)
    page.wait_for_selector(".take-chart")
    page.screenshot(path=shots / "stocktake-variances.png", full_page=True)
    page.goto(where.replace("/change/", "/verb-approve/"))
    page.fill("input[name=reason]", "月次棚卸の差異")
    page.click("form.house-verb-form button[type=submit]")
    page.wait_for_url("**/change/")
    page.screenshot(path=shots / "stocktake-closed.png", full_page=True)
    page.goto(f"{live_server.url}{ADMIN}")
    page.screenshot(path=shots / "stocktake-list.png", full_page=True)

    assert [stock.on_hand for stock in shelves.all()][:1] == [entries[0].quantity]
    assert [p.name for source in INVARIANTS.all() for p in source.invariants() if rows(p.sql, {"company": None}, prepare=False)] == []
