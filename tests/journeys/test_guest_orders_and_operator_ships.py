"""A guest finds tea, orders it and follows the parcel; an operator finds the order and ships it."""

from pathlib import Path
from typing import Any

import pytest

from orders.models import Order
from tests.journeys.conftest import DESK
from tests.journeys.stage import a_tea_shop, an_operator, broken_promises, mails_in, signs_in, time_passes

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def test_a_guest_orders_and_an_operator_ships(live_server: Any, chromium: Any, sent_mail: Path, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    an_operator(shop)
    guest = chromium.new_context(locale="ja-JP", viewport=DESK).new_page()
    guest.set_default_timeout(15_000)

    guest.goto(f"{live_server.url}/")
    guest.fill("#q", "煎茶")
    guest.press("#q", "Enter")
    guest.click("text=深蒸し煎茶")
    guest.fill("input[name=quantity]", "2")
    guest.click("form.offer button")
    guest.click("aside a.button")
    fills_in(guest)
    guest.click("form.two aside button")

    # 1,080 × 2 + 600 postage + 330 charge, tax included; two rates, each with its tax.
    assert "3,090円" in guest.inner_text("aside")
    shown = guest.inner_text("main")
    for words in ("深蒸し煎茶", "千代田区神田神保町1-1", "8%", "10%", "3,090円"):
        assert words in shown, words
    guest.screenshot(path=shots / "confirm-1280.png", full_page=True)
    guest.click("button.strong")
    guest.wait_for_url("**/orders/**")
    order = Order.objects.get()
    assert order.number in guest.inner_text("main")
    assert order.total == 3_090
    link = guest.url.split("?")[0]

    time_passes()
    (mail,) = mails_in(sent_mail)
    assert (order.number in mail["Subject"], mail["To"]) == (True, "hanako@example.jp")

    ships(chromium, live_server.url, order, shots)
    time_passes()

    guest.goto(link)
    after = guest.inner_text("main")
    assert "123456789012" in after
    assert guest.inner_text(".track .now span") == "出荷済み"
    guest.screenshot(path=shots / "shipped-1280.png", full_page=True)
    told = mails_in(sent_mail)[1]
    assert "123456789012" in told.get_content()
    assert broken_promises() == {}


def fills_in(page: Any) -> None:
    """A guest's details, typed."""
    for name, value in {
        "family_name": "山田", "given_name": "花子", "family_kana": "ヤマダ", "given_kana": "ハナコ", "email": "hanako@example.jp",
        "phone": "090-1234-5678", "postal_code": "101-0051", "city": "千代田区", "street": "神田神保町1-1",
    }.items():  # fmt: skip
        page.fill(f"[name={name}]", value)
    page.select_option("[name=prefecture]", "東京都")
    page.check("[name=payment_method][value=cash_on_delivery]")


def ships(chromium: Any, address: str, order: Order, shots: Path) -> None:
    """The operator finds the order by its number, opens its parcel, and lets it leave."""
    desk = chromium.new_context(locale="ja-JP", viewport=DESK).new_page()
    desk.set_default_timeout(15_000)
    signs_in(desk, address)
    desk.goto(f"{address}/admin/orders/order/?q={order.number}")
    desk.click(f"#result_list >> text={order.number}")
    desk.screenshot(path=shots / "operator-order.png", full_page=True)
    parcel = order.shipments.get()
    desk.goto(f"{address}/admin/orders/shipment/{parcel.pk}/change/")
    desk.click('a[href*="verb-ship"]')
    desk.select_option("[name=carrier]", "yamato")
    desk.fill("[name=tracking_number]", "1234-5678-9012")
    desk.screenshot(path=shots / "operator-ships.png", full_page=True)
    desk.click(".house-verb-buttons button")
    desk.wait_for_load_state()
    parcel.refresh_from_db()
    assert (parcel.status, parcel.carrier, parcel.tracking_number) == ("shipped", "yamato", "123456789012"), desk.inner_text("main")
    desk.context.close()
