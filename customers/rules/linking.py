"""How an account's owner proves to be a customer, and how often it may be tried."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from core.errors import Refusal
from core.words import gettext_noop as _

CODE_DIGITS: Final = 8
CODE_LIVES: Final = timedelta(minutes=15)
CODE_TRIES: Final = 5
"""So many wrong guesses end a code: five in a hundred million."""


class TryKind(StrEnum):
    """What is tried, each counted apart."""

    ORDER = "order"
    MAIL = "mail"
    CODE = "code"
    PICKUP = "pickup"
    """Codes under which parcels lie ready, typed by staff."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries in so long a time; the next one is refused until the time is over."""

    most: int
    window: timedelta


ACCOUNT_LIMITS: Final = {
    TryKind.ORDER: Limit(5, timedelta(minutes=30)),
    TryKind.MAIL: Limit(5, timedelta(hours=1)),
    TryKind.CODE: Limit(15, timedelta(hours=1)),
    TryKind.PICKUP: Limit(10, timedelta(minutes=15)),
}
"""What one account may try with one company."""

SUBJECT_LIMITS: Final = {
    TryKind.ORDER: Limit(10, timedelta(days=1)),
    TryKind.MAIL: Limit(5, timedelta(days=1)),
    TryKind.CODE: Limit(30, timedelta(days=1)),
    TryKind.PICKUP: Limit(1_000, timedelta(days=1)),
}
"""What all accounts together may try at one order number or one address: many accounts guess no better than one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TryAsk:
    """Somebody is about to prove something: ``subject`` is what is guessed at, as compared."""

    account_id: int
    company_id: int
    kind: TryKind
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The try may be made; it was counted."""

    left: int


def too_many_tries(until: datetime) -> Refusal:
    """The refusal of a try before the time is over."""
    minutes = _("Too many tries. Please try again later, or call us: we can link it for you.")
    return Refusal("customers.too_many_tries", minutes, {"until": until.isoformat()})


def wrong_code() -> Refusal:
    """The one answer to a code that is wrong, expired, used or was never sent."""
    return Refusal("customers.code_wrong", _("This code is not right, or no longer valid. You can have a new one sent."), field="/code")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskCode:
    """An account's owner says that an e-mail address is theirs and known to the company."""

    account_id: int
    company_id: int
    address: str
    language: str = "ja"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeAsked:
    """A code goes to the address if the ledger knows it; the answer is the same if not."""

    code_id: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveCode:
    """The code as typed."""

    account_id: int
    company_id: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedByCode:
    """The customers the account may act for now."""

    customer_ids: tuple[int, ...]
