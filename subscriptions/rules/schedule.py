"""When deliveries come: intervals counted from an anchor, the day an order is made, the last day to change. Pure.

The k-th date is a function of the anchor and k, never of the date before it: a contract of the 31st comes on the 28th
of February and on the 31st of March again. Worked tables are in docs/algorithms/renewals.md.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from core.errors import Refused
from core.words import gettext_noop as _

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CODE: Final = re.compile(r"(?P<every>[1-9]\d{0,2})(?P<unit>[dwm])(:(?P<day>end|[12]?\d|3[01])|:(?P<nth>-1|[1-4])(?P<weekday>[a-z]{3}))?")
FARTHEST: Final = 400
"""So many steps ahead a schedule is followed before it is called endless."""


class UnreadableInterval(Refused):
    """No interval is written like this."""

    code = "subscription.unreadable_interval"
    message = _("“%(interval)s” is no interval. Write 30d, 2w, 1m, 1m:25, 1m:end, 1m:2tue or 1m:-1fri.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Every so many days, weeks or months; months may name a day (0 is the last) or an n-th weekday (-1 is the last)."""

    every: int
    unit: str
    day: int | None = None
    nth: int | None = None
    weekday: int | None = None

    @property
    def code(self) -> str:
        """As it is kept: "30d", "2w", "1m", "1m:25", "1m:end", "1m:2tue"."""
        start = f"{self.every}{self.unit}"
        if self.day is not None:
            return f"{start}:{self.day or 'end'}"
        return start if self.weekday is None else f"{start}:{self.nth}{WEEKDAYS[self.weekday]}"

    def date_of(self, anchor: date, k: int) -> date:
        """The date k steps after the anchor (before it where k is negative); 0 gives the anchor itself."""
        if k == 0:
            return anchor
        if self.unit != "m":
            return anchor + timedelta(days=self.every * k * (7 if self.unit == "w" else 1))
        year, month = divmod(anchor.year * 12 + anchor.month - 1 + self.every * k, 12)
        month += 1
        if self.weekday is not None:
            return _nth_weekday(year, month, nth=self.nth or 1, weekday=self.weekday)
        last = monthrange(year, month)[1]
        day = anchor.day if self.day is None else self.day or last
        return date(year, month, min(day, last))

    def per_year(self) -> int:
        """About how many deliveries a year has."""
        return {"d": 365, "w": 52, "m": 12}[self.unit] // self.every or 1


def _nth_weekday(year: int, month: int, *, nth: int, weekday: int) -> date:
    if nth > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    last = date(year, month, monthrange(year, month)[1])
    return last - timedelta(days=(last.weekday() - weekday) % 7)


@lru_cache(maxsize=512)
def read_interval(code: str) -> Interval:
    """The interval behind its code. Refuses "subscription.unreadable_interval"."""
    found = _CODE.fullmatch(code.strip())
    if found is None or (found["unit"] != "m" and (found["day"] or found["nth"])):
        raise UnreadableInterval(params={"interval": code})
    if found["weekday"] is not None and found["weekday"] not in WEEKDAYS:
        raise UnreadableInterval(params={"interval": code})
    day = None if found["day"] is None else 0 if found["day"] == "end" else int(found["day"])
    if day == 0 and found["day"] != "end":
        raise UnreadableInterval(params={"interval": code})
    return Interval(
        every=int(found["every"]),
        unit=found["unit"],
        day=day,
        nth=int(found["nth"]) if found["nth"] else None,
        weekday=WEEKDAYS.index(found["weekday"]) if found["weekday"] else None,
    )


def read_intervals(codes: str) -> tuple[Interval, ...]:
    """The intervals of a comma-separated list, in its order."""
    return tuple(read_interval(code) for code in codes.split(",") if code.strip())


_NTH: Final = {1: _("first"), 2: _("second"), 3: _("third"), 4: _("fourth"), -1: _("last")}
_DAY: Final = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))


def interval_words(code: str, *, translate: Callable[[str], str]) -> str:
    """An interval in the reader's words: "every month", "every 2 weeks", "every month on the second Tuesday"."""
    interval = read_interval(code)
    one = {"d": _("every day"), "w": _("every week"), "m": _("every month")}
    many = {"d": _("every %(n)s days"), "w": _("every %(n)s weeks"), "m": _("every %(n)s months")}
    said = translate(one[interval.unit]) if interval.every == 1 else translate(many[interval.unit]) % {"n": interval.every}
    if interval.day is not None:
        on = translate(_("on day %(day)s")) % {"day": interval.day} if interval.day else translate(_("on the last day"))
    elif interval.weekday is not None:
        on = translate(_("on the %(nth)s %(weekday)s")) % {
            "nth": translate(_NTH[interval.nth or 1]),
            "weekday": translate(_DAY[interval.weekday]),
        }
    else:
        return said
    return translate(_("%(interval)s %(on)s")) % {"interval": said, "on": on}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """A contract's schedule: the interval, an anchor date and the number of the delivery that falls on it.

    Leaving out slots (after a pause, after days without service) moves `anchor_number` down and keeps the anchor.
    """

    interval: Interval
    anchor_on: date
    anchor_number: int

    def date_of(self, number: int) -> date:
        """The date of delivery slot `number`."""
        return self.interval.date_of(self.anchor_on, number - self.anchor_number)

    def dates(self, number: int) -> Iterator[tuple[int, date]]:
        """(number, date) from a number on."""
        for n in range(number, number + FARTHEST):
            yield n, self.date_of(n)

    def not_before(self, number: int, earliest: date) -> "Rhythm":
        """The same schedule with slots left out until delivery `number` falls on `earliest` or later."""
        rhythm = self
        for _step in range(FARTHEST):
            if rhythm.date_of(number) >= earliest:
                return rhythm
            rhythm = Rhythm(interval=self.interval, anchor_on=self.anchor_on, anchor_number=rhythm.anchor_number - 1)
        return Rhythm(interval=self.interval, anchor_on=earliest, anchor_number=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """The day the order of a delivery is made: so many days before, earlier where that day is closed."""

    lead_days: int
    is_open: Callable[[date], bool] | None = None

    def order_on(self, delivery_on: date) -> date:
        """When the order for a delivery is made."""
        day = delivery_on - timedelta(days=self.lead_days)
        for _step in range(FARTHEST if self.is_open else 0):
            if self.is_open is None or self.is_open(day):
                return day
            day -= timedelta(days=1)
        return day

    def earliest_from(self, today: date) -> date:
        """The first delivery date whose order is not made before today."""
        day = today + timedelta(days=self.lead_days)
        for _step in range(FARTHEST):
            if self.order_on(day) >= today:
                return day
            day += timedelta(days=1)
        return day


def last_day(planned_on: date, days_before: int) -> date:
    """The last day on which something about a delivery can still be changed."""
    return planned_on - timedelta(days=days_before)


def retry_on(today: date, *, tries: int, rule: tuple[int, ...]) -> date | None:
    """When a delivery that failed for the n-th time is tried again; None when the rule gives up."""
    return today + timedelta(days=rule[tries - 1]) if 1 <= tries <= len(rule) else None


def read_days(codes: str) -> tuple[int, ...]:
    """Whole numbers of days from a comma-separated list."""
    return tuple(int(part) for part in codes.split(",") if part.strip())
