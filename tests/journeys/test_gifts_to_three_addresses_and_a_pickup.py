"""A guest sends gifts to three addresses on a phone; another fetches tea in a store, whose staff hand it over against the code."""

import re
from pathlib import Path
from typing import Any

import pytest

from config.staff_roles import seed_roles
from core.actor import SYSTEM
from inventory.models import Component, LocationStaff
from orders.models import Destination, Gift, Order, Pickup, Shipment
from orders.operations import seed_noshi
from tests.factories.customers import a_staff_account
from tests.factories.gifts import a_message_card, a_wrapping
from tests.factories.inventory import stock_of
from tests.factories.pickup import a_store
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_tea_shop, broken_promises, mails_in, opens_signed_in, time_passes

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def buys(page: Any, address: str, pieces: int) -> None:
    """Tea lies in the cart, and the checkout is open."""
    page.goto(f"{address}/")
    page.fill("#q", "煎茶")
    page.press("#q", "Enter")
    page.click("text=深蒸し煎茶")
    page.fill("input[name=quantity]", str(pieces))
    page.click("form.offer button")
    page.click("aside a.button")


def who(page: Any) -> None:
    for name, value in {"family_name": "山田", "given_name": "花子", "email": "hanako@example.jp", "phone": "090-1234-5678"}.items():
        page.fill(f"[name={name}]", value)


def lives(page: Any, n: int, family: str, prefecture: str, pieces: int) -> None:
    """One of several addresses, typed; its first share box is that of the tea."""
    for name, value in {
        "family_name": family,
        "given_name": "一郎",
        "postal_code": "101-0051",
        "city": "千代田区",
        "street": f"神保町{n}-1",
    }.items():
        page.fill(f"[name=p{n}-{name}]", value)
    page.select_option(f"[name=p{n}-prefecture]", prefecture)
    page.fill(f"#place-{n} .share input", str(pieces))


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_guest_gives_tea_to_three_houses(live_server: Any, chromium: Any, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    seed_noshi(shop.company.pk, actor=SYSTEM)
    a_wrapping(shop, 220)
    a_message_card(shop)
    page = chromium.new_context(locale="ja-JP", viewport=PHONE).new_page()
    page.set_default_timeout(20_000)
    buys(page, live_server.url, 4)

    page.click("text=複数のお届け先・のし・ラッピング")
    lives(page, 1, "山田", "東京都", 1)
    page.click("text=お届け先を追加")
    page.click("#place-2 summary")
    lives(page, 2, "佐藤", "大阪府", 2)
    page.select_option("[name=p2-noshi]", label="御歳暮")
    page.fill("[name=p2-names]", "山田\n花子")
    page.select_option("[name=p2-wrapping]", index=1)
    page.click("text=お届け先を追加")
    page.click("#place-3 summary")
    lives(page, 3, "鈴木", "福岡県", 1)
    page.select_option("[name=p3-card]", index=1)
    page.fill("[name=p3-message]", "本年もお世話になりました。")
    assert fits(page)
    page.screenshot(path=shots / "gifts-places-390.png", full_page=True)
    page.focus("aside button.wide")
    page.keyboard.press("Enter")
    page.wait_for_url("**/checkout/")
    who(page)
    page.screenshot(path=shots / "gifts-checkout-390.png", full_page=True)
    page.check("[name=payment_method][value=cash_on_delivery]")
    page.click("form.two > aside button")
    page.wait_for_url("**/confirm/")
    shown = page.inner_text("main")
    for words in ("佐藤 一郎", "御歳暮", "和紙包装", "本年もお世話になりました。"):
        assert words in shown, words
    assert fits(page)
    page.screenshot(path=shots / "gifts-confirm-390.png", full_page=True)
    page.click("button.strong")
    page.wait_for_url("**/orders/**")

    order = Order.objects.get()
    assert order.total == 4 * 1_080 + 3 * 600 + 330 + 220
    assert Shipment.objects.filter(order=order).count() == 3
    assert Gift.objects.get(destination__position=2).title == "御歳暮"
    assert Destination.objects.filter(order=order, is_gift=True).count() == 2
    assert "お届け先3" in page.inner_text("main")
    page.screenshot(path=shots / "gifts-order-390.png", full_page=True)
    assert broken_promises() == {}


def a_stocked_store(shop: Any) -> tuple[Any, Any]:
    """A store with three of everything, and who keeps it."""
    store = a_store(shop)
    for component in Component.objects.filter(variant__company=shop.company):
        stock_of(component.stock_item, store, 3)
    keeper = a_staff_account(handle="keeper", display_name="店長 神保", company=shop.company)
    keeper.groups.add(seed_roles()["store_staff"])
    LocationStaff.objects.create(location=store, account=keeper)
    return store, keeper


def test_tea_is_fetched_in_the_store(live_server: Any, chromium: Any, sent_mail: Path, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    store, keeper = a_stocked_store(shop)
    guest = chromium.new_context(locale="ja-JP", viewport=PHONE).new_page()
    guest.set_default_timeout(20_000)
    buys(guest, live_server.url, 2)

    who(guest)
    guest.check(f"[name=pickup_at][value='{store.pk}']")
    assert not guest.is_visible("[name=street]")
    assert not guest.is_visible("[name=payment_method][value=cash_on_delivery]")
    guest.check("[name=payment_method][value=cash_at_store]")
    guest.screenshot(path=shots / "pickup-checkout-390.png", full_page=True)
    guest.click("form.two > aside button")
    guest.wait_for_url("**/confirm/")
    assert "神保町店でお受け取り" in guest.inner_text("main")
    guest.screenshot(path=shots / "pickup-confirm-390.png", full_page=True)
    guest.click("button.strong")
    guest.wait_for_url("**/orders/**")
    link = guest.url.split("?")[0]

    desk = opens_signed_in(chromium, live_server.url, keeper, viewport=DESK)
    desk.set_default_timeout(20_000)
    desk.goto(f"{live_server.url}/admin/orders/pickupterms/work/")
    desk.screenshot(path=shots / "pickup-work-1280.png", full_page=True)
    desk.click("button[name=prepare]")
    desk.wait_for_load_state()
    time_passes()
    mail = next(m for m in mails_in(sent_mail) if "お受け取り" in m["Subject"])
    found = re.search(r"受取番号: (\d{6})", mail.get_content())
    assert found is not None, mail.get_content()
    guest.goto(link)
    assert found[1] in guest.inner_text("main")
    guest.screenshot(path=shots / "pickup-ready-390.png", full_page=True)

    assert desk.is_visible("button[name=renew]")
    desk.screenshot(path=shots / "pickup-lies-ready-1280.png", full_page=True)
    desk.set_viewport_size(PHONE)
    assert fits(desk)
    desk.screenshot(path=shots / "pickup-lies-ready-390.png", full_page=True)
    desk.set_viewport_size(DESK)
    desk.fill("#pickup-code", found[1])
    desk.keyboard.press("Enter")
    desk.wait_for_selector("[name=paid]")
    desk.check("[name=paid]")
    desk.fill("[name=identity_note]", "メール画面")
    desk.screenshot(path=shots / "pickup-hand-over-1280.png", full_page=True)
    desk.click("form button.desk-place")
    desk.wait_for_load_state()
    desk.screenshot(path=shots / "pickup-done-1280.png", full_page=True)

    time_passes()
    guest.goto(link)
    assert "お受け取り済み" in guest.inner_text("main")
    assert Pickup.objects.get().state == "handed_over"
    assert Order.objects.get().payment_status == "paid"
    assert broken_promises() == {}
