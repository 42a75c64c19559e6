"""Somebody in marketing says what orders earn; a shopper sees what will come, a parcel leaves, and the points are there."""

from pathlib import Path
from typing import Any

import pytest

from catalog.models import Variant
from config.staff_roles import seed_roles
from core import clock
from customers.models import PointLot, PointProgramme
from orders.models import Order
from orders.operations import Leaving, ship_shipments
from tests.factories.customers import STAFF, a_staff_account
from tests.factories.orders import a_draft, a_person, placed
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_regular, a_tea_shop, broken_promises, opens_signed_in, time_passes

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def test_a_parcel_brings_points(live_server: Any, chromium: Any, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    customer, account = a_regular(shop)
    seller = a_staff_account(handle="seller", display_name="企画 さくら", company=shop.company)
    seller.groups.add(seed_roles()["marketing"])
    url = live_server.url
    desk = opens_signed_in(chromium, url, seller, viewport=DESK)

    desk.goto(f"{url}/admin/customers/pointprogramme/add/")
    desk.select_option("[name=company]", str(shop.company.pk))
    desk.fill("[name=name]", "お買いものポイント")
    desk.fill("[name=rate_bp]", "100")
    desk.fill("[name=expires_days]", "365")
    desk.fill("[name=from_at_0]", "2020-04-01")
    desk.fill("[name=from_at_1]", "00:00:00")
    desk.screenshot(path=shots / "point-programme-1280.png", full_page=True)
    desk.click("button[name=_save]")
    desk.wait_for_url("**/pointprogramme/")
    assert "1%" in desk.inner_text("#result_list")
    assert PointProgramme.objects.get().with_tax

    tea = Variant.objects.get(company=shop.company, product__texts__name="深蒸し煎茶 100g")
    (result,) = placed(a_draft(shop, (tea, 3), customer_id=customer.pk, person=a_person(), payment_method="deferred"), at=clock.now())
    order = Order.objects.get(pk=result.order_id)
    time_passes()
    shopper = opens_signed_in(chromium, url, account, viewport=PHONE)
    shopper.goto(f"{url}/mypage/orders/{order.number}/")
    assert "出荷時に 32 ポイント付きます" in shopper.inner_text("main")
    shopper.screenshot(path=shots / "points-to-come-390.png", full_page=True)
    shopper.goto(f"{url}/mypage/points/")
    shopper.screenshot(path=shots / "points-on-their-way-390.png", full_page=True)

    ship_shipments([Leaving(shipment_id=order.shipments.get().pk)], actor=STAFF, at=clock.now())
    time_passes()

    shopper.goto(f"{url}/mypage/points/")
    assert order.number in shopper.inner_text("main")
    shopper.screenshot(path=shots / "points-came-390.png", full_page=True)
    desk.goto(f"{url}/admin/customers/pointprogramme/{PointProgramme.objects.get().pk}/change/")
    assert desk.locator("[name=rate_bp]").count() == 0
    desk.screenshot(path=shots / "point-programme-used-1280.png", full_page=True)
    assert PointLot.objects.get().remaining == 32
    assert broken_promises() == {}
