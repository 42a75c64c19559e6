"""One story out of many sources: pages neither lose nor double a row, wherever a page ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from customers.ports import CUSTOMER_DATA, Lane, TimelineRow
from customers.queries import Place, story_page

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Source:
    """An app that tells of these moments, newest first, and of what is planned."""

    name: str
    lanes: dict[Lane, str]
    rows: tuple[TimelineRow, ...]
    tables: tuple[str, ...] = ()

    def timeline(
        self, customer_ids: Sequence[int], *, before: datetime | None, limit: int, only: frozenset[Lane] = frozenset()
    ) -> list[TimelineRow]:
        mine = [row for row in self.rows if (not only or row.lane in only)]
        past = sorted(
            (row for row in mine if not row.planned and (before is None or row.at < before)), key=lambda row: row.at, reverse=True
        )
        planned = sorted((row for row in mine if row.planned and before is None), key=lambda row: row.at)
        return planned[:limit] + past[:limit]

    def merge(self, pairs: Any, *, at: datetime) -> None: ...

    def objections(self, customer_ids: Any, *, at: datetime) -> list[Any]:
        return []

    def erase(self, customer_ids: Any, *, at: datetime) -> list[Any]:
        return []

    def export(self, customer_ids: Any) -> list[Any]:
        return []


def a_source(name: str, lanes: Sequence[Lane], minutes: Sequence[tuple[int, int]], planned: Sequence[int] = ()) -> Source:
    """A source with one row per (minute, lane); many share a minute."""
    past = [
        TimelineRow(customer_id=1, at=NOON - timedelta(minutes=minute), kind="k", title=f"{name}{n}", lane=lanes[pick % len(lanes)])
        for n, (minute, pick) in enumerate(minutes)
    ]
    ahead = [
        TimelineRow(customer_id=1, at=NOON + timedelta(days=day), kind="k", title=f"{name}p{n}", lane=lanes[0], planned=True)
        for n, day in enumerate(planned)
    ]
    return Source(name, dict.fromkeys(lanes, "x.view_x"), tuple(past + ahead))


LANES = ((Lane.ORDERS,), (Lane.MONEY,), (Lane.NOTES, Lane.RELATION))
MINUTES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1)), max_size=40)


@given(told=st.tuples(MINUTES, MINUTES, MINUTES), size=st.integers(1, 9), picked=st.sets(st.sampled_from(list(Lane)), max_size=4))
def test_pages_put_together_are_the_whole_story_once(told: Any, size: int, picked: set[Lane]) -> None:
    sources = [a_source(f"s{n}-", lanes, minutes) for n, (lanes, minutes) in enumerate(zip(LANES, told, strict=True))]
    wanted = frozenset(picked or Lane)
    whole = [row.title for source in sources for row in source.rows if row.lane in wanted]
    read: list[TimelineRow] = []

    with CUSTOMER_DATA.only(*sources):
        after: Place | None = None
        for _turn in range(len(whole) + 2):
            page = story_page([1], lanes=wanted, after=Place.read(after.written()) if after else None, limit=size)
            read += page.past
            assert len(page.past) <= size
            after = page.older
            if after is None:
                break

    assert sorted(row.title for row in read) == sorted(whole)
    assert [row.at for row in read] == sorted((row.at for row in read), reverse=True)


@given(planned=st.lists(st.integers(1, 300), max_size=60), minutes=MINUTES)
def test_what_is_planned_is_told_soonest_first_and_never_pushes_the_past_away(planned: list[int], minutes: Any) -> None:
    source = a_source("s", (Lane.SUBSCRIPTIONS,), minutes, planned)

    with CUSTOMER_DATA.only(source):
        page = story_page([1], limit=100)

    assert len(page.past) == len(minutes)
    assert [row.at for row in page.planned] == sorted(NOON + timedelta(days=day) for day in planned)


def test_only_the_first_page_tells_what_is_planned() -> None:
    source = a_source("s", (Lane.SUBSCRIPTIONS,), [(n, 0) for n in range(5)], [3, 4])

    with CUSTOMER_DATA.only(source):
        first = story_page([1], limit=3)
        second = story_page([1], after=first.older, limit=3)

    assert (len(first.planned), len(second.planned)) == (2, 0)
    assert [row.title for row in (*first.past, *second.past)] == ["s0", "s1", "s2", "s3", "s4"]


@given(text=st.text(max_size=40))
def test_any_text_is_a_place_or_nothing(text: str) -> None:
    place = Place.read(text)

    assert place is None or Place.read(place.written()) == place


def test_a_source_is_asked_only_for_lanes_somebody_wants() -> None:
    asked: list[frozenset[Lane]] = []

    class Listening(Source):
        def timeline(self, customer_ids: Any, *, before: Any, limit: int, only: frozenset[Lane] = frozenset()) -> list[TimelineRow]:
            asked.append(only)
            return []

    both = Listening("s", {Lane.NOTES: "x", Lane.RELATION: "x"}, ())
    with CUSTOMER_DATA.only(both):
        story_page([1], lanes=frozenset({Lane.NOTES, Lane.RELATION}))
        story_page([1], lanes=frozenset({Lane.NOTES}))
        story_page([1], lanes=frozenset({Lane.MONEY}))

    assert asked == [frozenset(), frozenset({Lane.NOTES})]
