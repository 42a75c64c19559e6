"""What happens by itself to lines that wait: goods that come are given out, promises follow purchase orders, buyers are told."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.actor import SYSTEM
from core.models import OutboxEvent, OutgoingMail
from inventory.events import BackOrderPromiseMoved, PurchaseOrderEnded, PurchaseOrderSent, StockReceived
from inventory.models import BackOrder, PurchaseOrder, PurchaseOrderLine
from inventory.operations import receive_stock
from inventory.rules import Receipt
from orders.events import WaitingAllocated
from orders.handlers import give_to_waiting, mail_allocated, mail_promise, promise_anew
from orders.models import Order
from orders.operations import cancel_orders
from orders.queries import order_view
from orders.tasks import allocate_waiting
from tests.factories.inventory import may_be_back_ordered, the_item
from tests.factories.orders import AT, STAFF, a_draft, a_shop, placed
from tests.factories.purchasing import a_draft as a_purchase_order

pytestmark = pytest.mark.django_db
TODAY = date(2026, 5, 11)


@pytest.fixture
def shop():
    return a_shop()


def willing(draft):
    return replace(draft, lines=tuple(replace(line, waits_until=date(2026, 12, 31)) for line in draft.lines))


def on_its_way(shop, variant, quantity, day):
    """A purchase order that the supplier has."""
    order = a_purchase_order(shop.company, {the_item(variant): quantity}, location=shop.locations[0])
    PurchaseOrder.objects.filter(pk=order.pk).update(status="sent", approved_at=AT, sent_at=AT)
    PurchaseOrderLine.objects.filter(purchase_order=order).update(expected_on=day)
    return order


def told(kind, order, item, **more):
    return kind(
        company_id=order.company_id, purchase_order_id=order.pk, number=order.number, supplier_id=order.supplier_id,
        location_id=order.location_id, stock_item_ids=(item.pk,), at=AT, **more,
    )  # fmt: skip


def received(shop, variant, quantity):
    receipt = Receipt(stock_item_id=the_item(variant).pk, location_id=shop.locations[0].pk, quantity=quantity, once_key="r", cause="test")
    receive_stock([receipt], company_id=shop.company.pk, actor=SYSTEM, at=AT)
    return StockReceived(
        company_id=shop.company.pk, stock_item_id=the_item(variant).pk, location_id=shop.locations[0].pk, quantity=quantity,
        sellable_quantity=quantity, cause="test", at=AT,
    )  # fmt: skip


def days():
    return list(BackOrder.objects.filter(status="waiting").order_by("id").values_list("promised_on", flat=True))


def test_a_promise_is_the_day_on_which_a_purchase_order_reaches_the_place_in_line(shop):
    tea = shop.variant(stock=[0])
    may_be_back_ordered(tea, cap=50, lead_days=30)
    on_its_way(shop, tea, 3, date(2026, 5, 20))
    on_its_way(shop, tea, 2, date(2026, 6, 1))

    placed(*(willing(a_draft(shop, (tea, 2))) for _ in range(3)))

    assert days() == [date(2026, 5, 20), date(2026, 6, 1), TODAY + timedelta(days=30)]


def test_promises_move_with_purchase_orders_and_each_buyer_is_told_once(shop):
    tea = shop.variant(stock=[0])
    may_be_back_ordered(tea, cap=50, lead_days=10)
    first, second = placed(willing(a_draft(shop, (tea, 2))), willing(a_draft(shop, (tea, 2))))
    order = on_its_way(shop, tea, 4, date(2026, 6, 15))

    sent = told(PurchaseOrderSent, order, the_item(tea))
    promise_anew(sent, at=AT)
    promise_anew(sent, at=AT)

    assert days() == [date(2026, 6, 15)] * 2
    moved = OutboxEvent.objects.filter(name="inventory.BackOrderPromiseMoved")
    assert moved.count() == 2
    demand = BackOrder.objects.order_by("id")[0].demand_id
    event = BackOrderPromiseMoved(
        company_id=shop.company.pk, demand_id=demand, before_on=TODAY + timedelta(days=10), promised_on=date(2026, 6, 15), at=AT
    )
    mail_promise(event, at=AT)
    mail_promise(event, at=AT)
    mail = OutgoingMail.objects.get(kind="order.promise")
    assert mail.about == f"order:{first.order_id}"
    assert "2026年6月15日" in mail.body
    assert order_view(second.order_id).waits[0].promised_on == date(2026, 6, 15)


def test_a_promise_that_nothing_carries_any_more_stays_what_was_said(shop):
    tea = shop.variant(stock=[0])
    may_be_back_ordered(tea, lead_days=10)
    order = on_its_way(shop, tea, 4, date(2026, 6, 15))
    placed(willing(a_draft(shop, (tea, 2))))
    PurchaseOrder.objects.filter(pk=order.pk).update(status="cancelled", closed_at=AT)

    promise_anew(told(PurchaseOrderEnded, order, the_item(tea), status="cancelled"), at=AT)

    assert days() == [date(2026, 6, 15)]


def test_what_comes_is_given_out_and_the_buyer_is_told_once(shop):
    tea = shop.variant(stock=[0])
    may_be_back_ordered(tea)
    (order,) = placed(willing(a_draft(shop, (tea, 2))))
    event = received(shop, tea, 5)

    give_to_waiting(event, at=AT)
    give_to_waiting(event, at=AT)

    assert order_view(order.order_id).fulfilment_status == "planned"
    (row,) = OutboxEvent.objects.filter(name="orders.WaitingAllocated")
    found = Order.objects.get(pk=order.order_id)
    line = order_view(order.order_id).lines[0]
    said = WaitingAllocated(
        order_id=found.pk, order_ref=found.public_id, company_id=found.company_id, customer_id=found.customer_id, line_refs=(str(line.id),)
    )
    mail_allocated(said, at=AT)
    mail_allocated(said, at=AT)
    mail = OutgoingMail.objects.get(kind="order.arrived")
    assert found.number in mail.subject
    assert row.stream == f"order:{found.pk}"


def test_who_cancelled_meanwhile_hears_nothing_of_arrivals(shop):
    tea = shop.variant(stock=[0])
    may_be_back_ordered(tea)
    (order,) = placed(willing(a_draft(shop, (tea, 2))))
    line = order_view(order.order_id).lines[0]
    found = Order.objects.get(pk=order.order_id)
    cancel_orders([order.order_id], reason="x", actor=STAFF, at=AT)

    mail_allocated(
        WaitingAllocated(
            order_id=found.pk,
            order_ref=found.public_id,
            company_id=found.company_id,
            customer_id=found.customer_id,
            line_refs=(str(line.id),),
        ),
        at=AT,
    )

    assert OutgoingMail.objects.filter(kind="order.arrived").count() == 0


def test_the_sweep_gives_out_what_no_event_told_of(shop):
    tea = shop.variant(stock=[0])
    may_be_back_ordered(tea)
    (order,) = placed(willing(a_draft(shop, (tea, 2))))
    received(shop, tea, 2)

    assert (allocate_waiting(), allocate_waiting()) == (1, 0)
    assert order_view(order.order_id).fulfilment_status == "planned"
