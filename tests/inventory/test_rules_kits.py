"""Kits: leaves, circles, prices and shares; and carts whose lines share stock."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.rules import (
    Demand,
    KitPartAsk,
    KitPrice,
    Part,
    Shelf,
    Shortage,
    Supply,
    circle_through,
    kit_price,
    kit_shares,
    kits_above,
    leaves,
    route,
    share_of_pieces,
)


def part(variant=None, quantity=1, item=None):
    return KitPartAsk(variant_id=variant, stock_item_id=item, quantity=quantity)


TREE = {10: (part(1, 2), part(2, 1), part(item=99)), 20: (part(10, 3), part(1, 1))}
COMPONENTS = {1: {101: 1}, 2: {102: 2}}


def test_a_nested_kit_is_multiplied_out_and_shared_items_are_summed():
    assert leaves(10, TREE, COMPONENTS) == {101: 2, 102: 2, 99: 1}
    assert leaves(20, TREE, COMPONENTS) == {101: 7, 102: 6, 99: 3}
    assert leaves(1, TREE, COMPONENTS) == {101: 1}


def test_kits_above_a_part_come_inner_ones_first():
    assert kits_above([2], TREE) == [10, 20]
    assert kits_above([10], TREE) == [20]
    assert kits_above([5], TREE) == []


def test_a_circle_is_told_with_its_way():
    assert circle_through(10, {**TREE, 10: (part(20),)}) == (10, 20, 10)
    assert circle_through(3, {3: (part(3),)}) == (3, 3)
    assert circle_through(20, TREE) == ()


@pytest.mark.parametrize(
    ("_case", "rule", "rate_bp", "amount", "price"),
    [
        ("a tenth off", KitPrice.LESS_RATE, 1_000, 0, 2_609),
        ("500 off", KitPrice.LESS_AMOUNT, 0, 500, 2_399),
        ("more off than it costs", KitPrice.LESS_AMOUNT, 0, 9_999, 0),
        ("all off", KitPrice.LESS_RATE, 10_000, 0, 0),
    ],
)
def test_a_kit_costs_its_parts_less_a_rate_or_an_amount(_case, rule, rate_bp, amount, price):
    assert kit_price(rule, [(1_000, 2), (899, 1)], rate_bp=rate_bp, amount=amount) == price


def test_parts_are_worth_their_share_of_what_was_paid():
    assert kit_shares(2_500, [(1_000, 2), (900, 1)]) == [1_724, 776]
    assert kit_shares(100, [(0, 1), (0, 2)]) == [33, 67]


@given(st.integers(0, 10**7), st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 20)), min_size=1, max_size=8))
def test_shares_of_a_kit_add_up_to_what_was_paid_and_pieces_to_their_share(total, parts):
    shares = kit_shares(total, parts)

    assert sum(shares) == total
    for share, (_price, quantity) in zip(shares, parts, strict=True):
        assert sum(share_of_pieces(share, quantity=quantity, before=n, now=1) for n in range(quantity)) == share


ITEMS, PLACES, VARIANTS = 4, 3, 6


@st.composite
def stocks(draw):
    """Some shelves, and variants of which some are kits that share items."""
    free = draw(st.lists(st.lists(st.integers(0, 9), min_size=PLACES, max_size=PLACES), min_size=ITEMS, max_size=ITEMS))
    recipes = draw(
        st.lists(
            st.dictionaries(st.integers(0, ITEMS - 1), st.integers(1, 3), min_size=1, max_size=3), min_size=VARIANTS, max_size=VARIANTS
        )
    )
    return free, recipes


CARTS = st.lists(st.tuples(st.integers(0, VARIANTS - 1), st.integers(1, 4)), min_size=1, max_size=5)


def supply_of(free, recipes):
    return Supply(
        parts={v: tuple(Part(stock_item_id=i, quantity=q) for i, q in recipe.items()) for v, recipe in enumerate(recipes)},
        shelves={
            i: tuple(Shelf(stock_id=i * PLACES + p, stock_item_id=i, location_id=p, free=n) for p, n in enumerate(row))
            for i, row in enumerate(free)
        },
        locations=tuple(range(PLACES)),
    )


@given(stocks(), CARTS)
@settings(max_examples=2_000)
def test_a_cart_at_one_place_is_accepted_exactly_when_all_it_wants_together_is_there(stock, cart):
    """R2: lines, kits and destinations may share items; the sum over all of them decides, never a line alone."""
    free, recipes = stock
    one_place = [[sum(row), 0, 0] for row in free]
    demands = [Demand(order_key=1, demand_id=UUID(int=n), variant_id=v, quantity=q) for n, (v, q) in enumerate(cart)]
    wanted = dict.fromkeys(range(ITEMS), 0)
    for variant, quantity in cart:
        for item, count in recipes[variant].items():
            wanted[item] += quantity * count

    plan = route(demands, supply_of(one_place, recipes))[1]

    assert isinstance(plan, Shortage) == any(wanted[item] > sum(free[item]) for item in wanted)
    if not isinstance(plan, Shortage):
        assert {item: sum(t.quantity for t in plan if t.stock_item_id == item) for item in wanted} == wanted


@given(stocks(), CARTS)
@settings(max_examples=500)
def test_a_cart_over_several_places_never_gets_more_than_any_shelf_holds(stock, cart):
    free, recipes = stock
    demands = [Demand(order_key=1, demand_id=UUID(int=n), variant_id=v, quantity=q) for n, (v, q) in enumerate(cart)]

    plan = route(demands, supply_of(free, recipes))[1]

    if not isinstance(plan, Shortage):
        for item, row in enumerate(free):
            for place, there in enumerate(row):
                assert sum(t.quantity for t in plan if (t.stock_item_id, t.location_id) == (item, place)) <= there
