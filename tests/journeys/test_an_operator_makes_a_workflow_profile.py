"""An operator makes a workflow profile, gives it to a product, takes an order of it by phone, and ticks off what it asked for."""

from pathlib import Path
from typing import Any

import pytest

from catalog.models import Product
from orders.models import Hold, Order, OrderWorkflow, WorkflowProfile
from tests.factories.core import a_channel
from tests.journeys.conftest import DESK
from tests.journeys.stage import a_tea_shop, an_operator, broken_promises, signs_in, time_passes

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
ENTRY = "/admin/orders/order/entry/"


def settles(page: Any) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_function("!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")


def a_profile_is_made_and_chosen(page: Any, url: str, *, company: int, shots: Path) -> None:
    page.goto(f"{url}/admin/orders/workflowprofile/add/")
    page.select_option("[name=company]", str(company))
    page.fill("[name=code]", "matcha")
    page.fill("[name=name]", "抹茶のご注文")
    page.check("[name=needs_age]", force=True)
    page.check("[name=needs_answer]", force=True)
    page.fill("[name=script]", "開封後はお早めにお召し上がりください。")
    page.screenshot(path=shots / "profile-made-1280.png", full_page=True)
    page.click("button[name=_save]")
    page.wait_for_url("**/workflowprofile/")
    assert "抹茶のご注文" in page.inner_text("#result_list")

    matcha = Product.objects.get(texts__name="抹茶 雲の白 30g")
    page.goto(f"{url}/admin/catalog/product/{matcha.pk}/change/")
    page.select_option("[name=workflow_profile]", "matcha")
    page.screenshot(path=shots / "profile-chosen-1280.png", full_page=True)
    page.click("button[name=_save]")
    page.wait_for_url("**/product/")
    matcha.refresh_from_db()
    assert matcha.workflow_profile == "matcha"


def an_order_is_taken(page: Any, url: str, *, shots: Path) -> None:
    page.goto(f"{url}{ENTRY}")
    said = {"family_name": "田中", "given_name": "実", "phone": "080-1111-2222", "postal_code": "101-0051", "prefecture": "東京都",
            "city": "千代田区", "street": "神田神保町1-1", "remark": "缶の色は選べますか"}  # fmt: skip
    for name, value in said.items():
        page.fill(f"[name={name}]", value)
    settles(page)
    page.fill("#desk-article_q", "抹茶 雲の白")
    page.press("#desk-article_q", "Enter")
    page.wait_for_selector("#desk-quantity-0")
    settles(page)
    assert "開封後はお早めに" in page.inner_text("body")
    page.fill("#desk-ad_code", "TV-05")
    settles(page)
    page.screenshot(path=shots / "profile-asks-1280.png", full_page=True)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[name=told_age]")
    settles(page)
    assert Order.objects.count() == 0
    page.check("[name=told_age]")
    settles(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/change/")
    time_passes()


def test_an_operator_makes_a_workflow_profile(live_server: Any, chromium: Any, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    a_channel(shop.company, kind="phone", name="お電話")
    an_operator(shop)
    url = live_server.url
    page = chromium.new_context(locale="ja-JP", viewport=DESK).new_page()
    page.set_default_timeout(15_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    signs_in(page, url)

    a_profile_is_made_and_chosen(page, url, company=shop.company.pk, shots=shots)
    an_order_is_taken(page, url, shots=shots)
    order = Order.objects.get()
    assert (OrderWorkflow.objects.get().gates, OrderWorkflow.objects.get().told) == (["age", "answer"], ["age"])
    shown = page.inner_text("body")
    assert "抹茶のご注文" in shown
    assert "年齢" in shown
    page.screenshot(path=shots / "profile-order-held-1280.png", full_page=True)
    hold = Hold.objects.get(order=order)
    page.click(".order-holds a")
    page.wait_for_url(f"**/hold/{hold.pk}/change/")
    page.screenshot(path=shots / "profile-hold-1280.png", full_page=True)
    page.click("text=解除する")
    assert "お客様備考 抹茶のご注文" in page.inner_text("body")
    page.fill("[name=reason]", "お電話で白缶とお伝えした")
    page.screenshot(path=shots / "profile-hold-ticked-1280.png", full_page=True)
    page.click("button[name=verb_confirmed], .house-verb-buttons button[type=submit]")
    page.wait_for_load_state("networkidle")
    page.goto(f"{url}/admin/orders/order/{order.pk}/change/")
    page.screenshot(path=shots / "profile-order-free-1280.png", full_page=True)

    order.refresh_from_db()
    hold.refresh_from_db()
    assert page.locator(".order-holds").count() == 0
    assert (order.open_holds, hold.released_at is not None) == (0, True)
    assert WorkflowProfile.objects.get().needs_answer
    assert complaints == []
    assert broken_promises() == {}
