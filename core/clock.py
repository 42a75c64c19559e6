"""Business time: the only clock of the house. Tests and simulations move it; leases and recorded_at don't use it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_offset = timedelta(0)
_stopped: datetime | None = None


def now() -> datetime:
    """The business time, aware, in UTC."""
    if _stopped is not None:
        return _stopped
    return datetime.now(UTC) + _offset if _offset else datetime.now(UTC)


def today(tz: str | ZoneInfo) -> date:
    """The business day of now in a time zone."""
    return business_date(now(), tz)


def business_date(at: datetime, tz: str | ZoneInfo) -> date:
    """The day a moment falls on in a company's time zone (``Company.timezone``)."""
    if at.tzinfo is None:
        raise ValueError("A moment without a time zone falls on no business day; pass an aware datetime")
    return at.astimezone(tz if isinstance(tz, ZoneInfo) else _zone(tz)).date()


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


class Traveller:
    """The stopped clock of a ``travel``; moves only when told."""

    def move(self, by: timedelta) -> datetime:
        """Move the stopped clock; answers with the new time."""
        global _stopped
        assert _stopped is not None
        _stopped += by
        return _stopped

    def to(self, at: datetime) -> datetime:
        """Set the stopped clock."""
        global _stopped
        _stopped = _aware(at)
        return _stopped


@contextmanager
def travel(to: datetime) -> Iterator[Traveller]:
    """Stop the clock of the whole process at a moment, until the block ends."""
    global _stopped
    before = _stopped
    _stopped = _aware(to)
    try:
        yield Traveller()
    finally:
        _stopped = before


def shift(by: timedelta) -> None:
    """Let the clock of this process run ahead of (or behind) the wall clock; zero sets it right again."""
    global _offset
    _offset = by


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("Travel to an aware datetime")
    return at.astimezone(UTC)
