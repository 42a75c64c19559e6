"""What customers ask of every app that keeps rows about a customer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.hooks import Hook
from core.words import gettext_noop as _


class Lane(StrEnum):
    """What a row of a customer's timeline is about; readers pick lanes, and each asks for a right of its own."""

    ORDERS = "orders"
    SUBSCRIPTIONS = "subscriptions"
    MONEY = "money"
    CONTACT = "contact"
    NOTES = "notes"
    SENDS = "sends"
    RELATION = "relation"

    @classmethod
    def labels(cls) -> dict["Lane", str]:
        return {
            cls.ORDERS: _("Orders and parcels"),
            cls.SUBSCRIPTIONS: _("Subscriptions"),
            cls.MONEY: _("Invoices and payments"),
            cls.CONTACT: _("Contacts"),
            cls.NOTES: _("Notes"),
            cls.SENDS: _("Sends"),
            cls.RELATION: _("Consent, points and rank"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRow:
    """One thing that happened, or is planned, with a customer; ``title`` and ``kind`` are ready to be read.

    ``link`` is a path of the back office, or "". Planned rows lie in the future and say so. Staff-only by default. ``lane`` is
    told by sources of more than one; ``tone`` is "", "good", "warn" or "bad".
    """

    customer_id: int
    at: datetime
    kind: str
    title: str
    detail: str = ""
    link: str = ""
    amount: int | None = None
    currency: str = ""
    planned: bool = False
    for_customer: bool = False
    lane: Lane | None = None
    tone: str = ""


@dataclass(frozen=True, slots=True)
class MergedPair:
    """Two entries read as one from now on, or apart again where ``undone``."""

    principal_id: int
    merged_id: int
    undone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Why a customer's data can't be erased yet: an unpaid invoice, a parcel on its way. ``message`` is English source text."""

    customer_id: int
    code: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What erasure left standing, and under which duty."""

    customer_id: int
    table: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRow:
    """One row held about a customer, as handed over on request."""

    customer_id: int
    table: str
    values: Mapping[str, str | int | bool | None]


class CustomerData(Protocol):
    """Answers for an app's own rows about customers. Everything takes and returns sequences, inside the asker's transaction.

    ``tables`` names every foreign key to a customer the app answers for, as "table.column"; a test fails on one nobody names.
    Ids are those of single ledger entries; the asker has already taken the whole group. ``lanes`` names what the app's part of
    the timeline is about, each with the right a reader needs ("orders.view_order").
    """

    tables: tuple[str, ...]
    lanes: Mapping[Lane, str]

    def timeline(
        self, customer_ids: Sequence[int], *, before: datetime | None, limit: int, only: frozenset[Lane] = frozenset()
    ) -> Sequence[TimelineRow]:
        """What happened before a moment, newest first, at most ``limit``, always in the same order where moments are equal.

        ``before`` None asks for everything that happened and, besides, for the soonest ``limit`` of what is planned. ``only``
        is told to sources of more than one lane: the lanes wanted.
        """
        ...

    def merge(self, pairs: Sequence[MergedPair], *, at: datetime) -> None:
        """Settle what can't wait for the event when entries are read together or apart again; nothing is re-pointed."""
        ...

    def objections(self, customer_ids: Sequence[int], *, at: datetime) -> Sequence[Objection]:
        """Why these can't be erased yet."""
        ...

    def erase(self, customer_ids: Sequence[int], *, at: datetime) -> Sequence[Kept]:
        """Blank the personal values in the app's rows; answers with what had to stay. Again changes nothing."""
        ...

    def export(self, customer_ids: Sequence[int]) -> Sequence[ExportRow]:
        """Every row held about these customers, in words a person can read."""
        ...


CUSTOMER_DATA: Hook[CustomerData] = Hook("customers.CustomerData", CustomerData)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPanel:
    """A part of the customer's page: a template of the back office with its words, small ``position`` first.

    ``place`` is "act" (beside the timeline: what may be done now), "top" (above the timeline: what is being written) or
    "head" (a figure in the band under the name). ``css`` names the style sheets it needs.
    """

    template: str
    words: Mapping[str, object]
    position: int = 100
    place: str = "act"
    css: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskAction:
    """A button in the head of the customer's page, with the key that presses it ("c"), or ""."""

    label: str
    link: str
    icon: str
    key: str = ""
    primary: bool = False
    position: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskAsk:
    """Whose page it is (the whole group, the principal first), who reads it and with which rights, and when."""

    customer_id: int
    company_id: int
    group: tuple[int, ...]
    may: Callable[[str], bool]
    in_full: bool
    reader_id: int
    at: datetime
    path: str


class CustomerDesk(Protocol):
    """Adds to the customer's page what the apps above know and can do."""

    def desk_panels(self, ask: DeskAsk) -> Sequence[DeskPanel]:
        """The parts for this reader, each a handful of indexed statements at most."""
        ...

    def desk_actions(self, ask: DeskAsk) -> Sequence[DeskAction]:
        """The buttons for this reader; asks the database nothing."""
        ...


CUSTOMER_DESK: Hook[CustomerDesk] = Hook("customers.CustomerDesk", CustomerDesk)
