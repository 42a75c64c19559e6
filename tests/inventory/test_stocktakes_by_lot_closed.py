"""What was counted of lots goes into the books lot by lot, and takes nothing away that was promised or picked."""

from datetime import date, timedelta

import pytest

from core.db import run
from inventory.models import Stock, StocktakeLine
from inventory.operations import (
    CannotApprove,
    PickAsk,
    adjust_stock,
    pick_lots,
    receive_stock,
    turn_stock,
    undo_count,
)
from inventory.queries import stocktake_sums, variances
from inventory.rules import (
    Adjustment,
    Receipt,
    StockState,
    Turn,
)
from tests.factories.inventory import (
    AT,
    a_channel,
    a_location,
    a_stock_item,
    a_stocked_variant,
    a_trading_company,
    an_allocation,
    keeps_at_least,
    lots_of,
    the_item,
)
from tests.inventory.lots_counted import booked, everything_and_lots, lines, lots, refused
from tests.inventory.test_operations_stocktaking import CHECKER, COUNTER, LATER, approved, count, opened, submitted

pytestmark = pytest.mark.django_db
SOON, LONG = date(2026, 8, 1), date(2027, 8, 1)


@pytest.fixture
def company():
    return a_trading_company()


@pytest.fixture
def place(company):
    return a_location(company, "east", name="東倉庫")


@pytest.fixture
def tea(company, place):
    variant = a_stocked_variant(company, sku="TEA", jan="4901234567894")
    type(the_item(variant)).objects.filter(pk=the_item(variant).pk).update(is_lot_tracked=True)
    lots_of(variant, place, A=(6, SOON), B=(4, LONG))
    return variant


def test_lots_taken_for_each_other_are_put_right_though_every_piece_is_promised(company, place, tea, broken_promises):
    an_allocation(tea, a_channel(company), 10)
    take = opened(company, place)
    count(take, "TEA", 9, lot_number="A")
    count(take, "TEA", 1, lot_number="B")
    submitted(take)

    approved(take)

    assert lots(place) == {"A": 9, "B": 1}
    assert Stock.objects.values_list("on_hand", "allocated").get() == (10, 10)
    assert broken_promises() == []


def test_a_promise_for_a_day_is_kept_by_what_the_same_count_finds(company, place, tea, broken_promises):
    channel = a_channel(company)
    keeps_at_least(channel, 200)
    an_allocation(tea, channel, 4)
    take = opened(company, place)
    count(take, "TEA", 6, lot_number="A")
    count(take, "TEA", 1, lot_number="B")
    count(take, "TEA", 3, lot_number="C", expires_on=LONG)
    submitted(take)

    approved(take)

    assert lots(place) == {"A": 6, "B": 1, "C": 3}
    assert broken_promises() == []


def test_a_promise_for_a_day_that_nothing_keeps_any_more_is_not_broken(company, place, tea):
    channel = a_channel(company)
    keeps_at_least(channel, 200)
    an_allocation(tea, channel, 4)
    take = opened(company, place)
    count(take, "TEA", 9, lot_number="A")
    count(take, "TEA", 1, lot_number="B")
    submitted(take)
    before = everything_and_lots()

    assert refused(take) == ["inventory.lot_promised"]
    assert everything_and_lots() == before


def test_counts_of_a_lot_happen_once_are_taken_back_and_closed_once(company, place, tea, broken_promises):
    take = opened(company, place)
    first, again = count(take, "TEA", 5, "one", lot_number="A"), count(take, "TEA", 5, "one", lot_number="A")
    count(take, "TEA", 9, "two", lot_number="B")
    undone = undo_count(take, once_key="u", actor=COUNTER, at=LATER)
    count(take, "TEA", 4, "three", lot_number="B")
    submitted(take)
    approved(take)
    before = everything_and_lots()

    closed_again = approved(take)

    assert (first.quantity, again.quantity, again.repeated, again.lot) == (5, 5, True, "A")
    assert (undone.lot, undone.quantity, closed_again.repeated) == ("B", 0, True)
    assert everything_and_lots() == before
    assert lots(place) == {"A": 5, "B": 4}
    assert broken_promises() == []


def test_pieces_picked_from_a_lot_cannot_be_counted_away(company, place, tea):
    wanted = an_allocation(tea, a_channel(company), 4)
    pick_lots([PickAsk(allocation_id=wanted.allocation_id, lots=(("A", 4),))], actor=COUNTER, at=AT)
    take = opened(company, place)
    count(take, "TEA", 3, lot_number="A")
    count(take, "TEA", 4, lot_number="B")
    submitted(take)
    before = everything_and_lots()

    assert refused(take) == ["inventory.not_in_lot"]
    assert everything_and_lots() == before


def test_pieces_promised_to_orders_cannot_be_counted_away(company, place, tea):
    an_allocation(tea, a_channel(company), 9)
    take = opened(company, place)
    count(take, "TEA", 3, lot_number="A")
    count(take, "TEA", 5, lot_number="B")
    submitted(take)
    before = everything_and_lots()

    assert refused(take) == ["inventory.promised"]
    assert everything_and_lots() == before


def test_a_lot_corrected_by_hand_after_its_count_is_counted_again_the_others_are_not(company, place, tea):
    take = opened(company, place)
    count(take, "TEA", 5, lot_number="A")
    count(take, "TEA", 3, lot_number="B")
    slip = Adjustment(stock_item_id=the_item(tea).pk, location_id=place.pk, quantity=-1, once_key="a", lot_number="B")
    adjust_stock([slip], company_id=company.pk, reason="破損", actor=CHECKER, at=LATER + timedelta(minutes=1))
    submitted(take)
    before = everything_and_lots()

    with pytest.raises(CannotApprove) as error:
        approved(take)

    assert [(reason.code, reason.params["item"]) for reason in error.value.errors] == [("inventory.corrected_meanwhile", "TEA B")]
    assert everything_and_lots() == before


def test_what_is_missing_of_a_lot_was_blocked_in_that_lot_before_it_was_for_sale(company, place, tea, broken_promises):
    for lot, state, key in (("A", StockState.DAMAGED, "d"), ("B", StockState.QUARANTINE, "q")):
        turn = Turn(stock_item_id=the_item(tea).pk, location_id=place.pk, quantity=2, once_key=key, to_state=state, lot_number=lot)
        turn_stock([turn], company_id=company.pk, reason="検品", actor=CHECKER, at=AT)
    take = opened(company, place)
    count(take, "TEA", 3, lot_number="A")
    count(take, "TEA", 5, lot_number="B")
    submitted(take)

    approved(take)

    assert booked() == [("A", -2, "damaged"), ("A", -1, "available"), ("B", 1, "available")]
    assert Stock.objects.values_list("damaged", "quarantine", "sellable").get() == (0, 2, 6)
    assert broken_promises() == []


def test_differences_are_worth_the_average_and_the_shelf_is_the_sum_of_its_lots(company, place):
    item = a_stock_item(company, "MUG", is_lot_tracked=True)
    receipts = [
        Receipt(
            stock_item_id=item.pk, location_id=place.pk, quantity=n, value=value, once_key=f"r{n}", cause="po", lot_number=lot, expires_on=day
        )
        for n, value, lot, day in ((3, 301, "A", SOON), (1, 300, "B", LONG))
    ]  # fmt: skip
    receive_stock(receipts, company_id=company.pk, actor=COUNTER, at=AT)
    take = opened(company, place)
    count(take, "MUG", 0, lot_number="A")
    count(take, "MUG", 2, lot_number="B")
    submitted(take)

    [shelf] = variances(take)
    sums = stocktake_sums(take)

    assert [(lot.number, lot.expires_on, lot.difference, lot.value) for lot in shelf.lots] == [("A", SOON, -3, -451), ("B", LONG, 1, 150)]
    assert (shelf.expected, shelf.book, shelf.counted, shelf.difference, shelf.value) == (4, 4, 2, -2, -301)
    assert (sums.lines, sums.lots, sums.differing, sums.more, sums.fewer, sums.net_value) == (2, 2, 1, 1, 3, -301)


def test_a_stocktake_of_whole_shelves_takes_what_expires_first(company, place, tea, broken_promises):
    take = opened(company, place, counts_lots=False)
    counted = count(take, "TEA", 3, lot_number="B")
    submitted(take)

    approved(take)

    assert counted.lot == ""
    assert lines() == [("TEA", "", 10, 3, 10, -7)]
    assert lots(place) == {"A": 0, "B": 3}
    assert variances(take)[0].lots == ()
    assert broken_promises() == []


def test_lots_booked_to_others_or_counted_under_other_goods_are_found(company, place, tea, broken_promises):
    take = opened(company, place)
    count(take, "TEA", 5, lot_number="A")
    count(take, "TEA", 4, lot_number="B")
    submitted(take)
    approved(take)
    line = StocktakeLine.objects.get(lot__number="A")
    assert broken_promises() == []

    run("UPDATE inventory_stocktakeline SET lot_id = NULL WHERE id = %s", (line.pk,))

    assert broken_promises() == ["inventory.lots_counted_apart"]
