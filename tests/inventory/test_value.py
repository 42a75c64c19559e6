"""What stock is worth: valued at the moving average of its shelf, to the yen, on any day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.db import rows
from core.errors import Refusal
from inventory.models import Movement, Stock, StockDay
from inventory.operations import (
    adjust_stock,
    receive_stock,
    recount_stock,
    revalue_stock,
    ship_allocations,
    transfer_stock,
    turn_stock,
)
from inventory.queries import By, share_sql, stock_differences, total_of, value_at_end_of, value_report
from inventory.rules import (
    REPORTED,
    Adjustment,
    MovementKind,
    OwnerKind,
    Receipt,
    Revaluation,
    ShipAsk,
    Transfer,
    Turn,
    costs_of_leaving,
    share,
)
from tests.factories.inventory import (
    AT,
    SYSTEM,
    a_channel,
    a_location,
    a_stock_item,
    a_stocked_variant,
    a_trading_company,
    an_allocation,
    the_item,
)

HOW = {"actor": SYSTEM, "at": AT}
DAY = date(2026, 5, 11)


@pytest.fixture
def company(db):
    return a_trading_company()


def come(item, place, quantity, value, key, *, at=AT, kind=MovementKind.RECEIPT):
    (result,) = receive_stock(
        [Receipt(stock_item_id=item.pk, location_id=place.pk, quantity=quantity, value=value, once_key=key, cause="t", kind=kind)],
        company_id=item.company_id,
        actor=SYSTEM,
        at=at,
    )
    assert not isinstance(result, Refusal), result


def leave(item, place, *quantities, key="out", at=AT):
    asks = [Adjustment(stock_item_id=item.pk, location_id=place.pk, quantity=-q, once_key=f"{key}:{n}") for n, q in enumerate(quantities)]
    return adjust_stock(asks, company_id=item.company_id, reason="t", actor=SYSTEM, at=at)


def worth(item, place):
    shelf = Stock.objects.get(stock_item=item, location=place)
    return shelf.on_hand, shelf.value


@given(value=st.integers(0, 10**15), leaving=st.lists(st.integers(1, 10**6), min_size=1, max_size=20), kept=st.integers(0, 10**6))
def test_what_leaves_and_what_stays_add_up(value, leaving, kept):
    on_hand = sum(leaving) + kept

    costs = costs_of_leaving(value, on_hand, tuple(leaving))

    rest = value - sum(costs)
    assert all(cost >= 0 for cost in costs)
    assert rest == share(value, kept, on_hand) or abs(rest - share(value, kept, on_hand)) <= 1
    assert kept or rest == 0


@pytest.mark.parametrize(
    ("value", "part", "whole"), [(1000, 1, 3), (1, 1, 2), (10**15, 10**8, 10**9 - 1), (0, 0, 0), (999, 3, 3), (5, 2, 4)]
)
def test_the_statements_reckon_like_the_rule(db, value, part, whole):
    (row,) = rows(
        f"SELECT {share_sql('%s::bigint', '%s::bigint', '%s::bigint')} AS cost", (value, part, whole, whole, whole), prepare=False
    )

    assert row.cost == share(value, part, whole)


def test_receipts_at_two_prices_leave_at_their_average(company, broken_promises):
    item, place = a_stock_item(company), a_location(company)
    come(item, place, 10, 1000, "a")
    come(item, place, 20, 2600, "b")

    leave(item, place, 7, 3)

    costs = list(Movement.objects.filter(quantity__lt=0).order_by("id").values_list("quantity", "value"))
    assert costs == [(-7, -840), (-3, -360)]
    assert worth(item, place) == (20, 2400)
    assert broken_promises() == []


def test_the_last_piece_takes_what_is_left_of_an_odd_sum(company, broken_promises):
    item, place = a_stock_item(company), a_location(company)
    come(item, place, 3, 100, "a")

    leave(item, place, 1, 1, 1)

    assert list(Movement.objects.filter(quantity__lt=0).order_by("id").values_list("value", flat=True)) == [-33, -34, -33]
    assert worth(item, place) == (0, 0)
    assert broken_promises() == []


def test_a_parcel_takes_its_cost_along(company, broken_promises):
    channel, place = a_channel(company), a_location(company)
    tea = a_stocked_variant(company, sku="TEA")
    come(the_item(tea), place, 6, 1000, "a")
    asks = [ShipAsk(allocation_id=an_allocation(tea, channel, n).allocation_id, cause="shipment:1") for n in (1, 2)]

    ship_allocations(asks, **HOW)
    ship_allocations(asks, **HOW)

    assert list(Movement.objects.filter(kind="shipment").order_by("id").values_list("value", flat=True)) == [-167, -333]
    assert worth(the_item(tea), place) == (3, 500)
    assert StockDay.objects.filter(kind="shipment").values_list("day", "quantity", "value").get() == (DAY, -3, -500)
    assert broken_promises() == []


def test_a_transfer_takes_its_value_along(company, broken_promises):
    item, here, there = a_stock_item(company), a_location(company), a_location(company)
    come(item, here, 3, 100, "a")
    come(item, there, 1, 500, "b")
    ask = Transfer(stock_item_id=item.pk, from_location_id=here.pk, to_location_id=there.pk, quantity=2, once_key="t")

    transfer_stock([ask], company_id=company.pk, **HOW)

    assert (worth(item, here), worth(item, there)) == ((1, 33), (3, 567))
    assert broken_promises() == []


def test_what_comes_without_a_price_comes_at_the_average_then_the_last_cost_then_the_items_elsewhere(company, broken_promises):
    item, here, empty, fresh = a_stock_item(company), a_location(company), a_location(company), a_location(company)
    come(item, here, 10, 1500, "a")
    come(item, empty, 2, 400, "b")
    leave(item, empty, 2)

    for place, key in ((here, "c"), (empty, "d"), (fresh, "e")):
        come(item, place, 2, None, key, kind=MovementKind.RETURN)

    assert [worth(item, place) for place in (here, empty, fresh)] == [(12, 1800), (2, 400), (2, 314)]
    assert broken_promises() == []


def test_goods_of_others_are_worth_nothing_here(company, broken_promises):
    item, place = a_stock_item(company, owner_kind=OwnerKind.CONSIGNMENT), a_location(company)

    come(item, place, 10, 1500, "a")

    assert worth(item, place) == (10, 0)
    ask = Revaluation(stock_item_id=item.pk, location_id=place.pk, difference=5, once_key="r")
    (refused,) = revalue_stock([ask], company_id=company.pk, reason="t", **HOW)
    assert refused.code == "inventory.not_ours"
    assert broken_promises() == []


def test_blocking_pieces_changes_no_value(company):
    item, place = a_stock_item(company), a_location(company)
    come(item, place, 4, 100, "a")

    turn_stock([Turn(stock_item_id=item.pk, location_id=place.pk, quantity=-4, once_key="t")], company_id=company.pk, reason="t", **HOW)

    assert worth(item, place) == (4, 100)
    assert StockDay.objects.count() == 1


@pytest.mark.parametrize("value", [-1, 10**15 + 1])
def test_a_receipt_at_an_impossible_price_is_refused(company, ledger, value):
    item, place = a_stock_item(company), a_location(company)
    before = ledger()
    ask = Receipt(stock_item_id=item.pk, location_id=place.pk, quantity=1, value=value, once_key="a", cause="t")

    (refused,) = receive_stock([ask], company_id=company.pk, **HOW)

    assert (refused.code, refused.field) == ("inventory.bad_value", "/0/value")
    assert ledger() == before


def test_a_shelf_is_revalued_once(company, broken_promises):
    item, place = a_stock_item(company), a_location(company)
    come(item, place, 4, 1000, "a")
    ask = Revaluation(stock_item_id=item.pk, location_id=place.pk, difference=-250, once_key="r")

    first, again = (revalue_stock([ask], company_id=company.pk, reason="値下がり", **HOW)[0] for _n in range(2))

    assert [(r.value, r.is_new) for r in (first, again)] == [(750, True), (750, False)]
    assert worth(item, place) == (4, 750)
    assert rows("SELECT name FROM core_outboxevent WHERE name = 'inventory.StockRevalued'", prepare=False).__len__() == 1
    assert broken_promises() == []


@pytest.mark.parametrize(
    ("difference", "quantity", "code"),
    [
        (0, 4, "inventory.bad_value"),
        (10**16, 4, "inventory.bad_value"),
        (-1001, 4, "inventory.worth_less"),
        (5, 0, "inventory.nothing_to_value"),
        (5, None, "inventory.no_such_shelf"),
    ],
)
def test_a_revaluation_that_cannot_be_is_refused(company, ledger, difference, quantity, code):
    item, place = a_stock_item(company), a_location(company)
    if quantity is not None:
        come(item, place, 4, 1000, "a")
        leave(item, place, *([4 - quantity] if quantity < 4 else []))
    before = ledger()
    ask = Revaluation(stock_item_id=item.pk, location_id=place.pk, difference=difference, once_key="r")

    (refused,) = revalue_stock([ask], company_id=company.pk, reason="t", **HOW)

    assert refused.code == code
    assert ledger() == before


def test_the_month_equals_its_movements_and_the_day_before_it_still_tells_its_own(company):
    item, here, there = a_stock_item(company, "TEA"), a_location(company, "here"), a_location(company, "there")
    come(item, here, 10, 1000, "a", at=AT - timedelta(days=20))
    come(item, here, 10, 2000, "b")
    leave(item, here, 5)
    move = Transfer(stock_item_id=item.pk, from_location_id=here.pk, to_location_id=there.pk, quantity=5, once_key="t")
    transfer_stock([move], company_id=company.pk, **HOW)
    leave(item, here, 1, key="later", at=AT + timedelta(days=30))

    lines = value_report(company.pk, since=date(2026, 5, 1), until=date(2026, 6, 1))
    (tea,) = value_report(company.pk, since=date(2026, 5, 1), until=date(2026, 6, 1), by=By.ITEM)

    told = {
        line.code: (line.opening_value, line.moved["received"], line.moved["adjusted"], line.moved["moved"], line.closing_value)
        for line in lines
    }
    assert told == {
        "here": (1000, (10, 2000), (-5, -750), (-5, -750), 1500),
        "there": (0, (0, 0), (0, 0), (5, 750), 750),
    }
    assert (tea.opening_value, tea.moved["moved"], tea.closing_value, tea.closing_quantity) == (1000, (0, 0), 2250, 15)
    total = total_of(lines)
    assert total.closing_value == total.opening_value + sum(value for _pieces, value in total.moved.values()) == 2250
    assert [line.closing_value for line in value_at_end_of(company.pk, on=DAY - timedelta(days=1))] == [1000]
    assert value_at_end_of(company.pk, on=DAY - timedelta(days=21)) == []


def test_every_kind_of_movement_stands_in_one_column():
    listed = [kind for _name, kinds in REPORTED for kind in kinds]

    assert sorted(listed) == sorted(MovementKind)


def test_a_day_is_the_companys_own(company):
    item, place = a_stock_item(company), a_location(company)

    come(item, place, 1, 10, "late", at=AT.replace(hour=15))  # 00:00 in Tokyo

    assert StockDay.objects.get().day == DAY + timedelta(days=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": DAY - timedelta(days=1)},
        {"kind": MovementKind.ADJUSTMENT.value},
        {"quantity": 5},
        {"value": 401},
    ],
)
def test_a_day_that_differs_in_anything_is_found(company, broken_promises, wrong):
    come(a_stock_item(company), a_location(company), 4, 100, "a")
    come(a_stock_item(company, "OTHER"), a_location(company, "west"), 4, 100, "b")
    assert broken_promises() == []

    StockDay.objects.filter(stock__stock_item__code="OTHER").update(**wrong)

    assert broken_promises() == ["inventory.days"]


def test_a_recount_repairs_value_and_days(company, broken_promises):
    item, place = a_stock_item(company), a_location(company)
    come(item, place, 4, 100, "a")
    shelf = Stock.objects.get()
    Stock.objects.update(value=7)
    StockDay.objects.update(quantity=9)
    assert set(broken_promises()) == {"inventory.on_hand", "inventory.days"}

    (found,) = stock_differences()
    (done,) = recount_stock([shelf.pk], reason="t", **HOW)

    assert (found.value, found.true_value, found.days, found.true_days, done.value) == (7, 100, 9, 4, 100)
    assert broken_promises() == []
