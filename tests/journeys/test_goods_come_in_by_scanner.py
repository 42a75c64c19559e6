"""A buyer drafts an order with the scanner, another person approves it, the warehouse takes the goods in: no mouse in between."""

from pathlib import Path
from typing import Any

import pytest

from core.db import acting
from inventory.models import GoodsReceipt, PurchaseOrder, Stock, StockItem, StockTransfer
from tests.factories.customers import a_staff_account
from tests.factories.inventory import AT, WAREHOUSE_STAFF, a_location, a_stocked_variant, stock_of, the_item
from tests.factories.purchasing import a_supplier, a_transfer, supplied
from tests.journeys.conftest import DESK
from tests.journeys.stage import PASSWORD, a_tea_shop, an_operator, broken_promises, signs_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def scans(page: Any, text: str) -> None:
    """What a scanner does: types into whatever has the focus, then Enter."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def approves(chromium: Any, address: str, order: PurchaseOrder) -> None:
    """Somebody else looks at the order, approves it and sends it."""
    boss = chromium.new_context(locale="ja-JP", viewport=DESK).new_page()
    boss.set_default_timeout(15_000)
    boss.goto(f"{address}/admin/")
    boss.fill("[name=username]", "boss")
    boss.fill("[name=password]", PASSWORD)
    boss.press("[name=password]", "Enter")
    boss.wait_for_url("**/admin/")
    for verb in ("approve", "send"):
        boss.goto(f"{address}/admin/inventory/purchaseorder/{order.pk}/verb-{verb}/")
        boss.click(".house-verb-buttons button")
        boss.wait_for_url("**/change/")


def test_an_order_is_drafted_approved_and_taken_in_without_a_mouse(live_server: Any, chromium: Any, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    an_operator(shop)
    a_staff_account(handle="boss", is_superuser=True, password=PASSWORD, company=shop.company)
    place, supplier = a_location(shop.company, "shizuoka", name="静岡倉庫"), a_supplier(shop.company, name="山霧製茶株式会社")
    for sku, jan, name, tracked in (("TEA-1", "4901234567894", "深蒸し煎茶 100g", True), ("CAN-1", "4901234567900", "化粧箱", False)):
        item = the_item(a_stocked_variant(shop.company, sku=sku, jan=jan))
        with acting(WAREHOUSE_STAFF):
            StockItem.objects.filter(pk=item.pk).update(name=name, is_lot_tracked=tracked)
        supplied(supplier, item, unit_cost=480 if tracked else 60, minimum_quantity=12, order_multiple=12)
    page = chromium.new_context(locale="ja-JP", viewport=DESK).new_page()
    page.set_default_timeout(15_000)
    signs_in(page, live_server.url)

    page.goto(f"{live_server.url}/admin/inventory/purchaseorder/new/")
    page.select_option("[name=supplier]", str(supplier.pk))
    page.select_option("[name=location]", str(place.pk))
    page.focus("#scan")
    page.screenshot(path=shots / "purchase-draft-empty.png", full_page=True)
    scans(page, "4901234567894")
    page.wait_for_selector("tr[data-item='TEA-1']")
    scans(page, "25")
    scans(page, "CAN-1")
    page.wait_for_selector("tr[data-item='CAN-1']")
    scans(page, "24")
    page.click("button[value=save]")
    page.wait_for_selector(".stock-sheet-wrong")
    page.screenshot(path=shots / "purchase-draft-refused.png", full_page=True)
    assert "TEA-1 は 12 個単位です。25 ではなく 36 個で発注してください。" in page.inner_text(".stock-sheet-wrong")
    page.keyboard.type("36")
    page.click("button[value=save]")
    page.wait_for_url("**/change/")
    order = PurchaseOrder.objects.get()
    assert list(order.lines.order_by("position").values_list("quantity", "unit_cost")) == [(36, 480), (24, 60)]
    page.screenshot(path=shots / "purchase-draft-kept.png", full_page=True)

    approves(chromium, live_server.url, order)

    page.goto(f"{live_server.url}/admin/inventory/purchaseorder/{order.pk}/delivery/")
    page.fill("[name=delivery_note]", "YG-1001")
    page.focus("#scan")
    scans(page, "4901234567894")
    scans(page, "30")  # Enter goes on to the lot, and from there back to the scanner
    scans(page, "L-0511")
    scans(page, "")
    scans(page, "CAN-1")
    scans(page, "24")
    page.screenshot(path=shots / "purchase-delivery.png", full_page=True)
    page.click("button[value=save]")
    page.wait_for_url("**/change/")
    page.screenshot(path=shots / "purchase-partly-received.png", full_page=True)

    assert "残り 6 個" in page.inner_text("body")
    assert list(GoodsReceipt.objects.get().lines.order_by("pk").values_list("quantity", "lot__number")) == [(30, "L-0511"), (24, None)]
    assert sorted(Stock.objects.filter(location=place).values_list("on_hand", flat=True)) == [24, 30]
    page.goto(f"{live_server.url}/admin/inventory/purchaseorder/")
    page.screenshot(path=shots / "purchase-list.png", full_page=True)
    page.goto(f"{live_server.url}/admin/inventory/supplier/{supplier.pk}/change/")
    page.screenshot(path=shots / "purchase-supplier.png", full_page=True)
    assert broken_promises() == {}


def test_a_store_confirms_what_arrived(live_server: Any, chromium: Any, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    an_operator(shop)
    here, there = a_location(shop.company, "shizuoka", name="静岡倉庫"), a_location(shop.company, "jimbocho", name="神保町店", kind="store")
    item = the_item(a_stocked_variant(shop.company, sku="CAN-1", jan="4901234567900"))
    stock_of(item, here, 20)
    transfer = a_transfer(here, there, {item: 6}, actor=WAREHOUSE_STAFF, at=AT)
    page = chromium.new_context(locale="ja-JP", viewport=DESK).new_page()
    page.set_default_timeout(15_000)
    signs_in(page, live_server.url)

    page.goto(f"{live_server.url}/admin/inventory/stocktransfer/{transfer.pk}/verb-send/")
    page.click(".house-verb-buttons button")
    page.wait_for_url("**/change/")
    page.goto(f"{live_server.url}/admin/inventory/stocktransfer/{transfer.pk}/arrival/")
    for _ in range(4):
        scans(page, "4901234567900")
    page.screenshot(path=shots / "transfer-arrival.png", full_page=True)
    page.click("button[value=save]")
    page.wait_for_url("**/change/")
    page.screenshot(path=shots / "transfer-partly-received.png", full_page=True)
    page.goto(f"{live_server.url}/admin/inventory/stocktransfer/{transfer.pk}/verb-settle/")
    page.fill("[name=reason]", "箱つぶれ")
    page.screenshot(path=shots / "transfer-settle.png", full_page=True)
    page.click(".house-verb-buttons button")
    page.wait_for_url("**/change/")

    line = StockTransfer.objects.get().lines.get()
    assert (line.received_quantity, line.home_quantity, line.transfer.status) == (4, 2, "closed")
    page.goto(f"{live_server.url}/admin/inventory/stocktransfer/")
    page.screenshot(path=shots / "transfer-list.png", full_page=True)
    assert broken_promises() == {}
