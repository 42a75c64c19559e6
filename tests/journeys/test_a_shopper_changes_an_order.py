"""A shopper who ordered too much, to the old address, changes the order herself: sees the new total, agrees, and gets a mail."""

from pathlib import Path
from typing import Any

import pytest

from catalog.models import Variant
from core import clock
from orders.models import Order
from tests.factories.orders import a_draft, a_person, placed
from tests.journeys.conftest import PHONE
from tests.journeys.stage import a_regular, a_tea_shop, broken_promises, mails_in, opens_signed_in, time_passes

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def test_a_shopper_changes_an_order(live_server: Any, chromium: Any, sent_mail: Path, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    customer, account = a_regular(shop)
    tea = Variant.objects.get(company=shop.company, product__texts__name="深蒸し煎茶 100g")
    draft = a_draft(shop, (tea, 3), customer_id=customer.pk, person=a_person(email="hanako@daifuku.example"), payment_method="deferred")
    (result,) = placed(draft, at=clock.now())
    order = Order.objects.get(pk=result.order_id)
    time_passes()
    url = live_server.url
    shopper = opens_signed_in(chromium, url, account, viewport=PHONE)

    shopper.goto(f"{url}/mypage/orders/{order.number}/")
    shopper.click("text=ご注文を変更する")
    shopper.screenshot(path=shots / "change-order.png", full_page=True)
    shopper.select_option(f"[id='quantity-{order.lines.get().public_id}']", "2")
    shopper.fill("#to-1-street", "")
    shopper.click("button[name=look]")
    assert shopper.locator("#to-1-street-error").is_visible()
    shopper.screenshot(path=shots / "change-order-fault.png", full_page=True)
    shopper.fill("#to-1-street", "北沢9-9")
    shopper.click("button[name=look]")
    assert "2,760" in shopper.inner_text("[role=status].panel")
    shopper.screenshot(path=shots / "change-order-look.png", full_page=True)
    shopper.click("button[name=send]")
    shopper.wait_for_url(f"**/mypage/orders/{order.number}/")
    assert "北沢9-9" in shopper.inner_text("main")
    shopper.screenshot(path=shots / "change-order-done.png", full_page=True)

    time_passes()
    order.refresh_from_db()
    assert (order.total, order.revision) == (2_760, 2)
    assert any("変更" in str(mail["subject"]) for mail in mails_in(sent_mail))
    assert broken_promises() == {}
