"""Forecasts and what follows from them, as plain arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.rules import Terms
from inventory.rules.forecasting import (
    HELD_BACK,
    Method,
    best,
    folds,
    plain_methods,
    seasonal_naive,
    wape_bp,
    weekday_average,
    with_combined,
)
from inventory.rules.replenishing import Position, safety_stock, suggestion

TERMS = Terms(unit_cost=100, minimum_quantity=12, order_multiple=12, lead_time_days=3)


def predicted(history, *, days=14):
    shown = [with_combined(plain_methods(f, days=HELD_BACK if n < 2 else days)) if f else {} for n, f in enumerate(folds(history))]
    return best(history, choosing=shown[0], measured=shown[1], final=shown[2])


def test_the_naive_method_repeats_the_last_week():
    assert seasonal_naive([9, 1, 2, 3, 4, 5, 6, 7], days=9) == [1, 2, 3, 4, 5, 6, 7, 1, 2]


def test_an_average_of_weekdays_is_kept_for_each_of_them():
    assert weekday_average([2, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 7], days=7) == [3, 0, 0, 0, 0, 0, 3.5]


@given(history=st.lists(st.integers(0, 50), min_size=1, max_size=200), days=st.integers(1, 60))
def test_a_forecast_is_never_negative_and_lies_in_its_interval(history, days):
    found = predicted(history, days=days)

    assert len(found.mean) == len(found.low) == len(found.high) == days
    assert all(0 <= low <= mean <= high for low, mean, high in zip(found.low, found.mean, found.high, strict=True))
    assert (found.error_bp is None) == (len(history) < HELD_BACK + 7 or not sum(history[-HELD_BACK:]))


def test_a_steady_week_is_forecast_without_error():
    found = predicted([3, 0, 0, 1, 0, 5, 2] * 20)

    assert found.mean[:7] == (3, 0, 0, 1, 0, 5, 2)
    assert (found.error_bp, found.naive_error_bp, found.deviation) == (0, 0, 0)


def test_the_error_shown_is_of_days_that_did_not_choose_the_method():
    busy, still = [4, 0, 2, 0, 6, 0, 2, 0, 6, 0, 2, 0, 4, 0], [0] * HELD_BACK  # the article was given up four weeks ago
    found = predicted(busy * 10 + [5, 0] * 14)
    ended = predicted(busy * 10 + still)

    earlier = with_combined(plain_methods(busy * 10, days=HELD_BACK))
    assert found.error_bp in {wape_bp([5, 0] * 14, said) for said in earlier.values()}
    assert found.naive_error_bp == wape_bp([5, 0] * 14, earlier[Method.SEASONAL_NAIVE])
    assert (ended.error_bp, sum(ended.mean)) == (None, 0)


@pytest.mark.parametrize(
    ("_case", "level", "days", "deviation", "daily", "late", "pieces"),
    [
        ("no surprise, no stock", 9500, 10, 0.0, 5.0, 0.0, 0),
        ("demand varies", 9500, 16, 2.0, 5.0, 0.0, 14),
        ("and the supplier too", 9500, 16, 2.0, 5.0, 1.0, 16),
        ("half the time is enough", 5000, 16, 2.0, 5.0, 1.0, 0),
        ("surer", 9900, 16, 2.0, 5.0, 1.0, 22),
    ],
)
def test_safety_stock(_case, level, days, deviation, daily, late, pieces):
    assert safety_stock(service_level_bp=level, days=days, deviation=deviation, daily=daily, lead_deviation=late) == pieces


def position(**given):
    return Position(**{"free": 10, "coming": 0, "waiting": 0, "means": (5.0,) * 60, "planned": (0.0,) * 60, "deviation": 2.0, **given})


def suggested(stand, *, lead=9, late=0.0):
    return suggestion(stand, TERMS, lead_days=lead, lead_deviation=late, service_level_bp=9500, review_days=7)


def test_what_is_missing_is_rounded_to_the_suppliers_terms_and_explained():
    found = suggested(position(planned=(1.0,) * 60))

    assert (found.expected, found.planned, found.safety, found.missing, found.quantity, found.runs_out_in) == (80, 16, 14, 84, 84, 2)
    assert [sentence % told for sentence, told in found.words()] == [
        "In 16 days (9 until a delivery, 7 until the next order) 80 are expected to go.",
        "16 of them are planned deliveries of contracts.",
        "14 more are the safety stock for 95%.",
        "10 are free and 0 on their way.",
        "84 are missing.",
        "Without an order the shelf is empty in 2 days.",
    ]


@pytest.mark.parametrize(
    ("_case", "given", "quantity"),
    [
        ("a piece more than whole cases", {"free": 9}, 96),
        ("goods on their way count", {"coming": 80}, 12),
        ("orders that wait count against it", {"coming": 80, "waiting": 30}, 36),
        ("enough is here", {"free": 94}, None),
        ("nothing is wanted", {"free": 0, "means": (0.0,) * 60}, None),
    ],
)
def test_how_much_is_ordered(_case, given, quantity):
    found = suggested(position(**given))

    assert (found.quantity if found else None) == quantity


def test_a_cover_longer_than_the_forecast_goes_on_as_on_its_average_day():
    assert suggested(position(means=(5.0,) * 8), lead=9).expected == 80
