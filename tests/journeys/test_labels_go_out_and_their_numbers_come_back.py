"""Parcels are chosen, their label data made and downloaded, and the file of printed labels handed back in: by keyboard alone."""

from pathlib import Path
from typing import Any

import pytest

from orders.models import Shipment
from orders.rules import DraftDestination
from tests.factories.orders import a_contract, a_place, an_order
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_tea_shop, an_operator, broken_promises, signs_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
PAGE = "/admin/orders/shipment/labels/"


def presses(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def fits(page: Any) -> bool:
    """Whether nothing of the page stands beyond the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def a_shop_to_send_from() -> None:
    """Three parcels: two that can be printed, and one with a sign that no label carries."""
    shop = a_tea_shop("localhost")
    an_operator(shop)
    a_contract(shop)
    a_contract(shop, "sagawa")
    tea = shop.variant(1_080, stock=[40, 20, 10], name="煎茶")
    for name, building in (
        ("髙橋", "〜荘201"),
        ("𠮷田", "登川ガーデンテラス弐番館グランドオーシャンビューレジデンス1203号室"),
        ("山田", "🍵ビル"),
    ):
        an_order(shop, (tea, 1), destinations=(DraftDestination(place=a_place(family_name=name, building=building)),))


def chosen(page: Any, address: str, shots: Path) -> None:
    """Every parcel of the list is ticked, and the page of labels opened for them."""
    page.goto(f"{address}/admin/orders/shipment/")
    page.screenshot(path=shots / "labels-list.png", full_page=True)
    for box in page.query_selector_all("input[name=_selected_action]"):
        box.focus()
        presses(page, "Space")
    page.select_option("select[name=action]", "make_labels")
    page.focus("button[name=index]")
    presses(page, "Enter")
    page.wait_for_selector("[name=give-carrier]")
    page.screenshot(path=shots / "labels-chosen-1280.png", full_page=True)


def handed_in(page: Any, address: str, printed: Path, number: str, shots: Path) -> None:
    """The file of printed labels comes back: one good row, two that are refused."""
    printed.write_bytes(
        f"お客様管理番号,伝票番号\r\n{number},1234-5678-9013\r\nNOPE,123456789024\r\n{number},123456789018\r\n".encode("cp932")
    )
    page.goto(f"{address}{PAGE}")
    page.screenshot(path=shots / "labels-390.png", full_page=True)
    assert fits(page)
    page.set_viewport_size(DESK)
    page.screenshot(path=shots / "labels-1280.png", full_page=True)
    page.select_option("[name=take-location]", str(Shipment.objects.get(number=number).location_id))
    page.set_input_files("[name=take-file]", printed)
    page.focus("form:has([name=take-file]) button[type=submit]")
    presses(page, "Enter")
    page.wait_for_selector(".take-table")
    page.screenshot(path=shots / "labels-numbers-1280.png", full_page=True)


def test_labels_are_made_and_numbered_without_a_mouse(live_server: Any, chromium: Any, shots: Path, tmp_path: Path) -> None:
    a_shop_to_send_from()
    page = chromium.new_context(locale="ja-JP", viewport=DESK, accept_downloads=True).new_page()
    page.set_default_timeout(15_000)
    signs_in(page, live_server.url)

    chosen(page, live_server.url, shots)
    page.select_option("[name=give-carrier]", "yamato")
    page.focus("form:has([name=give-carrier]) button[type=submit]")
    presses(page, "Enter")
    page.wait_for_selector(".label-download")
    assert "🍵" in page.inner_text(".label-made")
    page.wait_for_function("document.activeElement.classList.contains('label-download')")
    page.screenshot(path=shots / "labels-made-1280.png", full_page=True)
    with page.expect_download() as coming:
        presses(page, "Enter")
    assert len(Path(coming.value.path()).read_bytes().split(b"\r\n")) == 4  # the headings, two parcels, the end
    page.set_viewport_size(PHONE)
    page.screenshot(path=shots / "labels-made-390.png", full_page=True)
    assert fits(page)

    number = Shipment.objects.order_by("id").values_list("number", flat=True)[0]
    handed_in(page, live_server.url, tmp_path / "b2.csv", number, shots)

    assert Shipment.objects.get(number=number).tracking_number == "123456789013"
    for name, path in (
        ("contracts", "carriercontract/"),
        ("contract", "carriercontract/add/"),
        ("parcel", f"shipment/{Shipment.objects.get(number=number).pk}/change/"),
    ):
        page.goto(f"{live_server.url}/admin/orders/{path}")
        page.screenshot(path=shots / f"labels-{name}-1280.png", full_page=True)
    assert broken_promises() == {}
