"""A caller orders tea by phone: the operator never touches the mouse, and without scripts the same page works too."""

from pathlib import Path
from typing import Any

import pytest

from core.actor import SYSTEM
from core.db import acting, rows
from core.hooks import INVARIANTS
from customers.models import Customer
from orders.models import Order, ScriptSaid, TalkScript
from orders.queries import order_view
from tests.factories import customers as make
from tests.factories.core import a_channel
from tests.journeys.conftest import DESK
from tests.journeys.stage import a_tea_shop, an_operator, signs_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
ENTRY = "/admin/orders/order/entry/"


def a_family(shop: Any) -> list[Customer]:
    found = []
    for given, kana in (("一郎", "イチロウ"), ("華", "ハナ")):
        person = make.a_customer(
            shop.company, family_name="佐藤", given_name=given, family_kana="サトウ", given_kana=kana, phone="03-9876-5432"
        )
        make.an_address(person, postal_code="1010051", prefecture="東京都", city="千代田区", street="神田神保町1-1")
        found.append(person)
    return found


def test_a_regular_orders_by_phone_without_a_mouse(live_server: Any, chromium: Any, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    a_channel(shop.company, kind="phone", name="お電話")
    an_operator(shop)
    with acting(SYSTEM):
        TalkScript.objects.create(company=shop.company, name="名乗り", step="greeting", text="{company}の{operator}が承ります。")
        TalkScript.objects.create(
            company=shop.company, name="最終確認", step="closing", text="{customer}様、合計{total}でお届けします。", must_say=True
        )
    _father, daughter = a_family(shop)
    page = chromium.new_context(locale="ja-JP", viewport=DESK).new_page()
    page.set_default_timeout(15_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    signs_in(page, live_server.url)
    page.goto(f"{live_server.url}{ENTRY}")
    page.wait_for_function("document.activeElement.id === 'desk-customer_q'")
    page.keyboard.type("03-9876-5432")
    page.keyboard.press("Enter")
    page.wait_for_function("(document.activeElement.value || '').startsWith('choose:')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".desk-name")
    page.wait_for_function("document.activeElement.id === 'desk-article_q'")
    page.keyboard.type("深蒸し煎茶")
    page.keyboard.press("Enter")
    page.wait_for_selector("#desk-quantity-0")
    page.wait_for_load_state("networkidle")  # the answer gives the article box its focus back before the quantity is gone to
    page.wait_for_function("!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
    page.focus("#desk-quantity-0")
    page.wait_for_function("document.activeElement.id === 'desk-quantity-0'")
    page.keyboard.press("Control+A")
    page.keyboard.type("３")
    page.wait_for_function("document.querySelector('#entry-side input').value === '4170'")
    page.keyboard.press("Control+Enter")
    page.wait_for_function("document.activeElement.id === 'desk-ad_code'")
    page.screenshot(path=shots / "desk-asks-for-the-medium.png", full_page=True)
    page.keyboard.type("TV-05")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#entry-talk [role=alert]")
    page.screenshot(path=shots / "desk-asks-what-was-not-said.png", full_page=True)
    page.keyboard.press("F9")
    page.wait_for_function("document.activeElement.name === 'said'")
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/change/")
    page.screenshot(path=shots / "desk-order.png", full_page=True)

    order = order_view(Order.objects.get().pk)
    assert order is not None
    assert (order.total, order.customer_id, order.buyer_name) == (4_170, daughter.pk, "佐藤 華")
    assert ScriptSaid.objects.get().text == "佐藤 華様、合計4,170円でお届けします。"
    assert complaints == []
    assert [p.name for source in INVARIANTS.all() for p in source.invariants() if rows(p.sql, {"company": None}, prepare=False)] == []


def test_the_same_page_works_without_scripts(live_server: Any, chromium: Any) -> None:
    shop = a_tea_shop("localhost")
    a_channel(shop.company, kind="phone", name="お電話")
    an_operator(shop)
    door = chromium.new_context(locale="ja-JP")
    signs_in(door.new_page(), live_server.url)
    page = chromium.new_context(locale="ja-JP", viewport=DESK, java_script_enabled=False, storage_state=door.storage_state()).new_page()
    page.set_default_timeout(5_000)

    page.goto(f"{live_server.url}{ENTRY}")
    said = {"family_name": "田中", "given_name": "実", "phone": "080-1111-2222", "postal_code": "101-0051", "prefecture": "東京都", "city": "千代田区",
            "street": "神田神保町1-1", "ad_code": "TV-05", "article_q": "京番茶"}  # fmt: skip
    for name, value in said.items():
        page.fill(f"#desk-{name}", value)
    page.click("#desk-article")
    page.click("#desk-place")
    page.wait_for_url("**/change/")

    assert Order.objects.get().total == 864 + 600 + 330
    assert Customer.objects.get().family_name == "田中"
