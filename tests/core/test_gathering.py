"""Those who ask at the same moment are answered together; nobody waits for company, nobody suffers for another."""

from collections.abc import Hashable, Sequence
from functools import partial
from threading import Event, Thread

import pytest

from core.gathering import Gathering


class Counter:
    """Doubles numbers; notes what it was asked in one go; the first call can be held up, and some numbers it cannot stand."""

    def __init__(self, *, held_up: bool = False, refuses: frozenset[int] = frozenset()) -> None:
        self.calls: list[tuple[Hashable, list[int]]] = []
        self.begun, self.go_on = Event(), Event()
        self.refuses = refuses
        if not held_up:
            self.go_on.set()

    def __call__(self, group: Hashable, asks: Sequence[int]) -> list[int]:
        self.calls.append((group, sorted(asks)))
        self.begun.set()
        assert self.go_on.wait(10)
        if self.refuses.intersection(asks):
            raise ValueError(f"cannot stand {sorted(self.refuses.intersection(asks))}")
        return [2 * ask for ask in asks]


def ask_while_one_is_served(counter: Counter, gathering: Gathering[int, int], asks: Sequence[tuple[Hashable, int]]) -> list[object]:
    """The first of ``asks`` is at the counter while the others come; what each was told."""
    told: list[object] = [None] * len(asks)

    def ask(place: int) -> None:
        try:
            told[place] = gathering.ask(*asks[place])
        except ValueError as error:
            told[place] = str(error)

    threads = [Thread(target=partial(ask, place)) for place in range(len(asks))]
    threads[0].start()
    assert counter.begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    while sum(len(queue.waiting) + queue.is_at_work for queue in gathering._queues.values()) < len(asks):
        threads[1].join(0.001)
    counter.go_on.set()
    for thread in threads:
        thread.join(10)
    return told


def test_who_comes_alone_is_answered_at_once_and_alone():
    counter = Counter()
    gathering = Gathering(counter)

    assert [gathering.ask("a", n) for n in (1, 2, 3)] == [2, 4, 6]

    assert counter.calls == [("a", [1]), ("a", [2]), ("a", [3])]


def test_those_who_come_meanwhile_are_answered_by_one_call_each_with_their_own():
    counter = Counter(held_up=True)

    told = ask_while_one_is_served(counter, Gathering(counter), [("a", n) for n in range(8)])

    assert told == [2 * n for n in range(8)]
    assert counter.calls == [("a", [0]), ("a", [1, 2, 3, 4, 5, 6, 7])]


def test_a_batch_has_no_more_than_its_most():
    counter = Counter(held_up=True)

    told = ask_while_one_is_served(counter, Gathering(counter, most=3), [("a", n) for n in range(8)])

    assert told == [2 * n for n in range(8)]
    assert [len(asks) for _group, asks in counter.calls] == [1, 3, 3, 1]


def test_groups_are_never_answered_together():
    counter = Counter(held_up=True)

    told = ask_while_one_is_served(counter, Gathering(counter), [("a", 1), ("b", 2), ("a", 3), ("b", 4), ("a", 5)])

    assert told == [2, 4, 6, 8, 10]
    assert [asks for group, asks in counter.calls if group == "a"] == [[1], [3, 5]]
    assert sorted(n for group, asks in counter.calls for n in asks if group == "b") == [2, 4]


def test_where_a_batch_fails_each_is_answered_alone_and_only_one_learns_why():
    counter = Counter(held_up=True, refuses=frozenset({3}))

    told = ask_while_one_is_served(counter, Gathering(counter), [("a", n) for n in range(5)])

    assert told == [0, 2, 4, "cannot stand [3]", 8]
    assert counter.calls[:2] == [("a", [0]), ("a", [1, 2, 3, 4])]
    assert sorted(counter.calls[2:]) == [("a", [1]), ("a", [2]), ("a", [3]), ("a", [4])]


def test_after_a_failure_the_next_one_is_served():
    gathering = Gathering(Counter(refuses=frozenset({1})))

    with pytest.raises(ValueError, match="cannot stand"):
        gathering.ask("a", 1)

    assert gathering.ask("a", 2) == 4


def test_a_thousand_asks_of_sixteen_threads_each_get_their_own_answer():
    counter = Counter()
    gathering = Gathering(counter, most=5)
    told: dict[int, int] = {}

    def ask(first: int) -> None:
        for n in range(first, 1_000, 16):
            told[n] = gathering.ask("a", n)

    threads = [Thread(target=partial(ask, first)) for first in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert told == {n: 2 * n for n in range(1_000)}
    assert sorted(n for _group, asks in counter.calls for n in asks) == list(range(1_000))
