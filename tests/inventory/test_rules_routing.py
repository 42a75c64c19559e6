"""Routing: the worked tables of docs/algorithms/routing.md, and what holds for any order."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.rules import (
    UNLIMITED,
    Demand,
    Part,
    Place,
    RoutingKind,
    Rule,
    Shelf,
    Shortage,
    Supply,
    Take,
    promisable,
    route,
    shelves_to_lock,
)

PAGE = Path(__file__).parents[2] / "docs" / "algorithms" / "routing.md"
ITEMS = {"tea": 1, "cup": 2}
VARIANTS = {"tea": 1, "cup": 2, "set": 3, "pack": 4, "duo": 5, "wrapping": 6}
PARTS = {
    1: (Part(stock_item_id=1),),
    2: (Part(stock_item_id=2),),
    3: (Part(stock_item_id=1), Part(stock_item_id=2, quantity=2)),
    4: (Part(stock_item_id=1, quantity=3),),
    5: (Part(stock_item_id=1), Part(stock_item_id=2)),
    6: (),
}


def worked_table(name: str) -> list[list[str]]:
    block = PAGE.read_text(encoding="utf-8").split(f"<!-- table: {name} -->")[1].split("\n\n")[0]
    rows = [line for line in block.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def a_supply(free: dict[tuple[int, int], int], *, places: tuple[int, ...] = (1, 2, 3)) -> Supply:
    """Stock by (item, place); places are preferred in their order."""
    shelves = defaultdict(tuple)
    for place in places:
        for item in (1, 2):
            if (item, place) in free:
                shelf = Shelf(stock_id=item * 100 + place, stock_item_id=item, location_id=place, free=free[item, place])
                shelves[item] = (*shelves[item], shelf)
    return Supply(parts=PARTS, shelves=dict(shelves), locations=places, skus={number: name for name, number in VARIANTS.items()})


def a_line(variant: str | int, quantity: int = 1, *, order: int = 1, demand_id: UUID | None = None) -> Demand:
    number = VARIANTS[variant] if isinstance(variant, str) else variant
    return Demand(order_key=order, demand_id=demand_id or uuid4(), variant_id=number, quantity=quantity)


@pytest.mark.parametrize(("free", "order", "plan"), worked_table("single") + worked_table("kits"))
def test_worked_tables(free: str, order: str, plan: str) -> None:
    stock = {}
    for cell in free.split(", "):
        shelf, amount = cell.split("=")
        item, place = shelf.split("@")
        stock[ITEMS[item], "ABC".index(place) + 1] = int(amount)
    lines = [a_line(name, int(quantity)) for quantity, name in (line.split() for line in order.split(", "))]

    routed = route(lines, a_supply(stock))[1]

    assert (routed if isinstance(routed, Shortage) else _written(routed, lines)) == (plan if plan != "short" else routed)
    assert isinstance(routed, Shortage) == (plan == "short")


def a_rule(told: str) -> Rule:
    prefecture, _, words = told.rpartition(": ")
    verb, _, argument = words.partition(" ")
    kind = {
        "few": RoutingKind.FEWEST, "near": RoutingKind.NEAREST, "old": RoutingKind.OLDEST_LOT, "prefer": RoutingKind.PREFER,
        "without": RoutingKind.EXCLUDE, "no": RoutingKind.STORES_PICK_UP, "most": RoutingKind.MOST_PLACES,
    }[verb]  # fmt: skip
    place = "ABC".index(argument) + 1 if verb in ("prefer", "without") else None
    return Rule(kind=kind, prefecture=prefecture, location_id=place, most=int(argument) if verb == "most" else None)


PLACES = {1: Place("warehouse", "静岡県"), 2: Place("warehouse", "大阪府"), 3: Place("store", "東京都")}
OLDEST = {1: date(2027, 5, 1), 2: date(2027, 3, 1), 3: date(2027, 4, 1)}


@pytest.mark.parametrize(("rules", "to", "free", "order", "plan"), worked_table("rules"))
def test_the_worked_table_of_rules(rules: str, to: str, free: str, order: str, plan: str) -> None:
    stock = {}
    for cell in free.split(", "):
        shelf, amount = cell.split("=")
        item, place = shelf.split("@")
        stock[ITEMS[item], "ABC".index(place) + 1] = int(amount)
    lines = [replace(a_line(name, int(quantity)), prefecture=to) for quantity, name in (line.split() for line in order.split(", "))]

    routed = route(lines, by_rules(a_supply(stock), *rules.split(", ")))[1]

    assert ("short" if isinstance(routed, Shortage) else _written(routed, lines)) == plan


def by_rules(supply: Supply, *told: str) -> Supply:
    """The supply of somebody who has rules."""
    shelves = {item: tuple(replace(s, oldest_on=OLDEST[s.location_id]) for s in row) for item, row in supply.shelves.items()}
    return replace(supply, rules=tuple(map(a_rule, told)), places=PLACES, shelves=shelves)


FREE = st.dictionaries(st.tuples(st.integers(1, 2), st.integers(1, 3)), st.integers(0, 6), max_size=6)
PLAIN = st.lists(st.builds(a_line, st.sampled_from([1, 2, 6]), st.integers(1, 5)), min_size=1, max_size=5)
ANY = st.lists(st.builds(a_line, st.integers(1, 6), st.integers(1, 3)), min_size=1, max_size=4)
RULES = st.lists(st.sampled_from(["few", "near", "old", "prefer B", "prefer C"]), min_size=1, max_size=4)


@given(free=FREE, lines=ANY, rules=RULES, to=st.sampled_from(["東京都", "大阪府", "沖縄県", ""]))
def test_rules_that_only_rank_never_refuse_what_could_be_served_nor_take_what_is_not_there(
    free: dict[tuple[int, int], int], lines: list[Demand], rules: list[str], to: str
) -> None:
    lines = [replace(line, prefecture=to) for line in lines]
    supply = a_supply(free)

    plain, ruled = route(lines, supply)[1], route(lines, by_rules(supply, *rules))[1]

    assert isinstance(ruled, Shortage) == isinstance(plain, Shortage)
    if isinstance(ruled, tuple):
        assert all(
            sum(take.quantity for take in ruled if take.stock_id == shelf.stock_id) <= shelf.free
            for row in supply.shelves.values()
            for shelf in row
        )
        assert sum(take.line_quantity for take in ruled) == sum(take.line_quantity for take in plain)


def test_destinations_of_one_order_are_served_each_by_its_own_rules_all_or_none() -> None:
    near = [replace(a_line("tea", 2), prefecture="東京都"), replace(a_line("tea", 2), prefecture="大阪府")]
    supply = by_rules(a_supply({(1, 1): 5, (1, 2): 2, (1, 3): 2}), "near")

    served, short = route(near, supply)[1], route([*near, replace(a_line("tea", 6), prefecture="大阪府")], supply)[1]

    assert isinstance(served, tuple)
    assert _written(served, near) == "2 tea@C, 2 tea@B"
    assert isinstance(short, Shortage)


def test_a_variant_that_is_excluded_is_short_however_much_lies_there() -> None:
    supply = replace(a_supply({(1, 1): 5}), excluded=frozenset({VARIANTS["tea"]}))

    assert route([a_line("tea", 1)], supply)[1] == Shortage(variant_id=1, wanted=1, available=0)
    assert promisable(VARIANTS["tea"], supply=supply) == 0


def test_what_a_checkout_holds_is_for_its_own_order_and_stays_when_that_is_short() -> None:
    holder = uuid4()
    supply = replace(a_supply({(1, 1): 1}), holds={holder: {101: 3}})
    own, other = replace(a_line("tea", 4, order=1), holder_id=holder), a_line("tea", 2, order=2)
    too_much = replace(a_line("tea", 5, order=1), holder_id=holder)

    first, second = route([own, other], supply), route([too_much, other], supply)

    assert isinstance(first[1], tuple)
    assert first[2] == Shortage(variant_id=1, wanted=2, available=0)
    assert second == {1: Shortage(variant_id=1, wanted=5, available=4), 2: Shortage(variant_id=1, wanted=2, available=1)}


def _written(takes: tuple[Take, ...], lines: list[Demand]) -> str:
    names = {number: name for name, number in VARIANTS.items()}
    units = {
        (take.demand_id, take.location_id): f"{take.line_quantity} {names[take.variant_id]}@{'-ABC'[take.location_id]}" for take in takes
    }
    return ", ".join(text for line in lines for (demand_id, _), text in units.items() if demand_id == line.demand_id)


@given(free=FREE, lines=PLAIN)
def test_single_items_are_accepted_exactly_if_the_sum_of_demand_is_free(free: dict[tuple[int, int], int], lines: list[Demand]) -> None:
    wanted = {item: sum(line.quantity for line in lines if line.variant_id == item) for item in (1, 2)}
    there = {item: sum(amount for (of, _), amount in free.items() if of == item) for item in (1, 2)}

    routed = route(lines, a_supply(free))[1]

    assert isinstance(routed, tuple) == all(wanted[item] <= there[item] for item in (1, 2))


@given(free=FREE, lines=ANY)
def test_what_is_taken_is_what_was_wanted_and_was_there(free: dict[tuple[int, int], int], lines: list[Demand]) -> None:
    supply = a_supply(free)

    routed = route(lines, supply)[1]

    if isinstance(routed, Shortage):
        assert 0 <= routed.available < routed.wanted
        return
    for shelf in (shelf for shelves in supply.shelves.values() for shelf in shelves):
        assert sum(take.quantity for take in routed if take.stock_id == shelf.stock_id) <= shelf.free
    for line in lines:
        for part in PARTS[line.variant_id]:
            taken = [take for take in routed if (take.demand_id, take.stock_item_id) == (line.demand_id, part.stock_item_id)]
            assert sum(take.quantity for take in taken) == line.quantity * part.quantity
            assert sum(take.line_quantity for take in taken) == line.quantity
            assert all(take.quantity == take.line_quantity * part.quantity for take in taken)


@given(free=FREE, lines=ANY)
def test_all_parts_of_a_kit_unit_come_from_one_location(free: dict[tuple[int, int], int], lines: list[Demand]) -> None:
    routed = route(lines, a_supply(free))[1]

    if isinstance(routed, tuple):
        for line in lines:
            by_part = [
                {
                    take.location_id: take.line_quantity
                    for take in routed
                    if (take.demand_id, take.stock_item_id) == (line.demand_id, part.stock_item_id)
                }
                for part in PARTS[line.variant_id]
            ]
            assert all(units == by_part[0] for units in by_part)


@given(free=FREE, lines=st.lists(st.builds(a_line, st.integers(1, 5), st.integers(1, 2)), min_size=1, max_size=3))
def test_an_order_is_short_only_when_no_placing_exists(free: dict[tuple[int, int], int], lines: list[Demand]) -> None:
    units = [line for line in lines for _ in range(line.quantity)]

    routed = route(lines, a_supply(free))[1]

    assert isinstance(routed, tuple) == _some_placing_exists(free, units)


def _some_placing_exists(free: dict[tuple[int, int], int], units: list[Demand]) -> bool:
    """Try every place for every unit; a plain item is a kit of one, and may lie anywhere too."""
    kits = [unit for unit in units if unit.variant_id > 2]
    for places in product((1, 2, 3), repeat=len(kits)):
        left = defaultdict(int, free)
        for unit, place in zip(kits, places, strict=True):
            for part in PARTS[unit.variant_id]:
                left[part.stock_item_id, place] -= part.quantity
        plain = {item: sum(unit.variant_id == item for unit in units) for item in (1, 2)}
        if min(left.values(), default=0) >= 0 and all(sum(left[item, place] for place in (1, 2, 3)) >= plain[item] for item in (1, 2)):
            return True
    return False


@given(free=FREE, lines=ANY)
def test_one_location_is_taken_when_one_has_everything(free: dict[tuple[int, int], int], lines: list[Demand]) -> None:
    need = defaultdict(int)
    for line in lines:
        for part in PARTS[line.variant_id]:
            need[part.stock_item_id] += line.quantity * part.quantity
    whole = [place for place in (1, 2, 3) if all(free.get((item, place), 0) >= wanted for item, wanted in need.items())]

    routed = route(lines, a_supply(free))[1]

    if need and whole:
        assert isinstance(routed, tuple)
        assert {take.location_id for take in routed} == {whole[0]}


@given(free=FREE, variant=st.integers(1, 5))
def test_what_may_be_promised_is_the_most_that_one_order_can_get(free: dict[tuple[int, int], int], variant: int) -> None:
    supply = a_supply(free)

    most = promisable(variant, supply=supply)

    assert isinstance(route([a_line(variant, most + 1)], supply)[1], Shortage)
    assert most == 0 or isinstance(route([a_line(variant, most)], supply)[1], tuple)


def test_a_service_may_be_promised_without_limit() -> None:
    assert promisable(VARIANTS["wrapping"], supply=a_supply({})) == UNLIMITED
    assert route([a_line("wrapping", 3)], a_supply({})) == {1: ()}


def test_orders_are_served_in_turn_and_a_short_one_stands_in_nobodys_way() -> None:
    lines = [a_line("tea", 2, order=7), a_line("tea", 3, order=8), a_line("tea", 1, order=9)]

    routed = route(lines, a_supply({(1, 1): 3}))

    assert routed[8] == Shortage(variant_id=1, wanted=3, available=1)
    assert [(key, take.quantity) for key in (7, 9) for take in routed[key]] == [(7, 2), (9, 1)]


def test_hundreds_of_stores_with_one_piece_each_are_drawn_on_in_their_order() -> None:
    places = tuple(range(1, 458))
    shelves = {1: tuple(Shelf(stock_id=place, stock_item_id=1, location_id=place, free=1) for place in places)}
    supply = Supply(parts=PARTS, shelves=shelves, locations=places)

    routed = route([a_line("tea", 9)], supply)[1]

    assert isinstance(routed, tuple)
    assert [take.location_id for take in routed] == list(range(1, 10))


def test_a_full_shelf_is_locked_alone_and_a_lean_one_with_its_alternatives() -> None:
    supply = a_supply({(1, 1): 100, (1, 2): 5, (1, 3): 0, (2, 1): 3, (2, 2): 4, (2, 3): 5})
    routed = route([a_line("tea", 2), a_line("cup", 2)], supply)[1]
    assert isinstance(routed, tuple)

    locked = shelves_to_lock(routed, supply=supply, plenty=50, most=1)

    assert [shelf.stock_id for shelf in locked] == [101, 201, 202]


@pytest.mark.parametrize("rules", [(), ("few",)])
def test_a_demand_takes_nothing_from_the_shelves_it_is_not_from_and_others_see_what_it_took(rules: tuple[str, ...]) -> None:
    supply = by_rules(a_supply({(1, 1): 9, (1, 2): 3, (2, 1): 9}), *rules) if rules else a_supply({(1, 1): 9, (1, 2): 3, (2, 1): 9})
    picky = replace(a_line("tea", 2), not_from=frozenset({101}))
    lines = [picky, a_line("cup", order=2), a_line("tea", 9, order=3), replace(a_line("tea", 2, order=4), not_from=frozenset({101}))]

    routed = route(lines, supply)

    places = [[take.location_id for take in taken] if isinstance(taken, tuple) else taken.available for taken in routed.values()]
    assert places == [[2], [1], [1], 1]


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_demand_wants_at_least_one(quantity: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        a_line("tea", quantity)
