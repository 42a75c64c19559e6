"""What operations on cases take and answer with, one value per item of a batch."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from contact.rules.statuses import CauseClass, Desk, Direction, Priority
from customers.rules import ContactChannel, Visibility

LIMITS: Final = {
    "theme": 200,
    "body": 8_000,
    "resolution": 2_000,
    "cause_detail": 400,
    "caller_name": 120,
    "caller_contact": 254,
    "note": 2_000,
}
"""How long each text may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """How a case was solved, and where its cause lay."""

    resolution: str
    cause_class: CauseClass | None = None
    cause_detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """A contact to be kept as a case with its first interaction.

    ``customer_id`` None is an unknown caller, told by ``caller_name`` and ``caller_contact``. ``reason`` is the code of one of
    the company's reasons; it says when the case is due and whether it is a complaint, unless told otherwise. ``occurred_at``
    None is now. With a ``solution`` it is solved in the same breath. ``once_key`` makes a repeat answer with the same case.
    """

    company_id: int
    customer_id: int | None = None
    theme: str
    body: str = ""
    reason: str = "other"
    desk: Desk | None = None
    channel: ContactChannel = ContactChannel.CALL
    direction: Direction = Direction.INBOUND
    visibility: Visibility = Visibility.STAFF
    priority: Priority = Priority.NORMAL
    complaint: bool | None = None
    occurred_at: datetime | None = None
    due_at: datetime | None = None
    owner_id: int | None = None
    order_refs: tuple[UUID, ...] = ()
    caller_name: str = ""
    caller_contact: str = ""
    solution: Solution | None = None
    once_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A case that is kept; ``repeated`` when its key had been used before."""

    case_id: int
    public_id: UUID
    number: str
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInteraction:
    """A message, a call or a word among colleagues to be added to a case.

    ``channel`` is None among staff only. ``waits`` says that the next word is the other side's.
    """

    case_id: int
    body: str
    direction: Direction = Direction.INBOUND
    channel: ContactChannel | None = ContactChannel.CALL
    visibility: Visibility = Visibility.STAFF
    waits: bool = False
    at: datetime | None = None
    once_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    case_id: int
    interaction_id: int
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """A case to be given to somebody else, or to another desk (nobody in particular there), with a word on why."""

    case_id: int
    owner_id: int | None = None
    desk: Desk | None = None
    note: str = ""
    priority: Priority | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveCase:
    """A case to be closed as solved."""

    case_id: int
    solution: Solution


@dataclass(frozen=True, slots=True, kw_only=True)
class NameCaller:
    """An unknown caller's case and the customer they turned out to be."""

    case_id: int
    customer_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A case an operation has moved on; ``repeated`` when it was so before."""

    case_id: int
    repeated: bool = False
