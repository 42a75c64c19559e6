"""Parcels leave, money comes, orders are cancelled."""

from datetime import timedelta

import pytest

from billing.models import Invoice
from billing.operations import receive_payments
from billing.rules import PaymentAsk, PaymentMethod
from core.models import OutboxEvent
from inventory.models import Allocation, Movement, Stock
from orders.models import Order, PurchaseFacts, Shipment
from orders.operations import Leaving, cancel_orders, mark_delivered, raise_holds, refresh_statuses, release_holds, ship_shipments
from tests.factories.orders import AT, STAFF, a_fee, a_shipped_order, a_shop, an_order

pytestmark = pytest.mark.django_db


def parcels_of(order: Order) -> list[int]:
    return list(Shipment.objects.filter(order=order).order_by("id").values_list("id", flat=True))


def shipping(order: Order, **given):
    return ship_shipments([Leaving(shipment_id=i, **given) for i in parcels_of(order)], actor=STAFF, at=AT)


def paying(order: Order, amount: int, *, key: str = "bank:1"):
    ask = PaymentAsk(
        company_id=order.company_id, method=order.payment_method, currency=order.currency, amount=amount, received_on=AT.date(), reference="",
        payer_name="ヤマダ ハナコ", order_ref=order.public_id, customer_id=order.customer_id, once_key=key,
    )  # fmt: skip
    return receive_payments([ask], actor=STAFF, at=AT)


def test_shipping_takes_stock_out_and_posts_the_sale():
    shop = a_shop()
    a_fee(shop, 600)
    variant = shop.variant(1_080, tax_class="reduced", stock=[10])
    order = an_order(shop, (variant, 2))

    (shipped,) = shipping(order, carrier="yamato", tracking_number="123456789013")

    order.refresh_from_db()
    stock = Stock.objects.get(location=shop.locations[0], stock_item__components__variant=variant)
    assert (stock.on_hand, stock.sellable, stock.allocated) == (8, 8, 0)
    assert list(Movement.objects.exclude(kind="opening").values_list("kind", "quantity")) == [("shipment", -2)]
    invoice = Invoice.objects.get()
    assert (invoice.number, invoice.total, str(invoice.supplied_on)) == (shipped.invoice_number, 2_760, "2026-05-11")
    assert sorted(invoice.lines.values_list("amount", "tax_class_id")) == [(600, "standard"), (2_160, "reduced")]
    assert (order.status, order.payment_status, order.fulfilment_status) == ("confirmed", "unpaid", "shipped")
    assert Shipment.objects.get().tracking_number == "123456789013"
    assert order.lines.get().shipped_quantity == 2
    assert OutboxEvent.objects.filter(name="orders.ShipmentShipped").count() == 1


def test_shipping_twice_changes_nothing():
    order = a_shipped_order()

    (again,) = shipping(order)

    assert again.repeated
    assert Invoice.objects.count() == 1
    assert Movement.objects.filter(kind="shipment").count() == 1


def test_an_order_in_three_parcels_is_invoiced_to_the_last_yen():
    shop = a_shop()
    a_fee(shop, 500)
    order = an_order(shop, (shop.variant(333, stock=[1, 2, 4]), 7))

    for parcel in parcels_of(order):
        ship_shipments([Leaving(shipment_id=parcel)], actor=STAFF, at=AT)

    order.refresh_from_db()
    assert sum(Invoice.objects.values_list("total", flat=True)) == order.total == 333 * 7 + 500
    assert order.fulfilment_status == "shipped"


def test_a_bank_transfer_ships_when_it_is_paid():
    order = an_order(payment_method=PaymentMethod.BANK_TRANSFER)

    (refused,) = shipping(order)
    assert refused.code == "order.awaiting_payment"
    assert not Movement.objects.filter(kind="shipment").exists()

    paying(order, order.total)
    refresh_statuses([order.pk], actor=STAFF, at=AT)
    shipping(order)

    order.refresh_from_db()
    assert (order.status, order.payment_status, order.paid_total) == ("completed", "paid", order.total)
    assert Invoice.objects.get().receivable.open_amount == 0
    assert OutboxEvent.objects.filter(name="orders.OrderPaid").count() == 1


def test_cash_on_delivery_completes_when_the_carrier_pays():
    order = a_shipped_order()

    paying(order, order.total)
    refresh_statuses([order.pk], actor=STAFF, at=AT)

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("completed", "paid")


def test_nothing_ships_while_a_hold_is_open():
    order = an_order()
    raise_holds([order.pk], reason="住所を確認", actor=STAFF, at=AT)

    (refused,) = shipping(order)
    assert refused.code == "order.on_hold"

    release_holds([order.pk], reason="確認済み", actor=STAFF, at=AT + timedelta(minutes=1))
    (shipped,) = ship_shipments([Leaving(shipment_id=i) for i in parcels_of(order)], actor=STAFF, at=AT + timedelta(minutes=2))
    assert shipped.invoice_number
    assert order.holds.get().released_by.startswith("受注 太郎")


def test_delivery_is_recorded_once():
    order = a_shipped_order()

    assert mark_delivered(parcels_of(order), actor=STAFF, at=AT) == [None]
    assert mark_delivered(parcels_of(order), actor=STAFF, at=AT) == [None]

    order.refresh_from_db()
    assert order.fulfilment_status == "delivered"
    assert OutboxEvent.objects.filter(name="orders.ShipmentDelivered").count() == 1


def test_what_has_not_left_cannot_arrive():
    order = an_order()

    (refused,) = mark_delivered(parcels_of(order), actor=STAFF, at=AT)

    assert refused.code == "order.not_shipped"


def test_cancelling_gives_the_stock_back_and_voids_the_payment():
    shop = a_shop(locations=1)
    variant = shop.variant(stock=[5])
    order = an_order(shop, (variant, 3))

    (done,) = cancel_orders([order.pk], reason="お客様都合", actor=STAFF, at=AT)

    order.refresh_from_db()
    assert not done.repeated
    assert (order.status, order.payment_status, order.fulfilment_status) == ("cancelled", "voided", "cancelled")
    assert Stock.objects.get().allocated == 0
    assert [a.status for a in Allocation.objects.all()] == ["released"]
    assert [s.status for s in Shipment.objects.all()] == ["cancelled"]
    facts = PurchaseFacts.objects.get()
    assert (facts.f_number, facts.order_count, facts.amount_total, facts.entry_order_id) == (0, 0, 0, None)
    assert OutboxEvent.objects.filter(name="orders.OrderCancelled").count() == 1


def test_cancelling_twice_changes_nothing():
    order = an_order()
    cancel_orders([order.pk], reason="", actor=STAFF, at=AT)

    (again,) = cancel_orders([order.pk], reason="", actor=STAFF, at=AT)

    assert again.repeated
    assert OutboxEvent.objects.filter(name="orders.OrderCancelled").count() == 1


def test_cancelling_a_shipped_order_is_refused():
    order = a_shipped_order()
    before = Order.objects.filter(pk=order.pk).values().get()

    (refused,) = cancel_orders([order.pk], reason="", actor=STAFF, at=AT)

    assert refused.code == "order.already_shipped"
    assert Order.objects.filter(pk=order.pk).values().get() == before
    assert not OutboxEvent.objects.filter(name="orders.OrderCancelled").exists()


def test_a_cancelled_order_cannot_ship():
    order = an_order()
    cancel_orders([order.pk], reason="", actor=STAFF, at=AT)

    (refused,) = shipping(order)

    assert refused.code == "order.cancelled"
    assert not Movement.objects.filter(kind="shipment").exists()
