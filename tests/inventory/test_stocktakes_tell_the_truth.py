"""Stocktakes that could make the books wrong without a word: blocked goods, corrections, old sheets, what is taken back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import Refusal
from inventory.models import Movement, Stock, Stocktake, StocktakeCount, StocktakeLine
from inventory.operations import (
    CannotApprove,
    adjust_stock,
    approve_stocktake,
    ask_second_count,
    cancel_stocktakes,
    open_stocktake,
    record_counts,
    ship_allocations,
    submit_stocktake,
    turn_stock,
    undo_count,
)
from inventory.rules import (
    Adjustment,
    CountEntry,
    CountKind,
    CountMode,
    ShipAsk,
    StockState,
    StocktakeAsk,
    StocktakeScope,
    Turn,
    Uncounted,
    states_of_difference,
)
from tests.factories.inventory import (
    AT,
    a_channel,
    a_location,
    a_stock_item,
    a_stocked_variant,
    a_trading_company,
    an_allocation,
    lots_of,
    stock_of,
)
from tests.inventory.test_operations_stocktaking import CHECKER, COUNTER, LATER, approved, count, everything, opened, submitted

pytestmark = pytest.mark.django_db
SHEET = {"kind": CountKind.FILE, "actor": CHECKER}


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


def turned(place, quantity, to_state, key):
    turn = Turn(
        stock_item_id=Stock.objects.get().stock_item_id, location_id=place.pk, quantity=quantity, once_key=key, to_state=to_state
    )  # fmt: skip
    [answer] = turn_stock([turn], company_id=place.company_id, reason="検品", actor=CHECKER, at=AT)
    assert not isinstance(answer, Refusal), answer


def corrected(place, quantity, *, at, key="a"):
    slip = Adjustment(stock_item_id=Stock.objects.get().stock_item_id, location_id=place.pk, quantity=quantity, once_key=key)
    [answer] = adjust_stock([slip], company_id=place.company_id, reason="破損", actor=CHECKER, at=at)
    assert not isinstance(answer, Refusal), answer


def states(*names):
    return Stock.objects.values_list("on_hand", "sellable", *names).get()


@pytest.mark.parametrize(("counted", "left"), [(6, (6, 6, 0)), (8, (8, 6, 2)), (5, (5, 5, 0)), (12, (12, 8, 4))])
def test_what_is_missing_was_blocked_before_it_was_for_sale(company, place, tea, broken_promises, counted, left):
    turned(place, 4, StockState.DAMAGED, "d")
    take = opened(company, place)
    count(take, "TEA", counted)
    submitted(take)

    approved(take)

    assert states("damaged") == left
    assert broken_promises() == []


def test_missing_pieces_of_several_blocked_states_are_told_by_hand(company, place, tea, broken_promises):
    turned(place, 2, StockState.DAMAGED, "d")
    turned(place, 2, StockState.QUARANTINE, "q")
    take = opened(company, place)
    count(take, "TEA", 7)
    submitted(take)
    before = everything()

    with pytest.raises(CannotApprove) as refused:
        approved(take)

    assert [(reason.code, reason.params) for reason in refused.value.errors] == [
        ("inventory.missing_of_which_state", {"item": "TEA", "missing": 3})
    ]
    assert everything() == before
    assert broken_promises() == []


def test_where_all_blocked_pieces_are_gone_each_state_is_emptied(company, place, tea, broken_promises):
    turned(place, 2, StockState.DAMAGED, "d")
    turned(place, 2, StockState.QUARANTINE, "q")
    take = opened(company, place)
    count(take, "TEA", 5)
    submitted(take)

    closed = approved(take)

    assert (closed.adjusted, states("damaged", "quarantine")) == (1, (5, 5, 0, 0))
    assert sorted(Movement.objects.filter(kind="adjustment").values_list("quantity", "state")) == [
        (-2, "damaged"), (-2, "quarantine"), (-1, "available"),
    ]  # fmt: skip
    assert broken_promises() == []


def test_what_is_missing_of_several_lots_counted_as_a_whole_is_booked_once(company, place, broken_promises):
    item = a_stock_item(company, "MISO", is_lot_tracked=True)
    lots_of(item, place, EARLY=(3, None), LATE=(5, None))
    take = opened(company, place, counts_lots=False)
    count(take, "MISO", 3)
    submitted(take)

    approved(take)

    assert sorted(Movement.objects.filter(kind="adjustment").values_list("quantity", "lot__number")) == [(-3, "EARLY"), (-2, "LATE")]
    assert broken_promises() == []


def test_a_difference_is_shared_out_over_states_by_rule():
    damaged, checked = StockState.DAMAGED, StockState.QUALITY_CHECK

    assert states_of_difference(3, blocked={damaged: 5}) == {StockState.AVAILABLE: 3}
    assert states_of_difference(-3, blocked={damaged: 0}) == {StockState.AVAILABLE: -3}
    assert states_of_difference(-3, blocked={damaged: 5, checked: 0}) == {damaged: -3}
    assert states_of_difference(-3, blocked={damaged: 1, checked: 1}) == {damaged: -1, checked: -1, StockState.AVAILABLE: -1}
    assert states_of_difference(-1, blocked={damaged: 1, checked: 1}) is None


def test_a_shelf_corrected_after_the_count_under_an_earlier_time_is_counted_again(company, place, tea, broken_promises):
    take = opened(company, place)
    count(take, "TEA", 9)
    corrected(place, -1, at=LATER - timedelta(minutes=1))
    submitted(take)
    before = everything()

    with pytest.raises(CannotApprove) as refused:
        approved(take)

    assert [reason.code for reason in refused.value.errors] == ["inventory.corrected_meanwhile"]
    assert everything() == before
    ask_second_count(take, reason="再", actor=CHECKER, at=LATER)
    count(take, "TEA", 9)
    submitted(take)
    assert approved(take).adjusted == 0
    assert states() == (9, 9)
    assert broken_promises() == []


def test_a_correction_before_the_count_is_in_its_books(company, place, tea):
    take = opened(company, place)
    corrected(place, -1, at=AT + timedelta(minutes=1))
    count(take, "TEA", 8)
    submitted(take)

    approved(take)

    assert states() == (8, 8)


def test_shelves_are_held_before_it_is_looked_who_corrected_them(company, place, tea):
    take = opened(company, place)
    count(take, "TEA", 9)
    submitted(take)

    with CaptureQueriesContext(
        connection,
    ) as made:
        approved(take)

    said = [query["sql"] for query in made]
    held = next(at for at, sql in enumerate(said) if "inventory_stock s" in sql and "FOR UPDATE OF s" in sql)
    looked = next(at for at, sql in enumerate(said) if "is_corrected" in sql)
    assert held < looked


def test_an_older_sheet_is_not_added_to_a_later_scan(company, place, tea):
    channel, take = a_channel(company), opened(company, place)
    sold = an_allocation(tea, channel, 2)
    ship_allocations([ShipAsk(allocation_id=sold.allocation_id, cause="s:1")], actor=COUNTER, at=AT + timedelta(minutes=30))
    count(take, "TEA", 5)
    before = everything()

    older = count(take, "TEA", 3, "sheet", counted_at=AT, **SHEET)

    assert older.code == "inventory.counted_later"
    assert everything() == before
    assert count(take, "TEA", 10, "whole", counted_at=AT, mode=CountMode.REPLACE, **SHEET).quantity == 10
    assert StocktakeLine.objects.values_list("book", "counted", "counted_at").get() == (10, 10, AT)


def test_a_scan_that_waited_for_another_keeps_the_later_books(company, place, tea):
    take = opened(company, place)
    count(take, "TEA", 5)

    waited = count(take, "TEA", 5, at=LATER - timedelta(milliseconds=20))

    assert waited.quantity == 10
    assert StocktakeLine.objects.values_list("book", "counted_at").get() == (10, LATER)


def test_what_a_sheet_replaced_is_not_taken_back(company, place, tea):
    take = opened(company, place)
    count(take, "TEA", 5)
    count(take, "TEA", 8, mode=CountMode.REPLACE, **SHEET)

    undone = undo_count(take, once_key="u1", actor=COUNTER, at=LATER)

    assert undone.code == "inventory.nothing_to_undo"
    assert StocktakeLine.objects.get().counted == 8


def test_a_sheet_with_less_than_was_scanned_does_not_jam_the_scanner(company, place, tea):
    take = opened(company, place)
    count(take, "TEA", 5)
    count(take, "TEA", 2, mode=CountMode.REPLACE, **SHEET)
    count(take, "TEA", 4)

    answers = [undo_count(take, once_key=f"u{n}", actor=COUNTER, at=LATER) for n in (1, 2)]

    assert (answers[0].quantity, answers[1].code) == (2, "inventory.nothing_to_undo")
    assert StocktakeLine.objects.values_list("counted", "book").get() == (2, 10)


def test_a_replacement_that_was_taken_back_gives_the_scans_before_it_free(company, place, tea):
    take = opened(company, place)
    count(take, "TEA", 5)
    count(take, "TEA", 2, kind=CountKind.TYPED, mode=CountMode.REPLACE)

    answers = [undo_count(take, once_key=f"u{n}", actor=COUNTER, at=LATER) for n in (1, 2)]

    assert [answer.quantity for answer in answers] == [5, 0]
    assert StocktakeLine.objects.get().counted is None


def test_taking_back_leaves_the_books_of_the_entry_before(company, place, tea):
    channel, take = a_channel(company), opened(company, place)
    count(take, "TEA", 5, at=AT + timedelta(minutes=10))
    sold = an_allocation(tea, channel, 2)
    ship_allocations([ShipAsk(allocation_id=sold.allocation_id, cause="s:1")], actor=COUNTER, at=AT + timedelta(minutes=30))
    count(take, "TEA", 3)

    undo_count(take, once_key="u", actor=COUNTER, at=LATER)

    assert StocktakeLine.objects.values_list("counted", "book", "counted_at").get() == (5, 10, AT + timedelta(minutes=10))


def test_whoever_counted_cannot_hide_it_by_cancelling(company, place, tea):
    take = opened(company, place)
    count(take, "TEA", 2)
    submitted(take)
    before = everything()

    plain = cancel_stocktakes([take], reason="隠す", actor=CHECKER, at=LATER)[0]
    own = cancel_stocktakes([take], reason="隠す", actor=COUNTER, at=LATER, handed_in=True)[0]
    unchanged = everything() == before
    other = cancel_stocktakes([take], reason="数え直し", actor=CHECKER, at=LATER, handed_in=True)[0]

    assert (plain.code, own.code, unchanged) == ("inventory.stocktake_handed_in", "inventory.counter_cannot_cancel", True)
    assert (other, Stocktake.objects.get().status) == (None, "cancelled")


def test_whoever_counts_gives_up_a_count_that_is_not_handed_in(company, place, tea):
    take = opened(company, place)
    count(take, "TEA", 2)

    assert cancel_stocktakes([take], reason="やり直し", actor=COUNTER, at=LATER) == [None]


def test_an_item_found_by_one_count_is_not_listed_by_another(company, place, tea):
    a_stock_item(company, "LOST")
    count(opened(company, place), "LOST", 1)
    ask = StocktakeAsk(location_id=place.pk, scope=StocktakeScope.LIST, codes=("LOST",))

    refused = open_stocktake(ask, company_id=company.pk, actor=COUNTER, at=AT)

    assert (refused.code, refused.params["numbers"]) == ("inventory.already_being_counted", "ST-000001")


def test_a_scan_does_not_sum_the_ledger_of_its_shelf(company, place, tea):
    from inventory.operations.counting import _BOOKS

    take = opened(company, place)
    count(take, "TEA", 9)
    line = StocktakeLine.objects.get()
    with connection.cursor() as cursor:
        plans = []
        for seen in (LATER, AT):
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT TEXT) {_BOOKS}", {"lines": [line.pk], "times": [seen], "at": LATER})
            plans.append("\n".join(row[0] for row in cursor.fetchall()))

    assert ["never executed" in plan for plan in plans] == [True, False]
    assert not StocktakeCount.objects.filter(book=0).exists()
    assert submit_stocktake(take, uncounted=Uncounted.REFUSE, actor=COUNTER, at=LATER).differences == 1
    assert approve_stocktake(take, reason="棚卸", actor=CHECKER, at=LATER).adjusted == 1
    assert record_counts(take, [CountEntry(code="TEA", quantity=1, once_key="z")], actor=COUNTER, at=LATER)[0].code
