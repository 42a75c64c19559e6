"""Business days: what a calendar says about a date, and counting over closed days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import jpholiday

from core.db import rows
from core.errors import NotFound, Refused
from core.queries.kept import kept
from core.words import gettext_noop as _

FARTHEST_DAYS: Final = 400


class UnknownCalendar(NotFound):
    """No business calendar has this id or code."""

    code = "calendar.not_found"
    message = _("There is no business calendar “%(calendar)s”.")


class NoBusinessDay(Refused):
    """A calendar has no open day within reach."""

    code = "calendar.no_business_day"
    message = _("The calendar has no open day within %(days)s days of %(on)s.")


_KNOWN_YEARS: Final = range(1949, 2100)


@lru_cache(maxsize=64)
def national_holidays(year: int) -> dict[date, str]:
    """The Japanese national holidays of a year with their names, substitute and bridge days included.

    None before the act of 1948 took hold and after 2099, where the equinoxes aren't computed.
    """
    if year not in _KNOWN_YEARS:
        return {}
    return dict(jpholiday.year_holidays(year))


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A calendar as a value: weekly closed days (Monday is 0), national holidays, and single days that differ."""

    closed_weekdays: frozenset[int] = frozenset({5, 6})
    closed_on_holidays: bool = True
    closed: frozenset[date] = field(default_factory=frozenset)
    opened: frozenset[date] = field(default_factory=frozenset)

    @classmethod
    def told(cls, closed: Sequence[bool], closed_on_holidays: bool, *, single: Iterable[tuple[date, str]] = ()) -> "WorkingDays":
        """As a calendar keeps it: closed or not from Monday to Sunday, on holidays, and single days with their kind."""
        days = list(single)
        return cls(
            frozenset(n for n, is_closed in enumerate(closed) if is_closed), closed_on_holidays,
            frozenset(on for on, kind in days if kind == "closed"), frozenset(on for on, kind in days if kind == "open"),
        )  # fmt: skip

    def includes(self, on: date) -> bool:
        """Whether work is done on this day. A day entered as open beats everything, one entered as closed the weekly rule."""
        if on in self.opened:
            return True
        if on in self.closed or on.weekday() in self.closed_weekdays:
            return False
        return not (self.closed_on_holidays and on in national_holidays(on.year))

    def add(self, on: date, *, days: int) -> date:
        """The day so many business days after (before, if negative); 0 gives the day itself or the next open one.

        Refuses with "calendar.no_business_day" where a gap is longer than 400 days.
        """
        if days == 0:
            return on if self.includes(on) else self.add(on, days=1)
        step = timedelta(days=1 if days > 0 else -1)
        left, gap, day = abs(days), 0, on
        while left and gap < FARTHEST_DAYS and day not in (date.min, date.max):
            day += step
            gap = 0 if self.includes(day) else gap + 1
            left -= gap == 0
        if left:
            raise NoBusinessDay(params={"days": FARTHEST_DAYS, "on": on.isoformat()})
        return day


DEFAULT_DAYS: Final = WorkingDays()
"""Monday to Friday without national holidays: what holds where no calendar was named."""

_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def working_days(calendar_id: int | None = None) -> WorkingDays:
    """A calendar with its single days, in one statement; kept for up to five seconds. None is Monday to Friday.

    Raises "calendar.not_found".
    """
    if calendar_id is None:
        return DEFAULT_DAYS

    def load() -> WorkingDays:
        found = rows(
            "SELECT c.*, array_remove(array_agg(d.on) FILTER (WHERE d.kind = 'closed'), NULL) AS closed_days,"
            " array_remove(array_agg(d.on) FILTER (WHERE d.kind = 'open'), NULL) AS open_days"
            " FROM core_businesscalendar c LEFT JOIN core_calendarday d ON d.calendar_id = c.id WHERE c.id = %s GROUP BY c.id",
            (calendar_id,),
        )
        if not found:
            raise UnknownCalendar(params={"calendar": calendar_id})
        row = found[0]
        single = [(on, kind) for kind in ("closed", "open") for on in getattr(row, f"{kind}_days") or ()]
        return WorkingDays.told([getattr(row, f"closed_{name}") for name in _WEEKDAYS], row.closed_on_holidays, single=single)

    return kept(("calendar", calendar_id), load=load)


def calendar_coded(code: str, *, company_id: int | None = None) -> int:
    """The id of a calendar: the company's own, else the group's. Raises "calendar.not_found"."""
    found = rows(
        "SELECT id FROM core_businesscalendar WHERE code = %s AND (company_id = %s::bigint OR company_id IS NULL) ORDER BY company_id NULLS LAST LIMIT 1",
        (code, company_id),
    )
    if not found:
        raise UnknownCalendar(params={"calendar": code})
    return int(found[0].id)


def is_business_day(on: date, *, calendar_id: int | None = None) -> bool:
    """Whether the calendar works on this day."""
    return working_days(calendar_id).includes(on)


def next_business_day(on: date, *, calendar_id: int | None = None) -> date:
    """The first business day after this day."""
    return working_days(calendar_id).add(on, days=1)


def previous_business_day(on: date, *, calendar_id: int | None = None) -> date:
    """The last business day before this day."""
    return working_days(calendar_id).add(on, days=-1)


def business_day_from(on: date, *, calendar_id: int | None = None) -> date:
    """This day if it is a business day, else the next one."""
    return working_days(calendar_id).add(on, days=0)


def add_business_days(on: date, *, days: int, calendar_id: int | None = None) -> date:
    """The day so many business days after this one; negative counts back."""
    return working_days(calendar_id).add(on, days=days)
