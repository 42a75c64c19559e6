"""Orders of goods that are not here: they wait in line, get their stock when it comes, or leave the line."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.actor import SYSTEM
from core.db import rows
from core.errors import Refusal
from core.models import OutboxEvent
from customers.models import CustomerRank, RankAssignment
from inventory.models import Allocation, BackOrder, Stock
from inventory.operations import receive_stock
from inventory.queries import invariants as stock_promises
from inventory.rules import Receipt, WaitKind
from orders.models import Order, Shipment, ShipmentLine
from orders.operations import Leaving, Quote, allocate_waiting, cancel_orders, place_orders, quote_orders, ship_shipments
from orders.queries import invariants, order_view
from orders.rules import Placed, Refused
from tests.factories.inventory import may_be_back_ordered, the_item
from tests.factories.orders import AT, STAFF, a_draft, a_known_customer, a_shop, placed

pytestmark = pytest.mark.django_db
TODAY = date(2026, 5, 11)
LATER = date(2026, 12, 31)


@pytest.fixture(autouse=True)
def promises_hold(db):
    yield
    broken = [p.name for p in (*invariants(), *stock_promises()) if rows(p.sql, {"company": None}, prepare=False)]
    assert broken == []


@pytest.fixture
def shop():
    return a_shop()


def willing(draft, until=LATER):
    """The same draft by somebody who agreed to wait."""
    return replace(draft, lines=tuple(replace(line, waits_until=until) for line in draft.lines))


def comes(shop, variant, quantity, place=0, key="r1"):
    receipt = Receipt(
        stock_item_id=the_item(variant).pk, location_id=shop.locations[place].pk, quantity=quantity, once_key=key, cause="test"
    )
    receive_stock([receipt], company_id=shop.company.pk, actor=SYSTEM, at=AT)


def given(shop, variant):
    return allocate_waiting([the_item(variant).pk], company_id=shop.company.pk, actor=SYSTEM, at=AT)


def test_an_order_of_something_that_is_not_here_waits_with_a_promised_day(shop):
    tea = shop.variant(stock=[0])
    may_be_back_ordered(tea, cap=5)

    (order,) = placed(willing(a_draft(shop, (tea, 2))))

    view = order_view(order.order_id)
    assert (view.status, view.fulfilment_status, view.parcels) == ("confirmed", "waiting", ())
    assert [(n.waiting, n.wait_kind, n.promised_on) for n in view.lines] == [(2, "back_order", TODAY + timedelta(days=14))]
    assert (Allocation.objects.count(), Stock.objects.get(stock_item=the_item(tea)).allocated) == (0, 0)


def test_who_did_not_agree_to_wait_is_refused_and_nothing_is_left_behind(shop):
    tea = shop.variant(stock=[0])
    may_be_back_ordered(tea)

    (refused,) = place_orders([a_draft(shop, (tea, 2))], actor=SYSTEM, at=AT)

    assert isinstance(refused, Refused)
    assert (refused.code, BackOrder.objects.count(), Order.objects.count()) == ("inventory.out_of_stock", 0, 0)


def test_a_promise_later_than_agreed_is_refused_with_the_new_day(shop):
    tea = shop.variant(stock=[0])
    may_be_back_ordered(tea)

    (refused,) = place_orders([willing(a_draft(shop, (tea, 1)), TODAY + timedelta(days=13))], actor=SYSTEM, at=AT)

    assert isinstance(refused, Refused)
    assert (refused.code, refused.reasons[0].params["promised_on"]) == ("inventory.promise_moved", "2026-05-25")
    assert (BackOrder.objects.count(), Order.objects.count()) == (0, 0)


def test_the_cap_counts_everybody_in_line_over_all_orders_of_a_batch(shop):
    tea = shop.variant(stock=[0])
    may_be_back_ordered(tea, cap=5)

    results = place_orders([willing(a_draft(shop, (tea, 2))) for _ in range(4)], actor=SYSTEM, at=AT)

    assert [type(r) for r in results] == [Placed, Placed, Refused, Refused]
    assert results[2].code == "inventory.cap_reached"
    assert results[2].reasons[0].params["available"] == 1
    assert BackOrder.objects.filter(status="waiting").count() == 2


def test_what_is_here_leaves_now_and_the_rest_of_the_order_waits(shop):
    here, gone = shop.variant(stock=[5]), shop.variant(stock=[0])
    may_be_back_ordered(gone)

    (order,) = placed(willing(a_draft(shop, (here, 1), (gone, 1))))

    view = order_view(order.order_id)
    assert (view.fulfilment_status, len(view.parcels), [n.waiting for n in view.lines]) == ("planned", 1, [0, 1])
    ship_shipments([Leaving(shipment_id=view.parcels[0].key)], actor=STAFF, at=AT)
    assert order_view(order.order_id).fulfilment_status == "partly_shipped"

    comes(shop, gone, 1)
    given(shop, gone)

    view = order_view(order.order_id)
    assert [(p.status, p.lines) for p in view.parcels] == [("shipped", ((1, 1),)), ("planned", ((2, 1),))]
    ship_shipments([Leaving(shipment_id=view.parcels[1].key)], actor=STAFF, at=AT)
    assert order_view(order.order_id).fulfilment_status == "shipped"


def test_goods_that_come_go_to_the_line_by_day_then_rank_then_age_and_never_more_than_came(shop):
    tea = shop.variant(stock=[0])
    terms = may_be_back_ordered(tea, cap=100)
    gold = CustomerRank.objects.create(company=shop.company, code="gold", name="ゴールド", level=2)
    loyal = a_known_customer(shop)
    RankAssignment.objects.create(customer=loyal, rank=gold, from_at=AT)
    first, second = placed(*(willing(a_draft(shop, (tea, 2))) for _ in range(2)))
    (ranked,) = placed(willing(a_draft(shop, (tea, 1), customer_id=loyal.pk)))
    terms.lead_days = 3
    type(terms).objects.filter(pk=terms.pk).update(lead_days=3)
    (sooner,) = placed(willing(a_draft(shop, (tea, 1))))

    comes(shop, tea, 4)
    done = given(shop, tea)

    assert [found.order_id for found in done] == [first.order_id, ranked.order_id, sooner.order_id]
    assert [order_view(o.order_id).fulfilment_status for o in (sooner, ranked, first, second)] == ["planned"] * 3 + ["waiting"]
    stock = Stock.objects.get(stock_item=the_item(tea), location=shop.locations[0])
    assert (stock.on_hand, stock.allocated) == (4, 4)
    assert given(shop, tea) == []
    assert OutboxEvent.objects.filter(name="orders.WaitingAllocated").count() == 3


def test_a_line_too_long_for_what_came_lets_the_next_one_go_before(shop):
    tea = shop.variant(stock=[0])
    may_be_back_ordered(tea, cap=100)
    big, small = placed(willing(a_draft(shop, (tea, 5))), willing(a_draft(shop, (tea, 2))))

    comes(shop, tea, 4)
    given(shop, tea)

    assert [order_view(o.order_id).fulfilment_status for o in (big, small)] == ["waiting", "planned"]


def test_cancelling_leaves_the_line_and_frees_the_place_under_the_cap(shop):
    tea = shop.variant(stock=[0])
    may_be_back_ordered(tea, cap=2)
    (order,) = placed(willing(a_draft(shop, (tea, 2))))

    cancel_orders([order.order_id], reason="待てない", actor=STAFF, at=AT)
    cancel_orders([order.order_id], reason="待てない", actor=STAFF, at=AT)
    again = placed(willing(a_draft(shop, (tea, 2))))

    assert len(again) == 1
    assert list(BackOrder.objects.order_by("id").values_list("status", flat=True)) == ["cancelled", "waiting"]
    comes(shop, tea, 2)
    given(shop, tea)
    assert order_view(order.order_id).status == "cancelled"
    assert order_view(again[0].order_id).fulfilment_status == "planned"


def test_a_pre_order_is_promised_for_its_release_day_and_leaves_no_earlier(shop):
    book, tea = shop.variant(stock=[0]), shop.variant(stock=[3])
    may_be_back_ordered(book, kind=WaitKind.PRE_ORDER, release_on=date(2026, 7, 1), lead_days=None)

    (order,) = placed(willing(a_draft(shop, (book, 1), (tea, 1))))
    comes(shop, book, 1)
    given(shop, book)

    view = order_view(order.order_id)
    assert [p.planned_on for p in view.parcels] == [None, date(2026, 7, 1)]
    assert ShipmentLine.objects.filter(shipment__order_id=order.order_id).count() == 2
    assert Shipment.objects.filter(order_id=order.order_id).values_list("number", flat=True).distinct().count() == 2


def test_what_came_joins_a_parcel_that_is_still_planned(shop):
    here, gone = shop.variant(stock=[5]), shop.variant(stock=[0])
    may_be_back_ordered(gone)
    (order,) = placed(willing(a_draft(shop, (here, 1), (gone, 1))))

    comes(shop, gone, 3)
    given(shop, gone)

    assert [p.lines for p in order_view(order.order_id).parcels] == [((1, 1), (2, 1))]


def test_a_quote_says_what_has_to_wait_and_until_when(shop):
    here, gone = shop.variant(stock=[5]), shop.variant(stock=[0])
    may_be_back_ordered(gone)
    draft = a_draft(shop, (here, 1), (gone, 1))

    told, short = quote_orders([willing(draft), draft], at=AT)

    assert isinstance(told, Quote)
    assert (told.short, {n: (w.kind, w.promised_on) for n, w in told.waits.items()}) == (
        None,
        {1: (WaitKind.BACK_ORDER, TODAY + timedelta(days=14))},
    )
    assert isinstance(short, Quote)
    assert isinstance(short.short, Refusal)


def test_an_order_short_of_something_else_gets_nobody_in_line(shop):
    waits, none = shop.variant(stock=[0]), shop.variant(stock=[0])
    may_be_back_ordered(waits)

    (refused,) = place_orders([willing(a_draft(shop, (waits, 1), (none, 1)))], actor=SYSTEM, at=AT)

    assert isinstance(refused, Refused)
    assert (refused.code, refused.reasons[0].field) == ("inventory.out_of_stock", "/lines/1/quantity")
    assert (BackOrder.objects.count(), Order.objects.count()) == (0, 0)
