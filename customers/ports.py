"""What customers ask of every app that keeps rows about a customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from core.hooks import Hook


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRow:
    """One thing that happened, or is planned, with a customer; ``title`` and ``kind`` are ready to be read.

    ``link`` is a path of the back office, or "". Planned rows lie in the future and say so. Staff-only by default.
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
    Ids are those of single ledger entries; the asker has already taken the whole group.
    """

    tables: tuple[str, ...]

    def timeline(self, customer_ids: Sequence[int], *, before: datetime | None, limit: int) -> Sequence[TimelineRow]:
        """The newest rows before a moment (None: planned ones too), newest first, at most ``limit``."""
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
