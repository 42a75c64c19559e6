"""Promising stock to demands."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import Refusal
from inventory.models import Allocation, Stock
from inventory.operations import allocate
from inventory.queries import supply_for
from tests.factories.inventory import (
    AT,
    SYSTEM,
    a_channel,
    a_demand,
    a_location,
    a_stocked_variant,
    a_trading_company,
    allocating,
    stock_of,
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
    supply = supply_for([tea.pk, cup.pk], company_id=company.pk, channel_id=channel.pk)

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
