"""Purchasing and transfers at the staff counter: sheets for scanner and keyboard, verbs, and the order on paper."""

import re
from datetime import date

import pytest
from django.urls import reverse

from inventory.models import GoodsReceipt, LocationStaff, PurchaseOrder, Stock, StockTransfer, TransferArrival
from inventory.operations import approve_purchase_orders, send_purchase_orders, send_transfers
from tests.factories.customers import a_staff_account
from tests.factories.inventory import (
    AT,
    SYSTEM,
    WAREHOUSE_STAFF,
    a_location,
    a_stock_item,
    a_stocked_variant,
    a_trading_company,
    stock_of,
    the_item,
)
from tests.factories.purchasing import a_draft, a_supplier, a_transfer, supplied

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return a_trading_company(legal_name="大福本舗株式会社", registration_number="T1234567890123")


@pytest.fixture
def boss(company):
    return a_staff_account(is_superuser=True, company=company)


@pytest.fixture
def counter(client, boss):
    client.force_login(boss)
    return client


@pytest.fixture
def place(company):
    return a_location(company, "shizuoka", name="静岡倉庫")


@pytest.fixture
def tea(company):
    return a_stock_item(company, "TEA", name="煎茶", is_lot_tracked=True)


@pytest.fixture
def order(company, tea, place):
    draft = a_draft(company, {tea: 10, a_stock_item(company, "CAN"): 4}, location=place)
    approve_purchase_orders([draft.pk], actor=WAREHOUSE_STAFF, at=AT)
    send_purchase_orders([draft.pk], actor=SYSTEM, at=AT)
    return draft


def page(name, *args):
    return reverse(f"admin:inventory_{name}", args=args)


def once_of(answer):
    return re.search(r'name="once" value="(\w+)"', answer.content.decode())[1]


def test_an_order_is_drafted_with_a_scanner_and_enter_alone(counter, company, place):
    variant = a_stocked_variant(company, sku="CAN-1", jan="4901234567894")
    supplier = a_supplier(company)
    supplied(supplier, the_item(variant), unit_cost=60)
    head = {"supplier": supplier.pk, "location": place.pk, "expected_on": "", "note": "至急", "once": "form1"}

    scanned = counter.post(page("purchaseorder_new"), {**head, "do": "scan", "scan": "4901234567894"})
    twice = counter.post(
        page("purchaseorder_new"), {**head, "do": "scan", "scan": "CAN-1", "line_item": "CAN-1", "line_quantity": "1", "line_cost": ""}
    )
    lines = {"line_item": "CAN-1", "line_quantity": "２４", "line_cost": ""}
    for _ in range(2):
        saved = counter.post(page("purchaseorder_new"), {**head, "do": "save", **lines})

    assert [(line.item, line.quantity) for line in scanned.context["sheet"].lines] == [("CAN-1", "1")]
    assert [(line.item, line.quantity) for line in twice.context["sheet"].lines] == [("CAN-1", "2")]
    order = PurchaseOrder.objects.get()
    assert (saved.status_code, saved.url) == (302, page("purchaseorder_change", order.pk))
    assert (order.note, order.lines.get().quantity, order.lines.get().unit_cost) == ("至急", 24, 60)


@pytest.mark.parametrize("quantity", ["0", "-3", "1e308", "三", "1.5", "", "9" * 18])
def test_a_bad_quantity_is_refused_beside_its_line_and_nothing_is_lost(counter, company, place, quantity):
    can, supplier = a_stock_item(company, "CAN"), a_supplier(company)
    supplied(supplier, can)
    head = {"supplier": supplier.pk, "location": place.pk, "note": "至急", "once": "form1"}

    answer = counter.post(
        page("purchaseorder_new"), {**head, "do": "save", "line_item": "CAN", "line_quantity": quantity, "line_cost": "60"}
    )

    [line] = answer.context["sheet"].lines
    assert (answer.status_code, line.fault, line.quantity, line.cost) == (
        422,
        "1 から 100000000 個の範囲で発注してください。",
        quantity,
        "60",
    )
    assert answer.context["sheet"].head["note"] == "至急"
    assert PurchaseOrder.objects.count() == 0


def test_a_code_of_several_items_is_said_and_not_guessed(counter, company):
    for sku in ("OLD", "NEW"):
        a_stocked_variant(company, sku=sku, jan="4901234567894")

    answer = counter.post(
        page("purchaseorder_new"), {"once": "f", "do": "scan", "scan": "4901234567894", "line_item": "OLD", "line_quantity": "1"}
    )

    sheet = answer.context["sheet"]
    assert (answer.status_code, [line.quantity for line in sheet.lines], list(sheet.faults)) == (422, ["1"], ["scan"])
    assert sorted(sheet.index()) == ["OLD"]


def test_an_unknown_code_is_said_and_adds_nothing(counter, company):
    answer = counter.post(page("purchaseorder_new"), {"do": "scan", "scan": "<b>4900000000000"})

    assert answer.status_code == 422
    assert answer.context["sheet"].lines == []
    assert "&lt;b&gt;4900000000000" in answer.content.decode()


def test_a_delivery_is_taken_in_by_scanner(counter, order, tea):
    address = page("purchaseorder_delivery", order.pk)
    opened = counter.get(address)
    said = {
        "once": once_of(opened), "delivery_note": "N-1", "do": "save", "line_item": ["TEA", "CAN"], "line_quantity": ["7", ""],
        "line_unsellable": ["1", ""], "line_lot": ["L-1", ""], "line_expires_on": ["2027-05-01", ""],
    }  # fmt: skip

    counter.post(address, said)
    counter.post(address, said)

    assert opened.context["index"] == {"TEA": {"item": "TEA", "pieces": 1}, "CAN": {"item": "CAN", "pieces": 1}}
    line = GoodsReceipt.objects.get().lines.get()
    assert (line.quantity, line.unsellable_quantity, line.lot.number, line.lot.expires_on) == (7, 1, "L-1", date(2027, 5, 1))
    stock = Stock.objects.get(stock_item=tea)
    assert (stock.on_hand, stock.sellable) == (7, 6)


def test_a_delivery_that_is_refused_stays_on_the_page(counter, order):
    address = page("purchaseorder_delivery", order.pk)
    said = {
        "once": "x", "delivery_note": "N-1", "do": "save", "line_item": ["CAN", "TEA"], "line_quantity": ["", "11"],
        "line_unsellable": ["", ""], "line_lot": ["", "L-1"], "line_expires_on": ["", ""],
    }  # fmt: skip

    answer = counter.post(address, said)

    lines = answer.context["sheet"].lines
    assert (answer.status_code, lines[0].fault) == (422, "")
    assert lines[1].fault.startswith("TEA は 11 個納品されましたが、未入荷は 10 個です。")
    assert (GoodsReceipt.objects.count(), Stock.objects.count()) == (0, 0)


def test_the_order_on_paper_is_a_pdf_in_japanese_whatever_is_typed(counter, company, place, tea):
    supplier = a_supplier(company, name='𠮷田茶園 #panic("x") *$')
    order = a_draft(company, {tea: 10}, supplier=supplier, location=place)
    PurchaseOrder.objects.filter(pk=order.pk).update(note='#import "x"\n髙橋様へ ①㈱')

    answer = counter.get(page("purchaseorder_paper", order.pk))

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == f'inline; filename="{order.number}.pdf"'
    assert answer.content.startswith(b"%PDF-")
    assert b"NotoSansJP" in answer.content


def test_buttons_fit_the_state_of_the_order(counter, company, order):
    draft = a_draft(company, {a_stock_item(company): 1})

    def buttons(row):
        text = counter.get(page("purchaseorder_change", row.pk)).content.decode()
        return {
            name for name in ("verb-approve", "verb-send", "verb-close", "verb-cancel", "take-in", "edit", "print") if f"/{name}" in text
        }

    assert buttons(draft) == {"verb-approve", "verb-cancel", "edit", "print"}
    assert buttons(order) == {"verb-close", "verb-cancel", "take-in", "print"}


def test_a_transfer_is_planned_sent_and_confirmed_by_the_store(counter, client, company, place):
    store, can = a_location(company, "jimbocho", kind="store"), a_stock_item(company, "CAN")
    stock_of(can, place, 10)
    counter.post(
        page("stocktransfer_new"),
        {"from": place.pk, "to": store.pk, "once": "p", "do": "save", "line_item": "CAN", "line_quantity": "6", "line_lot": ""},
    )
    transfer = StockTransfer.objects.get()
    counter.post(page("stocktransfer_change", transfer.pk).replace("/change/", "/verb-send/"), {"verb_confirmed": "1"})
    said = {"once": "a", "do": "save", "line_item": "CAN", "line_quantity": "4", "line_lot": ""}
    for _ in range(2):
        counter.post(page("stocktransfer_arrival", transfer.pk), said)
    counter.post(
        page("stocktransfer_change", transfer.pk).replace("/change/", "/verb-settle/"),
        {"verb_confirmed": "1", "outcome": "written_off", "reason": "紛失"},
    )

    transfer.refresh_from_db()
    line = transfer.lines.get()
    assert (transfer.status, line.received_quantity, line.lost_quantity, TransferArrival.objects.count()) == ("closed", 4, 2, 1)
    assert {row.location.code: row.on_hand for row in Stock.objects.select_related("location")} == {
        "shizuoka": 4, "in-transit": 0, "jimbocho": 4,
    }  # fmt: skip


def test_store_staff_see_and_confirm_their_own_store_only(client, company, place, boss):
    mine, other, can = a_location(company, "mine", kind="store"), a_location(company, "other", kind="store"), a_stock_item(company)
    stock_of(can, place, 10)
    here, there = (a_transfer(place, store, {can: 2}) for store in (mine, other))
    send_transfers([here.pk, there.pk], actor=SYSTEM, at=AT)
    LocationStaff.objects.create(location=mine, account=boss)
    client.force_login(boss)

    shown = client.get(page("stocktransfer_changelist")).content.decode()

    assert here.number in shown
    assert there.number not in shown
    assert client.get(page("stocktransfer_arrival", here.pk)).status_code == 200
    assert client.get(page("stocktransfer_arrival", there.pk)).status_code == 404
    planned = a_transfer(place, mine, {can: 1})
    client.post(page("stocktransfer_change", planned.pk).replace("/change/", "/verb-send/"), {"verb_confirmed": "1"})
    planned.refresh_from_db()
    assert planned.status == "planned"


@pytest.mark.parametrize("name", ["purchaseorder_new", "stocktransfer_new"])
def test_whoever_may_not_is_turned_away(client, company, name):
    client.force_login(a_staff_account(company=company))

    assert client.get(page(name)).status_code == 403
