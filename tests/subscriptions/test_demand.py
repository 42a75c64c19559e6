"""What running contracts tell the stock: what they will take from the shelves, and what they took."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.actor import SYSTEM
from core.db import acting
from inventory.models import Allocation
from inventory.operations import ship_allocations
from inventory.ports import PlannedPieces, TakenPieces
from inventory.rules import ShipAsk
from subscriptions import hooks
from subscriptions.models import Cycle
from subscriptions.operations import generate_due, skip_cycles
from subscriptions.rules import CycleAsk
from tests.factories.orders import AT, a_shop
from tests.factories.subscriptions import a_contract, a_plan, many_contracts, something_to_subscribe

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 5, 11)


def planned(shop, until, *, today=TODAY):
    return hooks.planned_demand(shop.company.pk, today=today, until=until)


def test_every_delivery_is_wanted_on_the_day_its_order_is_made():
    shop = a_shop()
    tea = something_to_subscribe(shop)
    a_plan(shop, tea)
    a_contract(shop, (tea, 2))
    a_contract(shop, (tea, 1))

    assert planned(shop, date(2026, 8, 1)) == [
        PlannedPieces(variant_id=tea.pk, day=date(2026, 6, 8), quantity=3),
        PlannedPieces(variant_id=tea.pk, day=date(2026, 7, 8), quantity=3),
    ]


def test_what_is_overdue_is_wanted_today_and_what_is_skipped_is_not():
    shop = a_shop()
    contract = a_contract(shop)
    skip_cycles([CycleAsk(contract_id=contract.pk, number=3)], actor=SYSTEM, at=AT)

    days = [row.day for row in planned(shop, date(2026, 9, 1), today=date(2026, 6, 20))]

    assert days == [date(2026, 6, 20), date(2026, 8, 8)]


def test_a_contract_that_rests_wants_nothing():
    shop = a_shop()
    contract = a_contract(shop)
    with acting(SYSTEM):
        type(contract).objects.filter(pk=contract.pk).update(status="paused", paused_at=AT)

    assert planned(shop, date(2026, 9, 1)) == []


def test_what_renewals_took_is_told_by_shelf_and_day():
    shop = a_shop()
    a_contract(shop)
    generate_due(on=date(2026, 6, 8), actor=SYSTEM, at=AT + timedelta(days=28))
    (first, renewal) = Allocation.objects.order_by("id")
    asks = [ShipAsk(allocation_id=a.pk, cause="shipment") for a in (first, renewal)]
    ship_allocations(asks, actor=SYSTEM, at=AT + timedelta(days=29))

    assert hooks.taken_demand(shop.company.pk, since=TODAY) == [
        TakenPieces(stock_item_id=renewal.stock_item_id, location_id=renewal.location_id, day=date(2026, 6, 9), quantity=1)
    ]
    assert hooks.taken_demand(shop.company.pk, since=date(2026, 6, 10)) == []
    assert Cycle.objects.filter(status="generated").count() == 2


def test_many_contracts_take_as_many_statements_as_one():
    shop = a_shop()
    many_contracts(shop, 1)
    with CaptureQueriesContext(connection) as one:
        planned(shop, date(2026, 9, 1))
    many_contracts(shop, 20)

    with CaptureQueriesContext(connection) as many:
        assert sum(row.quantity for row in planned(shop, date(2026, 9, 1))) == 63

    assert len(one) == len(many)
