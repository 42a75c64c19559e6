"""What returns come to, without a database: states, terms, and shares that add up."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import CreditableLine, LineTaken, credit_share, credit_taxes
from core.tax import Rounding, tax_within
from orders.rules import (
    OrderReturnStatus,
    ReturnCount,
    ReturnFacts,
    ReturnStatus,
    ReturnTerms,
    order_return_status,
    return_fault,
    return_money,
    return_status,
)
from orders.rules.return_pieces import LotPieces, lots_of_pieces, pieces_of_units

DELIVERED = date(2026, 5, 13)


def line(amount: int, quantity: int, *, units: int = 0, money: int = 0, rate: int = 800) -> CreditableLine:
    return CreditableLine(
        line_id=1,
        position=1,
        quantity=quantity,
        amount=amount,
        tax_class="reduced",
        tax_rate_bp=rate,
        credited_quantity=units,
        credited_amount=money,
    )


@given(
    st.integers(0, 10**7),
    st.lists(st.integers(1, 9), min_size=1, max_size=12),
    st.sampled_from(list(Rounding)),
    st.sampled_from([800, 1000]),
)
def test_however_a_line_comes_back_it_gives_back_exactly_what_was_invoiced(
    amount: int, parts: list[int], rounding: Rounding, rate: int
) -> None:
    quantity, units, money, tax = sum(parts), 0, 0, 0

    for part in parts:
        now = line(amount, quantity, units=units, money=money, rate=rate)
        share = credit_share(now, quantity=part)
        assert 0 <= share <= now.left
        (row,) = credit_taxes([now], taken=[LineTaken(line=now, quantity=part, amount=share)], rounding=rounding)
        units, money, tax = units + part, money + share, tax + row.tax

    assert money == amount
    assert tax == tax_within(amount, rate_bp=rate, rounding=rounding)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**6), st.integers(0, 10**9))
def test_no_more_goes_back_than_was_credited_or_paid(credited: int, freed: int, charge: int, exchange: int) -> None:
    money = return_money(credited=credited, freed=min(freed, credited), wanted_charge=charge, exchange_total=exchange)

    assert 0 <= money.charged <= credited
    assert 0 <= money.refund <= max(0, min(freed, credited) - money.charged)
    assert money.refund + money.charged + exchange <= max(credited, exchange + money.charged)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=6), st.lists(st.integers(1, 5), min_size=1, max_size=5), st.integers(1, 3))
def test_each_piece_goes_back_to_one_lot(parts: list[int], lots: list[int], per_unit: int) -> None:
    units = sum(parts)
    pieces, first, taken = units * per_unit, 0, []
    known = [LotPieces(f"L{n}", None, size) for n, size in enumerate(lots)]

    for part in parts:
        begin, quantity = pieces_of_units(pieces, units=units, first=first, now=part)
        taken += lots_of_pieces(known, begin=begin, quantity=quantity)
        first += part

    assert sum(one.quantity for one in taken) == pieces
    if pieces == sum(lots):
        assert {lot.lot_number: sum(one.quantity for one in taken if one.lot_number == lot.lot_number) for lot in known} == {
            lot.lot_number: lot.quantity for lot in known
        }


@pytest.mark.parametrize(
    ("_case", "counts", "approved", "expected"),
    [
        ("asked for", [ReturnCount(quantity=2)], False, ReturnStatus.REQUESTED),
        ("awaited", [ReturnCount(quantity=2)], True, ReturnStatus.APPROVED),
        ("half of it here", [ReturnCount(quantity=2, received=1)], True, ReturnStatus.PARTLY_RECEIVED),
        ("here", [ReturnCount(quantity=2, received=2, accepted=1)], True, ReturnStatus.RECEIVED),
        ("looked at", [ReturnCount(quantity=2, received=2, accepted=1, declined=1)], True, ReturnStatus.INSPECTED),
        ("stays", [ReturnCount(quantity=2, accepted=2, comes_back=False)], True, ReturnStatus.INSPECTED),
    ],
)
def test_a_state_follows_from_the_counts(_case: str, counts: list[ReturnCount], approved: bool, expected: ReturnStatus) -> None:
    assert return_status(counts, approved=approved) is expected


@pytest.mark.parametrize(
    ("shipped", "taken", "accepted", "open_cases", "expected"),
    [
        (3, 0, 0, False, OrderReturnStatus.NONE),
        (3, 1, 1, True, OrderReturnStatus.UNDER_WAY),
        (3, 1, 1, False, OrderReturnStatus.PARTLY_RETURNED),
        (3, 3, 3, False, OrderReturnStatus.RETURNED),
        (3, 3, 0, False, OrderReturnStatus.PARTLY_RETURNED),
    ],
)
def test_an_order_tells_how_much_came_back(shipped: int, taken: int, accepted: int, open_cases: bool, expected: OrderReturnStatus) -> None:
    assert order_return_status(shipped=shipped, taken=taken, accepted=accepted, open_cases=open_cases) is expected


@given(st.integers(0, 400), st.booleans(), st.booleans(), st.booleans())
def test_a_defect_is_taken_back_whatever_else_the_terms_say(days: int, opened: bool, returnable: bool, takes_opened: bool) -> None:
    terms = ReturnTerms(days=8, defect_days=365, is_returnable=returnable, takes_opened=takes_opened)
    facts = ReturnFacts(name="茶", delivered_on=DELIVERED, is_defect=True, is_opened=opened, remark="", needs_remark=False)

    fault = return_fault(terms, facts, today=DELIVERED + timedelta(days=days), field="/lines/0")

    assert (fault is None) == (days <= 365)


def test_a_reason_that_asks_for_words_gets_them() -> None:
    facts = ReturnFacts(name="茶", delivered_on=DELIVERED, is_defect=True, is_opened=False, remark="　", needs_remark=True)

    fault = return_fault(ReturnTerms(), facts, today=DELIVERED, field="/lines/0")

    assert fault is not None
    assert (fault.code, fault.field) == ("return.remark_missing", "/lines/0/remark")
