"""Orders and parcels at the staff counter: found, read, changed by verbs."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.clock import travel
from core.models import OutboxEvent, PersonalDataRead
from orders.events import OrderPlaced
from orders.handlers import mail_placed
from orders.models import Order, OrderNote, Shipment
from orders.operations import raise_holds
from orders.rules import DraftDestination
from tests.factories import customers as make
from tests.factories.billing import money_in
from tests.factories.orders import AT, STAFF, a_place, a_shipped_order, a_shop, an_order
from tests.orders.test_entry import a_desk

pytestmark = pytest.mark.django_db
LIST = "admin:orders_order_changelist"


def page(row: Any) -> str:
    return reverse(f"admin:orders_{row._meta.model_name}_change", args=[row.pk])


def said(client: Client, row: Any, verb: str, **values: Any) -> list[str]:
    path = reverse(f"admin:orders_{row._meta.model_name}_verb_{verb}", args=[row.pk])
    response = client.post(path, {"verb_confirmed": "1", **values})
    assert response.status_code == 302, response.context["form"].errors
    return [str(message) for message in response.wsgi_request._messages]


@pytest.mark.parametrize("model", ["order", "shipment", "feerule", "purchasefacts"])
def test_an_empty_list_opens_and_says_so(model: str):
    assert a_desk().get(reverse(f"admin:orders_{model}_changelist")).status_code == 200


@pytest.mark.parametrize("rows", [1, 50])
@pytest.mark.parametrize("model", ["order", "shipment"])
def test_a_list_takes_as_many_statements_however_long(model: str, rows: int):
    shop, desk = a_shop(), a_desk()
    tea = shop.variant()
    for _n in range(rows):
        an_order(shop, (tea, 1))
    url = reverse(f"admin:orders_{model}_changelist")
    desk.get(url)

    with CaptureQueriesContext(connection) as spent:
        response = desk.get(url)

    assert len(response.context["cl"].result_list) == rows
    assert len(spent) <= 12, "\n".join(q["sql"][:100] for q in spent)


@pytest.mark.parametrize("lines", [1, 50])
def test_the_page_takes_as_many_statements_however_long(lines: int):
    shop, desk = a_shop(), a_desk()
    order = an_order(shop, *[(shop.variant(), 1) for _n in range(lines)])
    desk.get(page(order))

    with CaptureQueriesContext(connection) as spent:
        assert desk.get(page(order)).status_code == 200

    assert len(spent) <= 14, "\n".join(q["sql"][:100] for q in spent)


def test_the_page_tells_everything_of_an_order():
    shop, desk = a_shop(), a_desk()
    order = a_shipped_order(shop, (shop.variant(1_080, tax_class="reduced"), 2), (shop.variant(3_300), 1))
    with travel(AT):
        mail_placed(an_event(order), at=AT)
    money_in(order.customer, 1_000, order_ref=order.public_id)

    shown = desk.get(page(order)).content.decode()

    for words in (
        order.number,
        "5,460円",
        "2,160円",
        "山田 花子",
        "神田神保町1-1",
        "8%",
        "ご注文ありがとうございます",
        "1,000円",
        "出荷済み",
    ):
        assert words in shown, words
    assert {line.kind for line in desk.get(page(order)).context["page"].story} == {"placed", "shipped", "mail", "invoice", "payment"}


def an_event(order: Order) -> OrderPlaced:
    return OrderPlaced(
        order_id=order.pk, order_ref=order.public_id, company_id=order.company_id, customer_id=order.customer_id, channel_id=order.channel_id,
        number=order.number, total=order.total, currency=order.currency, payment_method=order.payment_method,
    )  # fmt: skip


def test_reading_leaves_a_trace_that_names_the_customer():
    order, desk = an_order(), a_desk()

    desk.get(page(order))
    desk.get(reverse("admin:orders_order_print", args=[order.pk]))
    desk.get(page(Shipment.objects.get()))

    assert list(PersonalDataRead.objects.values_list("subject", flat=True)) == [f"customer:{order.customer.public_id}"] * 3


@pytest.mark.parametrize("word", ["number", "figures", "phone", "kana", "mail", "outside", "tracking"])
def test_one_box_finds_an_order_by_anything(word: str):
    shop, desk = a_shop(), a_desk()
    order = an_order(shop, outside_number="R-2026-77")
    an_order(
        shop,
        (shop.variant(), 1),
        destinations=(DraftDestination(place=a_place(family_name="鈴木", family_kana="スズキ", given_kana="ジロウ")),),
        person=make.a_person(
            family_name="鈴木", given_name="次郎", family_kana="スズキ", given_kana="ジロウ", phone="06-1111-2222", email="jiro@example.jp"
        ),
    )
    Shipment.objects.filter(order=order).update(tracking_number="123456789012")
    asked = {
        "number": order.number,
        "figures": order.number.lstrip("0").zfill(6),
        "phone": order.buyer_phone,
        "kana": "ヤマダ ハナコ",
        "mail": order.buyer_email,
        "outside": "R-2026-77",
        "tracking": "1234-5678-9012",
    }

    found = desk.get(reverse(LIST), {"q": asked[word]}).context["cl"].result_list

    assert [o.pk for o in found] == [order.pk]


def test_the_order_that_was_meant_stands_above_newer_ones_that_hold_the_figures():
    shop, desk = a_shop(), a_desk()
    meant = an_order(shop)
    newer = an_order(shop, outside_number=f"R-{meant.number}-9")

    def keys(**asked: str) -> list[int]:
        return [o.pk for o in desk.get(reverse(LIST), {"q": meant.number.lstrip("0"), **asked}).context["cl"].result_list]

    assert keys() == [meant.pk, newer.pk]
    assert keys(o="-2") == [newer.pk, meant.pk]


def test_held_orders_are_filtered_and_their_reason_stands_on_top():
    shop, desk = a_shop(), a_desk()
    held, _free = an_order(shop), an_order(shop)
    raise_holds([held.pk], reason="住所を電話で確認", actor=STAFF, at=AT)

    assert [o.pk for o in desk.get(reverse(LIST), {"held": "1"}).context["cl"].result_list] == [held.pk]
    assert "住所を電話で確認" in desk.get(page(held)).content.decode()


def test_holds_are_raised_and_released_by_name():
    order, desk = an_order(), a_desk()

    said(desk, order, "hold", reason="在庫を数え直す")
    said(desk, order, "release", reason="確認済み")

    order.refresh_from_db()
    assert order.open_holds == 0
    assert order.holds.get().released_by == "佐々木 美咲: 確認済み"


def test_cancelling_asks_a_reason_and_tells_the_customer():
    order, desk = an_order(), a_desk()

    said(desk, order, "cancel", reason="お客様都合")

    order.refresh_from_db()
    assert (order.status, order.cancel_reason) == ("cancelled", "お客様都合")
    assert OutboxEvent.objects.filter(name="orders.OrderCancelled").count() == 1


def test_what_has_left_is_not_cancelled():
    order, desk = a_shipped_order(), a_desk()

    (message,) = said(desk, order, "cancel", reason="遅い")

    assert "出荷" in message
    assert Order.objects.get().status != "cancelled"


@pytest.mark.parametrize("visibility", ["staff", "customer"])
def test_a_note_says_who_may_read_it(visibility: str):
    order, desk = an_order(), a_desk()

    said(desk, order, "note", body="宅配ボックスは不可\nチャイムを2回", visibility=visibility)

    note = OrderNote.objects.get()
    assert (note.body, note.visibility, note.author_kind, note.author_label) == (
        "宅配ボックスは不可\nチャイムを2回",
        visibility,
        "staff",
        "佐々木 美咲",
    )
    assert "チャイムを2回" in desk.get(page(order)).content.decode()


def test_shipping_from_the_page_records_carrier_and_number():
    order, desk = an_order(), a_desk()
    shipment = Shipment.objects.get()

    said(desk, shipment, "ship", carrier="yamato", tracking_number="1234-5678-9012")
    said(desk, shipment, "ship", carrier="sagawa", tracking_number="999")

    shipment.refresh_from_db()
    assert (shipment.status, shipment.carrier, shipment.tracking_number) == ("shipped", "yamato", "123456789012")
    order.refresh_from_db()
    assert order.fulfilment_status == "shipped"
    assert "ヤマト運輸 123456789012" in desk.get(page(order)).content.decode()


def test_many_parcels_leave_at_once_and_the_held_one_says_why():
    shop, desk = a_shop(), a_desk()
    tea = shop.variant()
    orders = [an_order(shop, (tea, 1)) for _n in range(3)]
    raise_holds([orders[1].pk], reason="x", actor=STAFF, at=AT)
    ids = list(Shipment.objects.order_by("id").values_list("id", flat=True))

    response = desk.post(
        reverse("admin:orders_shipment_changelist"),
        {"action": "verb_ship", "_selected_action": ids, "verb_confirmed": "1", "carrier": "yamato", "tracking_number": ""},
    )

    words = [str(m) for m in response.wsgi_request._messages]
    assert [s.status for s in Shipment.objects.order_by("id")] == ["shipped", "planned", "shipped"]
    assert any(orders[1].number in w and "保留" in w for w in words)


@pytest.mark.parametrize(
    ("verb", "permission"), [("cancel", "orders.cancel_order"), ("hold", "orders.release_hold"), ("note", "orders.add_ordernote")]
)
def test_a_verb_needs_its_right(verb: str, permission: str):
    order = an_order()
    path = reverse(f"admin:orders_order_verb_{verb}", args=[order.pk])

    assert a_desk("orders.view_order").get(path).status_code == 403
    assert a_desk("orders.view_order", permission).get(path).status_code == 200


def test_staff_of_another_company_find_nothing():
    order = an_order()
    desk = a_desk(company=make.a_company())

    assert list(desk.get(reverse(LIST)).context["cl"].result_list) == []
    assert desk.get(page(order)).status_code == 302
    assert desk.get(reverse("admin:orders_order_print", args=[order.pk])).status_code == 404


def test_the_first_page_leads_to_the_desk():
    assert reverse("admin:orders_order_entry") in a_desk().get("/admin/").content.decode()


def test_a_transfer_not_yet_paid_leads_to_recording_it():
    shop = a_shop()
    order = an_order(shop, (shop.variant(), 1), payment_method="bank_transfer")

    assert f"?number={order.number}" in a_desk().get(page(order)).content.decode()
    assert f"?number={order.number}" not in a_desk("orders.view_order").get(page(order)).content.decode()
