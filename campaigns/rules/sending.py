"""When a send may write: quiet hours, retries, and the asks and answers of the operations."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from campaigns.rules.statuses import SendState
from customers.rules import ConsentPurpose

MOST_TRIES: Final = 6
"""After so many refusals for now, doubling from a minute, a message counts as failed."""


def is_quiet(moment: time, *, quiet_from: time, quiet_until: time) -> bool:
    """Whether the company's wall clock stands in the quiet hours; the end is exclusive, equal times mean never.

    >>> is_quiet(time(23), quiet_from=time(21), quiet_until=time(8))
    True
    """
    if quiet_from <= quiet_until:
        return quiet_from <= moment < quiet_until
    return moment >= quiet_from or moment < quiet_until


def retry_seconds(tries: int) -> int:
    """How long to wait after so many refusals for now: 60 s, 120 s, 240 s …"""
    return int(60 * 2 ** max(0, tries - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class SendAsk:
    """A send to be planned. No brand: in the company's name, with consent for all brands. No pace: the company's rule."""

    company_id: int
    campaign_id: int
    segment_id: int
    message_id: int
    planned_at: datetime
    brand_id: int | None = None
    purpose: ConsentPurpose = ConsentPurpose.ADVERTISING
    per_minute: int | None = None
    holdout_percent: int = 0


@dataclass(frozen=True, slots=True)
class PlannedSend:
    """A send that will go out at its time."""

    send_id: int
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """A send's state after a verb; ``repeated`` where it was so already."""

    send_id: int
    state: SendState
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A send whose recipients are listed."""

    send_id: int
    recipients: int


@dataclass(frozen=True, slots=True)
class Ran:
    """What one chunk of a send came to. ``left`` says whether more may go out at once."""

    sent: int = 0
    failed: int = 0
    unknown: int = 0
    later: int = 0
    suppressed: int = 0
    left: bool = False

    def __add__(self, other: "Ran") -> "Ran":
        return Ran(
            self.sent + other.sent,
            self.failed + other.failed,
            self.unknown + other.unknown,
            self.later + other.later,
            self.suppressed + other.suppressed,
            other.left,
        )


@dataclass(frozen=True, slots=True)
class Left:
    """A customer's word by the link of a mail. ``repeated`` where it was so already."""

    customer_id: int
    unsubscribed: bool
    repeated: bool = False
