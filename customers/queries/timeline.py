"""One story out of many: what happened with a customer in every app, page by page, and what is still to come."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from customers.ports import CUSTOMER_DATA, CustomerData, Lane, TimelineRow

EVERY_LANE = frozenset(Lane)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the story ended: the moment of its last row, and how many rows of that very moment were shown."""

    at: datetime
    shown: int

    def written(self) -> str:
        """The place as an address carries it."""
        return f"{self.at.astimezone(UTC):%Y%m%dT%H%M%S.%f}-{self.shown}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """The place an address names; None for anything else."""
        moment, _dash, shown = text.rpartition("-")
        if not (moment.isascii() and shown.isascii() and shown.isdigit() and len(shown) < 5):
            return None
        try:
            return cls(datetime.strptime(moment, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), int(shown))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class StoryPage:
    """What is planned, soonest first (on the first page only), what happened, newest first, and where older rows begin."""

    planned: Sequence[TimelineRow]
    past: Sequence[TimelineRow]
    older: Place | None


def rights_of_lanes() -> dict[Lane, str]:
    """The right each lane asks for; lanes nobody tells of are left out."""
    return {lane: right for source in CUSTOMER_DATA.all() for lane, right in source.lanes.items()}


def story_page(group: Sequence[int], *, lanes: frozenset[Lane] = EVERY_LANE, after: Place | None = None, limit: int = 40) -> StoryPage:
    """A page of the story of a whole group; one statement per app that tells of the lanes, however long the story.

    Rows of one moment keep the order of the apps and each app's own, so a page ends anywhere and the next begins right there:
    every source is asked for the moment the last page ended in once more, and what was shown of it is passed over.
    """
    before = after.at + _TICK if after else None
    passed = after.shown if after else 0
    told = [row for source in CUSTOMER_DATA.all() for row in _asked(source, group, lanes=lanes, before=before, limit=limit + passed + 1)]
    past = sorted((row for row in told if not row.planned), key=lambda row: row.at, reverse=True)
    seen = _of_moment(past, after.at)[:passed] if after else []
    rest = past[len(seen) :]
    page = rest[:limit]
    planned = sorted((row for row in told if row.planned), key=lambda row: row.at) if after is None else []
    return StoryPage(planned, page, _end_of(page, after=after) if len(rest) > limit else None)


def _asked(
    source: CustomerData, group: Sequence[int], *, lanes: frozenset[Lane], before: datetime | None, limit: int
) -> Sequence[TimelineRow]:
    mine = frozenset(source.lanes)
    wanted = mine & lanes
    if not wanted or not group:
        return ()
    found = source.timeline(group, before=before, limit=limit, only=frozenset() if wanted == mine else wanted)
    lane = next(iter(source.lanes))
    return [row if row.lane else replace(row, lane=lane) for row in found]


def _of_moment(rows: Sequence[TimelineRow], at: datetime) -> list[TimelineRow]:
    return [row for row in rows if row.at == at]


def _end_of(page: Sequence[TimelineRow], *, after: Place | None) -> Place:
    last = page[-1].at
    shown = len(_of_moment(page, last))
    return Place(last, shown + after.shown if after and after.at == last else shown)
