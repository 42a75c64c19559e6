"""A shopper sends one of two things back for another: asks on My Page, staff approve, receive by scanner, inspect and settle."""

from pathlib import Path
from typing import Any

import pytest

from catalog.models import Variant
from core import clock
from core.actor import SYSTEM
from core.errors import Refusal
from orders.models import Order, ReturnCase, Shipment
from orders.operations import Leaving, mark_delivered, ship_shipments
from tests.factories.orders import a_draft, a_person, placed
from tests.factories.returns import a_policy, a_reason, paid
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_regular, a_tea_shop, an_operator, broken_promises, mails_in, opens_signed_in, signs_in, time_passes

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def delivered_to(shop: Any, customer: Any) -> Order:
    """Two teas that arrived a moment ago, and were paid."""
    tea = Variant.objects.get(company=shop.company, product__texts__name="深蒸し煎茶 100g")
    (result,) = placed(
        a_draft(shop, (tea, 2), customer_id=customer.pk, person=a_person(email="hanako@daifuku.example"), payment_method="bank_transfer"),
        at=clock.now(),
    )
    order = Order.objects.get(pk=result.order_id)
    paid(order, at=clock.now())
    time_passes()
    parcels = list(Shipment.objects.filter(order=order).values_list("id", flat=True))
    left = ship_shipments([Leaving(shipment_id=key) for key in parcels], actor=SYSTEM, at=clock.now())
    assert not any(isinstance(one, Refusal) for one in left), left
    mark_delivered(parcels, actor=SYSTEM, at=clock.now())
    return order


def asks_on_my_page(shopper: Any, url: str, order: Order, shots: Path) -> None:
    """One of the two teas is to be exchanged; what it comes to is shown before it is sent."""
    shopper.goto(f"{url}/mypage/orders/{order.number}/")
    shopper.screenshot(path=shots / "return-order.png", full_page=True)
    shopper.click("text=返品・交換を申し込む")
    shopper.check("input[name=kind][value=exchange]")
    shopper.select_option("select[name=quantity-1]", "1")
    shopper.select_option("select[name=reason-1]", "not_liked")
    shopper.screenshot(path=shots / "return-ask.png", full_page=True)
    shopper.click("button[name=look]")
    assert "1,080" in shopper.inner_text("[role=status]")
    shopper.click("button[name=send]")
    shopper.wait_for_url("**/mypage/returns/")
    assert "お申し込みを確認中" in shopper.inner_text("main")
    shopper.screenshot(path=shots / "return-asked.png", full_page=True)


def staff_approve(staff: Any, url: str, case: ReturnCase, shots: Path) -> None:
    """From the list of what waits to be decided; the new tea waits for the old one."""
    staff.goto(f"{url}/admin/orders/returncase/?do=decide")
    staff.screenshot(path=shots / "return-list.png", full_page=True)
    staff.click(f"text={case.number}")
    staff.screenshot(path=shots / "return-case.png", full_page=True)
    staff.goto(f"{url}/admin/orders/returncase/{case.pk}/verb-approve")
    staff.click("button[name=verb_confirmed], .house-verb-buttons button[type=submit]")
    case.refresh_from_db()
    assert case.status == "approved"
    assert case.exchange_order is not None
    assert case.exchange_order.open_holds == 1


def staff_receive_and_settle(staff: Any, url: str, case: ReturnCase, shots: Path) -> None:
    """By scanner: a wrong code says so, the right one counts."""
    staff.goto(f"{url}/admin/orders/returncase/{case.pk}/work/")
    staff.fill("#return-scan", "wrong")
    staff.press("#return-scan", "Enter")
    assert "コード" in staff.inner_text("#return-said")
    staff.fill("#return-scan", case.lines.get().line.sku)
    staff.press("#return-scan", "Enter")
    assert staff.input_value("input[name=received-1]") == "1"
    staff.screenshot(path=shots / "return-receive.png", full_page=True)
    staff.click("#return-receive button")
    staff.fill("input[name=restocked-1]", "1")
    staff.screenshot(path=shots / "return-inspect.png", full_page=True)
    staff.click("#return-inspect button")
    staff.goto(f"{url}/admin/orders/returncase/{case.pk}/verb-settle")
    staff.click("button[name=verb_confirmed], .house-verb-buttons button[type=submit]")
    staff.screenshot(path=shots / "return-settled.png", full_page=True)


def test_a_shopper_exchanges_part_of_an_order(live_server: Any, chromium: Any, sent_mail: Path, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    an_operator(shop)
    a_policy(shop, days=14, takes_opened=True)
    a_reason(shop, "not_liked", name="お茶の好みが合わなかった")
    customer, account = a_regular(shop)
    order = delivered_to(shop, customer)
    time_passes()

    shopper = opens_signed_in(chromium, live_server.url, account, viewport=PHONE)
    asks_on_my_page(shopper, live_server.url, order, shots)
    case = ReturnCase.objects.get()

    staff = chromium.new_context(locale="ja-JP", viewport=DESK).new_page()
    staff.set_default_timeout(30_000)
    signs_in(staff, live_server.url)
    staff_approve(staff, live_server.url, case, shots)
    staff_receive_and_settle(staff, live_server.url, case, shots)

    case.refresh_from_db()
    assert (case.status, case.credited_total, case.refund_total) == ("settled", 1_080, 0)
    case.exchange_order.refresh_from_db()
    assert case.exchange_order.open_holds == 0
    ship_shipments([Leaving(shipment_id=Shipment.objects.get(order=case.exchange_order).pk)], actor=SYSTEM, at=clock.now())
    time_passes()
    case.exchange_order.refresh_from_db()
    assert case.exchange_order.payment_status == "paid"
    subjects = " ".join(str(mail["subject"]) for mail in mails_in(sent_mail))
    assert "返品・交換のお申し込みを受け付けました" in subjects
    assert "商品の返送方法について" in subjects
    assert "返品・交換の手続きが完了しました" in subjects
    shopper.goto(f"{live_server.url}/mypage/returns/")
    shopper.screenshot(path=shots / "return-done.png", full_page=True)
    assert broken_promises() == {}
