"""Lots on shelves: in, out, moved, picked and shipped, first-expired-first-out, and never against a channel's shelf life."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.db import run
from core.errors import Refusal
from inventory.models import Allocation, Lot, Movement, Pick, Reservation, ShelfLife, Stock, StockLot
from inventory.operations import (
    PickAsk,
    adjust_stock,
    pick_lots,
    receive_stock,
    recount_stock,
    release_allocations,
    reserve_stock,
    ship_allocations,
    transfer_stock,
    turn_stock,
)
from inventory.queries import atp, stock_differences, supply_for
from inventory.rules import Adjustment, Receipt, ShipAsk, StockState, Transfer, Turn
from tests.factories.inventory import (
    AT,
    WAREHOUSE_STAFF,
    a_channel,
    a_demand,
    a_location,
    a_stock_item,
    a_stocked_variant,
    a_trading_company,
    allocating,
    an_allocation,
    lots_of,
    stock_of,
    the_item,
)

pytestmark = pytest.mark.django_db
HOW = {"actor": WAREHOUSE_STAFF, "at": AT}
TODAY = date(2026, 5, 11)


def days(number):
    return TODAY + timedelta(number)


@pytest.fixture
def company():
    return a_trading_company()


@pytest.fixture
def tea(company):
    variant = a_stocked_variant(company, sku="TEA")
    item = the_item(variant)
    type(item).objects.filter(pk=item.pk).update(is_lot_tracked=True)
    return variant


def codes(results):
    return [result.code if isinstance(result, Refusal) else "ok" for result in results]


def lots(stock):
    found = StockLot.objects.filter(stock=stock).select_related("lot").order_by("lot__expires_on", "id")
    return {row.lot.number if row.lot else "": (row.on_hand, row.sellable, row.picked) for row in found}


def ship(*allocations, cause="shipment:1"):
    return ship_allocations([ShipAsk(allocation_id=a.allocation_id, cause=cause) for a in allocations], **HOW)


def receipt(item, place, key, **fields):
    return Receipt(**{"stock_item_id": item.pk, "location_id": place.pk, "quantity": 5, "once_key": key, "cause": "po", **fields})


def test_what_comes_in_is_counted_by_lot(company, tea, broken_promises):
    item, place = the_item(tea), a_location(company)

    result = receive_stock(
        [
            receipt(item, place, "1", lot_number="A", expires_on=days(30)),
            receipt(item, place, "2", lot_number="B", expires_on=days(90), sellable_quantity=3, state=StockState.DAMAGED),
            receipt(item, place, "3", lot_number="A", quantity=2),
        ],
        company_id=company.pk, **HOW,
    )  # fmt: skip

    assert codes(result) == ["ok"] * 3
    assert lots(Stock.objects.get()) == {"A": (7, 7, 0), "B": (5, 3, 0)}
    assert StockLot.objects.get(lot__number="B").damaged == Stock.objects.get().damaged == 2
    assert broken_promises() == []


@pytest.mark.parametrize(
    ("_case", "fields", "code"),
    [
        ("without_a_lot", {}, "inventory.lot_missing"),
        ("another_day", {"lot_number": "A", "expires_on": days(31)}, "inventory.lot_expires_otherwise"),
    ],
)
def test_a_receipt_that_cannot_be_counted_by_lot_is_refused(company, tea, ledger, _case, fields, code):
    place = a_location(company)
    lots_of(tea, place, A=(5, days(30)))
    before = ledger()

    result = receive_stock([receipt(the_item(tea), place, "x", **fields)], company_id=company.pk, **HOW)

    assert codes(result) == [code]
    assert ledger() == before


def test_two_receipts_that_tell_a_new_lot_differently_are_not_both_believed(company, tea):
    item, place = the_item(tea), a_location(company)

    result = receive_stock(
        [receipt(item, place, str(day), lot_number="NEW", expires_on=days(day)) for day in (10, 20)], company_id=company.pk, **HOW
    )

    assert codes(result) == ["ok", "inventory.lot_expires_otherwise"]
    assert lots(Stock.objects.get()) == {"NEW": (5, 5, 0)}


def test_a_lot_of_goods_that_are_not_tracked_is_refused(company, ledger):
    item, place = a_stock_item(company), a_location(company)
    before = ledger()

    result = receive_stock([receipt(item, place, "1", lot_number="A")], company_id=company.pk, **HOW)

    assert codes(result) == ["inventory.lot_not_tracked"]
    assert {key: found for key, found in ledger().items() if key != "inventory_stock"} == {
        key: found for key, found in before.items() if key != "inventory_stock"
    }
    assert not Lot.objects.exists()


def test_every_movement_by_lot_happens_once_per_key(company, tea, ledger):
    here, there = a_location(company), a_location(company)
    stock = lots_of(tea, here, A=(3, days(10)), B=(9, days(20)))
    shelf = {"stock_item_id": stock.stock_item_id, "location_id": here.pk}

    def everything():
        return [
            *adjust_stock([Adjustment(**shelf, quantity=-4, once_key="a")], company_id=company.pk, reason="破損", **HOW),
            *turn_stock([Turn(**shelf, quantity=2, once_key="t")], company_id=company.pk, reason="検品", **HOW),
            *transfer_stock(
                [Transfer(stock_item_id=stock.stock_item_id, from_location_id=here.pk, to_location_id=there.pk, quantity=3, once_key="x")],
                company_id=company.pk, **HOW,
            ),
        ]  # fmt: skip

    first = everything()
    before = ledger(), lots(stock)
    again = everything()

    assert codes(first) == codes(again) == ["ok"] * 3
    assert [result.is_new for result in again] == [False] * 3
    assert (ledger(), lots(stock)) == before
    assert lots(stock) == {"A": (0, 0, 0), "B": (5, 3, 0)}
    assert lots(Stock.objects.get(location=there)) == {"B": (3, 3, 0)}


def test_a_named_lot_leaves_and_no_other(company, tea, ledger):
    stock = lots_of(tea, a_location(company), A=(3, days(10)), B=(9, days(20)))
    shelf = {"stock_item_id": stock.stock_item_id, "location_id": stock.location_id}

    done = adjust_stock([Adjustment(**shelf, quantity=-2, lot_number="B", once_key="1")], company_id=company.pk, reason="破損", **HOW)
    before = ledger()
    refused = adjust_stock(
        [
            Adjustment(**shelf, quantity=-4, lot_number="A", once_key="2"),
            Adjustment(**shelf, quantity=-1, lot_number="Z", once_key="3"),
            Adjustment(**shelf, quantity=-1, sellable_quantity=0, state=StockState.DAMAGED, lot_number="A", once_key="4"),
        ],
        company_id=company.pk, reason="破損", **HOW,
    )  # fmt: skip

    assert codes(done) == ["ok"]
    assert codes(refused) == ["inventory.not_in_lot"] * 3
    assert lots(stock) == {"A": (3, 3, 0), "B": (7, 7, 0)}
    assert ledger() == before


def test_goods_ship_in_the_lots_that_expire_first(company, tea, broken_promises):
    channel, place = a_channel(company), a_location(company)
    stock = lots_of(tea, place, LATE=(5, days(90)), SOON=(3, days(9)))
    first, second = an_allocation(tea, channel, 2), an_allocation(tea, channel, 3)

    results = ship(second), ship(first, cause="shipment:2")
    again = ship(second)

    assert [result.is_new for (result,) in (*results, again)] == [True, True, False]
    assert list(Movement.objects.filter(kind="shipment").order_by("id").values_list("lot__number", "quantity", "cause")) == [
        ("SOON", -3, "shipment:1"), ("LATE", -2, "shipment:2"),
    ]  # fmt: skip
    assert lots(stock) == {"SOON": (0, 0, 0), "LATE": (3, 3, 0)}
    assert broken_promises() == []


def test_picked_lots_are_those_that_ship_whatever_comes_in_meanwhile(company, tea, broken_promises):
    channel, place = a_channel(company), a_location(company)
    stock = lots_of(tea, place, B=(5, days(20)))
    one = an_allocation(tea, channel, 2)

    (picked,) = pick_lots([PickAsk(allocation_id=one.allocation_id)], **HOW)
    lots_of(tea, place, A=(5, days(10)))
    (again,) = pick_lots([PickAsk(allocation_id=one.allocation_id)], **HOW)
    between = lots(stock)
    ship(one)

    assert [(portion.number, portion.quantity) for portion in picked.portions] == [("B", 2)]
    assert (picked.is_new, again.is_new) == (True, False)
    assert between == {"A": (5, 5, 0), "B": (5, 5, 2)}
    assert lots(stock) == {"A": (5, 5, 0), "B": (3, 3, 0)}
    assert broken_promises() == []


def test_the_picker_may_have_taken_another_lot(company, tea, broken_promises):
    channel, place = a_channel(company), a_location(company)
    stock = lots_of(tea, place, A=(5, days(10)), B=(5, days(20)))
    one = an_allocation(tea, channel, 3)
    pick_lots([PickAsk(allocation_id=one.allocation_id)], **HOW)

    (took,) = pick_lots([PickAsk(allocation_id=one.allocation_id, lots=(("B", 2), ("A", 1)))], **HOW)
    wrong = pick_lots(
        [
            PickAsk(allocation_id=one.allocation_id, lots=(("B", 2),)),
            PickAsk(allocation_id=10**9),
        ],
        **HOW,
    )
    (empty,) = pick_lots([PickAsk(allocation_id=one.allocation_id, lots=(("Z", 3),))], **HOW)

    assert sorted((portion.number, portion.quantity) for portion in took.portions) == [("A", 1), ("B", 2)]
    assert codes(wrong) == ["inventory.bad_quantity", "inventory.allocation_not_found"]
    assert codes([empty]) == ["inventory.no_such_lot"]
    assert lots(stock) == {"A": (5, 5, 1), "B": (5, 5, 2)}
    assert broken_promises() == []


def test_a_released_allocation_gives_its_lots_back(company, tea, broken_promises):
    stock = lots_of(tea, a_location(company), A=(5, days(10)))
    one = an_allocation(tea, a_channel(company), 3)
    pick_lots([PickAsk(allocation_id=one.allocation_id)], **HOW)

    release_allocations(allocation_ids=[one.allocation_id], **HOW)
    (late,) = pick_lots([PickAsk(allocation_id=one.allocation_id)], **HOW)

    assert lots(stock) == {"A": (5, 5, 0)}
    assert not Pick.objects.exists()
    assert codes([late]) == ["inventory.allocation_closed"]
    assert broken_promises() == []


def test_what_has_expired_does_not_ship_and_takes_its_whole_parcel_along(company, tea, ledger):
    channel, place = a_channel(company), a_location(company)
    box = a_stocked_variant(company)
    stock_of(box, place, 5)
    stock = lots_of(tea, place, OLD=(3, days(-1)), GOOD=(1, days(9)))
    two, paper, other = an_allocation(tea, channel, 2), an_allocation(box, channel), an_allocation(box, channel)
    before = ledger()

    refused = ship(two, paper)
    after = ledger()
    (shipped,) = ship(other, cause="shipment:2")

    assert codes(refused) == ["inventory.no_such_lot"] * 2
    assert after == before
    assert shipped.is_new
    assert lots(stock) == {"OLD": (3, 3, 0), "GOOD": (1, 1, 0)}


def test_a_mixed_parcel_leaves_as_a_whole(company, tea, broken_promises):
    channel, place = a_channel(company), a_location(company)
    box = a_stocked_variant(company)
    stock_of(box, place, 5)
    lots_of(tea, place, A=(3, days(9)))

    results = ship(an_allocation(tea, channel, 2), an_allocation(box, channel))

    assert codes(results) == ["ok", "ok"]
    assert set(Movement.objects.filter(kind="shipment").values_list("lot__number", "quantity")) == {("A", -2), (None, -1)}
    assert broken_promises() == []


def test_a_channel_is_promised_only_what_keeps_long_enough(company, tea, broken_promises):
    picky, easy, place = a_channel(company), a_channel(company), a_location(company)
    ShelfLife.objects.create(channel=picky, least_days=60)
    lots_of(tea, place, SOON=(5, days(59)), LATE=(4, days(60)))

    before = [atp([tea.pk], channel_id=channel.pk, at=AT)[tea.pk] for channel in (picky, easy)]
    assert isinstance(allocating([a_demand(tea, 3)], picky)[1], list)
    after = [atp([tea.pk], channel_id=channel.pk, at=AT)[tea.pk] for channel in (picky, easy)]
    refused = allocating([a_demand(tea, 2)], picky)[1]
    taken = allocating([a_demand(tea, 6)], easy)[1]
    gone = [atp([tea.pk], channel_id=channel.pk, at=AT)[tea.pk] for channel in (picky, easy)]

    assert (before, after, gone) == ([4, 9], [1, 6], [0, 0])
    assert codes([refused]) == ["inventory.out_of_stock"]
    assert isinstance(taken, list)
    assert list(Allocation.objects.order_by("id").values_list("good_until", flat=True)) == [days(60), None]
    assert broken_promises() == []


def test_whoever_is_not_particular_takes_the_late_lot_only_when_nobody_particular_needs_it(company, tea, broken_promises):
    picky, easy, place = a_channel(company), a_channel(company), a_location(company)
    ShelfLife.objects.create(channel=picky, least_days=60)
    stock = lots_of(tea, place, SOON=(3, days(10)), LATE=(4, days(90)))
    fresh, any_of = an_allocation(tea, picky, 3), an_allocation(tea, easy, 4)

    ship(any_of)
    ship(fresh, cause="shipment:2")

    assert lots(stock) == {"SOON": (0, 0, 0), "LATE": (0, 0, 0)}
    assert [(p.allocation_id, p.lot.number, p.quantity) for p in Pick.objects.order_by("lot__expires_on", "allocation_id")] == [
        (any_of.allocation_id, "SOON", 3), (fresh.allocation_id, "LATE", 3), (any_of.allocation_id, "LATE", 1),
    ]  # fmt: skip
    assert broken_promises() == []


def test_a_reservation_keeps_long_enough_too(company, tea, broken_promises):
    picky, place = a_channel(company), a_location(company)
    ShelfLife.objects.create(channel=picky, least_days=60)
    lots_of(tea, place, SOON=(5, days(59)), LATE=(4, days(60)))
    supply = supply_for([tea.pk], company_id=company.pk, channel_id=picky.pk, at=AT)
    holders = [a_demand(tea, quantity) for quantity in (3, 2)]

    results = [reserve_stock([(d.demand_id, [d])], supply=supply, until=AT + timedelta(hours=1), **HOW)[0] for d in holders]

    assert codes(results) == ["ok", "inventory.out_of_stock"]
    assert Reservation.objects.get().good_until == days(60)
    assert atp([tea.pk], channel_id=picky.pk, at=AT) == {tea.pk: 1}
    assert broken_promises() == []


def test_a_lot_that_keeps_a_promise_cannot_be_taken_away(company, tea, ledger):
    picky, place = a_channel(company), a_location(company)
    ShelfLife.objects.create(channel=picky, least_days=60)
    stock = lots_of(tea, place, SOON=(5, days(10)), LATE=(4, days(90)))
    an_allocation(tea, picky, 3)
    before = ledger()

    result = turn_stock(
        [Turn(stock_item_id=stock.stock_item_id, location_id=place.pk, quantity=2, lot_number="LATE", once_key="1")],
        company_id=company.pk, reason="検品", **HOW,
    )  # fmt: skip

    assert codes(result) == ["inventory.lot_promised"]
    assert ledger() == before


def test_allocating_and_shipping_plain_goods_takes_no_statement_more(company):
    channel, place, box = a_channel(company), a_location(company), a_stocked_variant(company)
    stock_of(box, place, 50)
    an_allocation(box, channel)

    with CaptureQueriesContext(connection) as allocated:
        one = an_allocation(box, channel)
    with CaptureQueriesContext(connection) as shipped:
        ship(one)

    assert [sum("inventory_" in q["sql"] for q in seen.captured_queries) for seen in (allocated, shipped)] == [2, 1]


def test_a_batch_by_lot_takes_as_many_statements_as_one(company, tea):
    channel, place = a_channel(company), a_location(company)
    lots_of(tea, place, A=(30, days(9)), B=(30, days(19)))
    allocations = [an_allocation(tea, channel) for _ in range(40)]

    counts = []
    for some in (allocations[:1], allocations[1:]):
        with CaptureQueriesContext(connection) as seen:
            ship(*some, cause=f"shipment:{len(some)}")
        counts.append(sum("inventory_" in query["sql"] for query in seen.captured_queries))

    assert counts == [6, 6]


@pytest.mark.parametrize("change", ["on_hand = 9", "sellable = 6", "picked = 9", "damaged = -1, sellable = 6"])
def test_the_database_refuses_a_lot_that_does_not_add_up(company, tea, change):
    lots_of(tea, a_location(company), A=(5, days(9)))

    with pytest.raises(IntegrityError), transaction.atomic():
        run(f"UPDATE inventory_stocklot SET {change}")


@pytest.mark.parametrize("change", ["on_hand = 9", "sellable = 6", "damaged = 1", "quarantine = -1, sellable = 6"])
def test_the_database_refuses_a_shelf_whose_states_do_not_sum(company, change):
    stock_of(a_stock_item(company), a_location(company), 5)

    with pytest.raises(IntegrityError), transaction.atomic():
        run(f"UPDATE inventory_stock SET {change}")


def test_lots_that_differ_from_their_rows_are_told_and_set_right(company, tea, broken_promises):
    stock = lots_of(tea, a_location(company), A=(5, days(9)), B=(4, days(19)))
    one = an_allocation(tea, a_channel(company), 2)
    pick_lots([PickAsk(allocation_id=one.allocation_id)], **HOW)
    run("UPDATE inventory_stocklot SET picked = 0, on_hand = on_hand + 1, damaged = 1")
    told = [row.lots_differ for row in stock_differences()]
    broken = broken_promises()

    results = recount_stock([stock.pk], reason="再計算", **HOW)

    assert (told, broken) == ([True], ["inventory.lots"])
    assert codes(results) == ["ok"]
    assert lots(stock) == {"A": (5, 5, 2), "B": (4, 4, 0)}
    assert (stock_differences(), broken_promises()) == ([], [])
