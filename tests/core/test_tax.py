"""Tax: the worked tables of docs/algorithms/tax.md, and what holds for any document."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tax import (
    RateTotal,
    Rounding,
    TaxBasis,
    TaxedAmount,
    has_corporate_check_digit,
    is_registration_number,
    split_agreed_total,
    spread_discount,
    tax_totals,
)

PAGE = Path(__file__).parents[2] / "docs" / "algorithms" / "tax.md"


def worked_table(name: str) -> list[list[str]]:
    block = PAGE.read_text(encoding="utf-8").split(f"<!-- table: {name} -->")[1].split("\n\n")[0]
    rows = [line for line in block.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


LINES = st.lists(
    st.builds(
        lambda tax_class_and_rate, amount: TaxedAmount(*tax_class_and_rate, amount),
        st.sampled_from([("standard", 1000), ("reduced", 800), ("old", 800), ("zero", 0)]),
        st.integers(0, 10**7),
    ),
    min_size=1,
    max_size=20,
)
ROUNDINGS = st.sampled_from(list(Rounding))


@pytest.mark.parametrize(("lines", "basis", "rounding", "taxable", "tax"), worked_table("once"))
def test_tax_is_rounded_once_per_rate(lines, basis, rounding, taxable, tax):
    tax_class, rate, amount, count = re.fullmatch(r"(\w+) (\d+) (-?\d+) ×(\d+)", lines).groups()

    totals = tax_totals([TaxedAmount(tax_class, int(rate), int(amount))] * int(count), TaxBasis(basis), Rounding(rounding))

    assert totals == [RateTotal(tax_class, int(rate), taxable=int(taxable), tax=int(tax))]


def test_points_on_two_rates_leave_the_total_to_the_yen():
    rows = worked_table("points")
    lines = [TaxedAmount(row[0], int(row[1]), int(row[2])) for row in rows]

    shares = spread_discount(500, lines=lines)
    after = [TaxedAmount(line.tax_class, line.rate_bp, line.amount - share) for line, share in zip(lines, shares, strict=True)]
    totals = tax_totals(after, TaxBasis.INCLUDED, Rounding.FLOOR)

    assert shares == [int(row[3]) for row in rows]
    assert [line.amount for line in after] == [int(row[4]) for row in rows]
    assert [total.tax for total in totals] == [int(row[5]) for row in rows]
    assert sum(total.included for total in totals) == 6060


@pytest.mark.parametrize(("tax_class", "agreed", "rate", "taxable", "tax"), worked_table("change"))
def test_a_change_of_rate_moves_tax_and_never_the_agreed_total(tax_class, agreed, rate, taxable, tax):
    totals = split_agreed_total([TaxedAmount(tax_class, 800, int(agreed))], rates_bp={tax_class: int(rate)}, rounding=Rounding.FLOOR)

    assert totals == [RateTotal(tax_class, int(rate), taxable=int(taxable), tax=int(tax))]


@given(lines=LINES, rounding=ROUNDINGS)
def test_the_included_total_stands_whatever_the_rates(lines, rounding):
    totals = tax_totals(lines, TaxBasis.INCLUDED, rounding)

    assert sum(total.included for total in totals) == sum(line.amount for line in lines)
    assert all(0 <= total.tax <= total.included for total in totals)


@given(lines=LINES, rounding=ROUNDINGS)
def test_the_excluded_sum_stands_and_each_tax_is_within_one_unit(lines, rounding):
    totals = tax_totals(lines, TaxBasis.EXCLUDED, rounding)

    assert sum(total.taxable for total in totals) == sum(line.amount for line in lines)
    assert all(abs(total.tax * 10_000 - total.taxable * total.rate_bp) < 10_000 for total in totals)


@given(lines=LINES, basis=st.sampled_from(list(TaxBasis)), rounding=ROUNDINGS)
def test_taking_everything_back_leaves_zero(lines, basis, rounding):
    back = [TaxedAmount(line.tax_class, line.rate_bp, -line.amount) for line in lines]

    sold, returned = tax_totals(lines, basis, rounding), tax_totals(back, basis, rounding)

    assert [(-total.taxable, -total.tax) for total in returned] == [(total.taxable, total.tax) for total in sold]


@given(lines=LINES, basis=st.sampled_from(list(TaxBasis)), rounding=ROUNDINGS, seed=st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(lines, basis, rounding, seed):
    shuffled = list(lines)
    seed.shuffle(shuffled)

    assert tax_totals(shuffled, basis, rounding) == tax_totals(lines, basis, rounding)


@given(lines=LINES)
def test_rounding_down_never_exceeds_half_up_nor_half_up_rounding_up(lines):
    down, half, up = (
        sum(t.tax for t in tax_totals(lines, TaxBasis.EXCLUDED, r)) for r in (Rounding.FLOOR, Rounding.HALF_UP, Rounding.CEIL)
    )

    assert down <= half <= up


@given(lines=LINES, data=st.data())
def test_a_spread_discount_adds_up_and_fits_every_line(lines, data):
    discount = data.draw(st.integers(0, sum(line.amount for line in lines)))

    shares = spread_discount(discount, lines=lines)

    assert sum(shares) == discount
    assert all(0 <= share <= line.amount for share, line in zip(shares, lines, strict=True))


def test_a_yen_that_could_go_either_way_goes_to_the_higher_rate():
    lines = [TaxedAmount("reduced", 800, 100), TaxedAmount("standard", 1000, 100)]

    assert spread_discount(1, lines=lines) == [0, 1]
    assert spread_discount(-1, lines=lines) == [0, -1]


def test_the_same_percentage_in_two_classes_stays_two_rows():
    lines = [TaxedAmount("reduced", 800, 108), TaxedAmount("standard", 800, 108)]

    totals = tax_totals(lines, TaxBasis.INCLUDED, Rounding.FLOOR)

    assert [total.tax_class for total in totals] == ["reduced", "standard"]


@pytest.mark.parametrize("rate_bp", [-1, 10_001])
def test_a_rate_outside_its_range_is_an_error(rate_bp):
    with pytest.raises(ValueError):
        tax_totals([TaxedAmount("standard", rate_bp, 100)], TaxBasis.INCLUDED, Rounding.FLOOR)


@pytest.mark.parametrize(
    ("number", "shaped", "corporate"),
    [
        ("T7000012050002", True, True),
        ("T1000012050002", True, False),
        ("7000012050002", False, False),
        ("T700001205000", False, False),
        ("T０000012050002", False, False),
        ("T70000120500021", False, False),
    ],
)
def test_registration_numbers(number, shaped, corporate):
    assert is_registration_number(number) is shaped
    assert has_corporate_check_digit(number) is corporate
