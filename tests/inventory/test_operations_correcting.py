"""Several adjustments of a shelf as one: what comes in counts against what leaves, all of it or nothing, once."""

from datetime import date

import pytest

from core.errors import Refusal
from inventory.models import Movement, Stock, StockLot
from inventory.operations import adjust_stock, correct_shelves
from inventory.rules import Adjustment, StockState
from tests.factories.inventory import (
    AT,
    WAREHOUSE_STAFF,
    a_channel,
    a_location,
    a_stock_item,
    a_stocked_variant,
    a_trading_company,
    an_allocation,
    lots_of,
    stock_of,
)

pytestmark = pytest.mark.django_db
HOW = {"actor": WAREHOUSE_STAFF, "at": AT, "reason": "棚卸"}
SOON, LONG = date(2026, 8, 1), date(2027, 8, 1)


@pytest.fixture
def company():
    return a_trading_company()


@pytest.fixture
def place(company):
    return a_location(company)


@pytest.fixture
def tea(company, place):
    item = a_stock_item(company, "TEA", is_lot_tracked=True)
    lots_of(item, place, A=(6, SOON), B=(4, LONG))
    an_allocation(a_stocked_variant(company, parts={item: 1}), a_channel(company), 10)
    return item


def lots():
    return dict(StockLot.objects.values_list("lot__number", "on_hand"))


def wanted(item, place, **changes):
    return [
        Adjustment(stock_item_id=item.pk, location_id=place.pk, quantity=quantity, once_key=f"c:{lot}", lot_number=lot)
        for lot, quantity in changes.items()
    ]


def test_pieces_change_their_lot_though_all_are_promised(company, place, tea, broken_promises):
    [done] = correct_shelves([wanted(tea, place, A=-3, B=3)], company_id=company.pk, **HOW)

    assert (done.is_new, lots()) == (True, {"A": 3, "B": 7})
    assert Stock.objects.values_list("on_hand", "allocated").get() == (10, 10)
    assert broken_promises() == []


def test_a_correction_happens_once(company, place, tea, ledger):
    correct_shelves([wanted(tea, place, A=-3, B=3)], company_id=company.pk, **HOW)
    before = ledger()

    [again] = correct_shelves([wanted(tea, place, B=3, A=-3)], company_id=company.pk, **HOW)

    assert (again.is_new, lots()) == (False, {"A": 3, "B": 7})
    assert ledger() == before


@pytest.mark.parametrize(
    ("_case", "changes", "code"),
    [
        ("more leaves than comes", {"A": -3, "B": 2}, "inventory.promised"),
        ("more leaves a lot than lies there", {"A": 1, "B": -5}, "inventory.not_in_lot"),
        ("nothing changes", {"A": 0}, "inventory.bad_quantity"),
    ],
)
def test_what_cannot_be_done_is_refused_as_a_whole(company, place, tea, ledger, _case, changes, code):
    before = ledger()

    [refused] = correct_shelves([wanted(tea, place, **changes)], company_id=company.pk, **HOW)

    assert isinstance(refused, Refusal)
    assert (refused.code, bool(refused.text())) == (code, True)
    assert ledger() == before


def test_one_refused_shelf_leaves_the_others_done(company, place, tea, broken_promises):
    mug = stock_of(a_stock_item(company, "MUG"), place, 5).stock_item
    other = [Adjustment(stock_item_id=mug.pk, location_id=place.pk, quantity=-1, once_key="m")]

    answers = correct_shelves([wanted(tea, place, A=-1), other], company_id=company.pk, **HOW)

    assert [getattr(answer, "code", "done") for answer in answers] == ["inventory.promised", "done"]
    assert Stock.objects.get(stock_item=mug).on_hand == 4
    assert broken_promises() == []


def test_adjustments_apart_do_not_count_against_each_other(company, place, tea):
    """Who asks for them one by one may have any of them refused, so that none may lean on another."""
    answers = adjust_stock(wanted(tea, place, A=-3, B=3), company_id=company.pk, **HOW)

    assert [isinstance(answer, Refusal) for answer in answers] == [True, True]
    assert lots() == {"A": 6, "B": 4}


def test_pieces_that_nobody_named_leave_as_such(company, place, broken_promises):
    item = a_stock_item(company, "MISO", is_lot_tracked=True)
    stock_of(item, place, 3)
    lots_of(item, place, A=(5, SOON))
    unnamed = Adjustment(stock_item_id=item.pk, location_id=place.pk, quantity=-2, once_key="u", is_unnamed=True)
    too_many = Adjustment(
        stock_item_id=item.pk,
        location_id=place.pk,
        quantity=-1,
        sellable_quantity=0,
        state=StockState.DAMAGED,
        once_key="d",
        is_unnamed=True,
    )

    answers = [correct_shelves([[one]], company_id=company.pk, **HOW)[0] for one in (unnamed, too_many)]

    assert [getattr(answer, "code", "done") for answer in answers] == ["done", "inventory.not_that_many"]
    assert lots() == {None: 1, "A": 5}
    assert list(Movement.objects.filter(kind="adjustment").values_list("lot", "quantity")) == [(None, -2)]
    assert broken_promises() == []
