"""Goods fetched in a store: from when, until when, and what their buyer is told. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol

from core.words import gettext_noop as _


class PickupState(StrEnum):
    """What became of a parcel that lay ready in a store."""

    READY = "ready"
    HANDED_OVER = "handed_over"
    LAPSED = "lapsed"
    """Nobody came: its order was cancelled, and the goods are on sale again."""
    CANCELLED = "cancelled"

    @classmethod
    def labels(cls) -> dict["PickupState", str]:
        return {
            cls.READY: _("Ready to be fetched"),
            cls.HANDED_OVER: _("Given to the buyer"),
            cls.LAPSED: _("Not fetched in time"),
            cls.CANCELLED: _("Cancelled before it was fetched"),
        }


class WorkingDaysLike(Protocol):
    """A calendar, as far as a store's days go."""

    def add(self, on: date, *, days: int) -> date:
        """The day so many open days later; 0 is the day itself or the next open one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupTermsRow:
    """How a store keeps what is fetched: open days until it is ready, days it is kept, days before the last on which is reminded."""

    ready_days: int = 0
    keep_days: int = 7
    remind_days: int = 2
    pays_at_store: bool = True


USUAL_TERMS = PickupTermsRow()
MOST_WRONG_CODES = 5
"""So often a parcel's code may be said wrong; then its buyer gets a new one."""
NOT_FETCHED = "店舗で期限までにお受け取りがなかったため"
"""Why an order is cancelled that nobody fetched; a reason is kept in the company's words."""


def ready_on(ordered_at: datetime, *, cutoff_at: time | None, terms: PickupTermsRow, days: WorkingDaysLike) -> date:
    """The day from which it can be fetched; ``ordered_at`` in the store's own time.

    An order counts for the first open day on which it came before the cut-off; from there the store takes its days.
    """
    day = ordered_at.date()
    starts = days.add(day, days=0)
    if starts == day and cutoff_at is not None and ordered_at.time() >= cutoff_at:
        starts = days.add(day, days=1)
    return days.add(starts, days=terms.ready_days) if terms.ready_days else starts


def kept_until(ready: date, terms: PickupTermsRow) -> date:
    """The last day on which it can be fetched."""
    return ready + timedelta(days=terms.keep_days)
