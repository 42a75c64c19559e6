"""A card is declined, the cart is as it was, another card is confirmed at the bank; the number never comes to the shop."""

from pathlib import Path
from typing import Any

import pytest

from billing.models import PaymentIntent
from orders.models import Order
from storefront.models import Cart
from tests.factories.cards import a_sandbox
from tests.journeys.conftest import DESK
from tests.journeys.stage import a_regular, a_tea_shop, broken_promises, mails_in, opens_signed_in, time_passes

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def test_a_declined_card_leaves_the_cart_and_the_next_one_is_taken(
    live_server: Any, chromium: Any, sent_mail: Path, shots: Path, tmp_path: Path
) -> None:
    shop = a_tea_shop("localhost")
    _customer, account = a_regular(shop)
    with a_sandbox(tmp_path / "gateway") as sandbox:
        page = opens_signed_in(chromium, live_server.url, account, viewport=DESK)
        seen: list[str] = []
        page.on("request", lambda request: seen.append(request.post_data or "") if request.url.startswith(live_server.url) else None)
        page.goto(f"{live_server.url}/products/")
        page.click("text=急須 常滑焼")
        page.click("form.offer .button")
        page.wait_for_url("**/cart/")

        page.goto(f"{live_server.url}/checkout/")
        types_card(page, "4000000000000002")
        page.click("form.two aside button")
        page.wait_for_url("**/confirm/")
        assert "0002" in page.inner_text("main")
        page.click("button.strong")
        page.wait_for_selector(".pays .note.error")
        assert "カード" in page.inner_text(".pays .note.error")
        page.screenshot(path=shots / "declined-1280.png", full_page=True)
        assert Order.objects.get().status == "cancelled"

        types_card(page, "4000000000003220")
        page.check("input[name=keep]")
        page.click("form.two aside button")
        page.wait_for_url("**/confirm/")
        page.click("button.strong")
        page.click("button.yes")  # the bank's page
        page.wait_for_url("**/orders/**")
        assert "ありがとうございます" in page.inner_text("main")
        time_passes()

        order = Order.objects.get(status="confirmed")
        assert PaymentIntent.objects.get(order_ref=order.public_id).status == "authorised"
        assert Cart.objects.filter(state="open").count() == 0
        page.goto(f"{live_server.url}/mypage/cards/")
        assert "3220" in page.inner_text("main")
        assert len(sandbox.effects("authorise")) <= 1
        assert not [text for text in seen if "4000000000" in text.replace(" ", "")]
        assert [mail["Subject"] for mail in mails_in(sent_mail) if order.number in mail["Subject"]]
        assert broken_promises() == {}


def types_card(page: Any, number: str) -> None:
    """Into the gateway's own field."""
    page.check("input[name=payment_method][value=card]")
    if page.locator("input[type=radio][name=card][value=new]").count():
        page.check("input[type=radio][name=card][value=new]")
    field = page.frame_locator("[data-card-field] iframe")
    field.locator("input[name=number]").fill(number)
    field.locator("input[name=exp]").fill("1234")
    field.locator("input[name=cvc]").fill("123")
