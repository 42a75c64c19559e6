"""Promising stock to demands."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.db import run
from core.errors import Refusal
from core.models import OutboxEvent
from inventory.models import Allocation, Stock
from inventory.operations import allocate
from inventory.queries import supply_for
from tests.factories.inventory import (
    AT,
    SYSTEM,
    a_channel,
    a_demand,
    a_location,
    a_pool,
    a_stock_item,
    a_stocked_variant,
    a_trading_company,
    allocating,
    stock_of,
    the_item,
)

pytestmark = pytest.mark.django_db


def test_an_order_gets_its_stock_from_one_location() -> None:
    company = a_trading_company()
    channel, east, west = a_channel(company), a_location(company, "east"), a_location(company, "west")
    tea, cup = a_stocked_variant(company), a_stocked_variant(company)
    stock_of(tea, east, 5), stock_of(tea, west, 5), stock_of(cup, west, 5)
    demands = [a_demand(tea, 2), a_demand(cup, 1)]

    result = allocating(demands, channel)

    assert [(a.demand_id, a.location_id, a.quantity, a.line_quantity) for a in result[1]] == [
        (demands[0].demand_id, west.pk, 2, 2),
        (demands[1].demand_id, west.pk, 1, 1),
    ]
    assert list(Allocation.objects.order_by("id").values_list("id", "stock__allocated", "status")) == [
        (result[1][0].allocation_id, 2, "open"),
        (result[1][1].allocation_id, 1, "open"),
    ]


def test_a_short_order_takes_no_lock_and_leaves_everything_as_it_was() -> None:
    company = a_trading_company()
    channel, east = a_channel(company), a_location(company)
    tea, cup = a_stocked_variant(company, sku="TEA"), a_stocked_variant(company)
    stock_of(tea, east, 2), stock_of(cup, east, 9)
    supply = supply_for([tea.pk, cup.pk], company_id=company.pk, channel_id=channel.pk, at=AT)

    with CaptureQueriesContext(connection) as seen:
        result = allocate(
            [a_demand(cup), a_demand(tea, 3)], supply=supply, company_id=company.pk, channel_id=channel.pk, actor=SYSTEM, at=AT
        )

    assert result == {
        1: Refusal(
            "inventory.out_of_stock",
            "%(sku)s is out of stock: %(wanted)s wanted, %(available)s available.",
            {"sku": "TEA", "wanted": 3, "available": 2},
        )
    }
    assert not [query for query in seen.captured_queries if "inventory_" in query["sql"]]
    assert not Allocation.objects.exists()
    assert set(Stock.objects.values_list("allocated", flat=True)) == {0}


def test_lines_that_share_a_stock_item_are_summed_first() -> None:
    company = a_trading_company()
    channel, place, tea = a_channel(company), a_location(company), a_stocked_variant(company)
    trio = a_stocked_variant(company, parts={the_item(tea): 3})
    stock_of(tea, place, 4)

    refused = allocating([a_demand(tea, 2), a_demand(trio, 1)], channel)[1]
    served = allocating([a_demand(tea, 1), a_demand(trio, 1)], channel)[1]

    assert isinstance(refused, Refusal)
    assert [(a.variant_id, a.quantity, a.line_quantity) for a in served] == [(tea.pk, 1, 1), (trio.pk, 3, 1)]
    assert Stock.objects.get().allocated == 4


def test_a_kit_has_an_allocation_for_every_part_at_one_location() -> None:
    company = a_trading_company()
    channel, east, west = a_channel(company), a_location(company), a_location(company)
    tea, cup = a_stock_item(company), a_stock_item(company)
    kit = a_stocked_variant(company, parts={tea: 1, cup: 2})
    stock_of(tea, east, 5), stock_of(cup, east, 1), stock_of(tea, west, 2), stock_of(cup, west, 4)

    served = allocating([a_demand(kit, 2)], channel)[1]

    assert sorted((a.stock_item_id, a.location_id, a.quantity, a.line_quantity) for a in served) == [
        (tea.pk, west.pk, 2, 2),
        (cup.pk, west.pk, 4, 2),
    ]


def test_a_service_needs_no_stock() -> None:
    company = a_trading_company()
    channel, wrapping = a_channel(company), a_stocked_variant(company, parts={})

    assert allocating([a_demand(wrapping, 3)], channel) == {1: []}


def test_the_buffer_of_the_pool_is_left_for_others() -> None:
    company = a_trading_company()
    place, tea = a_location(company), a_stocked_variant(company)
    stock_of(tea, place, 5)
    web, phone = a_channel(company), a_channel(company)
    a_pool(company, {place: 2}, channel=web)

    assert allocating([a_demand(tea, 4)], web)[1].params["available"] == 3
    assert isinstance(allocating([a_demand(tea, 4)], phone)[1], list)


def test_allocating_again_answers_with_what_is_there() -> None:
    company = a_trading_company()
    channel, place, tea = a_channel(company), a_location(company), a_stocked_variant(company)
    stock_of(tea, place, 9)
    demands = [a_demand(tea, 2), a_demand(tea, 1)]

    first, again = allocating(demands, channel), allocating(demands, channel)

    assert again == first
    assert Stock.objects.get().allocated == 3


def test_a_variant_of_another_company_is_refused() -> None:
    company, other = a_trading_company(), a_trading_company()
    channel, tea = a_channel(company), a_stocked_variant(other)
    stock_of(tea, a_location(other), 5)

    assert allocating([a_demand(tea)], channel)[1].code == "inventory.unknown_variant"
    assert not Allocation.objects.exists()


def test_orders_of_a_batch_get_a_result_each_and_a_short_one_harms_nobody() -> None:
    company = a_trading_company()
    channel, place, tea = a_channel(company), a_location(company), a_stocked_variant(company)
    stock_of(tea, place, 3)

    result = allocating([a_demand(tea, 2, order=7), a_demand(tea, 2, order=8), a_demand(tea, 1, order=9)], channel)

    assert {key: isinstance(found, list) for key, found in result.items()} == {7: True, 8: False, 9: True}
    assert Stock.objects.get().allocated == 3


def _stale(variant, channel):
    """The supply as somebody read it before the rival came."""
    return supply_for([variant.pk], company_id=channel.company_id, channel_id=channel.pk, at=AT)


def _allocate(demands, supply, channel):
    return allocate(demands, supply=supply, company_id=channel.company_id, channel_id=channel.pk, actor=SYSTEM, at=AT)


def test_an_order_whose_shelf_was_emptied_meanwhile_is_planned_anew() -> None:
    company = a_trading_company()
    channel, east, west, tea = a_channel(company), a_location(company), a_location(company), a_stocked_variant(company)
    stock_of(tea, east, 2), stock_of(tea, west, 2)
    supply = _stale(tea, channel)
    _allocate([a_demand(tea, 2)], supply, channel)

    second = _allocate([a_demand(tea, 2)], supply, channel)[1]
    third = _allocate([a_demand(tea, 1)], supply, channel)[1]

    assert [a.location_id for a in second] == [west.pk]
    assert (third.code, third.params["available"]) == ("inventory.out_of_stock", 0)
    assert list(Stock.objects.order_by("id").values_list("allocated", flat=True)) == [2, 2]


def test_an_order_that_comes_too_late_to_a_full_shelf_is_served_elsewhere() -> None:
    company = a_trading_company()
    channel, east, west, tea = a_channel(company), a_location(company), a_location(company), a_stocked_variant(company)
    stock_of(tea, east, 100), stock_of(tea, west, 5)
    supply = _stale(tea, channel)
    _allocate([a_demand(tea, 98)], supply, channel)

    late = _allocate([a_demand(tea, 5)], supply, channel)[1]

    assert [(a.location_id, a.quantity) for a in late] == [(west.pk, 5)]


def test_a_batch_that_meets_a_short_shelf_serves_whom_it_can() -> None:
    company = a_trading_company()
    channel, place, tea, cup = a_channel(company), a_location(company), a_stocked_variant(company), a_stocked_variant(company)
    stock_of(tea, place, 3), stock_of(cup, place, 3)
    supply = supply_for([tea.pk, cup.pk], company_id=company.pk, channel_id=channel.pk, at=AT)
    _allocate([a_demand(tea, 2)], supply, channel)

    result = _allocate([a_demand(tea, 1, order=1), a_demand(tea, 2, order=2), a_demand(cup, 3, order=3)], supply, channel)

    assert {key: isinstance(found, list) for key, found in result.items()} == {1: True, 2: False, 3: True}
    assert list(Stock.objects.order_by("id").values_list("allocated", flat=True)) == [3, 3]


def test_a_shelf_counted_full_when_read_and_freed_before_the_lock_is_not_judged_by_its_old_figures() -> None:
    company = a_trading_company()
    channel, place, tea = a_channel(company), a_location(company), a_stocked_variant(company)
    stock_of(tea, place, 3)
    supply = _stale(tea, channel)
    run("UPDATE inventory_stock SET allocated = 3")
    run("UPDATE inventory_stock SET allocated = 0")

    assert isinstance(_allocate([a_demand(tea, 3)], supply, channel)[1], list)


@pytest.mark.parametrize("orders", [1, 100])
def test_a_batch_is_one_statement_that_locks_in_order_before_it_writes(orders: int) -> None:
    company = a_trading_company()
    channel, place = a_channel(company), a_location(company)
    tea, cup = a_stocked_variant(company), a_stocked_variant(company)
    stock_of(tea, place, 500), stock_of(cup, place, 500)
    supply = supply_for([tea.pk, cup.pk], company_id=company.pk, channel_id=channel.pk, at=AT)
    demands = [a_demand(variant, order=key) for key in range(orders) for variant in (tea, cup)]

    with CaptureQueriesContext(connection) as seen:
        _allocate(demands, supply, channel)

    (statement,) = [query["sql"] for query in seen.captured_queries if "inventory_" in query["sql"]]
    assert statement.index("ORDER BY s.id FOR UPDATE") < statement.index("UPDATE inventory_stock") < statement.rindex("SELECT")


def test_the_last_free_piece_is_announced() -> None:
    company = a_trading_company()
    channel, place, tea = a_channel(company), a_location(company), a_stocked_variant(company)
    stock_of(tea, place, 2)

    allocating([a_demand(tea, 1)], channel)
    before = OutboxEvent.objects.count()
    allocating([a_demand(tea, 1)], channel)

    assert before == 0
    event = OutboxEvent.objects.get()
    assert (event.name, event.payload["is_available"], event.payload["location_id"]) == ("inventory.AvailabilityChanged", False, place.pk)
