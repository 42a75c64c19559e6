"""What may be promised of goods that are not here, and who gets them first; the tables of docs/algorithms/promising.md."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refusal
from inventory.rules import Coming, Demand, Outlook, Part, Wait, WaitKind, WaitTerms, arrival, can_wait, first_served, offer_to_wait
from inventory.rules.promising_anew import Place, promises_anew

TODAY = date(2026, 5, 11)


def day(n):
    return TODAY + timedelta(days=n)


def wanting(quantity, *, n=0, variant=1):
    return Demand(order_key=n, demand_id=UUID(int=n), variant_id=variant, quantity=quantity)


COMES = (Coming(on=day(9), quantity=6), Coming(on=day(20), quantity=10))


@pytest.mark.parametrize(
    ("_case", "wanted", "waiting", "terms", "said"),
    [
        ("the first delivery covers it", 2, 4, WaitTerms(kind=WaitKind.BACK_ORDER, cap=20), day(9)),
        ("the second one is needed", 3, 4, WaitTerms(kind=WaitKind.BACK_ORDER, cap=20), day(20)),
        ("none covers it: so many days", 5, 12, WaitTerms(kind=WaitKind.BACK_ORDER, cap=20, lead_days=30), day(30)),
        ("none covers it, and nobody knows", 5, 12, WaitTerms(kind=WaitKind.BACK_ORDER, cap=20), "inventory.out_of_stock"),
        ("over the cap", 5, 16, WaitTerms(kind=WaitKind.BACK_ORDER, cap=20), "inventory.cap_reached"),
        ("no terms", 1, 0, None, "inventory.out_of_stock"),
        ("comes before the release", 2, 0, WaitTerms(kind=WaitKind.PRE_ORDER, cap=20, release_on=day(14)), day(14)),
        ("comes after the release", 8, 0, WaitTerms(kind=WaitKind.PRE_ORDER, cap=20, release_on=day(14)), day(20)),
        ("a pre-order nobody has bought yet", 18, 0, WaitTerms(kind=WaitKind.PRE_ORDER, cap=20, release_on=day(14)), day(14)),
    ],
)
def test_the_promised_day(_case, wanted, waiting, terms, said):
    item = Outlook(stock_item_id=7, waiting=waiting, coming=COMES, terms=terms)

    answer = can_wait(wanting(wanted), [Part(stock_item_id=7)], {7: item}, free={}, today=TODAY)

    assert (answer.code if isinstance(answer, Refusal) else answer.promised_on) == said


def test_a_kit_waits_for_its_slowest_part_and_what_lies_here_does_not_count():
    tea = Outlook(stock_item_id=1, terms=WaitTerms(kind=WaitKind.BACK_ORDER, cap=10, lead_days=3))
    cup = Outlook(stock_item_id=2, coming=COMES, terms=WaitTerms(kind=WaitKind.BACK_ORDER, cap=10))
    parts = [Part(stock_item_id=1, quantity=2), Part(stock_item_id=2), Part(stock_item_id=3)]

    assert can_wait(wanting(2), parts, {1: tea, 2: cup}, free={3: 2}, today=TODAY) == Wait(kind=WaitKind.BACK_ORDER, promised_on=day(9))
    assert isinstance(can_wait(wanting(2), parts, {1: tea, 2: cup}, free={3: 1}, today=TODAY), Refusal)
    assert offer_to_wait(1, parts, {1: tea, 2: cup}, free={3: 9}, today=TODAY).most == 5


@given(st.lists(st.integers(1, 6), max_size=12), st.lists(st.integers(1, 9), max_size=5))
def test_a_promise_is_never_earlier_than_what_has_come_by_then_allows(queue, deliveries):
    coming = tuple(Coming(on=day(n), quantity=quantity) for n, quantity in enumerate(deliveries, 1))
    reached = 0
    for wanted in queue:
        reached += wanted
        on = arrival(coming, reached)
        by_then = [c.quantity for c in coming if on is not None and c.on <= on]
        assert (on is None and sum(deliveries) < reached) or sum(by_then) >= reached


@given(st.lists(st.tuples(st.integers(1, 2), st.integers(1, 5)), max_size=15), st.integers(0, 12), st.integers(0, 12))
def test_never_more_is_given_out_than_is_free_and_nobody_is_passed_over_without_need(queue, first, second):
    parts = {1: (Part(stock_item_id=1),), 2: (Part(stock_item_id=1), Part(stock_item_id=2, quantity=2))}
    demands = [wanting(quantity, n=n, variant=variant) for n, (variant, quantity) in enumerate(queue)]

    served = first_served(demands, parts, {1: first, 2: second})

    left = {1: first, 2: second}
    for demand in demands:
        needed = {part.stock_item_id: demand.quantity * part.quantity for part in parts[demand.variant_id]}
        fits = all(left[item] >= wanted for item, wanted in needed.items())
        assert fits == (demand in served)
        if fits:
            left = {item: there - needed.get(item, 0) for item, there in left.items()}
    assert min(left.values()) >= 0


def test_promises_follow_deliveries_through_the_line_and_stay_where_none_reaches():
    line = [Place(demand_id=UUID(int=n), stock_item_id=7, quantity=quantity, promised_on=day(9)) for n, quantity in enumerate((4, 4, 9), 1)]
    later = Outlook(stock_item_id=7, coming=(Coming(on=day(12), quantity=6), Coming(on=day(20), quantity=5)))

    moved = promises_anew(line, {7: later}, free={}, today=TODAY)

    assert moved == {UUID(int=1): day(12), UUID(int=2): day(20)}
