"""Lots are counted, picked, received and shipped at once: each ends where its count and its movements say, and is booked once."""

from collections import Counter
from datetime import date, timedelta
from functools import partial
from uuid import uuid4

import pytest

from core.actor import Actor, ActorKind
from core.clock import now
from core.db import operation, rows
from core.errors import Conflict, Refusal
from inventory.models import Lot, Movement, StockLot, StocktakeLine
from inventory.operations import (
    PickAsk,
    allocate,
    approve_stocktake,
    open_stocktake,
    pick_lots,
    receive_stock,
    record_counts,
    ship_allocations,
    submit_stocktake,
)
from inventory.queries import invariants, supply_for
from inventory.rules import CountEntry, Demand, Receipt, ShipAsk, StocktakeAsk, Uncounted
from tests.factories.inventory import AT, a_channel, a_location, a_stock_item, a_stocked_variant, a_trading_company, lots_of, the_item
from tests.races.contention import contend, deadlocks

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
COUNTER, CHECKER = Actor(ActorKind.STAFF, "9000012", "棚田"), Actor(ActorKind.STAFF, "9000034", "確認")
SOON, LONG = date(2099, 8, 1), date(2099, 9, 1)


@pytest.fixture
def company():
    return a_trading_company()


@pytest.fixture
def place(company):
    return a_location(company, "east")


@pytest.fixture
def tea(company, place):
    variant = a_stocked_variant(company, sku="TEA", parts={a_stock_item(company, "TEA", is_lot_tracked=True): 1})
    lots_of(variant, place, A=(100, SOON), B=(100, LONG))
    return variant


@operation
def sell(variant, channel, lot, *, actor=COUNTER, at=AT):
    """An order of one piece, picked from this lot, that leaves at once."""
    supply = supply_for([variant.pk], company_id=channel.company_id, channel_id=channel.pk, at=AT)
    demand = Demand(order_key=1, demand_id=uuid4(), variant_id=variant.pk, quantity=1)
    [found] = allocate([demand], supply=supply, company_id=channel.company_id, channel_id=channel.pk, actor=actor, at=now())[1]
    pick_lots([PickAsk(allocation_id=found.allocation_id, lots=((lot, 1),))], actor=actor, at=now())
    ship_allocations([ShipAsk(allocation_id=found.allocation_id, cause=f"s:{found.allocation_id}")], actor=actor, at=now())
    return f"sold {lot}"


def receive(item, place, key):
    receipt = Receipt(stock_item_id=item.pk, location_id=place.pk, quantity=1, once_key=key, cause="po", lot_number="A")
    receive_stock([receipt], company_id=place.company_id, actor=COUNTER, at=now())
    return "received"


def opened(place):
    return open_stocktake(StocktakeAsk(location_id=place.pk), company_id=place.company_id, actor=COUNTER, at=now()).stocktake_id


def broken():
    return [promise.name for promise in invariants() if rows(promise.sql, {"company": None}, prepare=False)]


def test_each_lot_ends_where_its_count_and_its_movements_say(company, place, tea) -> None:
    channel, take, item = a_channel(company), opened(place), the_item(tea)
    before = deadlocks()

    def looked_at(lot: str, wrong: int) -> object:
        """Somebody sees what lies there of the lot by the books, but for what is wrong: three lie in the other lot."""
        seen = StockLot.objects.get(lot__number=lot).on_hand + wrong
        return record_counts(take, [CountEntry(code="TEA", quantity=seen, once_key=f"see:{lot}", lot_number=lot)], actor=COUNTER, at=now())[
            0
        ]

    jobs = [partial(sell, tea, channel, lot) for _round in range(12) for lot in "AB"]
    jobs += [partial(receive, item, place, f"r{number}") for number in range(8)]
    jobs[9:9] = [partial(looked_at, "A", 3), partial(looked_at, "B", -3)]
    answers = contend(jobs, threads=8)
    assert [answer for answer in answers if isinstance(answer, (BaseException, Refusal))] == []
    submit_stocktake(take, uncounted=Uncounted.REFUSE, actor=COUNTER, at=now())
    booked = {line.lot.number: line.difference or 0 for line in StocktakeLine.objects.select_related("lot")}

    more = [partial(sell, tea, channel, lot) for _round in range(6) for lot in "AB"]
    approvals = [partial(approve_stocktake, take, reason="棚卸", actor=CHECKER, at=now() + timedelta(hours=1)) for _ in range(4)]
    closing = contend([*more[:6], *approvals, *more[6:]], threads=8)

    assert [answer for answer in closing if isinstance(answer, BaseException)] == []
    told = Counter(answer for answer in answers + closing if isinstance(answer, str))
    assert told == {"sold A": 18, "sold B": 18, "received": 8}
    assert sorted(answer.repeated for answer in closing[6:10]) == [False, True, True, True]
    assert dict(StockLot.objects.values_list("lot__number", "on_hand")) == {"A": 100 + 8 - 18 + booked["A"], "B": 100 - 18 + booked["B"]}
    assert sorted(Movement.objects.filter(kind="adjustment").values_list("lot__number", "quantity")) == [
        (lot, difference) for lot, difference in sorted(booked.items()) if difference
    ]
    assert deadlocks() - before == 0
    assert broken() == []


def test_a_lot_that_many_find_at_once_is_one_lot_and_every_scan_counts(company, place, tea) -> None:
    take = opened(place)

    def scan(number: int) -> object:
        entry = CountEntry(code="TEA", quantity=1, once_key=f"n{number // 2}", lot_number="NEW", expires_on=LONG)
        return record_counts(take, [entry], actor=COUNTER, at=now())[0]

    answers = contend([partial(scan, number) for number in range(60)], threads=8)

    assert [answer for answer in answers if isinstance(answer, (BaseException, Refusal))] == []
    assert StocktakeLine.objects.get(lot__number="NEW").counted == 30
    assert Lot.objects.filter(number="NEW").count() == 1


def test_a_lot_counted_while_it_is_received_for_the_first_time_is_the_same_lot(company, place, tea) -> None:
    take, item = opened(place), the_item(tea)

    def come() -> object:
        receipt = Receipt(
            stock_item_id=item.pk, location_id=place.pk, quantity=5, once_key="c", cause="po", lot_number="NEW", expires_on=LONG
        )
        return receive_stock([receipt], company_id=company.pk, actor=COUNTER, at=now())[0]

    def see(number: int) -> object:
        entry = CountEntry(code="TEA", quantity=1, once_key=f"n{number}", lot_number="NEW", expires_on=LONG)
        for _again in range(5):  # as the counting screen does: nothing is wrong with the entry
            try:
                return record_counts(take, [entry], actor=COUNTER, at=now())[0]
            except Conflict:
                continue
        return "given up"

    answers = contend([partial(see, 0), come, *(partial(see, number) for number in range(1, 6)), come], threads=8)

    assert [answer for answer in answers if isinstance(answer, (BaseException, Refusal, str))] == []
    assert (StocktakeLine.objects.get(lot__number="NEW").counted, Lot.objects.filter(number="NEW").count()) == (6, 1)
    assert broken() == []
