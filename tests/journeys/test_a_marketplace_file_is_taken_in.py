"""A marketplace's file is looked at and taken in; the article nobody knew is chosen, and its order stands. On a desk, and to read on a phone."""

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from core.actor import SYSTEM
from orders.models import IntakeDocument, Order, OutsideNotice, Shipment
from orders.operations import Leaving, queue_notices, ship_shipments, write_notices
from tests.factories.intake import an_outside_shop, golden, house_document, house_order, taken, the_intake
from tests.factories.orders import AT, STAFF
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_tea_shop, an_operator, broken_promises, opens_signed_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
WIDTHS = "() => [document.documentElement.scrollWidth, window.innerWidth]"


def test_a_file_is_taken_in_and_its_unknown_article_chosen(live_server: Any, chromium: Any, shots: Path) -> None:
    shop = a_tea_shop("localhost")
    shop.variant(1_080, sku="TEA-100")
    outside = an_outside_shop(shop, "rakuten", code="koyomi-rakuten-ichiba-honten", name="こよみ茶舗 楽天市場店", tells_by="file")
    operator = an_operator(shop)
    pot = shop.variant(3_300, name="急須", sku="KYUSU")
    page = opens_signed_in(chromium, live_server.url, operator, viewport=DESK)

    page.goto(f"{live_server.url}{reverse('admin:orders_intakedocument_take')}")
    page.set_input_files("input[type=file]", {"name": "getOrder.json", "mimeType": "application/json", "buffer": golden("rakuten.json")})
    page.screenshot(path=str(shots / "intake-upload-desk.png"), full_page=True)
    page.click(".house-verb-buttons button[type=submit]")
    page.wait_for_url("**/change/**")
    page.screenshot(path=str(shots / "intake-preview-desk.png"), full_page=True)
    assert ("新規: 1" in page.content(), Order.objects.count()) == (True, 0)
    document = IntakeDocument.objects.get()
    page.goto(f"{live_server.url}{reverse('admin:orders_intakedocument_verb_take', args=[document.pk])}")
    page.click(".house-verb-buttons button[type=submit]")
    page.wait_for_url("**/change/**")
    waiting = the_intake("123456-20261128-00001701")
    assert (waiting.state, waiting.code) == ("person", "intake.unknown_article")

    page.goto(f"{live_server.url}{reverse('admin:orders_intakeorder_verb_article', args=[waiting.pk])}")
    assert page.input_value("input[name=code]") == "POT-1"
    page.fill("input[name=sku]", pot.sku)
    page.screenshot(path=str(shots / "intake-article-desk.png"), full_page=True)
    page.click(".house-verb-buttons button[type=submit]")
    page.wait_for_url("**/change/**")

    order = Order.objects.get()
    assert (order.outside_number, order.total) == (waiting.outside_number, 5_440)
    assert order.number in page.content()
    _leave_and_look(live_server.url, chromium, shots, operator, outside)
    assert broken_promises() == {}


def _leave_and_look(base: str, chromium: Any, shots: Path, operator: Any, outside: Any) -> None:
    """The parcels leave and are told; another order changes at its counter; every page fits a desk and a phone."""
    parcels = list(Shipment.objects.values_list("pk", flat=True))
    ship_shipments([Leaving(shipment_id=key, carrier="yamato", tracking_number="123456789013") for key in parcels], actor=STAFF, at=AT)
    queue_notices(parcels, actor=SYSTEM, at=AT)
    written: Any = write_notices(shop_id=outside.pk, actor=STAFF, at=AT)
    raw = [house_document(house_order(sku="TEA-100", quantity=quantity)) for quantity in (1, 3)]
    other = an_outside_shop(type("S", (), {"company": outside.company})(), name="チャット受注")
    for told in raw:
        taken(told, other)
    bad = taken(golden("rakuten.json")[:400], outside).document_id
    pages = {
        "orders": reverse("admin:orders_intakeorder_changelist"),
        "order": reverse("admin:orders_intakeorder_change", args=[the_intake("C-1").pk]),
        "documents": reverse("admin:orders_intakedocument_changelist"),
        "document": reverse("admin:orders_intakedocument_change", args=[bad]),
        "shops": reverse("admin:orders_outsideshop_changelist"),
        "shop": reverse("admin:orders_outsideshop_change", args=[outside.pk]),
        "map": reverse("admin:orders_intakemap_add"),
        "notices": reverse("admin:orders_outsidenotice_changelist"),
        "notice": reverse("admin:orders_outsidenotice_change", args=[OutsideNotice.objects.order_by("pk").values_list("pk", flat=True)[0]]),
        "file": reverse("admin:orders_noticefile_change", args=[written.file_id]),
    }
    for size, viewport in (("phone", PHONE), ("desk", DESK)):
        page = opens_signed_in(chromium, base, operator, viewport=viewport)
        for name, path in pages.items():
            page.goto(f"{base}{path}")
            page.wait_for_load_state("networkidle")  # fonts and the sidebar have settled
            wide, there = page.evaluate(WIDTHS)
            assert wide <= there, f"{name} is wider than a {size}"
            page.screenshot(path=str(shots / f"intake-{name}-{size}.png"), full_page=True)
