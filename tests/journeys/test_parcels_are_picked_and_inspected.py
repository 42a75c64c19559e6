"""A batch is made, its papers follow their bar to the PDF, and its first box is inspected with a scanner alone, wrong piece and all."""

from pathlib import Path
from typing import Any

import pytest

from billing.rules import PaymentMethod
from orders.models import ParcelInspected, PickingBatch, Shipment
from orders.rules import DraftDestination
from orders.tasks import set_papers
from tests.factories.orders import a_place, an_insert_rule, an_inspection_policy, an_order
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_tea_shop, an_operator, broken_promises, signs_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def fits(page: Any) -> bool:
    """Whether nothing of the page stands beyond the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def scans(page: Any, code: str) -> None:
    """As a scanner does: quick keys and Enter, wherever the focus is."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def says(page: Any, words: str) -> None:
    """The screen says so, before long."""
    page.wait_for_function("words => document.getElementById('inspect-said').textContent.includes(words)", arg=words)


def a_shop_to_pick_in() -> str:
    """Two parcels with a leaflet each; nothing leaves uninspected."""
    shop = a_tea_shop("localhost")
    an_operator(shop)
    an_inspection_policy(shop)
    tea, cup = (
        shop.variant(1_080, sku="TEA", jan="4901234567894", stock=[40], name="煎茶"),
        shop.variant(3_300, sku="CUP", stock=[9], name="湯呑"),
    )
    an_insert_rule(shop, name="お茶のしおり", skus=["TEA"])
    for name in ("髙橋", "𠮷田"):
        to = (DraftDestination(place=a_place(family_name=name)),)
        an_order(shop, (tea, 2), (cup, 1), destinations=to, payment_method=PaymentMethod.POINTS)
    return str(Shipment.objects.order_by("pk").first())


def test_a_batch_is_printed_and_a_box_inspected(live_server: Any, chromium: Any, shots: Path) -> None:
    number, address = a_shop_to_pick_in(), live_server.url
    page = chromium.new_context(locale="ja-JP", viewport=DESK).new_page()
    page.set_default_timeout(15_000)
    signs_in(page, address)
    page.goto(f"{address}/admin/orders/insertrule/preview/")
    page.screenshot(path=shots / "warehouse-preview.png", full_page=True)

    page.goto(f"{address}/admin/orders/shipment/picking/")
    page.screenshot(path=shots / "warehouse-picking.png", full_page=True)
    page.click("main button[type=submit], .house-verb-form button[type=submit]")
    page.wait_for_selector(".papers .paper")
    page.screenshot(path=shots / "warehouse-batch-waiting.png", full_page=True)
    set_papers()
    page.wait_for_selector(".paper[data-state=done] a.paper-open:not([hidden])")
    page.wait_for_function("document.querySelectorAll('.paper[data-state=done]').length === 3")
    page.screenshot(path=shots / "warehouse-batch-1280.png", full_page=True)
    page.set_viewport_size(PHONE)
    page.screenshot(path=shots / "warehouse-batch-390.png", full_page=True)
    assert fits(page)
    page.set_viewport_size(DESK)

    page.goto(f"{address}/admin/orders/shipment/inspect/")
    page.wait_for_function("document.activeElement.name === 'code'")  # the box has the focus by itself
    scans(page, number)
    page.wait_for_selector("#inspect-form")
    page.screenshot(path=shots / "warehouse-inspect-begun.png", full_page=True)
    scans(page, "4901234567894")
    says(page, "1 / 4")
    scans(page, "NOPE")
    says(page, "未登録のコード")
    assert page.evaluate("document.body.classList.contains('inspect-alarm')")
    page.screenshot(path=shots / "warehouse-inspect-wrong.png", full_page=True)
    for code in ("TEA", "CUP"):
        scans(page, code)
    says(page, "3 / 4")
    assert not page.evaluate("document.body.classList.contains('inspect-alarm')")
    page.keyboard.press("F9")
    says(page, "まだ読み取っていない品があります")
    scans(page, str(Shipment.objects.get(number=number).inserts.get().stock_item.code))
    says(page, "4 / 4")
    page.screenshot(path=shots / "warehouse-inspect-done.png", full_page=True)
    page.set_viewport_size(PHONE)
    page.screenshot(path=shots / "warehouse-inspect-390.png", full_page=True)
    assert fits(page)
    page.keyboard.press("F9")
    page.wait_for_url("**/inspect/?done=*")
    page.screenshot(path=shots / "warehouse-inspected-390.png", full_page=True)

    assert ParcelInspected.objects.get().shipment.number == number
    assert PickingBatch.objects.get().parcel_count == 2
    assert broken_promises() == {}
