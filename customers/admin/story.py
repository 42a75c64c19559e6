"""The story of a customer as the page shows it: what is to come above the mark of today, what happened below, by month."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.admin_site import shown_money
from customers.admin.facts import page_link
from customers.ports import Lane, TimelineRow
from customers.queries import EVERY_LANE, Place, rights_of_lanes, story_page

ICONS: Final = {
    Lane.ORDERS: "receipt_long",
    Lane.SUBSCRIPTIONS: "autorenew",
    Lane.MONEY: "payments",
    Lane.CONTACT: "support_agent",
    Lane.NOTES: "sticky_note_2",
    Lane.SENDS: "mail",
    Lane.RELATION: "handshake",
}
TELLING: Final = frozenset({Lane.CONTACT, Lane.NOTES, Lane.SENDS})
"""Lanes whose words are about the person: only their kind is shown to those who may not know people."""
NEAR: Final = 4
"""How many planned rows stand open; those further off are folded."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the story, ready to be read; ``month`` heads the rows of a new month, "" else."""

    lane: str
    icon: str
    at: datetime
    kind: str
    title: str
    detail: str
    link: str
    amount: SafeString | str
    tone: str
    month: date | None = None
    late: bool = False

    @property
    def timed(self) -> bool:
        """Whether the hour means something: what is planned for a day has none."""
        local = timezone.localtime(self.at)
        return (local.hour, local.minute) != (0, 0)


@dataclass(frozen=True, slots=True)
class Chip:
    """A lane to be picked or put back."""

    label: str
    icon: str
    link: str
    picked: bool


@dataclass(frozen=True, slots=True)
class Story:
    """What the page shows of the story; ``far`` and ``near`` lie ahead, the furthest first, so that today is next to tomorrow."""

    far: Sequence[Line]
    near: Sequence[Line]
    past: Sequence[Line]
    chips: Sequence[Chip]
    older: str
    newest: str
    filtered: bool


def story_of(group: Sequence[int], *, asked: QueryDict, may: Callable[[str], bool], full: bool, at: datetime, limit: int = 40) -> Story:
    """The page of the story that an address asks for, of the lanes the reader may know."""
    rights = rights_of_lanes()
    open_lanes = [lane for lane in Lane if lane in rights and may(rights[lane])]
    picked = [lane for lane in open_lanes if str(lane) in asked.getlist("lane")]
    after = Place.read(asked.get("older", ""))
    page = story_page(group, lanes=frozenset(picked or open_lanes) & EVERY_LANE, after=after, limit=limit)
    here = frozenset(page_link(member) for member in group)
    planned = [_line(row, here=here, full=full, at=at) for row in page.planned][::-1]
    near = NEAR + sum(line.late for line in planned)  # what is late is the nearest of all, and never pushes the next days away
    return Story(
        far=planned[:-near],
        near=planned[-near:],
        past=_by_month([_line(row, here=here, full=full, at=at) for row in page.past]),
        chips=[_chip(lane, picked=picked) for lane in open_lanes],
        older=_address(picked, older=page.older.written()) if page.older else "",
        newest=_address(picked) if after else "",
        filtered=bool(picked),
    )


def _line(row: TimelineRow, *, here: frozenset[str], full: bool, at: datetime) -> Line:
    lane = row.lane or Lane.RELATION
    hidden = not full and lane in TELLING
    late = row.planned and row.at < at
    return Line(
        lane=str(lane),
        icon=ICONS[lane],
        at=row.at,
        kind=row.kind,
        title=_("Hidden for your role") if hidden else row.title,
        detail=row.detail if full else "",
        link="" if row.link in here else row.link,
        amount=shown_money(row.amount, row.currency) if row.amount is not None else "",
        tone="bad" if late else row.tone,
        late=late,
    )


def _by_month(lines: Sequence[Line]) -> list[Line]:
    """The lines, the first of every month carrying it as a heading."""
    found: list[Line] = []
    before = None
    for line in lines:
        day = timezone.localtime(line.at).date().replace(day=1)
        found.append(line if day == before else replace(line, month=day))
        before = day
    return found


def _chip(lane: Lane, *, picked: Collection[Lane]) -> Chip:
    """A picked lane's link puts it back, another's adds it."""
    others = [one for one in picked if one is not lane]
    wanted = others if lane in picked else [*others, lane]
    return Chip(_(Lane.labels()[lane]), ICONS[lane], _address(wanted), lane in picked)


def _address(lanes: Sequence[Lane], *, older: str = "") -> str:
    asked = [("lane", str(lane)) for lane in Lane if lane in lanes] + ([("older", older)] if older else [])
    return f"?{urlencode(asked)}#story"
