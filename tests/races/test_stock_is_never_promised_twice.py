"""Stock under contention, on real PostgreSQL: exact winners, no deadlock, counters that equal their rows.

To see that these tests can fail, take away what the one statement lives by and run them again:

    RACE_WITHOUT=order pytest tests/races      locks are taken in random order: deadlocks are counted
    RACE_WITHOUT=lock pytest tests/races       rows are read unlocked: updates are lost and everybody is served
    RACE_WITHOUT=condition pytest tests/races  nothing is compared: the constraint refuses, buyers see errors
"""

import os
import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection

from core.actor import SYSTEM
from core.db import operation, rows
from core.errors import Busy, Refusal
from inventory.models import Allocation, Stock
from inventory.operations import (
    adjust_stock,
    allocate,
    allocating,
    end_reservations,
    expire_reservations,
    extend_reservations,
    receive_stock,
    release_allocations,
    reserve_stock,
    ship_allocations,
    transfer_stock,
    turn_stock,
)
from inventory.queries import invariants, stock_differences, supply_for
from inventory.rules import Adjustment, Demand, Receipt, ShipAsk, StockState, Supply, Transfer, Turn
from tests.factories.inventory import AT, a_channel, a_location, a_stocked_variant, a_trading_company, stock_of, the_item
from tests.races.contention import contend, deadlocks

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

MISSING = os.environ.get("RACE_WITHOUT", "")
WITHOUT = {
    "order": ("ORDER BY s.id FOR UPDATE", "ORDER BY md5(s.id::text || pg_backend_pid()) FOR UPDATE"),
    "lock": ("ORDER BY s.id FOR UPDATE NOWAIT", "ORDER BY s.id"),
    "condition": ("< sum(p.quantity) + max(p.buffer)", "< 0"),
}


@pytest.fixture(autouse=True)
def _perhaps_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """RACE_WITHOUT takes a safeguard away, so that one can watch the race being lost."""
    if MISSING:
        there, instead = WITHOUT[MISSING]
        for name in ("_WAITING", "_AT_ONCE"):
            statements = getattr(allocating, name)
            broken = {key: text.replace(there, instead).replace(there.removesuffix(" NOWAIT"), instead) for key, text in statements.items()}
            assert broken[False] != statements[False]
            monkeypatch.setattr(allocating, name, broken)


@operation
def buy(demand: Demand, *, supply: Supply | None, company_id: int, channel_id: int, actor: Any, at: Any) -> Any:
    """What an order does: read the supply, then allocate, in one transaction."""
    read = supply or supply_for([demand.variant_id], company_id=company_id, channel_id=channel_id, at=AT)
    return allocate([demand], supply=read, company_id=company_id, channel_id=channel_id, actor=actor, at=at)[demand.order_key]


@pytest.mark.parametrize("advice", ["fresh", "stale"])
def test_200_buyers_over_50_connections_get_exactly_37_units_from_3_locations(advice: str) -> None:
    company = a_trading_company()
    channel, variant = a_channel(company), a_stocked_variant(company)
    for units in (20, 10, 7):
        stock_of(variant, a_location(company), units)
    stale = supply_for([variant.pk], company_id=company.pk, channel_id=channel.pk, at=AT) if advice == "stale" else None
    buyers = [
        partial(
            buy, Demand(order_key=n, demand_id=uuid4(), variant_id=variant.pk, quantity=1), supply=stale, company_id=company.pk,
            channel_id=channel.pk, actor=SYSTEM, at=AT,
        )
        for n in range(200)
    ]  # fmt: skip
    before = deadlocks()

    answers = contend(buyers, threads=50)

    kinds = Counter(answer.code if isinstance(answer, Refusal) else type(answer).__name__ for answer in answers)
    assert kinds == {"list": 37, "inventory.out_of_stock": 163}
    assert Allocation.objects.filter(status="open").count() == 37
    assert list(Stock.objects.order_by("id").values_list("allocated", flat=True)) == [20, 10, 7]
    assert deadlocks() - before == 0


def test_16_threads_taking_3_random_shelves_of_40_never_deadlock() -> None:
    company = a_trading_company()
    channel, locations = a_channel(company), [a_location(company) for _ in range(2)]
    variants = [a_stocked_variant(company) for _ in range(20)]
    for variant in variants:
        for location in locations:
            stock_of(variant, location, 60)
    chance = random.Random(4)

    def order(key: int) -> Callable[[], Any]:
        demands = [Demand(order_key=key, demand_id=uuid4(), variant_id=variant.pk, quantity=1) for variant in chance.sample(variants, 3)]
        supply = supply_for([demand.variant_id for demand in demands], company_id=company.pk, channel_id=channel.pk, at=AT)
        return partial(allocate, demands, supply=supply, company_id=company.pk, channel_id=channel.pk, actor=SYSTEM, at=AT)

    orders = [order(key) for key in range(960 if MISSING != "order" else 48)]
    before = deadlocks()

    answers = contend(orders, threads=16)

    served = sum(isinstance(answer, dict) and all(isinstance(result, list) for result in answer.values()) for answer in answers)
    refused = sum(isinstance(answer, dict) and any(isinstance(result, Refusal) for result in answer.values()) for answer in answers)
    assert served + refused == len(orders)
    assert sum(Stock.objects.values_list("allocated", flat=True)) == 3 * served == Allocation.objects.count()
    assert max(Stock.objects.values_list("allocated", flat=True)) <= 60
    assert deadlocks() - before == 0


def test_a_second_try_never_waits_for_a_lock_but_gives_up_and_says_so() -> None:
    company = a_trading_company()
    channel, variant = a_channel(company), a_stocked_variant(company)
    stock_of(variant, a_location(company), 100)
    held = stock_of(variant, a_location(company), 5)
    stale = supply_for([variant.pk], company_id=company.pk, channel_id=channel.pk, at=AT)
    first, late = (Demand(order_key=1, demand_id=uuid4(), variant_id=variant.pk, quantity=units) for units in (98, 5))
    how = {"supply": stale, "company_id": company.pk, "channel_id": channel.pk, "actor": SYSTEM, "at": AT}
    allocate([first], **how)

    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as rival:
        rival.execute("SELECT 1 FROM inventory_stock WHERE id = %s FOR UPDATE", (held.pk,))
        with pytest.raises(Busy):
            allocate([late], **how)
        rival.rollback()

    assert Allocation.objects.get().demand_id == first.demand_id
    assert [found.location_id for found in allocate([late], **how)[1]] == [held.location_id]


def test_random_deeds_each_sent_twice_leave_counters_that_equal_their_rows() -> None:
    company = a_trading_company()
    channel, locations = a_channel(company), [a_location(company) for _ in range(3)]
    variants = [a_stocked_variant(company) for _ in range(5)]
    for variant in variants:
        for location in locations:
            stock_of(variant, location, 30)
    deeds = [_deed(random.Random(seed), company.pk, channel.pk, variants, [spot.pk for spot in locations]) for seed in range(600)]
    before = deadlocks()

    answers = contend([deed for deed in deeds for _ in range(2)], threads=8)

    assert [answer for answer in answers if isinstance(answer, BaseException)] == []
    assert stock_differences() == []
    assert {promise.name: rows(promise.sql, {"company": None}) for promise in invariants()} == {
        promise.name: [] for promise in invariants()
    }
    assert deadlocks() - before == 0
    assert Allocation.objects.filter(status="shipped").exists()


def _ways(chance: random.Random) -> dict[str, StockState]:
    """From one state into another."""
    return dict(zip(("from_state", "to_state"), chance.sample(list(StockState)[:3], 2), strict=True))


def _deed(chance: random.Random, company: int, channel: int, variants: list[Any], locations: list[int]) -> Callable[[], Any]:
    """One thing somebody wants done; called twice it must be done once."""
    variant, key = chance.choice(variants), uuid4()
    quantity = chance.randint(1, 4)
    shelf = {"stock_item_id": the_item(variant).pk, "location_id": chance.choice(locations), "once_key": str(key)}
    how = {"actor": SYSTEM, "at": AT}

    def order_and_then(then: Callable[[UUID, list[Any]], Any]) -> Any:
        supply = supply_for([variant.pk], company_id=company, channel_id=channel, at=AT)
        demand = Demand(order_key=1, demand_id=key, variant_id=variant.pk, quantity=quantity)
        found = allocate([demand], supply=supply, company_id=company, channel_id=channel, **how)[1]
        return then(key, found) if isinstance(found, list) else found

    def hold() -> Any:
        supply = supply_for([variant.pk], company_id=company, channel_id=channel, at=AT)
        wants = [Demand(order_key=1, demand_id=key, variant_id=variant.pk, quantity=quantity)]
        found = reserve_stock([(key, wants)], supply=supply, until=AT, **how)
        extend_reservations([key], until=AT.replace(hour=9), **how)
        return found, end_reservations([key], **how) if chance.random() < 0.5 else expire_reservations(**how)

    away = chance.choice([location for location in locations if location != shelf["location_id"]])
    return chance.choice(
        [
            lambda: order_and_then(lambda demand, found: None),
            lambda: order_and_then(lambda demand, found: release_allocations([demand], **how)),
            lambda: order_and_then(
                lambda demand, found: ship_allocations([ShipAsk(allocation_id=a.allocation_id, cause=str(demand)) for a in found], **how)
            ),
            hold,
            lambda: receive_stock([Receipt(**shelf, quantity=quantity, cause="po")], company_id=company, **how),
            lambda: adjust_stock([Adjustment(**shelf, quantity=-quantity)], company_id=company, reason="broken", **how),
            lambda: turn_stock([Turn(**shelf, quantity=1, **_ways(chance))], company_id=company, reason="check", **how),
            lambda: transfer_stock(
                [
                    Transfer(
                        stock_item_id=shelf["stock_item_id"], from_location_id=shelf["location_id"], to_location_id=away,
                        quantity=quantity, once_key=str(key),
                    )
                ],
                company_id=company, **how,
            ),
        ]
    )  # fmt: skip
