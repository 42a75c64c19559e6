"""A guest pays by transfer: nothing leaves before the money, the desk records it, then the parcel goes; the books balance."""

from pathlib import Path
from typing import Any

import pytest

from billing.models import Invoice, Receivable
from orders.models import Order, Shipment
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_tea_shop, an_operator, broken_promises, mails_in, signs_in, time_passes
from tests.journeys.test_guest_orders_and_operator_ships import fills_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def test_a_transfer_is_awaited_before_the_parcel_leaves(live_server: Any, chromium: Any, sent_mail: Path, shots: Path) -> None:
    an_operator(a_tea_shop("localhost"))
    guest = chromium.new_context(locale="ja-JP", viewport=PHONE).new_page()
    desk = chromium.new_context(locale="ja-JP", viewport=DESK).new_page()
    for page in (guest, desk):
        page.set_default_timeout(15_000)
    signs_in(desk, live_server.url)

    link = orders_by_transfer(guest, live_server.url)
    parcel = Shipment.objects.get()
    lets_leave(desk, live_server.url, parcel.pk)
    parcel.refresh_from_db()
    assert parcel.status == "planned"
    desk.screenshot(path=shots / "operator-refused.png")
    assert f"受注{Order.objects.get().number}は入金後の出荷です" in desk.inner_text("body")

    records_payment(desk, live_server.url, Order.objects.get(), shots)
    time_passes()
    guest.goto(link)
    assert Order.objects.get().payment_status == "paid"

    lets_leave(desk, live_server.url, parcel.pk)
    time_passes()

    order = Order.objects.get()
    assert (order.status, order.payment_status, order.fulfilment_status) == ("completed", "paid", "shipped")
    assert Invoice.objects.get().total == order.total == 6_600 + 600
    assert Receivable.objects.get().open_amount == 0
    assert len(mails_in(sent_mail)) == 3  # thank you for the order, for the payment, and: it is on its way
    guest.reload()
    guest.screenshot(path=shots / "transferred-390.png", full_page=True)
    assert broken_promises() == {}


def orders_by_transfer(page: Any, address: str) -> str:
    """Order the tea pot, paid in advance; answers with the order's page."""
    page.goto(f"{address}/products/?q=急須")
    page.click(".card a")
    page.click("form.offer button")
    page.click("aside a.button")
    fills_in(page)
    page.check("[name=payment_method][value=bank_transfer]")
    page.click("form.two aside button")
    page.wait_for_url("**/confirm/")
    page.click("button.strong")
    page.wait_for_url("**/orders/**")
    return str(page.url).split("?")[0]


def lets_leave(page: Any, address: str, parcel: int) -> None:
    """Try to ship the parcel by its button."""
    page.goto(f"{address}/admin/orders/shipment/{parcel}/change/")
    page.click('a[href*="verb-ship"]')
    page.click(".house-verb-buttons button")
    page.wait_for_load_state()


def records_payment(page: Any, address: str, order: Order, shots: Path) -> None:
    """The desk says what the bank statement says, looks at what it settles, and confirms."""
    page.goto(f"{address}/admin/billing/payment/record/?number={order.number}")
    page.fill("[name=number]", order.number)
    page.fill("[name=amount]", "7,200")
    page.fill("[name=payer_name]", "ヤマダ ハナコ")
    page.click(".house-verb-buttons button")
    page.wait_for_selector(".money-facts")
    page.screenshot(path=shots / "operator-payment.png", full_page=True)
    page.click(".house-verb-buttons button")
    page.wait_for_load_state()
