"""A caller gives tea to two houses and keeps some: three addresses with noshi, entered at the desk, with the total beside them."""

from pathlib import Path
from typing import Any

import pytest

from core.actor import SYSTEM
from orders.models import Gift, Order
from orders.operations import seed_noshi
from tests.factories.core import a_channel
from tests.factories.gifts import a_wrapping
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_tea_shop, an_operator, broken_promises, signs_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def settled(page: Any) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_function("!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")


def one_more(page: Any, n: int, family: str, prefecture: str) -> None:
    """Another address is told, with a 深蒸し煎茶 for it and a noshi."""
    page.click("#desk-more")
    page.wait_for_selector(f"#desk-p{n}-family_name")
    settled(page)
    for name, value in {
        "family_name": family, "given_name": "一郎", "postal_code": "530-0001", "prefecture": prefecture, "city": "北区", "street": f"梅田{n}-1",
    }.items():  # fmt: skip
        page.fill(f"#desk-p{n}-{name}", value)
    page.evaluate("document.querySelectorAll('.desk-address details').forEach((one) => { one.open = true; })")
    page.select_option(f"[name=p{n}-gift_noshi]", label="御歳暮")
    page.fill(f"[name=p{n}-gift_names]", "山田")
    page.fill("#desk-article_q", "深蒸し煎茶")
    page.press("#desk-article_q", "Enter")
    page.wait_for_selector(f"#desk-to-{n - 1}")
    settled(page)


def test_a_phone_order_is_given_to_three_addresses(live_server: Any, chromium: Any, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    a_channel(shop.company, kind="phone", name="お電話")
    an_operator(shop)
    seed_noshi(shop.company.pk, actor=SYSTEM)
    a_wrapping(shop, 220)
    page = chromium.new_context(locale="ja-JP", viewport=DESK).new_page()
    page.set_default_timeout(15_000)

    signs_in(page, live_server.url)
    page.goto(f"{live_server.url}/admin/orders/order/entry/")
    for name, value in {
        "family_name": "山田", "given_name": "花子", "phone": "03-1234-5678", "postal_code": "101-0051", "prefecture": "東京都",
        "city": "千代田区", "street": "神田神保町1-1", "ad_code": "TV-05",
    }.items():  # fmt: skip
        page.fill(f"#desk-{name}", value)
    page.fill("#desk-article_q", "深蒸し煎茶")
    page.press("#desk-article_q", "Enter")
    page.wait_for_selector("#desk-quantity-0")
    settled(page)
    one_more(page, 2, "佐藤", "大阪府")
    one_more(page, 3, "鈴木", "京都府")
    page.wait_for_function("document.querySelector('#entry-side input').value === String(3 * 1080 + 3 * 600 + 330)")
    page.screenshot(path=shots / "desk-three-addresses.png", full_page=True)
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.screenshot(path=shots / "desk-three-addresses-phone.png", full_page=True)
    page.set_viewport_size(DESK)
    page.click("#desk-place")
    page.wait_for_url("**/change/")

    order = Order.objects.get()
    assert sorted(order.lines.values_list("destination__position", "quantity")) == [(1, 1), (2, 1), (3, 1)]
    assert list(Gift.objects.order_by("destination__position").values_list("title", "names")) == [("御歳暮", "山田"), ("御歳暮", "山田")]
    assert broken_promises() == {}
