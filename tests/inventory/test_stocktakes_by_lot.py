"""Goods tracked by lot are counted lot by lot, while lots come, are picked and leave; each stands against its own books."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from inventory.models import Lot, Stock, StocktakeLine
from inventory.operations import (
    adjust_stock,
    ask_second_count,
    cancel_stocktakes,
    open_stocktake,
    receive_stock,
    record_counts,
    submit_stocktake,
)
from inventory.queries import lots_to_count
from inventory.rules import (
    UNNAMED,
    Adjustment,
    CountEntry,
    CountMode,
    Receipt,
    StocktakeAsk,
    StocktakeScope,
    Uncounted,
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
    the_item,
)
from tests.inventory.lots_counted import booked, everything_and_lots, lines, lots, shipped
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


def test_each_lot_is_noted_counted_and_booked_on_its_own(company, place, tea, broken_promises):
    take = opened(company, place)

    counts = [count(take, "TEA", 5, lot_number="A"), count(take, "4901234567894", 4, lot_number="Ｂ")]
    handed = submitted(take)
    closed = approved(take)

    assert [(one.item, one.lot, one.quantity) for one in counts] == [("TEA", "A", 5), ("TEA", "B", 4)]
    assert lines() == [("TEA", "A", 6, 5, 6, -1), ("TEA", "B", 4, 4, 4, 0)]
    assert (handed.differences, closed.adjusted) == (1, 1)
    assert booked() == [("A", -1, "available")]
    assert lots(place) == {"A": 5, "B": 4}
    assert Stock.objects.get().on_hand == 9
    assert broken_promises() == []


def test_what_leaves_and_comes_meanwhile_is_no_difference(company, place, tea, broken_promises):
    channel, take = a_channel(company), opened(company, place)
    before, after = an_allocation(tea, channel, 2), an_allocation(tea, channel, 3)
    shipped(before, AT + timedelta(minutes=5))
    came = [
        Receipt(stock_item_id=the_item(tea).pk, location_id=place.pk, quantity=7, once_key="c", cause="po", lot_number="C", expires_on=LONG)
    ]
    receive_stock(came, company_id=company.pk, actor=COUNTER, at=AT + timedelta(minutes=6))

    for lot, quantity in (("A", 4), ("B", 3), ("C", 7)):
        count(take, "TEA", quantity, lot_number=lot)
    shipped(after, LATER + timedelta(minutes=5))
    submitted(take)
    approved(take)

    assert lines() == [("TEA", "A", 6, 4, 4, 0), ("TEA", "B", 4, 3, 4, -1), ("TEA", "C", 0, 7, 7, 0)]
    assert lots(place) == {"A": 1, "B": 3, "C": 7}
    assert StocktakeLine.objects.get(lot__number="C").is_found
    assert broken_promises() == []


def test_a_sheet_of_an_hour_ago_stands_against_the_lot_of_then(company, place, tea):
    channel, take = a_channel(company), opened(company, place)
    shipped(an_allocation(tea, channel, 2), AT + timedelta(minutes=30))

    count(take, "TEA", 6, lot_number="A", counted_at=AT + timedelta(minutes=10))
    count(take, "TEA", 4, lot_number="B", counted_at=AT + timedelta(minutes=10))

    assert [(lot, book) for _item, lot, _expected, _counted, book, _difference in lines()] == [("A", 6), ("B", 4)]


def test_a_new_lot_with_its_day_is_found_and_opens_its_shelf(company, place, broken_promises):
    a_stock_item(company, "MISO", is_lot_tracked=True)
    stock_of(a_stock_item(company, "MUG"), place, 1)
    take = opened(company, place)

    found = count(take, "MISO", 3, lot_number="N-1", expires_on=LONG)
    again = count(take, "MISO", 2, lot_number="N-1")
    submitted(take, Uncounted.LEAVE)
    approved(take)

    assert (found.quantity, again.quantity) == (3, 5)
    assert Lot.objects.values_list("number", "expires_on", "received_on").get() == ("N-1", LONG, None)
    assert lots(place) == {"N-1": 5}
    assert booked() == [("N-1", 5, "available")]
    assert broken_promises() == []


def test_pieces_without_a_readable_lot_are_counted_apart(company, place, broken_promises):
    item = a_stock_item(company, "MISO", is_lot_tracked=True)
    stock_of(item, place, 3)
    lots_of(item, place, A=(5, SOON))
    take = opened(company, place)

    answers = [count(take, "MISO", 1, lot_number=UNNAMED), count(take, "MISO", 7, lot_number="A")]
    submitted(take)
    approved(take)

    assert [answer.lot for answer in answers] == ["", "A"]
    assert lines() == [("MISO", "", 3, 1, 3, -2), ("MISO", "A", 5, 7, 5, 2)]
    assert booked() == [("", -2, "available"), ("A", 2, "available")]
    assert lots(place) == {"": 1, "A": 7}
    assert broken_promises() == []


def test_a_lot_that_is_really_called_so_goes_before_pieces_without_one(company, place, tea):
    lots_of(tea, place, **{UNNAMED: (2, SOON)})
    take = opened(company, place)

    assert count(take, "TEA", 2, lot_number=UNNAMED).lot == UNNAMED
    assert StocktakeLine.objects.get(lot__number=UNNAMED).counted == 2


WRONG = [
    ("no lot", {}, "inventory.lot_missing", "lot"),
    ("unknown, without a day", {"lot_number": "X"}, "inventory.unknown_lot", "expires_on"),
    ("known, another day", {"lot_number": "A", "expires_on": LONG}, "inventory.lot_expires_otherwise", "expires_on"),
    ("another item's", {"lot_number": "M-1"}, "inventory.lot_of_another", "lot"),
    ("another item's, with its day", {"lot_number": "M-1", "expires_on": SOON}, "inventory.lot_of_another", "lot"),
    ("lost its zeros", {"lot_number": "77", "expires_on": LONG}, "inventory.unknown_lot", "lot"),
    ("the code of goods, one scan too late", {"lot_number": "MUG"}, "inventory.lot_is_a_code", "lot"),
    ("too long", {"lot_number": "L" * 65, "expires_on": LONG}, "inventory.lot_too_long", "lot"),
    ("of goods without lots", {"code": "MUG", "lot_number": "A"}, "inventory.lot_not_tracked", "lot"),
]


@pytest.mark.parametrize(("_case", "told", "code", "field"), WRONG, ids=[case for case, *_rest in WRONG])
def test_a_lot_that_cannot_be_counted_is_refused_by_its_field(company, place, tea, _case, told, code, field):
    stock_of(a_stock_item(company, "MUG"), place, 5)
    lots_of(tea, place, **{"0077": (1, LONG)})
    lots_of(a_stock_item(company, "MISO", is_lot_tracked=True), place, **{"M-1": (2, SOON)})
    take = opened(company, place)
    before = everything_and_lots()

    answer = count(take, told.pop("code", "TEA"), 2, **told)

    assert (answer.code, answer.field) == (code, f"/0/{field}")
    assert answer.text()
    assert everything_and_lots() == before


def test_the_same_number_with_another_day_is_another_lot(company, place, tea):
    lots_of(a_stock_item(company, "MISO", is_lot_tracked=True), place, **{"M-1": (2, SOON)})
    foreign = a_trading_company()
    lots_of(a_stock_item(foreign, is_lot_tracked=True), a_location(foreign), **{"F-1": (2, SOON)})
    take = opened(company, place)

    answers = [count(take, "TEA", 1, lot_number="M-1", expires_on=LONG), count(take, "TEA", 1, lot_number="F-1", expires_on=SOON)]

    assert [answer.lot for answer in answers] == ["M-1", "F-1"]


def test_a_lot_that_is_called_like_goods_is_one_with_its_day(company, place, tea):
    stock_of(a_stock_item(company, "MUG"), place, 5)
    take = opened(company, place)

    assert count(take, "TEA", 1, lot_number="MUG", expires_on=LONG).lot == "MUG"


def test_of_two_entries_that_tell_a_new_lot_differently_one_is_refused(company, place, tea):
    take = opened(company, place)
    entries = [
        CountEntry(code="TEA", quantity=1, once_key=f"n{place}", lot_number="NEW", expires_on=day)
        for place, day in enumerate((SOON, LONG, None))
    ]

    answers = record_counts(take, entries, actor=COUNTER, at=LATER)

    assert [getattr(answer, "code", None) or answer.quantity for answer in answers] == [1, "inventory.lot_expires_otherwise", 2]
    assert Lot.objects.get(number="NEW").expires_on == SOON


def test_what_was_not_counted_is_told_by_lot_and_means_what_is_said(company, place, tea, broken_promises):
    take = opened(company, place)
    count(take, "TEA", 6, lot_number="A")

    stopped = submitted(take)
    submitted(take, Uncounted.NOTHING)
    approved(take)

    assert (stopped.code, stopped.params["codes"]) == ("inventory.not_counted_yet", "TEA B")
    assert lots(place) == {"A": 6, "B": 0}
    assert broken_promises() == []


def test_only_lots_that_differ_are_counted_again(company, place, tea):
    take = opened(company, place)
    count(take, "TEA", 5, lot_number="A")
    count(take, "TEA", 4, lot_number="B")
    submitted(take)
    ask_second_count(take, reason="再", actor=CHECKER, at=LATER)

    agreed, again = count(take, "TEA", 4, lot_number="B"), count(take, "TEA", 6, lot_number="A")

    assert (agreed.code, agreed.params["item"], again.quantity) == ("inventory.agreed_before", "TEA B", 6)


def test_an_empty_shelf_stays_part_of_what_is_counted(company, place, tea, broken_promises):
    item = a_stock_item(company, "MISO", is_lot_tracked=True)
    lots_of(item, place, OLD=(2, SOON))
    gone = Adjustment(stock_item_id=item.pk, location_id=place.pk, quantity=-2, once_key="g")
    adjust_stock([gone], company_id=company.pk, reason="破損", actor=CHECKER, at=AT)
    take = opened(company, place, scope=StocktakeScope.LIST, codes=("MISO",))

    nothing, bare = count(take, "MISO", 0), count(take, "MISO", 1)
    found, outside = count(take, "MISO", 1, lot_number="OLD"), count(take, "TEA", 1, lot_number="A")
    submitted(take)
    approved(take)

    assert (nothing.quantity, bare.code) == (0, "inventory.lot_missing")
    assert (found.quantity, outside.code) == (1, "inventory.not_in_this_stocktake")
    assert lots(place) == {"A": 6, "B": 4, "OLD": 1}
    assert broken_promises() == []


def test_a_lot_that_came_later_is_not_counted_by_another_stocktake(company, place, tea):
    opened(company, place, scope=StocktakeScope.LIST, codes=("TEA",))
    lots_of(tea, place, C=(1, LONG))

    second = open_stocktake(StocktakeAsk(location_id=place.pk), company_id=company.pk, actor=COUNTER, at=AT)

    assert second.code == "inventory.already_being_counted"


def test_a_cancelled_count_of_lots_changes_nothing_and_frees_them(company, place, tea, broken_promises):
    take = opened(company, place)
    count(take, "TEA", 1, lot_number="A")
    cancel_stocktakes([take], reason="やり直し", actor=COUNTER, at=LATER)

    again = opened(company, place)

    assert count(again, "TEA", 6, "anew", lot_number="A").quantity == 6
    assert lots(place) == {"A": 6, "B": 4}
    assert broken_promises() == []


@pytest.mark.parametrize("told", ["(01)04901234567894(17)260801(10)A", "]C1010490123456789410A\x1d17260801", "01049012345678941726080110A"])
def test_a_gs1_barcode_counts_its_own_lot(company, place, tea, told):
    take = opened(company, place)

    assert (count(take, told).lot, count(take, told, 2, "second").quantity) == ("A", 3)


def test_the_lot_on_a_label_of_goods_without_lots_says_nothing(company, place):
    stock_of(a_stocked_variant(company, sku="MUG", jan="4901234567894"), place, 5)
    take = opened(company, place)

    answer = count(take, "(01)04901234567894(10)A")

    assert (answer.item, answer.lot, answer.quantity) == ("MUG", "", 1)


def test_the_lots_to_look_for_are_told_without_their_books(company, place, tea):
    take = opened(company, place)
    lots_of(tea, place, C=(1, None))
    count(take, "TEA", 2, lot_number="A")

    assert [(lot.number, lot.expires_on, lot.counted) for lot in lots_to_count(take, "TEA")] == [
        ("A", SOON, 2), ("B", LONG, None), ("C", None, None),
    ]  # fmt: skip


def test_fifty_lots_take_as_many_statements_as_one(company, place, django_assert_num_queries):
    item = a_stock_item(company, "MISO", is_lot_tracked=True)
    lots_of(item, place, **{f"L{number:02}": (number + 1, LONG) for number in range(50)})
    take = opened(company, place)
    entries = [CountEntry(code="MISO", quantity=number, once_key=f"e{number}", lot_number=f"L{number:02}") for number in range(50)]
    new = [CountEntry(code="MISO", quantity=1, once_key=f"n{number}", lot_number=f"N{number:02}", expires_on=SOON) for number in range(50)]

    with django_assert_num_queries(13):
        record_counts(take, entries[:1], actor=COUNTER, at=LATER)
    with django_assert_num_queries(13):
        record_counts(
            take, [replace(entry, once_key=f"{entry.once_key}b", mode=CountMode.REPLACE) for entry in entries], actor=COUNTER, at=LATER
        )
    with django_assert_num_queries(16):
        record_counts(take, new[:1], actor=COUNTER, at=LATER)
    with django_assert_num_queries(16):
        record_counts(take, new[1:], actor=COUNTER, at=LATER)
    submit_stocktake(take, uncounted=Uncounted.REFUSE, actor=COUNTER, at=LATER)
    with django_assert_num_queries(22):
        approved(take)
    assert sum(lots(place).values()) == sum(range(50)) + 50
