"""Lots are counted by scanner and keyboard alone, on a phone; on the desk each lot's difference is read and approved."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core import clock
from core.db import rows
from core.hooks import INVARIANTS
from inventory.models import StockLot, StocktakeLine
from inventory.operations import open_stocktake, receive_stock, record_counts, submit_stocktake
from inventory.rules import CountEntry, Receipt, StocktakeAsk, Uncounted
from tests.factories.customers import a_staff_account
from tests.factories.inventory import a_location, a_stock_item, a_stocked_variant
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_tea_shop, opens_signed_in
from tests.journeys.test_a_store_counts_its_shelves import ADMIN, COLLEAGUE, scan

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
JAN = "4901234567894"


def a_store_with_lots(company: Any) -> Any:
    """A store where two kinds of tea lie in lots, and mugs without."""
    place = a_location(company, "jimbocho", name="神保町店")
    today = clock.now().date()
    receipts = []
    for code, name, lots in (
        ("TEA-100", "深蒸し煎茶 100g", {"S2611-01": (24, 60, 432), "S2611-02": (36, 240, 432)}),
        ("MATCHA-30", "抹茶 雲の白 30g", {"M2610": (12, 90, 950), "M2611": (8, 150, 950)}),
        ("MUG", "白磁の湯呑み", {"": (10, 0, 880)}),
    ):
        item = a_stock_item(company, code, name=name, is_lot_tracked="" not in lots)
        if code == "TEA-100":
            a_stocked_variant(company, parts={item: 1}, sku="SENCHA", jan=JAN)
        receipts += [
            Receipt(
                stock_item_id=item.pk, location_id=place.pk, quantity=pieces, value=pieces * cost, once_key=f"{code}{lot}", cause="po",
                lot_number=lot, expires_on=today + timedelta(days=days) if lot else None,
            )
            for lot, (pieces, days, cost) in lots.items()
        ]  # fmt: skip
    receive_stock(receipts, company_id=company.pk, actor=COLLEAGUE, at=clock.now())
    return place


def test_lots_are_counted_by_scanner_on_a_phone(live_server: Any, chromium: Any, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    place = a_store_with_lots(shop.company)
    ask = StocktakeAsk(location_id=place.pk, name="ロット棚卸")
    take = open_stocktake(ask, company_id=shop.company.pk, actor=COLLEAGUE, at=clock.now()).stocktake_id
    keeper = a_staff_account(is_superuser=True, handle="keeper", display_name="店長 神保", company=shop.company)
    page = opens_signed_in(chromium, live_server.url, keeper, viewport=PHONE)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}{ADMIN}{take}/count/")
    page.wait_for_function("document.activeElement.id === 'count-code'")

    scan(page, JAN)
    page.wait_for_selector(".count-lots button")
    page.screenshot(path=shots / "stocktake-lot-asked.png", full_page=True)
    wide = [page.evaluate("document.documentElement.scrollWidth - window.innerWidth")]
    scan(page, "S2611-01")
    page.wait_for_selector(".count-last.is-good")
    for code in (f"11*{JAN}", "S2611-02", "MUG", "MATCHA-30", "NEU-1"):  # faster than any answer
        scan(page, code)
    page.wait_for_function("document.getElementById('count-ask').textContent.includes('261231')")
    page.screenshot(path=shots / "stocktake-lot-new.png", full_page=True)
    wide.append(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
    scan(page, "soon")
    page.wait_for_selector(".count-last.is-bad")
    scan(page, "271231")
    page.wait_for_selector(".count-last.is-good")
    scan(page, "MATCHA-30")
    page.wait_for_selector(".count-lots button")
    page.keyboard.press("Escape")
    page.wait_for_selector("#count-lots", state="hidden")
    scan(page, f"]C1010{JAN}10S2611-02")
    page.wait_for_function("document.querySelectorAll('#count-latest li').length === 5")
    page.fill("#count-quantity", "1")
    page.focus("#count-code")
    scan(page, "MATCHA-30")
    page.click(".count-lots button:has-text('M2611')")
    page.wait_for_function("document.querySelectorAll('#count-latest li').length === 6")
    page.screenshot(path=shots / "stocktake-lots-phone.png", full_page=True)

    found = StocktakeLine.objects.exclude(counted=None).values_list("stock_item__code", "lot__number", "counted")
    assert {(item, lot): pieces for item, lot, pieces in found} == {
        ("TEA-100", "S2611-01"): 1, ("TEA-100", "S2611-02"): 12, ("MUG", None): 1, ("MATCHA-30", "NEU-1"): 1, ("MATCHA-30", "M2611"): 1,
    }  # fmt: skip
    wide.append(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
    assert max(wide) <= 0
    assert complaints == []


def test_differences_of_lots_are_looked_at_and_approved_on_the_desk(live_server: Any, chromium: Any, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    place = a_store_with_lots(shop.company)
    ask = StocktakeAsk(location_id=place.pk, name="ロット棚卸")
    take = open_stocktake(ask, company_id=shop.company.pk, actor=COLLEAGUE, at=clock.now()).stocktake_id
    seen = (("TEA-100", "S2611-01", 21), ("TEA-100", "S2611-02", 39), ("MATCHA-30", "M2610", 10), ("MATCHA-30", "M2611", 8), ("MUG", "", 9))
    entries = [CountEntry(code=code, quantity=pieces, once_key=f"{code}{lot}", lot_number=lot) for code, lot, pieces in seen]
    record_counts(take, entries, actor=COLLEAGUE, at=clock.now())
    submit_stocktake(take, uncounted=Uncounted.REFUSE, actor=COLLEAGUE, at=clock.now())
    boss = a_staff_account(is_superuser=True, handle="boss", display_name="承認 次郎", company=shop.company)
    where = f"{live_server.url}{ADMIN}{take}/change/"
    page = opens_signed_in(chromium, live_server.url, boss, viewport=DESK)

    page.goto(where)
    page.wait_for_selector(".take-lot")
    page.screenshot(path=shots / "stocktake-variances-by-lot.png", full_page=True)
    small = opens_signed_in(chromium, live_server.url, boss, viewport=PHONE)
    small.goto(where)
    small.wait_for_selector(".take-lot")
    small.screenshot(path=shots / "stocktake-variances-by-lot-phone.png", full_page=True)
    for name, path in (("open", f"{ADMIN}open/"), ("lines", f"/admin/inventory/stocktakeline/?stocktake__id__exact={take}")):
        page.goto(f"{live_server.url}{path}")
        page.screenshot(path=shots / f"stocktake-by-lot-{name}.png", full_page=True)
        small.goto(f"{live_server.url}{path}")
        small.screenshot(path=shots / f"stocktake-by-lot-{name}-phone.png", full_page=True)
    page.goto(where.replace("/change/", "/verb-approve/"))
    page.fill("input[name=reason]", "ロット棚卸の差異")
    page.click("form.house-verb-form button[type=submit]")
    page.wait_for_url("**/change/")

    assert small.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert dict(StockLot.objects.filter(stock__location=place).values_list("lot__number", "on_hand")) == {
        "S2611-01": 21, "S2611-02": 39, "M2610": 10, "M2611": 8,
    }  # fmt: skip
    assert [p.name for source in INVARIANTS.all() for p in source.invariants() if rows(p.sql, {"company": None}, prepare=False)] == []
