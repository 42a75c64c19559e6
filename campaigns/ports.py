"""What campaigns ask of others: a way to hand letters over, and whoever wants a customer left in peace."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from campaigns.rules import MessageKind
from core.hooks import Hook


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail, ready to be handed over. ``message_id`` is the same for every try to this recipient."""

    recipient_id: int
    message_id: str
    from_address: str
    to_address: str
    reply_to: str
    subject: str
    text: str
    html: str
    unsubscribe_url: str


class Taken(StrEnum):
    """What the other side said of a letter."""

    YES = "yes"
    """It was taken: it is on its way."""
    LATER = "later"
    """It was certainly not taken, and may be tried again."""
    NO = "no"
    """It was certainly not taken, and never will be."""
    NO_MAILBOX = "no_mailbox"
    """It was certainly not taken: there is nobody at that address."""
    NO_LINE = "no_line"
    """There is no line to hand it over on; that says nothing about this letter."""
    UNKNOWN = "unknown"
    """The line broke after the letter was handed over: nobody can say."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one letter, and in the other side's words why."""

    taken: Taken
    said: str = ""


class MailLine(Protocol):
    """An open line to a mail server: letters go over it one after the other."""

    def hand_over(self, letters: Sequence[Letter]) -> Sequence[Answer]:
        """Hand the letters over; one answer per letter. Never raises for what the other side does."""
        ...


class MailPost(Protocol):
    """Takes letters to a mail server, over one connection per chunk."""

    def line(self) -> AbstractContextManager[MailLine]:
        """A line that stays open until the block ends; opened with the first letter."""
        ...


MAIL_POST: Hook[MailPost] = Hook("campaigns.MailPost", MailPost)


class SendVeto(Protocol):
    """Says who must be left in peace now: an open complaint pauses offers."""

    def vetoed(self, customer_ids: Sequence[int], *, kind: MessageKind, at: datetime) -> set[int]:
        """Those of the customers who must not get such a message at that moment. Groups are the answerer's to read."""
        ...


SEND_VETO: Hook[SendVeto] = Hook("campaigns.SendVeto", SendVeto)
