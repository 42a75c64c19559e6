"""Orders of outside counters become orders of ours, each once, and whatever a person must decide is told with its field."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from core import clock
from core.actor import SYSTEM, Actor
from core.db import acting
from core.errors import Refusal
from core.models import OutgoingMail
from orders.events import OrderPlaced
from orders.handlers import mail_placed
from orders.models import Hold, IntakeDocument, IntakeOrder, IntakeRow, Order, OrderNote, OutsideCode, OutsideShop, Shipment
from orders.operations import (
    Leaving,
    blank_customers,
    forget_intake,
    place_again,
    receive_document,
    set_intake_aside,
    ship_shipments,
    take_previewed,
    work_intake,
)
from orders.operations.intake_receiving import read_document
from orders.ports import PLACING_PARTICIPANT
from orders.rules import DocumentState, IntakeFate, IntakeState
from tests.factories.intake import an_outside_shop, golden, house_document, house_order, taken, the_intake
from tests.factories.orders import AT, a_shop

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_order_is_placed_as_the_counter_agreed_it():
    shop = a_shop()
    outside = an_outside_shop(shop)
    order = house_order(
        sku=shop.variant(900).sku, quantity=2, price=880, total=2_260, fees=[{"kind": "shipping", "amount": 600}], shop_discount=100,
        points=300, remark="[配送日時指定:]\n2026-12-05(土)\n午前中\n[備考:]\n不在時は宅配ボックスへ", notes=["のし: 御歳暮"],
    )  # fmt: skip

    answer = taken(house_document(order), outside)

    placed = Order.objects.get()
    line, to = placed.lines.get(), placed.destinations.get()
    assert answer.states == {IntakeState.PLACED: 1}
    assert (placed.total, placed.goods_total, placed.discount_total, placed.fee_total) == (2_260, 1_760, 100, 600)
    assert (placed.outside_number, placed.channel_id, placed.payment_method, placed.remark) == (
        "C-1", outside.channel_id, "marketplace", "不在時は宅配ボックスへ",
    )  # fmt: skip
    assert (line.unit_price, line.price_reason, line.outside_line, placed.buyer_name) == (880, outside.name, "1", "髙橋 花子")
    assert (to.name, to.building, str(to.wished_on), to.time_band) == ("𠮷田 太郎", "〜ビル2階", "2026-12-05", "0812")
    assert OrderNote.objects.get(order=placed).body == "points: 300\nのし: 御歳暮"
    assert the_intake("C-1").order_id == placed.pk


def test_the_same_document_again_changes_nothing():
    shop = a_shop()
    outside, raw = an_outside_shop(shop), house_document(house_order(sku=shop.variant().sku))

    first, again = taken(raw, outside), taken(raw, outside)

    assert (first.repeated, again.repeated, again.document_id) == (False, True, first.document_id)
    assert (Order.objects.count(), IntakeDocument.objects.count(), IntakeRow.objects.count()) == (1, 1, 1)


def test_a_known_order_in_another_document_is_known():
    shop = a_shop()
    outside, sku = an_outside_shop(shop), shop.variant().sku
    taken(house_document(house_order(sku=sku)), outside)

    answer = taken(house_document(house_order(sku=sku), house_order("C-2", sku=sku)), outside)

    assert answer.counted.fates == {IntakeFate.KNOWN: 1, IntakeFate.NEW: 1}
    assert (Order.objects.count(), OrderNote.objects.count()) == (2, 0)


def test_an_order_that_cannot_be_read_never_blocks_the_others():
    shop = a_shop()
    outside, sku = an_outside_shop(shop), shop.variant().sku
    bad = house_order("C-2", sku=sku, quantity=0)

    answer = taken(house_document(house_order(sku=sku), bad), outside)

    row = IntakeRow.objects.get(fate="unreadable")
    assert answer.counted.state is DocumentState.PARTLY
    assert (row.number, row.outside_number, row.code, row.field) == (2, "C-2", "intake.quantity", "/lines 1/quantity")
    assert list(Order.objects.values_list("outside_number", flat=True)) == ["C-1"]


def test_a_total_that_is_not_ours_to_the_yen_needs_a_person():
    shop = a_shop()
    outside = an_outside_shop(shop)

    taken(house_document(house_order(sku=shop.variant().sku, total=1_001)), outside)

    row = the_intake("C-1")
    assert (row.state, row.code, row.field) == (IntakeState.PERSON, "order.total_changed", "/expected_total")
    assert Order.objects.count() == 0


def test_what_is_sold_out_is_refused_and_can_be_tried_again():
    shop = a_shop()
    outside = an_outside_shop(shop)

    taken(house_document(house_order(sku=shop.variant(stock=[0]).sku)), outside)

    assert (the_intake("C-1").state, the_intake("C-1").code) == (IntakeState.REFUSED, "inventory.out_of_stock")
    assert Order.objects.count() == 0


def test_an_unconfirmed_order_waits_and_is_placed_once_it_is_confirmed():
    shop = a_shop()
    outside, sku = an_outside_shop(shop), shop.variant().sku

    taken(house_document(house_order(sku=sku, status="pending")), outside)
    waiting = the_intake("C-1").state, Order.objects.count()
    taken(house_document(house_order(sku=sku)), outside)

    assert waiting == (IntakeState.WAITING, 0)
    assert (the_intake("C-1").state, Order.objects.count()) == (IntakeState.PLACED, 1)


def test_a_change_at_the_counter_is_told_and_holds_the_order():
    shop = a_shop()
    outside, sku = an_outside_shop(shop), shop.variant().sku
    taken(house_document(house_order(sku=sku)), outside)

    answer = taken(house_document(house_order(sku=sku, quantity=3)), outside)

    row, order = the_intake("C-1"), Order.objects.get()
    assert answer.counted.fates == {IntakeFate.CHANGED: 1}
    assert (row.state, order.open_holds, order.lines.get().quantity, Hold.objects.get().reason) == (
        IntakeState.CHANGED, 1, 1, f"{outside.name}: C-1",
    )  # fmt: skip


def test_an_order_cancelled_at_the_counter_is_cancelled_here():
    shop = a_shop()
    outside, sku = an_outside_shop(shop), shop.variant().sku
    taken(house_document(house_order(sku=sku)), outside)

    taken(house_document(house_order(sku=sku, status="cancelled")), outside)

    assert (the_intake("C-1").state, Order.objects.get().status) == (IntakeState.CANCELLED, "cancelled")
    assert IntakeOrder.objects.count() == 1


def test_whoever_takes_a_document_in_does_not_cancel_for_others():
    mine, other = a_shop(), a_shop()
    outside, sku = an_outside_shop(other), other.variant().sku
    taken(house_document(house_order(sku=sku)), outside)
    raw = house_document(house_order(sku=sku, status="cancelled"))
    received = receive_document(raw, shop_id=outside.pk, name="orders", source="test", actor=SYSTEM, at=AT)
    read_document(received.document_id, actor=SYSTEM, at=AT)

    taken(house_document(house_order("C-2", sku=mine.variant().sku)), an_outside_shop(mine))

    waiting = the_intake("C-1").state
    work_intake(actor=SYSTEM, at=AT, document_id=received.document_id)
    assert (waiting, the_intake("C-1").state) == (IntakeState.CANCELLING, IntakeState.CANCELLED)


def test_one_number_with_two_contents_in_a_document_is_unreadable():
    shop = a_shop()
    outside, sku = an_outside_shop(shop), shop.variant().sku

    answer = taken(house_document(house_order(sku=sku), house_order(sku=sku, quantity=2), house_order("C-2", sku=sku)), outside)

    assert answer.counted.fates == {IntakeFate.UNREADABLE: 1, IntakeFate.NEW: 1}
    assert IntakeRow.objects.get(fate="unreadable").code == "intake.told_twice"
    assert list(Order.objects.values_list("outside_number", flat=True)) == ["C-2"]


def test_our_own_mails_do_not_go_to_a_marketplaces_buyers():
    shop = a_shop()
    sku = shop.variant().sku
    quiet, loud = an_outside_shop(shop), an_outside_shop(shop, mails_buyers=True)
    buyer = house_order(sku=sku)["buyer"] | {"email": "hanako@example.jp"}
    for outside in (quiet, loud):
        taken(house_document(house_order(sku=sku, buyer=buyer, remark=outside.code)), outside, at=clock.now())

    for order in Order.objects.all():
        event = OrderPlaced(
            order_id=order.pk, order_ref=order.public_id, company_id=order.company_id, customer_id=order.customer_id, number=order.number,
            total=order.total, currency=order.currency, payment_method=order.payment_method, channel_id=order.channel_id,
        )  # fmt: skip
        mail_placed(event, at=AT)

    assert list(OutgoingMail.objects.values_list("about", flat=True)) == [f"order:{Order.objects.get(channel=loud.channel).pk}"]


def test_whoever_is_forgotten_is_forgotten_here_too():
    shop = a_shop()
    outside, sku = an_outside_shop(shop), shop.variant().sku
    raw = house_document(house_order(sku=sku))
    taken(raw, outside)

    blank_customers([Order.objects.get().customer_id], actor=SYSTEM, at=AT)
    again = taken(raw, outside)

    row, document = the_intake("C-1"), IntakeDocument.objects.get()
    assert (row.part, row.said, row.agreed, row.state) == ("", {}, {}, IntakeState.PLACED)
    assert (document.content, document.content_ended_at is None, again.repeated) == (None, False, True)


def test_a_cancellation_after_the_parcel_left_is_told_to_a_person():
    shop = a_shop()
    outside, sku = an_outside_shop(shop), shop.variant().sku
    taken(house_document(house_order(sku=sku)), outside)
    ship_shipments([Leaving(shipment_id=Shipment.objects.get().pk)], actor=SYSTEM, at=AT)

    for _time in range(2):
        taken(house_document(house_order(sku=sku, status="cancelled", notes=[])), outside)

    row = the_intake("C-1")
    assert (row.state, row.code, Order.objects.get().status == "cancelled") == (IntakeState.CHANGED, "order.already_shipped", False)


class _ToldMeanwhile:
    """While an order is being placed, its counter tells it otherwise."""

    def __init__(self, raw: bytes, outside: OutsideShop) -> None:
        self.raw, self.outside = raw, outside

    def placed(self, orders: Sequence[Any], *, actor: Actor, at: datetime) -> Sequence[None]:
        def reads() -> None:
            try:
                received = receive_document(self.raw, shop_id=self.outside.pk, name="later", source="test", actor=SYSTEM, at=AT)
                assert not isinstance(received, Refusal)
                read_document(received.document_id, actor=SYSTEM, at=AT)
            finally:
                connection.close()

        another = Thread(target=reads)
        another.start()
        another.join(timeout=20)
        return [None] * len(orders)


def test_a_change_at_the_counter_while_the_order_is_being_placed_holds_it():
    shop = a_shop()
    outside, sku = an_outside_shop(shop), shop.variant().sku

    with PLACING_PARTICIPANT.temporarily(_ToldMeanwhile(house_document(house_order(sku=sku, quantity=3)), outside)):
        taken(house_document(house_order(sku=sku)), outside)

    row, order = the_intake("C-1"), Order.objects.get()
    assert (row.state, row.changed_at is None, order.open_holds) == (IntakeState.CHANGED, False, 1)
    assert (Hold.objects.get().reason, order.lines.get().quantity) == (f"{outside.name}: C-1", 1)


def test_what_waits_to_be_placed_in_a_shop_that_ended_waits_for_a_person_and_is_tried_no_more():
    shop = a_shop()
    outside = an_outside_shop(shop)
    raw = house_document(house_order(sku=shop.variant().sku))
    received = receive_document(raw, shop_id=outside.pk, name="orders", source="test", actor=SYSTEM, at=AT)
    assert not isinstance(received, Refusal)
    read_document(received.document_id, actor=SYSTEM, at=AT)
    with acting(SYSTEM):
        OutsideShop.objects.update(ended_at=AT)

    first, again = work_intake(actor=SYSTEM, at=AT), work_intake(actor=SYSTEM, at=AT)

    row = the_intake("C-1")
    assert (first, again, row.state, row.code, row.leased_until) == (1, 0, IntakeState.PERSON, "intake.no_such_shop", None)


def test_what_was_never_placed_is_forgotten_with_its_document_and_is_new_when_told_again():
    shop = a_shop()
    outside = an_outside_shop(shop)
    raw = house_document(house_order(sku="nobody-knows-it"))
    taken(raw, outside)

    forget_intake(before=AT + timedelta(days=1), actor=SYSTEM)
    forgotten = the_intake("C-1")
    (refused,) = place_again([forgotten.pk], actor=SYSTEM, at=AT)
    shop.variant(sku="nobody-knows-it")
    taken(raw + b" ", outside)

    assert (forgotten.part, forgotten.said, forgotten.state) == ("", {}, IntakeState.PERSON)
    assert isinstance(refused, Refusal)
    assert refused.code == "intake.nothing_to_try"
    assert (the_intake("C-1").state, Order.objects.count()) == (IntakeState.PLACED, 1)


def test_what_somebody_set_aside_stays_so_though_what_it_said_was_forgotten():
    shop = a_shop()
    outside = an_outside_shop(shop)
    raw = house_document(house_order(sku="nobody-knows-it"))
    taken(raw, outside)
    set_intake_aside([the_intake("C-1").pk], reason="a test order", actor=SYSTEM)

    forget_intake(before=AT + timedelta(days=1), actor=SYSTEM)
    shop.variant(sku="nobody-knows-it")
    taken(raw + b" ", outside)

    assert (the_intake("C-1").said, the_intake("C-1").state, Order.objects.count()) == ({}, IntakeState.PASSED, 0)


def test_a_file_that_failed_can_be_looked_at_again_and_keeps_what_was_told_of_it_until_it_is_read():
    shop = a_shop()
    outside, sku = an_outside_shop(shop), shop.variant().sku
    raw = house_document(house_order(sku=sku), house_order("C-2", sku=sku, quantity=0))
    taken(raw, outside)
    given = {"shop_id": outside.pk, "name": "orders", "source": "upload", "actor": SYSTEM, "at": AT}

    looked = receive_document(raw, preview=True, **given)
    kept = IntakeRow.objects.count()
    again = receive_document(raw, preview=True, **given)
    assert not isinstance(looked, Refusal)
    assert not isinstance(again, Refusal)
    (answer,) = take_previewed([looked.document_id], actor=SYSTEM, at=AT)

    assert (looked.state, again.state, kept) == (DocumentState.PREVIEW, DocumentState.PREVIEW, 2)
    assert not isinstance(answer, Refusal)
    assert answer.counted.fates == {IntakeFate.KNOWN: 1, IntakeFate.UNREADABLE: 1}
    assert (IntakeDocument.objects.get().state, IntakeRow.objects.count()) == (DocumentState.PARTLY, 2)


@pytest.mark.parametrize(
    ("adapter", "name", "field", "theirs"),
    [
        ("amazon", "amazon.json", '"OrderStatus": "%s"', ("Unshipped", "JP-Held")),
        ("rakuten", "rakuten.json", '"orderProgress": %s', ("300", "950")),
        ("yahoo", "yahoo.xml", "<OrderStatus>%s<", ("2", "9")),
        ("shopify", "shopify.json", '"financial_status": "%s"', ("paid", "on_hold")),
    ],
)
def test_a_shops_own_words_for_statuses_count_whatever_its_counter_writes(adapter: str, name: str, field: str, theirs: tuple[str, str]):
    outside = an_outside_shop(a_shop(), adapter)
    usual, own = theirs
    raw = golden(name).decode().replace(field % usual, field % own)

    unknown = taken(raw.encode(), outside)
    with acting(SYSTEM):
        OutsideCode.objects.create(shop=outside, kind="status", theirs=own, ours="unconfirmed")
    known = taken(raw.encode(), outside)

    assert (unknown.counted.state, IntakeOrder.objects.get().state) == (DocumentState.FAILED, IntakeState.WAITING)
    assert known.counted.fates == {IntakeFate.NEW: 1}
