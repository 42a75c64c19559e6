"""A stranger buys tea in a store and takes it along; another pays there and has it sent. The desk shows it on any screen."""

from pathlib import Path
from typing import Any

import pytest

from billing.models import Invoice, Payment
from config.staff_roles import seed_roles
from inventory.models import Component, LocationStaff, Stock
from orders.models import Order
from tests.factories.core import a_channel
from tests.factories.customers import a_staff_account
from tests.factories.inventory import stock_of
from tests.factories.pickup import a_store
from tests.journeys.conftest import DESK
from tests.journeys.stage import a_tea_shop, broken_promises, opens_signed_in, time_passes

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
ENTRY = "/admin/orders/order/entry/"


def settles(page: Any) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_function("!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")


def adds(page: Any, words: str) -> None:
    settles(page)
    page.fill("#desk-article_q", words)
    page.press("#desk-article_q", "Enter")
    page.wait_for_selector("#desk-quantity-0")
    settles(page)


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_tea_is_sold_over_the_counter_and_for_delivery(live_server: Any, chromium: Any, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    channel = a_channel(shop.company, kind="store", name="神保町店")
    store = a_store(shop, kind="store")
    for component in Component.objects.filter(variant__company=shop.company):
        stock_of(component.stock_item, store, 3)
    keeper = a_staff_account(handle="keeper", display_name="店長 神保", company=shop.company)
    keeper.groups.add(seed_roles()["store_staff"])
    LocationStaff.objects.create(location=store, account=keeper)
    desk = opens_signed_in(chromium, live_server.url, keeper, viewport=DESK)
    desk.set_default_timeout(20_000)
    complaints: list[str] = []
    desk.on("pageerror", lambda error: complaints.append(str(error)))

    desk.goto(f"{live_server.url}{ENTRY}")
    desk.select_option("#desk-handed", "1")
    desk.wait_for_selector("#desk-where", state="hidden")
    desk.screenshot(path=shots / "sale-begins-1280.png", full_page=True)
    adds(desk, "深蒸し煎茶")
    desk.select_option("#desk-tender", "card_terminal")
    desk.fill("#desk-slip", "004512")
    desk.screenshot(path=shots / "sale-desk-1280.png", full_page=True)
    desk.set_viewport_size({"width": 390, "height": 844})
    assert fits(desk)
    desk.screenshot(path=shots / "sale-desk-390.png", full_page=True)
    desk.set_viewport_size(DESK)
    desk.wait_for_function("document.querySelector('#entry-side input').value !== ''")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url("**/receipt/")
    assert "領収書" in desk.inner_text("main")
    desk.screenshot(path=shots / "sale-receipt-1280.png", full_page=True)
    desk.set_viewport_size({"width": 390, "height": 844})
    assert fits(desk)
    desk.screenshot(path=shots / "sale-receipt-390.png", full_page=True)
    desk.set_viewport_size(DESK)
    time_passes()

    order = Order.objects.get()
    assert (order.status, order.payment_status, order.channel_id, order.taken_at_id) == ("completed", "paid", channel.pk, store.pk)
    assert min(Stock.objects.filter(location=store).values_list("on_hand", flat=True)) == 2
    assert Payment.objects.get().amount == Invoice.objects.get().total == order.total

    desk.click("text=次の受注")
    for name, value in {"family_name": "山田", "given_name": "花子", "phone": "090-1234-5678", "postal_code": "101-0051", "prefecture": "東京都",
                        "city": "千代田区", "street": "神保町1-1"}.items():  # fmt: skip
        desk.fill(f"[name={name}]", value)
    adds(desk, "深蒸し煎茶")
    desk.select_option("#desk-payment_method", "cash_at_store")
    desk.wait_for_function("document.querySelector('#entry-side input').value === '1680'")
    settles(desk)
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url("**/change/")
    desk.screenshot(path=shots / "sale-sent-home-1280.png", full_page=True)
    time_passes()

    sent = Order.objects.latest("pk")
    assert (sent.payment_status, sent.fulfilment_status, sent.taken_at_id) == ("paid", "planned", store.pk)
    assert complaints == []
    assert broken_promises() == {}
