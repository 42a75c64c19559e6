"""Counting, selling and approving at once: the difference is exact, nobody waits for a count, everything happens once."""

from collections import Counter
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from core.actor import SYSTEM, Actor, ActorKind
from core.clock import now
from core.db import operation, rows
from core.errors import Refusal
from inventory.models import ExchangeFile, Movement, Stock, Stocktake, StocktakeLine
from inventory.operations import (
    allocate,
    approve_stocktake,
    open_stocktake,
    record_counts,
    ship_allocations,
    submit_stocktake,
    take_count_sheet,
)
from inventory.queries import invariants, supply_for
from inventory.rules import CountEntry, CountMode, Demand, ShipAsk, StocktakeAsk, Uncounted
from tests.factories.inventory import AT, a_channel, a_location, a_stocked_variant, a_trading_company, stock_of
from tests.races.contention import contend, deadlocks

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
COUNTER, CHECKER = Actor(ActorKind.STAFF, "9000012", "棚田"), Actor(ActorKind.STAFF, "9000034", "確認")


@operation
def sell(variant, channel, *, actor=SYSTEM, at=AT):
    """An order of one piece that leaves at once."""
    supply = supply_for([variant.pk], company_id=channel.company_id, channel_id=channel.pk, at=AT)
    demand = Demand(order_key=1, demand_id=uuid4(), variant_id=variant.pk, quantity=1)
    found = allocate([demand], supply=supply, company_id=channel.company_id, channel_id=channel.pk, actor=actor, at=now())[1]
    if isinstance(found, Refusal):
        return found
    ship_allocations([ShipAsk(allocation_id=a.allocation_id, cause=f"s:{a.allocation_id}") for a in found], actor=actor, at=now())
    return "sold"


def test_the_books_end_where_the_count_and_the_sales_say() -> None:
    company = a_trading_company()
    channel, place = a_channel(company), a_location(company, "east")
    goods = [a_stocked_variant(company, sku=f"G{number}") for number in range(5)]
    for variant in goods:
        stock_of(variant, place, 100)
    take = open_stocktake(StocktakeAsk(location_id=place.pk), company_id=company.pk, actor=COUNTER, at=now()).stocktake_id
    before = deadlocks()

    def looked_at(sku: str) -> object:
        """Somebody sees exactly what lies there by the books, less one piece that has gone missing."""
        seen = Stock.objects.get(stock_item__code=sku, location=place).on_hand - 1
        entry = CountEntry(code=sku, quantity=seen, once_key=f"see:{sku}")
        return record_counts(take, [entry], actor=COUNTER, at=now())[0]

    jobs = [partial(sell, variant, channel) for _round in range(10) for variant in goods]
    jobs[20:20] = [partial(looked_at, variant.sku) for variant in goods]
    answers = contend(jobs, threads=8)
    assert [answer for answer in answers if isinstance(answer, BaseException)] == []
    submit_stocktake(take, uncounted=Uncounted.REFUSE, actor=COUNTER, at=now())
    booked = {line.stock_item.code: line.difference or 0 for line in StocktakeLine.objects.select_related("stock_item")}

    more = [partial(sell, variant, channel) for _round in range(4) for variant in goods]
    approvals = [partial(approve_stocktake, take, reason="棚卸", actor=CHECKER, at=now() + timedelta(hours=1)) for _ in range(4)]
    closing = contend([*more, *approvals], threads=8)

    assert Counter(answer for answer in answers + closing if answer == "sold") == {"sold": 70}
    assert sorted(answer.repeated for answer in closing[-4:]) == [False, True, True, True]
    # A sale between the look and the entry shows as a piece that is there after all: never more than one per look here.
    left = {stock.stock_item.code: stock.on_hand for stock in Stock.objects.select_related("stock_item")}
    assert left == {sku: 100 - 14 + difference for sku, difference in booked.items()}
    assert Movement.objects.filter(kind="adjustment").count() == sum(1 for difference in booked.values() if difference)
    assert deadlocks() - before == 0
    assert [promise.name for promise in invariants() if rows(promise.sql, {"company": None}, prepare=False)] == []


def test_two_people_with_the_same_sheet_count_it_once_and_scans_of_many_add_up() -> None:
    company = a_trading_company()
    place = a_location(company, "east")
    stock_of(a_stocked_variant(company, sku="TEA"), place, 100)
    stock_of(a_stocked_variant(company, sku="MUG"), place, 100)
    take = open_stocktake(StocktakeAsk(location_id=place.pk), company_id=company.pk, actor=COUNTER, at=AT).stocktake_id
    number = Stocktake.objects.get(pk=take).number  # what was tried and undone leaves a gap
    sheet = f"棚卸番号,拠点コード,在庫品コード,実棚数\r\n{number},east,TEA,40\r\n".encode()

    def hand_in() -> object:
        return take_count_sheet(take, sheet, name="a.csv", mode=CountMode.ADD, counted_at=AT, actor=COUNTER, at=AT)

    def scan(number: int) -> object:
        return record_counts(take, [CountEntry(code="MUG", quantity=1, once_key=f"s{number // 2}")], actor=COUNTER, at=AT)

    answers = contend([*(partial(scan, number) for number in range(80)), hand_in, hand_in, hand_in], threads=8)

    assert [answer for answer in answers if isinstance(answer, BaseException)] == []
    told = sorted(getattr(answer, "code", "") or str(getattr(answer, "refusals", answer)) for answer in answers[-3:])
    assert told == ["()", "inventory.file_known", "inventory.file_known"]
    assert dict(StocktakeLine.objects.values_list("stock_item__code", "counted")) == {"TEA": 40, "MUG": 40}
    assert ExchangeFile.objects.count() == 1


def test_two_stocktakes_of_one_shelf_cannot_both_open() -> None:
    company = a_trading_company()
    place = a_location(company, "east")
    stock_of(a_stocked_variant(company, sku="TEA"), place, 10)
    ask = StocktakeAsk(location_id=place.pk)

    answers = contend([partial(open_stocktake, ask, company_id=company.pk, actor=COUNTER, at=AT) for _ in range(6)], threads=6)

    assert Counter(getattr(answer, "code", "opened") for answer in answers) == {"opened": 1, "inventory.already_being_counted": 5}
