"""A teapot is sold out: a guest sees when it comes, orders it, waits, and hears when it is here; an operator watches the line."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils.formats import date_format
from django.utils.translation import override

from catalog.models import Variant
from core import clock
from core.actor import SYSTEM
from core.errors import Refusal
from inventory.models import BackOrder, Stock
from inventory.operations import adjust_stock, compose_kits, receive_stock
from inventory.rules import Adjustment, KitAsk, KitPartAsk, KitPrice, Receipt
from orders.models import Order
from tests.factories.inventory import may_be_back_ordered, the_item
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_tea_shop, an_operator, broken_promises, mails_in, signs_in, time_passes
from tests.journeys.test_guest_orders_and_operator_ships import fills_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def sold_out(variant: Variant) -> None:
    """All of it has left by other ways."""
    gone = [
        Adjustment(stock_item_id=stock.stock_item_id, location_id=stock.location_id, quantity=-stock.on_hand, once_key=f"gone:{stock.pk}")
        for stock in Stock.objects.filter(stock_item=the_item(variant))
    ]
    results = adjust_stock(gone, company_id=variant.company_id, reason="test", actor=SYSTEM, at=clock.now())
    assert not any(isinstance(result, Refusal) for result in results)


def test_a_guest_waits_for_goods_that_come(live_server: Any, chromium: Any, sent_mail: Path, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    an_operator(shop)
    pot = Variant.objects.get(company=shop.company, product__texts__name="急須 常滑焼 360ml")
    sold_out(pot)
    may_be_back_ordered(pot, cap=5, lead_days=14)
    with override("ja"):
        day = date_format(shop_today() + timedelta(days=14), "DATE_FORMAT")
    guest = chromium.new_context(locale="ja-JP", viewport=DESK).new_page()
    guest.set_default_timeout(30_000)

    guest.goto(f"{live_server.url}/products/")
    assert "後日出荷" in guest.inner_text("main")
    guest.screenshot(path=shots / "waiting-shelf.png", full_page=True)
    guest.click("text=急須 常滑焼")
    assert f"入荷待ち：{day}頃出荷予定" in guest.inner_text("main")
    guest.screenshot(path=shots / "waiting-product.png", full_page=True)
    guest.click("form.offer button")
    assert f"入荷待ち：{day}頃出荷予定" in guest.inner_text("main")
    guest.screenshot(path=shots / "waiting-cart.png", full_page=True)
    guest.click("aside a.button")
    fills_in(guest)
    guest.click("form.two aside button")
    shown = guest.inner_text("main")
    assert f"入荷待ち：{day}頃出荷予定" in shown
    assert "次の商品は入荷後に別送します" in shown
    assert "営業日以内" not in shown
    guest.screenshot(path=shots / "waiting-confirm.png", full_page=True)
    guest.click("button.strong")
    guest.wait_for_url("**/orders/**")
    order = Order.objects.get()
    assert order.fulfilment_status == "waiting"
    assert f"入荷待ち：{day}頃出荷予定" in guest.inner_text("main")
    guest.screenshot(path=shots / "waiting-order.png", full_page=True)
    link = guest.url.split("?")[0]
    time_passes()
    (mail,) = mails_in(sent_mail)
    assert f"入荷待ち：{day}頃出荷予定" in mail.get_content()

    looks_at_the_line(chromium, live_server.url, order, shots)

    receipt = Receipt(stock_item_id=the_item(pot).pk, location_id=shop.locations[0].pk, quantity=3, once_key="came", cause="test")
    receive_stock([receipt], company_id=shop.company.pk, actor=SYSTEM, at=clock.now())
    time_passes()

    guest.goto(link)
    assert "入荷待ち" not in guest.inner_text("main")
    assert guest.inner_text(".track .now span") == "出荷準備中"
    assert [(b.status, b.units) for b in BackOrder.objects.all()] == [("filled", 1)]
    assert "お待ちの商品が入荷しました" in mails_in(sent_mail)[-1]["Subject"]
    assert broken_promises() == {}


def shop_today() -> Any:
    return clock.today("Asia/Tokyo")


def looks_at_the_line(chromium: Any, address: str, order: Order, shots: Path) -> None:
    """The operator sees the order, the line, and how much room is left under the cap."""
    desk = chromium.new_context(locale="ja-JP", viewport=DESK).new_page()
    desk.set_default_timeout(30_000)
    signs_in(desk, address)
    desk.goto(f"{address}/admin/orders/order/{order.pk}/change/")
    assert "頃出荷" in desk.inner_text("body")
    desk.screenshot(path=shots / "waiting-admin-order.png", full_page=True)
    desk.goto(f"{address}/admin/inventory/backorder/")
    assert "入荷待ち" in desk.inner_text("body")
    desk.screenshot(path=shots / "waiting-admin-line.png", full_page=True)
    desk.goto(f"{address}/admin/inventory/backorderterms/")
    desk.screenshot(path=shots / "waiting-admin-terms.png", full_page=True)


def test_an_operator_composes_a_set_of_a_set_and_a_guest_buys_it(live_server: Any, chromium: Any, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    an_operator(shop)
    named = {v.product.texts.get().name: v for v in Variant.objects.filter(company=shop.company)}
    tea, matcha, cup = named["深蒸し煎茶 100g"], named["抹茶 雲の白 30g"], named["白磁の湯呑み"]
    pair = shop.variant(3_000, name="茶と湯呑みの組", stock=[0], category=None)
    big = shop.variant(9_000, name="大きな組", stock=[0], category=None)
    compose_kits(
        [
            KitAsk(
                variant_id=pair.pk,
                parts=(KitPartAsk(variant_id=tea.pk), KitPartAsk(variant_id=cup.pk)),
                price=KitPrice.LESS_AMOUNT,
                amount=280,
            )
        ],
        company_id=shop.company.pk,
        actor=SYSTEM,
        at=clock.now(),
    )
    desk = chromium.new_context(locale="ja-JP", viewport=DESK).new_page()
    desk.set_default_timeout(30_000)
    signs_in(desk, live_server.url)

    desk.goto(f"{live_server.url}/admin/inventory/kit/compose/")
    desk.fill("[name=sku]", big.sku)
    desk.fill("[name=parts]", f"{pair.sku} ２\n{matcha.sku} 1\nNO-SUCH 1")
    desk.select_option("[name=price]", "less_rate")
    desk.fill("[name=rate]", "10")
    desk.screenshot(path=shots / "kit-compose.png", full_page=True)
    desk.click("button[type=submit] >> text=組み立てる")
    desk.wait_for_selector("text=「NO-SUCH 1」を読み取れません")
    desk.screenshot(path=shots / "kit-refused.png", full_page=True)
    desk.fill("[name=parts]", f"{pair.sku} ２\n{matcha.sku} 1")
    desk.click("button[type=submit] >> text=組み立てる")
    desk.wait_for_url("**/change/")
    desk.screenshot(path=shots / "kit-page.png", full_page=True)
    desk.goto(f"{live_server.url}/admin/inventory/kit/")
    desk.screenshot(path=shots / "kit-list.png", full_page=True)

    guest = chromium.new_context(locale="ja-JP", viewport=PHONE).new_page()
    guest.set_default_timeout(30_000)
    guest.goto(f"{live_server.url}/products/{big.product.code}/")
    # (1,080 + 2,200 − 280) × 2 + 2,376, a tenth off
    assert "7,538円" in guest.inner_text("main")
    guest.screenshot(path=shots / "kit-product-390.png", full_page=True)
    assert broken_promises() == {}
