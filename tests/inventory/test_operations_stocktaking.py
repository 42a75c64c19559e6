"""A stocktake while the business goes on: opened, counted, counted again, approved by somebody else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from catalog.models import ProductCategory
from core.actor import Actor, ActorKind
from core.db import acting, rows
from core.errors import Refusal
from core.models import OutboxEvent
from inventory.models import LocationStaff, Movement, Stock, Stocktake, StocktakeCount, StocktakeLine
from inventory.operations import (
    CannotApprove,
    adjust_stock,
    approve_stocktake,
    ask_second_count,
    cancel_stocktakes,
    mark_shelves,
    open_stocktake,
    receive_stock,
    record_counts,
    ship_allocations,
    submit_stocktake,
    undo_count,
)
from inventory.rules import (
    Adjustment,
    CountEntry,
    CountKind,
    CountMode,
    Receipt,
    ShipAsk,
    StocktakeAsk,
    StocktakeScope,
    Uncounted,
)
from tests.factories.catalog import a_category
from tests.factories.customers import a_staff_account
from tests.factories.inventory import (
    AT,
    a_channel,
    a_location,
    a_stock_item,
    a_stocked_variant,
    a_trading_company,
    an_allocation,
    stock_of,
    the_item,
)

pytestmark = pytest.mark.django_db
COUNTER, CHECKER = Actor(ActorKind.STAFF, "9000012", "棚田 数子"), Actor(ActorKind.STAFF, "9000034", "確認 太郎")
LATER = AT + timedelta(hours=2)


@pytest.fixture
def company():
    return a_trading_company()


@pytest.fixture
def place(company):
    return a_location(company, "east", name="東倉庫")


@pytest.fixture
def tea(company, place):
    variant = a_stocked_variant(company, sku="TEA", jan="4901234567894")
    stock_of(variant, place, 10)
    return variant


def opened(company, place, **ask):
    answer = open_stocktake(StocktakeAsk(location_id=place.pk, **ask), company_id=company.pk, actor=COUNTER, at=AT)
    assert not isinstance(answer, Refusal), answer
    return answer.stocktake_id


def count(take, code, quantity=1, key=None, *, actor=COUNTER, at=LATER, **more):
    key = key or f"k{StocktakeCount.objects.count()}"
    return record_counts(take, [CountEntry(code=code, quantity=quantity, once_key=key, **more)], actor=actor, at=at)[0]


def submitted(take, uncounted=Uncounted.REFUSE, actor=COUNTER):
    return submit_stocktake(take, uncounted=uncounted, actor=actor, at=LATER)


def approved(take, actor=CHECKER):
    return approve_stocktake(take, reason="月次棚卸", actor=actor, at=LATER)


def on_hand(place):
    return dict(Stock.objects.filter(location=place).values_list("stock_item__code", "on_hand"))


def everything():
    return {
        model: list(model.objects.order_by("pk").values())
        for model in (Stocktake, StocktakeLine, StocktakeCount, Movement, Stock, OutboxEvent)
    }


def test_a_difference_goes_into_the_books_on_top_of_what_was_sold_meanwhile(company, place, tea, broken_promises):
    channel, take = a_channel(company), opened(company, place)
    before, after = an_allocation(tea, channel, 2), an_allocation(tea, channel, 3)
    ship_allocations([ShipAsk(allocation_id=before.allocation_id, cause="s:1")], actor=COUNTER, at=AT + timedelta(minutes=5))

    counted = count(take, "TEA", 7)
    ship_allocations([ShipAsk(allocation_id=after.allocation_id, cause="s:2")], actor=COUNTER, at=LATER + timedelta(minutes=5))
    handed = submitted(take)
    closed = approved(take)

    line = StocktakeLine.objects.get()
    assert (counted.item, counted.quantity, counted.repeated) == ("TEA", 7, False)
    assert (line.expected, line.book, line.counted, line.difference, line.is_open) == (10, 8, 7, -1, False)
    assert (handed.differences, closed.adjusted) == (1, 1)
    assert on_hand(place) == {"TEA": 4}
    moved = Movement.objects.get(kind="adjustment")
    assert (moved.quantity, moved.reason, moved.cause) == (-1, "月次棚卸", f"stocktake:{Stocktake.objects.get().number}")
    told = OutboxEvent.objects.get(name="inventory.StocktakeClosed").payload
    assert (told["differences"], told["quantity"]) == (1, -1)
    assert broken_promises() == []


def test_the_difference_has_the_average_value_of_what_came_in(company, place):
    item = a_stock_item(company, "MUG")
    receipts = [
        Receipt(stock_item_id=item.pk, location_id=place.pk, quantity=n, value=value, once_key=f"r{n}", cause="po")
        for n, value in ((3, 301), (1, 300))
    ]
    receive_stock(receipts, company_id=company.pk, actor=COUNTER, at=AT)
    take = opened(company, place)

    count(take, "MUG", 2)
    submitted(take)

    assert StocktakeLine.objects.get().difference_value == -301  # two of four pieces that cost 601 in all


def test_everything_happens_once(company, place, tea):
    take = opened(company, place)
    count(take, "TEA", 4, "one")
    again = count(take, "TEA", 4, "one")
    submitted(take)
    submitted_again = submitted(take)
    approved(take)
    before = everything()

    closed_again = approved(take)

    assert (again.repeated, again.quantity, submitted_again.repeated, closed_again.repeated) == (True, 4, True, True)
    assert everything() == before
    assert on_hand(place) == {"TEA": 4}


def test_scans_add_up_under_item_code_sku_jan_and_case(company, place, tea):
    a_stocked_variant(company, parts={the_item(tea): 12}, sku="TEA-CASE")
    take = opened(company, place)

    answers = [count(take, code) for code in ("TEA", "4901234567894", "４９０１２３４５６７８９４", "TEA-CASE", '="4901234567894"')]

    assert [answer.quantity for answer in answers] == [1, 2, 3, 15, 16]


def test_the_last_scan_can_be_taken_back(company, place, tea):
    take = opened(company, place)
    count(take, "TEA", 3, at=AT + timedelta(minutes=1))
    count(take, "TEA", 1)
    count(take, "TEA", 50, actor=CHECKER)

    undone = undo_count(take, once_key="u1", actor=COUNTER, at=LATER)
    repeated = undo_count(take, once_key="u1", actor=COUNTER, at=LATER)
    second = undo_count(take, once_key="u2", actor=COUNTER, at=LATER)
    third = undo_count(take, once_key="u3", actor=COUNTER, at=LATER)

    assert (undone.quantity, repeated.quantity, repeated.repeated, second.quantity) == (53, 53, True, 50)
    assert third.code == "inventory.nothing_to_undo"
    assert list(StocktakeCount.objects.order_by("id").values_list("kind", "quantity")) == [
        ("scan", 3), ("scan", 1), ("scan", 50), ("undo", -1), ("undo", -3),
    ]  # fmt: skip


def test_taking_back_the_only_count_leaves_the_item_uncounted(company, place, tea, broken_promises):
    take = opened(company, place)
    count(take, "TEA", 3)

    undo_count(take, once_key="u", actor=COUNTER, at=LATER)

    assert StocktakeLine.objects.values_list("counted", "book", "counted_at").get() == (None, None, None)
    assert submitted(take).code == "inventory.not_counted_yet"
    assert broken_promises() == []


def test_a_sheet_counted_an_hour_ago_stands_against_the_books_of_then(company, place, tea):
    channel, take = a_channel(company), opened(company, place)
    sold = an_allocation(tea, channel, 2)
    ship_allocations([ShipAsk(allocation_id=sold.allocation_id, cause="s:1")], actor=COUNTER, at=AT + timedelta(minutes=30))

    count(take, "TEA", 10, counted_at=AT + timedelta(minutes=10))

    line = StocktakeLine.objects.get()
    assert (line.book, line.counted) == (10, 10)
    submitted(take)
    assert approved(take).adjusted == 0
    assert on_hand(place) == {"TEA": 8}


def test_what_nobody_expected_is_found_and_opens_its_shelf(company, place, tea, broken_promises):
    a_stock_item(company, "LOST")
    take = opened(company, place)
    count(take, "TEA", 10)

    found = count(take, "LOST", 2)
    submitted(take)
    approved(take)

    assert found.quantity == 2
    assert on_hand(place) == {"TEA": 10, "LOST": 2}
    assert broken_promises() == []


@pytest.mark.parametrize(
    ("meaning", "difference", "left"), [(Uncounted.NOTHING, -10, 0), (Uncounted.LEAVE, None, 10)], ids=lambda v: str(v)
)
def test_what_was_not_counted_means_what_was_said(company, place, tea, meaning, difference, left, broken_promises):
    take = opened(company, place)

    refused = submitted(take)
    submitted(take, meaning)
    approved(take)

    assert (refused.code, refused.params["count"]) == ("inventory.not_counted_yet", 1)
    assert StocktakeLine.objects.get().difference == difference
    assert on_hand(place) == {"TEA": left}
    assert broken_promises() == []


def test_what_differs_is_counted_a_second_time_and_the_rest_is_not(company, place, tea, broken_promises):
    mug = a_stock_item(company, "MUG")
    stock_of(mug, place, 5)
    take = opened(company, place)
    count(take, "TEA", 9)
    count(take, "MUG", 5)
    submitted(take)

    again = ask_second_count(take, reason="差異の再確認", actor=CHECKER, at=LATER)
    agreed, recounted = count(take, "MUG", 5), count(take, "TEA", 10)
    submitted(take)
    approved(take)

    tea_line = StocktakeLine.objects.get(stock_item__code="TEA")
    assert (again.differences, agreed.code, recounted.quantity) == (1, "inventory.agreed_before", 10)
    assert (tea_line.previous_counted, tea_line.counted, tea_line.difference, tea_line.round) == (9, 10, 0, 2)
    assert on_hand(place) == {"TEA": 10, "MUG": 5}
    assert broken_promises() == []


def test_nobody_approves_what_they_counted_or_handed_in(company, place, tea):
    take = opened(company, place)
    count(take, "TEA", 9)
    submit_stocktake(take, uncounted=Uncounted.REFUSE, actor=CHECKER, at=LATER)
    before = everything()

    answers = [approved(take, actor=COUNTER), approved(take, actor=CHECKER)]

    assert [answer.code for answer in answers] == ["inventory.counter_cannot_approve"] * 2
    assert everything() == before


def test_pieces_promised_to_orders_cannot_be_counted_away(company, place, tea):
    an_allocation(tea, a_channel(company), 9)
    take = opened(company, place)
    count(take, "TEA", 7)
    submitted(take)
    before = everything()

    with pytest.raises(CannotApprove) as refused:
        approved(take)

    assert [reason.code for reason in refused.value.errors] == ["inventory.promised"]
    assert everything() == before


def test_a_shelf_corrected_by_hand_after_the_count_is_counted_again(company, place, tea):
    take = opened(company, place)
    count(take, "TEA", 9)
    item = Stock.objects.get().stock_item_id
    slip = Adjustment(stock_item_id=item, location_id=place.pk, quantity=-1, once_key="a")
    adjust_stock([slip], company_id=company.pk, reason="破損", actor=CHECKER, at=LATER + timedelta(minutes=1))
    submitted(take)
    before = everything()

    with pytest.raises(CannotApprove) as refused:
        approved(take)

    assert [reason.code for reason in refused.value.errors] == ["inventory.corrected_meanwhile"]
    assert everything() == before


def test_a_shelf_is_counted_by_one_stocktake_at_a_time(company, place, tea):
    first = opened(company, place)
    ask = StocktakeAsk(location_id=place.pk, scope=StocktakeScope.LIST, codes=("TEA",))

    refused = open_stocktake(ask, company_id=company.pk, actor=COUNTER, at=AT)
    cancelled = cancel_stocktakes([first, first], reason="やり直し", actor=COUNTER, at=AT)
    again = open_stocktake(ask, company_id=company.pk, actor=COUNTER, at=AT)

    assert (refused.code, refused.params["numbers"]) == ("inventory.already_being_counted", "ST-000001")
    assert cancelled == [None, None]
    assert again.lines == 1


def test_part_of_a_location_is_counted_by_category_zone_or_list(company, place, tea):
    shelf = a_category(company, "お茶")
    ProductCategory.objects.create(product=tea.product, category=shelf)
    mug = a_stock_item(company, "MUG")
    stock = stock_of(mug, place, 5)
    mark_shelves({stock.pk: "Ａ-03-2"}, actor=COUNTER, at=AT)
    parts = {
        "category": {"scope": StocktakeScope.CATEGORY, "category_id": shelf.pk},
        "zone": {"scope": StocktakeScope.ZONE, "zone": "A-0"},
        "list": {"scope": StocktakeScope.LIST, "codes": ("TEA", "MUG", "TEA")},
    }
    found = {}
    for name, part in parts.items():
        take = opened(company, place, **part)
        found[name] = sorted(StocktakeLine.objects.filter(stocktake=take).values_list("stock_item__code", flat=True))
        outsider = count(take, "MUG" if name == "category" else "TEA")
        found[name] += [outsider.code] if isinstance(outsider, Refusal) else []
        cancel_stocktakes([take], reason="次へ", actor=COUNTER, at=AT)

    assert found == {
        "category": ["TEA", "inventory.not_in_this_stocktake"],
        "zone": ["MUG", "inventory.not_in_this_stocktake"],
        "list": ["MUG", "TEA"],
    }


def test_a_stocktake_of_nothing_or_nowhere_is_not_opened(company, place, tea):
    other = a_location(a_trading_company())
    asks = {
        "inventory.no_such_location": StocktakeAsk(location_id=other.pk),
        "inventory.unknown_items": StocktakeAsk(location_id=place.pk, scope=StocktakeScope.LIST, codes=("TEA", "NOPE")),
        "inventory.nothing_to_count": StocktakeAsk(location_id=place.pk, scope=StocktakeScope.ZONE, zone="Z"),
    }
    before = everything()

    answers = [open_stocktake(ask, company_id=company.pk, actor=COUNTER, at=AT).code for ask in asks.values()]

    assert answers == list(asks)
    assert everything() == before


def test_store_staff_count_their_own_store(company, place, tea):
    store, clerk = a_location(company, "store"), a_staff_account()
    with acting(COUNTER):
        LocationStaff.objects.create(location=store, account=clerk)
    stock_of(Stock.objects.get().stock_item, store, 1)
    who = Actor(ActorKind.STAFF, str(clerk.pk), "店員")
    take = opened(company, place)

    there = record_counts(take, [CountEntry(code="TEA", quantity=1, once_key="x")], actor=who, at=LATER)
    elsewhere = open_stocktake(StocktakeAsk(location_id=place.pk), company_id=company.pk, actor=who, at=AT)
    here = open_stocktake(StocktakeAsk(location_id=store.pk), company_id=company.pk, actor=who, at=AT)

    assert (there[0].code, elsewhere.code, here.lines) == ("inventory.not_your_location", "inventory.not_your_location", 1)


@pytest.mark.parametrize(
    ("code", "quantity", "mode", "refusal"),
    [
        ("NOPE", 1, CountMode.ADD, "inventory.unknown_code"),
        ("4.90123E+12", 1, CountMode.ADD, "inventory.unknown_code"),
        ("SET", 1, CountMode.ADD, "inventory.counts_as_parts"),
        ("TEA", -1, CountMode.ADD, "inventory.bad_count"),
        ("TEA", 10**9, CountMode.ADD, "inventory.bad_count"),
        ("TEA", 1, CountMode.FIRST, "inventory.counted_before"),
    ],
)
def test_what_cannot_be_counted_is_refused_and_changes_nothing(company, place, tea, code, quantity, mode, refusal):
    mug = a_stock_item(company, "MUG")
    a_stocked_variant(company, parts={mug: 1, the_item(tea): 2}, sku="SET")
    take = opened(company, place)
    count(take, "TEA", 3, "first")
    before = everything()

    answer = count(take, code, quantity, "second", mode=mode)

    assert answer.code == refusal
    assert everything() == before


def test_two_items_under_one_jan_are_told_apart_by_their_own_codes(company, place, tea):
    a_stocked_variant(company, sku="TEA-OLD", jan="4901234567894")
    take = opened(company, place)

    assert count(take, "4901234567894").code == "inventory.ambiguous_code"


def test_replacing_leaves_what_was_typed_last(company, place, tea, broken_promises):
    take = opened(company, place)
    count(take, "TEA", 9)

    replaced = count(take, "TEA", 4, kind=CountKind.TYPED, mode=CountMode.REPLACE)

    assert replaced.quantity == 4
    assert broken_promises() == []


def test_a_closed_stocktake_takes_no_more_counts(company, place, tea):
    take = opened(company, place)
    count(take, "TEA", 10)
    submitted(take)
    waiting = count(take, "TEA", 1)
    approved(take)

    answers = [
        waiting, count(take, "TEA", 1), submitted(take), ask_second_count(take, reason="x", actor=CHECKER, at=LATER),
        cancel_stocktakes([take], reason="x", actor=CHECKER, at=LATER)[0], undo_count(take, once_key="z", actor=COUNTER, at=LATER),
    ]  # fmt: skip

    assert [answer.code for answer in answers] == [
        "inventory.stocktake_not_counting", "inventory.stocktake_not_counting", "inventory.stocktake_not_counting",
        "inventory.stocktake_not_counted", "inventory.stocktake_closed", "inventory.stocktake_not_counting",
    ]  # fmt: skip


def test_a_thousand_counts_take_as_many_statements_as_one(company, place, django_assert_num_queries):
    for number in range(40):
        stock_of(a_stock_item(company, f"I{number:02}"), place, number)
    take = opened(company, place)
    entries = [CountEntry(code=f"I{number:02}", quantity=number, once_key=f"e{number}") for number in range(40)]

    with django_assert_num_queries(12):
        record_counts(take, entries[:1], actor=COUNTER, at=LATER)
    with django_assert_num_queries(12):
        answers = record_counts(take, [replace(entry, once_key=f"{entry.once_key}b") for entry in entries[1:]], actor=COUNTER, at=LATER)

    assert sum(answer.quantity for answer in answers) == sum(range(1, 40))
    assert rows("SELECT count(*) AS n FROM inventory_stocktakeline WHERE counted IS NOT NULL")[0].n == 40
