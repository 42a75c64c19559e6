"""What core asks of the apps above it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.events import Event


@dataclass(frozen=True, slots=True)
class Invariant:
    """A promise of the house that SQL can prove over the whole database.

    ``sql`` selects the rows that break it: none means the promise holds. Its first column says which row, the
    others what is wrong. It may use ``%(company)s``, a bigint or NULL for all:
    ``(%(company)s::bigint IS NULL OR o.company_id = %(company)s)``. A literal percent sign is written ``%%``.
    """

    name: str
    promise: str
    sql: str


class InvariantSource(Protocol):
    """Answers with the promises an app can prove; its ``queries`` module does."""

    def invariants(self) -> Sequence[Invariant]:
        """Every promise of the app, in the order it should be read."""
        ...


class EventHandler(Protocol):
    """Reacts to an event of another app in a transaction of its own; must bear being called twice."""

    def __call__(self, event: Event, /, *, at: datetime) -> None: ...
