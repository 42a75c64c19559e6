"""Ring-fenced quotas under contention: exact winners per channel, no deadlock, counters that equal their rows."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from core.actor import SYSTEM
from core.db import operation, rows
from core.errors import Refusal
from inventory.models import Allocation, StockQuota
from inventory.operations import (
    QuotaAsk,
    allocate,
    end_quotas,
    end_reservations,
    expire_reservations,
    release_allocations,
    reserve_stock,
    set_quotas,
    ship_allocations,
)
from inventory.queries import invariants, supply_for
from inventory.rules import Demand, ShipAsk
from tests.factories.inventory import AT, a_channel, a_location, a_quota, a_stocked_variant, a_trading_company, stock_of
from tests.races.contention import contend, deadlocks

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


@operation
def buy(demand: Demand, *, supply: Any, company_id: int, channel_id: int, actor: Any, at: Any) -> Any:
    """Read the supply, unless it was read long ago, then allocate, in one transaction."""
    holders = [demand.holder_id] if demand.holder_id else []
    read = supply or supply_for([demand.variant_id], company_id=company_id, channel_id=channel_id, holder_ids=holders, at=at)
    return allocate([demand], supply=read, company_id=company_id, channel_id=channel_id, actor=actor, at=at)[demand.order_key]


def broken() -> dict[str, list[Any]]:
    return {promise.name: found for promise in invariants() if (found := rows(promise.sql, {"company": None}, prepare=False))}


@pytest.mark.parametrize("advice", ["fresh", "stale"])
def test_buyers_of_two_channels_get_exactly_their_quota_and_the_rest_once(advice: str) -> None:
    company = a_trading_company()
    web, mall, tea = a_channel(company), a_channel(company), a_stocked_variant(company)
    stocks = [stock_of(tea, a_location(company), units) for units in (20, 10, 7)]
    a_quota(stocks[0], mall, 8)
    a_quota(stocks[2], mall, 5)
    stale = {c.pk: supply_for([tea.pk], company_id=company.pk, channel_id=c.pk, at=AT) for c in (web, mall)} if advice == "stale" else {}
    buyers = [
        partial(
            buy, Demand(order_key=n, demand_id=uuid4(), variant_id=tea.pk, quantity=1), supply=stale.get(channel.pk),
            company_id=company.pk, channel_id=channel.pk, actor=SYSTEM, at=AT,
        )
        for n in range(80) for channel in (web, mall)
    ]  # fmt: skip
    before = deadlocks()

    answers = contend(buyers, threads=32)

    sold = {channel.pk: sum(isinstance(answers[n], list) for n in range(k, 160, 2)) for k, channel in enumerate((web, mall))}
    kinds = Counter(answer.code if isinstance(answer, Refusal) else type(answer).__name__ for answer in answers)
    assert kinds == {"list": 37, "inventory.out_of_stock": 123}
    assert sold[mall.pk] >= 13
    assert sold[web.pk] <= 24
    assert sum(StockQuota.objects.values_list("remaining", flat=True)) == 0
    assert broken() == {}
    assert deadlocks() - before == 0


def test_a_rush_on_one_channel_leaves_the_others_quota_whole() -> None:
    company = a_trading_company()
    web, mall, tea = a_channel(company), a_channel(company), a_stocked_variant(company)
    a_quota(stock_of(tea, a_location(company), 37), mall, 12)
    stale = supply_for([tea.pk], company_id=company.pk, channel_id=web.pk, at=AT)
    buyers = [
        partial(
            buy, Demand(order_key=n, demand_id=uuid4(), variant_id=tea.pk, quantity=1), supply=stale, company_id=company.pk,
            channel_id=web.pk, actor=SYSTEM, at=AT,
        )
        for n in range(100)
    ]  # fmt: skip

    answers = contend(buyers, threads=25)

    assert Counter(type(answer).__name__ for answer in answers) == {"list": 25, "Refusal": 75}
    assert StockQuota.objects.get().remaining == 12


def test_random_deeds_on_quotas_and_holds_each_twice_leave_every_counter_right() -> None:
    company = a_trading_company()
    channels = [a_channel(company) for _ in range(3)]
    variants, places = [a_stocked_variant(company) for _ in range(3)], [a_location(company) for _ in range(2)]
    stocks = [stock_of(variant, place, 40) for variant in variants for place in places]
    deeds = [_deed(random.Random(seed), company.pk, channels, variants, [s.pk for s in stocks]) for seed in range(500)]
    before = deadlocks()

    answers = contend([deed for deed in deeds for _ in range(2)], threads=8)

    assert [answer for answer in answers if isinstance(answer, BaseException)] == []
    assert broken() == {}
    assert deadlocks() - before == 0
    assert Allocation.objects.filter(quota_quantity__gt=0, status="shipped").exists()


def _deed(chance: random.Random, company: int, channels: list[Any], variants: list[Any], stocks: list[int]) -> Callable[[], Any]:
    """One thing somebody wants done; called twice it must be done once."""
    variant, channel, key, holder = chance.choice(variants), chance.choice(channels).pk, uuid4(), uuid4()
    quantity, how = chance.randint(1, 5), {"actor": SYSTEM, "at": AT}
    demand = Demand(order_key=1, demand_id=key, variant_id=variant.pk, quantity=quantity, holder_id=holder)

    def order(then: Callable[[list[Any]], Any]) -> Any:
        found = buy(demand, supply=None, company_id=company, channel_id=channel, **how)
        return then(found) if isinstance(found, list) else found

    def hold() -> Any:
        supply = supply_for([variant.pk], company_id=company, channel_id=channel, at=AT)
        return reserve_stock([(holder, [demand])], supply=supply, until=AT + timedelta(seconds=chance.randint(-1, 1)), **how)

    def fence() -> Any:
        asks = [QuotaAsk(stock_id=stock, channel_id=channel, quantity=quantity + 3) for stock in chance.sample(stocks, 2)]
        return set_quotas(asks, company_id=company, **how)

    def unfence() -> Any:
        live = rows("SELECT id FROM inventory_stockquota WHERE ended_at IS NULL", prepare=False)
        return end_quotas([row.id for row in live if row.id % 3 == 0], **how)

    return chance.choice(
        [
            lambda: order(lambda found: None),
            lambda: order(lambda found: release_allocations([key], **how)),
            lambda: order(lambda found: ship_allocations([ShipAsk(allocation_id=a.allocation_id, cause=str(key)) for a in found], **how)),
            lambda: (hold(), order(lambda found: None)),
            lambda: (hold(), end_reservations([holder], **how)),
            lambda: (hold(), expire_reservations(**how)),
            lambda: (hold(), order(lambda found: release_allocations([key], **how))),
            fence,
            fence,
            unfence,
        ]
    )
