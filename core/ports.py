"""What core asks of the apps above it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


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


@dataclass(frozen=True, slots=True)
class CardRow:
    """A line of a card: words, a figure, and the page behind it ("/admin/…" or empty)."""

    label: str
    value: str
    link: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class DashboardCard:
    """What an app tells the back office's first page: a figure with its meaning, or a short list.

    ``tone`` is "", "good", "warn" or "bad": what wants a person is "warn" or "bad". ``link`` is the list behind the figure; a
    figure that can't be opened isn't shown. Words come translated; ``position`` orders the cards, small first.
    """

    title: str
    value: str = ""
    note: str = ""
    link: str = ""
    icon: str = ""
    tone: str = ""
    position: int = 100
    rows: tuple[CardRow, ...] = ()


class DashboardSource(Protocol):
    """Answers with the cards of an app; its ``hooks`` room does."""

    def dashboard_cards(self, *, may: Callable[[str], bool], at: datetime) -> Sequence[DashboardCard]:
        """The cards for somebody who may do what ``may`` says ("orders.view_order"), from a handful of indexed statements."""
        ...


@dataclass(frozen=True, slots=True)
class ForPartners:
    """What partners of a company are told of an event: public ids, numbers and codes only, and where the API tells the rest."""

    company_id: int
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WebhookType:
    """One kind of event that partners may subscribe to, under a published name ("order.placed").

    ``event`` is the class that is announced; ``tell`` answers for many of them in a statement or two, in order, with None for
    one that is nobody's business. A partner needs ``scope``. ``example`` shows ``data``; its fields never change within a version.
    """

    name: str
    event: type[Any]
    scope: str
    about: str
    tell: Callable[[Sequence[Any]], Sequence[ForPartners | None]]
    example: Mapping[str, Any]
    version: int = 1


class WebhookSource(Protocol):
    """Answers with the events of an app that partners may hear of; its ``queries`` do."""

    def webhook_types(self) -> Sequence[WebhookType]:
        """Every kind of event of the app that is published, in the order it should be read."""
        ...
