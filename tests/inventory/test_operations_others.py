"""Reservations, recounting and masters."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.db import run
from core.errors import Refusal
from core.models import OutboxEvent
from inventory.models import Component, Location, PoolChannel, PoolSource, Reservation, Stock, StockItem, StockPool
from inventory.operations import (
    ComponentAsk,
    LocationAsk,
    PoolAsk,
    Recounted,
    Reserved,
    StockItemAsk,
    compose_variants,
    end_reservations,
    expire_reservations,
    extend_reservations,
    make_stock_items,
    open_locations,
    recount_stock,
    reserve_stock,
    set_pool,
)
from inventory.queries import stock_differences, supply_for
from inventory.rules import LocationKind
from tests.factories.catalog import a_product, a_variant
from tests.factories.inventory import (
    AT,
    SYSTEM,
    a_channel,
    a_demand,
    a_location,
    a_stock_item,
    a_stocked_variant,
    a_trading_company,
    allocating,
    stock_of,
)

pytestmark = pytest.mark.django_db
HOW = {"actor": SYSTEM, "at": AT}
SOON = AT + timedelta(minutes=15)


@pytest.fixture
def company():
    return a_trading_company()


def reserving(holder, variant, quantity, channel):
    supply = supply_for([variant.pk], company_id=channel.company_id, channel_id=channel.pk, at=AT)
    return reserve_stock([(holder, [a_demand(variant, quantity)])], supply=supply, until=SOON, **HOW)[0]


def test_what_is_reserved_cannot_be_allocated_until_it_expires(company, broken_promises):
    channel, place, tea, cart = a_channel(company), a_location(company), a_stocked_variant(company), uuid4()
    stock = stock_of(tea, place, 3)

    assert reserving(cart, tea, 2, channel) == Reserved(holder_id=cart, until=SOON)
    assert isinstance(allocating([a_demand(tea, 2)], channel)[1], Refusal)
    assert expire_reservations(actor=SYSTEM, at=SOON - timedelta(seconds=1)) == 0
    assert expire_reservations(actor=SYSTEM, at=SOON) == 1
    assert expire_reservations(actor=SYSTEM, at=SOON) == 0
    assert isinstance(allocating([a_demand(tea, 3)], channel)[1], list)
    stock.refresh_from_db()
    assert (stock.allocated, stock.reserved) == (3, 0)
    assert broken_promises() == []


def test_a_holder_keeps_what_it_has_and_ends_it_once(company, broken_promises):
    channel, place, tea, cart = a_channel(company), a_location(company), a_stocked_variant(company), uuid4()
    stock_of(tea, place, 5)

    reserving(cart, tea, 2, channel), reserving(cart, tea, 2, channel)
    held = Stock.objects.get().reserved
    assert extend_reservations([cart], until=SOON + timedelta(minutes=5), **HOW) == 1
    assert extend_reservations([cart], until=SOON, **HOW) == 0

    assert (held, end_reservations([cart], **HOW), end_reservations([cart], **HOW)) == (2, 1, 0)
    assert Stock.objects.get().reserved == 0
    assert broken_promises() == []


def test_a_reservation_that_cannot_be_whole_is_refused(company):
    channel, place, tea = a_channel(company), a_location(company), a_stocked_variant(company)
    stock_of(tea, place, 1)

    refused = reserving(uuid4(), tea, 2, channel)

    assert isinstance(refused, Refusal)
    assert (refused.code, Reservation.objects.count(), Stock.objects.get().reserved) == ("inventory.out_of_stock", 0, 0)


def test_a_recount_first_tells_then_repairs(company, broken_promises):
    channel, place, tea = a_channel(company), a_location(company), a_stocked_variant(company)
    stock = stock_of(tea, place, 5)
    allocating([a_demand(tea, 2)], channel)
    run("UPDATE inventory_stock SET on_hand = 9, sellable = 8, damaged = 1, allocated = 1 WHERE id = %s", (stock.pk,))
    assert sorted(broken_promises()) == ["inventory.allocated", "inventory.on_hand", "inventory.states"]

    (told,) = stock_differences(company_id=company.pk)
    repaired = recount_stock([stock.pk], reason="棚卸差異", **HOW)

    assert (told.on_hand, told.true_on_hand, told.allocated, told.true_allocated) == (9, 5, 1, 2)
    assert repaired == [Recounted(stock_id=stock.pk, on_hand=5, sellable=5, allocated=2, reserved=0)]
    assert OutboxEvent.objects.get(name="inventory.StockRecounted").payload["before"] == [9, 8, 1, 0, 0, 1, 0, 0, 0]
    assert recount_stock([stock.pk], reason="again", **HOW) == []
    assert broken_promises() == []


def test_rows_that_promise_more_than_there_is_are_left_for_a_person(company, ledger):
    channel, place, tea = a_channel(company), a_location(company), a_stocked_variant(company)
    stock = stock_of(tea, place, 5)
    allocating([a_demand(tea, 5)], channel)
    run("UPDATE inventory_stock SET allocated = 4 WHERE id = %s", (stock.pk,))
    run("UPDATE inventory_allocation SET quantity = 6")
    before = ledger()

    (refused,) = recount_stock([stock.pk], reason="棚卸", **HOW)

    assert isinstance(refused, Refusal)
    assert (refused.code, refused.params["promised"], refused.params["sellable"]) == ("inventory.cannot_recount", 6, 5)
    assert ledger() == before


def test_masters_are_made_in_bulk_and_once_per_code(company):
    variant = a_variant(a_product(company), "TEA")
    items = [StockItemAsk(code="TEA", name="煎茶", variant_id=variant.pk), StockItemAsk(code="BOX", name="箱")]
    places = [LocationAsk(code="east", name="東倉庫"), LocationAsk(code="shop", name="本店", kind=LocationKind.STORE, can_pick_up=True)]

    made = make_stock_items(items, company_id=company.pk, **HOW)
    opened = open_locations(places, company_id=company.pk, **HOW)

    assert make_stock_items(items, company_id=company.pk, **HOW) == made
    assert open_locations(places, company_id=company.pk, **HOW) == opened
    assert list(StockItem.objects.order_by("id").values_list("id", "code", "condition")) == [
        (made[0], "TEA", "new"),
        (made[1], "BOX", "new"),
    ]
    assert list(Component.objects.values_list("variant_id", "stock_item_id", "quantity")) == [(variant.pk, made[0], 1)]
    assert list(Location.objects.order_by("id").values_list("kind", "can_pick_up")) == [("warehouse", False), ("store", True)]


def test_a_kit_is_made_of_exactly_the_parts_named_last(company):
    variant, tea, cup, box = a_variant(a_product(company)), a_stock_item(company), a_stock_item(company), a_stock_item(company)

    compose_variants([ComponentAsk(variant_id=variant.pk, stock_item_id=item.pk) for item in (tea, cup)], company_id=company.pk, **HOW)
    compose_variants(
        [
            ComponentAsk(variant_id=variant.pk, stock_item_id=tea.pk, quantity=2),
            ComponentAsk(variant_id=variant.pk, stock_item_id=box.pk),
        ],
        company_id=company.pk, **HOW,
    )  # fmt: skip

    assert set(Component.objects.values_list("stock_item_id", "quantity")) == {(tea.pk, 2), (box.pk, 1)}


def test_a_pool_draws_from_exactly_the_sources_named_last(company):
    channel, east, west, foreign = a_channel(company), a_location(company), a_location(company), a_location(a_trading_company())
    ask = PoolAsk(code="web", name="ウェブ", sources=((west.pk, 2), (east.pk, 0), (foreign.pk, 0)), channel_ids=(channel.pk,))

    pool = set_pool(ask, company_id=company.pk, **HOW)

    assert set_pool(ask, company_id=company.pk, **HOW) == pool == StockPool.objects.get().pk
    assert list(PoolSource.objects.order_by("priority").values_list("location_id", "buffer_quantity")) == [(west.pk, 2), (east.pk, 0)]
    assert PoolChannel.objects.get().channel_id == channel.pk
