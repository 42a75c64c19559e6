"""Allocations ship or are given back, once each."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import Refusal
from core.models import OutboxEvent
from inventory.models import Allocation, Movement, Stock
from inventory.operations import Released, Shipped, release_allocations, ship_allocations
from inventory.rules import ShipAsk
from tests.factories.inventory import (
    AT,
    WAREHOUSE_STAFF,
    a_channel,
    a_demand,
    a_location,
    a_stocked_variant,
    a_trading_company,
    allocating,
    an_allocation,
    stock_of,
)

pytestmark = pytest.mark.django_db
HOW = {"actor": WAREHOUSE_STAFF, "at": AT}


@pytest.fixture
def shop():
    company = a_trading_company()
    return a_channel(company), a_location(company)


def counters():
    return list(Stock.objects.order_by("id").values_list("on_hand", "sellable", "allocated"))


def test_shipped_goods_leave_with_one_movement_and_its_cause(shop, broken_promises):
    channel, place = shop
    tea = a_stocked_variant(channel.company)
    stock_of(tea, place, 5)
    found = an_allocation(tea, channel, 2)

    result = ship_allocations([ShipAsk(allocation_id=found.allocation_id, cause="shipment:1")], **HOW)

    assert result == [Shipped(allocation_id=found.allocation_id, stock_item_id=found.stock_item_id, location_id=place.pk, quantity=2)]
    moved = Movement.objects.get(kind="shipment")
    assert (moved.quantity, moved.sellable_quantity, moved.cause, moved.actor_kind, moved.actor_id, moved.at) == (
        -2,
        -2,
        "shipment:1",
        "staff",
        "12",
        AT,
    )
    assert counters() == [(3, 3, 0)]
    assert list(Allocation.objects.values_list("status", "closed_at")) == [("shipped", AT)]
    event = OutboxEvent.objects.get(name="inventory.StockShipped")
    assert (event.stream, event.payload["allocation_ids"]) == ("cause:shipment:1", [found.allocation_id])
    assert broken_promises() == []


def test_shipping_twice_changes_nothing(shop, ledger):
    channel, place = shop
    tea = a_stocked_variant(channel.company)
    stock_of(tea, place, 5)
    asks = [ShipAsk(allocation_id=an_allocation(tea, channel, 2).allocation_id, cause="shipment:1")]
    ship_allocations(asks, **HOW)
    before = ledger()

    again = ship_allocations(asks, **HOW)

    assert [result.is_new for result in again] == [False]
    assert ledger() == before


def test_one_ask_twice_in_a_batch_ships_once(shop, broken_promises):
    channel, place = shop
    tea = a_stocked_variant(channel.company)
    stock_of(tea, place, 5)
    ask = ShipAsk(allocation_id=an_allocation(tea, channel, 2).allocation_id, cause="shipment:1")

    ship_allocations([ask, ask], **HOW)

    assert counters() == [(3, 3, 0)]
    assert broken_promises() == []


def test_what_was_given_back_or_never_was_is_refused_and_the_rest_ships(shop):
    channel, place = shop
    tea = a_stocked_variant(channel.company)
    stock_of(tea, place, 5)
    kept, given_back = an_allocation(tea, channel), an_allocation(tea, channel)
    release_allocations(allocation_ids=[given_back.allocation_id], **HOW)

    result = ship_allocations([ShipAsk(allocation_id=n, cause="x") for n in (kept.allocation_id, given_back.allocation_id, 999_999)], **HOW)

    assert [r.code if isinstance(r, Refusal) else r.allocation_id for r in result] == [
        kept.allocation_id,
        "inventory.allocation_released",
        "inventory.allocation_not_found",
    ]
    assert counters() == [(4, 4, 0)]


def test_released_stock_may_be_sold_again_and_is_announced(shop, broken_promises):
    channel, place = shop
    tea = a_stocked_variant(channel.company)
    stock_of(tea, place, 2)
    found = an_allocation(tea, channel, 2)

    result = release_allocations([found.demand_id], **HOW)

    assert result == [Released(allocation_ids=(found.allocation_id,), quantity=2, demand_id=found.demand_id)]
    assert counters() == [(2, 2, 0)]
    told = {event.name: event.payload for event in OutboxEvent.objects.all()}
    assert told["inventory.StockReleased"]["quantity"] == 2
    assert told["inventory.AvailabilityChanged"]["is_available"] is True
    assert broken_promises() == []


def test_releasing_twice_or_the_unknown_changes_nothing(shop, ledger):
    channel, place = shop
    tea = a_stocked_variant(channel.company)
    stock_of(tea, place, 2)
    found, stranger = an_allocation(tea, channel), uuid4()
    release_allocations([found.demand_id], **HOW)
    before = ledger()

    result = release_allocations([found.demand_id, stranger], allocation_ids=[found.allocation_id], **HOW)

    assert result == [Released(demand_id=found.demand_id), Released(demand_id=stranger), Released()]
    assert ledger() == before


def test_what_has_shipped_stays_shipped(shop, ledger):
    channel, place = shop
    tea = a_stocked_variant(channel.company)
    stock_of(tea, place, 2)
    found = an_allocation(tea, channel)
    ship_allocations([ShipAsk(allocation_id=found.allocation_id, cause="x")], **HOW)
    before = ledger()

    release_allocations([found.demand_id], allocation_ids=[found.allocation_id], **HOW)

    assert ledger() == before


@pytest.mark.parametrize("verb", ["ship", "release"])
def test_a_batch_takes_as_many_statements_as_one(shop, verb):
    channel, place = shop
    teas = [a_stocked_variant(channel.company) for _ in range(20)]
    for tea in teas:
        stock_of(tea, place, 5)

    counts = []
    for some in (teas[:1], teas[1:]):
        found = [one for result in allocating([a_demand(tea, order=tea.pk) for tea in some], channel).values() for one in result]
        with CaptureQueriesContext(connection) as seen:
            if verb == "ship":
                ship_allocations([ShipAsk(allocation_id=a.allocation_id, cause="x") for a in found], **HOW)
            else:
                release_allocations([a.demand_id for a in found], **HOW)
        counts.append(sum("inventory_" in query["sql"] or "outbox" in query["sql"] for query in seen.captured_queries))

    assert counts == [2, 2]
