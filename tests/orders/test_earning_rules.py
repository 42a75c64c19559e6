"""What goods earn points on, as pure arithmetic."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tax import TaxBasis
from customers.rules import points_for
from orders.rules import EarningLine, agreed_worth, kept_worth


def a_line(total: int = 1_000, quantity: int = 1, **given: Any) -> EarningLine:
    """A line all of which left."""
    usual = {
        "instead": False, "tax_basis": TaxBasis.INCLUDED, "tax_rate_bp": 1_000, "quantity": quantity, "amount": total, "total": total,
        "agreed": quantity, "shipped": quantity, "due": quantity, "undelivered": 0, "credited": 0,
    }  # fmt: skip
    return EarningLine(**{**usual, **given})


@pytest.mark.parametrize(
    ("_case", "lines", "with_tax", "without"),
    [
        ("whole", [a_line(1_100)], 1_100, 1_000),
        ("two rates are taken out apart", [a_line(1_099), a_line(1_079, tax_rate_bp=800)], 2_178, 999 + 999),
        ("one rate is taken out once", [a_line(15), a_line(7)], 22, 20),
        ("prices without tax stay as agreed", [a_line(115, amount=105, tax_basis=TaxBasis.EXCLUDED)], 115, 105),
        ("part of a line", [a_line(1_000, 3, due=1, shipped=1)], 333, 302),
        ("not away long enough", [a_line(1_000, 2, due=1)], 500, 454),
        ("credited", [a_line(1_100, credited=300)], 800, 727),
        ("nobody took it", [a_line(1_000, 2, undelivered=1)], 500, 454),
        ("nothing left", [a_line(due=0, shipped=0)], 0, 0),
        ("for nothing", [a_line(0, amount=0, tax_basis=TaxBasis.EXCLUDED)], 0, 0),
        ("another stands for it at once", [a_line(1_000, credited=1_000), a_line(1_500, instead=True, shipped=0, due=0)], 1_000, 909),
        ("and counts in full once it left", [a_line(1_000, credited=1_000), a_line(1_500, instead=True)], 1_500, 1_363),
        ("until it is cancelled", [a_line(1_000, credited=1_000), a_line(1_500, instead=True, agreed=0, shipped=0, due=0)], 0, 0),
    ],
)
def test_what_was_kept_of_what_left(_case: str, lines: list[EarningLine], with_tax: int, without: int) -> None:
    assert (kept_worth(lines, with_tax=True), kept_worth(lines, with_tax=False)) == (with_tax, without)


def test_a_fraction_of_a_point_stays_with_the_house() -> None:
    assert [points_for(worth, rate_bp=100) for worth in (99, 100, 199, 200, -1)] == [0, 1, 1, 2, 0]


@given(total=st.integers(0, 10**7), quantity=st.integers(1, 30), rate=st.integers(0, 10_000), data=st.data())
def test_parts_earn_exactly_what_the_whole_does(total: int, quantity: int, rate: int, data: st.DataObject) -> None:
    whole = a_line(total, quantity, shipped=0, due=0)
    granted, left = [], 0
    while left < quantity:
        left += data.draw(st.integers(1, quantity - left))
        earned = points_for(kept_worth([replace(whole, shipped=left, due=left)], with_tax=True), rate_bp=rate)
        granted.append(earned - sum(granted))

    assert all(part >= 0 for part in granted)
    assert sum(granted) == total * rate // 10_000 == points_for(agreed_worth([whole], with_tax=True), rate_bp=rate)


@given(total=st.integers(0, 10**7), quantity=st.integers(1, 30), data=st.data(), taxed=st.booleans())
def test_never_more_than_what_left_and_never_below_nothing(total: int, quantity: int, data: st.DataObject, taxed: bool) -> None:
    shipped = data.draw(st.integers(0, quantity))
    line = a_line(
        total, quantity, shipped=shipped, due=data.draw(st.integers(0, shipped)), undelivered=data.draw(st.integers(0, shipped)),
        credited=data.draw(st.integers(0, total)),
    )  # fmt: skip
    other = a_line(data.draw(st.integers(0, 10**7)), instead=True, shipped=0, due=0)

    assert 0 <= kept_worth([line, other], with_tax=taxed) <= total * shipped // quantity
