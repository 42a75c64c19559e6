"""A shopper is told why one coupon cannot be used, uses another from My Page, cancels, and has it back; marketing sees both."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from core import clock
from orders.models import Order
from tests.factories.campaigns import a_coupon
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_regular, a_tea_shop, an_operator, broken_promises, opens_signed_in, signs_in, time_passes

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def test_a_shopper_uses_a_coupon_and_gets_it_back(live_server: Any, chromium: Any, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    customer, account = a_regular(shop)
    until = clock.now() + timedelta(days=30)
    a_coupon(shop.company, "BIRTHDAY", name="お誕生日クーポン", customer=customer, amount=500, use_limit=1, until_at=until)
    a_coupon(
        shop.company, "SHINCHA10", name="新茶まつり", percent_bp=1_000, most_off=1_000, minimum=3_000, is_shown=True, starts_at=clock.now()
    )
    an_operator(shop)
    mine = opens_signed_in(chromium, live_server.url, account, viewport=PHONE)
    mine.goto(f"{live_server.url}/products/")
    mine.click("text=深蒸し煎茶")
    mine.click("form.offer button")

    mine.click("summary:has-text('クーポンをお持ちの方')")
    mine.fill("input[name=coupon]", "shincha10")
    mine.screenshot(path=shots / "coupon-field-390.png", full_page=True)
    mine.click("button:has-text('適用する')")
    assert "3,000円 以上でお使いいただけます" in mine.inner_text("main")
    mine.screenshot(path=shots / "coupon-refused-390.png", full_page=True)
    mine.goto(f"{live_server.url}/mypage/coupons/")
    mine.screenshot(path=shots / "coupons-390.png", full_page=True)
    mine.click("button[aria-label*='お誕生日クーポン']")
    mine.wait_for_url("**/cart/")
    assert "−500円" in mine.inner_text("aside")
    mine.screenshot(path=shots / "coupon-cart-390.png", full_page=True)
    mine.click("aside a.button")
    mine.check("[name=payment_method][value=cash_on_delivery]")
    mine.click("form.two aside button")
    # 1,080 − 500 + 600 postage + 330 charge
    assert "1,510円" in mine.inner_text("aside")
    mine.click("button.strong")
    mine.wait_for_url("**/orders/**")
    order = Order.objects.get()
    assert (order.total, order.discount_total) == (1_510, 500)

    mine.goto(f"{live_server.url}/mypage/coupons/")
    assert "BIRTHDAY" not in mine.inner_text("ul.coupons")
    mine.goto(f"{live_server.url}/mypage/orders/{order.number}/")
    mine.click("summary:has-text('キャンセル')")
    mine.click("details.cancel button")
    mine.wait_for_load_state()
    time_passes()
    mine.set_viewport_size(DESK)
    mine.goto(f"{live_server.url}/mypage/coupons/")
    mine.screenshot(path=shots / "coupons-1280.png", full_page=True)
    assert "BIRTHDAY" in mine.inner_text("ul.coupons")
    assert "お戻ししました" in mine.inner_text("main")

    desk = chromium.new_context(locale="ja-JP", viewport=DESK).new_page()
    desk.set_default_timeout(15_000)
    signs_in(desk, live_server.url)
    for name, path in (("coupons", "coupon_changelist"), ("coupon-uses", "couponuse_changelist"), ("coupon-form", "coupon_add")):
        desk.goto(f"{live_server.url}{reverse(f'admin:campaigns_{path}')}")
        desk.screenshot(path=shots / f"admin-{name}.png", full_page=True)
    desk.goto(f"{live_server.url}{reverse('admin:campaigns_couponuse_changelist')}")
    assert desk.inner_text("#result_list").count(order.number) == 2
    assert broken_promises() == {}
